package checksum

import (
	"crypto/sha3"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// TestKeccak compares with SHA3-256, which differs in the padding only.
func TestKeccak(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for n := range keccakRate {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		if got, want := keccak(data, 0x06), sha3.Sum256(data); got != want {
			t.Fatalf("of %d bytes %x, want %x", n, got, want)
		}
	}
	// The digest of nothing, as Ethereum's Yellow Paper gives it.
	const empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
	if got := Keccak256(nil); hex.EncodeToString(got[:]) != empty {
		t.Errorf("of nothing %x", got)
	}
}
