package corpus

import (
	"math/bits"
	"math/rand/v2"
)

// random draws from a PCG stream. It uses nothing of package rand but the
// generator itself, whose output is specified, so that a seed means the same
// on every platform and in every release of Go.
type random struct{ pcg rand.PCG }

// newRandom returns the stream of one use of a seed: each pair of numbers
// names a stream of its own.
func newRandom(seed, stream uint64) *random {
	r := new(random)
	r.pcg.Seed(seed^0x5bd1e995, stream*0x9e3779b97f4a7c15+1)
	return r
}

// below returns a number in [0, n).
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between returns a number in [lo, hi].
func (r *random) between(lo, hi int) int { return lo + r.below(hi-lo+1) }

// oneIn is true once in n times.
func (r *random) oneIn(n int) bool { return r.below(n) == 0 }

// string returns n characters drawn from alphabet.
func (r *random) string(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.below(len(alphabet))]
	}
	return string(b)
}

// digits returns n digits.
func (r *random) digits(n int) string { return r.string(decimal, n) }

// bytes returns n bytes.
func (r *random) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.pcg.Uint64() >> 56)
	}
	return b
}

// pick returns one of list.
func pick[T any](r *random, list []T) T { return list[r.below(len(list))] }

const (
	decimal   = "0123456789"
	lowerHex  = "0123456789abcdef"
	upper     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower     = "abcdefghijklmnopqrstuvwxyz"
	alnum     = decimal + upper + lower
	base32    = upper + "234567"
	base64Std = upper + lower + decimal + "+/"
	base64URL = upper + lower + decimal + "-_"
)
