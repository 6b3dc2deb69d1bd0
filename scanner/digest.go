package scanner

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/sluice-dlp/sluice/detectors"
)

// digestSize is how many bytes of the HMAC a digest tells.
const digestSize = 16

// digester makes keyed digests of values: HMAC-SHA-256 (RFC 2104) of the rule
// id, a zero byte and the compact value. Equal values of one rule have equal
// digests; without the key a value cannot be guessed from them.
type digester struct {
	mac hash.Hash
	msg []byte // scratch: what is digested
	sum []byte // scratch: the HMAC, and its first bytes in hex
}

func newDigester(key []byte) *digester {
	return &digester{mac: hmac.New(sha256.New, key)}
}

// digest returns the first 16 bytes of the HMAC, in hex.
func (d *digester) digest(rule *detectors.Rule, value []byte) string {
	d.msg = append(append(d.msg[:0], rule.ID...), 0)
	d.msg = rule.Compact(d.msg, value)
	d.mac.Reset()
	d.mac.Write(d.msg)
	d.sum = d.mac.Sum(d.sum[:0])
	d.sum = hex.AppendEncode(d.sum, d.sum[:digestSize])
	return string(d.sum[sha256.Size:])
}
