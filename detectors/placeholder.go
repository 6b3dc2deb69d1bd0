package detectors

import "math"

// placeholder reports whether v, the random part of a token, was typed rather
// than drawn: one character many times over, a stretch of the alphabet or of
// the digits, or less variety than a random string of its length has.
func placeholder(v []byte) bool {
	same, up, down := 1, 1, 1
	for i := 1; i < len(v); i++ {
		same = extend(same, v[i] == v[i-1])
		up = extend(up, v[i] == v[i-1]+1)
		down = extend(down, v[i] == v[i-1]-1)
		if same >= 6 || up >= 7 || down >= 7 {
			return true
		}
	}
	return entropy(v) < leastEntropy(len(v))
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

func extend(run int, goesOn bool) int {
	if goesOn {
		return run + 1
	}
	return 1
}

// entropy is the Shannon entropy of the bytes of v, in bits a byte.
func entropy(v []byte) float64 {
	var count [256]int
	for _, c := range v {
		count[c]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
