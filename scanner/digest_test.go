package scanner

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
)

// TestDigest compares digests with HMACs made from nothing, and equal values
// with each other.
func TestDigest(t *testing.T) {
	key := []byte("0123456789abcdef")
	form := &detectors.Rule{ID: "FORM", Forms: []detectors.Form{{Pattern: "999~99"}}}
	other := &detectors.Rule{ID: "OTHER", Forms: form.Forms}
	text := &detectors.Rule{ID: "TEXT", Pattern: "x"}
	d := newDigester(key)
	for _, x := range []struct {
		rule           *detectors.Rule
		value, compact string
	}{
		{form, "123-ab", "123AB"},
		{form, "123 ab", "123AB"},
		{other, "123 ab", "123AB"},
		{text, "123 ab", "123 ab"},
		{text, "", ""},
	} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(x.rule.ID + "\x00" + x.compact))
		if got, want := d.digest(x.rule, []byte(x.value)), hex.EncodeToString(mac.Sum(nil)[:16]); got != want {
			t.Errorf("%s, %q: %s, want %s", x.rule.ID, x.value, got, want)
		}
	}
}

// TestFindingAllocs wants one allocation for each string of a finding.
func TestFindingAllocs(t *testing.T) {
	rule := &detectors.Rule{ID: "FORM", Forms: []detectors.Form{{Pattern: "999~99"}}}
	d, value := newDigester(make([]byte, 32)), []byte("123-45")
	if n := testing.AllocsPerRun(100, func() { d.digest(rule, value) }); n > 1 {
		t.Errorf("a digest takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { preview(value, 2) }); n > 1 {
		t.Errorf("a preview takes %v allocations", n)
	}
}
