package detectors

import "math"

// placeholder reports whether v, the random part of a token, was typed rather
// than drawn: one character many times over, a stretch of the alphabet or of
// the digits, or less variety than a random string of its length has.
func placeholder(v []byte) bool {
	const steps = 5 // of one kind, in a row: six equal characters, or five that count
	run, last := 0, byte(0)
	for i := 1; i < len(v); i++ {
		step := v[i] - v[i-1]
		if step != last {
			run, last = 0, step
		}
		run++
		if run >= steps && (step == 0 || run > steps && (step == 1 || step == 255)) {
			return true
		}
	}
	return !hasEntropy(v, leastEntropy(len(v)))
}

// leastEntropy is the least entropy that a random part of n characters has,
// in bits a character, save one in a hundred thousand. A random base32 string of
// 16 characters has 3.7 on average, one of ten hex digits 2.9.
func leastEntropy(n int) float64 {
	switch {
	case n < 16:
		return 2.2
	case n < 20:
		return 2.6
	}
	return 2.9
}

// hasEntropy reports whether the Shannon entropy of v, or of its first 255 bytes,
// is at least so many bits a byte. With n of each byte out
// of N, it is log N - (sum of n log n)/N: the sum grows with each byte by a step
// that depends on how many like it came before.
func hasEntropy(v []byte, least float64) bool {
	v = v[:min(len(v), 255)]
	var count [256]uint8
	var sum int64
	for _, c := range v {
		n := count[c]
		sum += nLogN[n+1] - nLogN[n]
		count[c] = n + 1
	}
	n := len(v)
	return n > 0 && sum <= nLogN[n]-int64(least*float64(n)*logUnit)
}

// nLogN is n times its binary logarithm, in units of 1/logUnit.
var nLogN = func() (t [256]int64) {
	for n := 2; n < len(t); n++ {
		t[n] = int64(math.Round(float64(n) * math.Log2(float64(n)) * logUnit))
	}
	return t
}()

const logUnit = 1 << 40
