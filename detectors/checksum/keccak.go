package checksum

import (
	"encoding/binary"
	"math/bits"
)

// keccakRate is the bytes of a block that Keccak with a digest of 256 bits takes in.
const keccakRate = 200 - 2*32

// Keccak256 is Keccak with a digest of 256 bits and the padding of its first
// submission, as Ethereum has it (Bertoni, Daemen, Peeters, Van Assche, The Keccak
// reference 3.0). SHA3-256 of FIPS 202 pads otherwise. Data has at most 135 bytes;
// what is longer is cut.
func Keccak256(data []byte) [32]byte { return keccak(data, 0x01) }

// keccak hashes one block that ends in pad.
func keccak(data []byte, pad byte) (digest [32]byte) {
	var block [keccakRate]byte
	n := copy(block[:keccakRate-1], data)
	block[n] = pad
	block[keccakRate-1] |= 0x80
	var a [25]uint64
	for i := range keccakRate / 8 {
		a[i] = binary.LittleEndian.Uint64(block[8*i:])
	}
	permute(&a)
	for i := range len(digest) / 8 {
		binary.LittleEndian.PutUint64(digest[8*i:], a[i])
	}
	return digest
}

// permute is Keccak-f[1600] on lanes x+5y: 24 rounds of theta, rho with pi, chi and iota.
func permute(a *[25]uint64) {
	lfsr := uint8(1)
	for range 24 {
		var c [5]uint64
		for x := range c {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for i := range a {
			a[i] ^= c[(i+4)%5] ^ bits.RotateLeft64(c[(i+1)%5], 1)
		}
		x, y, lane := 1, 0, a[1]
		for t := range 24 { // each lane moves to the place of the next
			x, y = y, (2*x+3*y)%5
			a[x+5*y], lane = bits.RotateLeft64(lane, (t+1)*(t+2)/2), a[x+5*y]
		}
		for y := 0; y < 25; y += 5 {
			row := [5]uint64(a[y : y+5])
			for x := range row {
				a[y+x] = row[x] ^ ^row[(x+1)%5]&row[(x+2)%5]
			}
		}
		for j := range 7 { // the round's constant, bit 2^j - 1 from a shift register
			a[0] ^= uint64(lfsr&1) << (1<<j - 1)
			lfsr = lfsr<<1 ^ lfsr>>7*0x71
		}
	}
}
