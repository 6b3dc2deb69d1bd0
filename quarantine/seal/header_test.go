package seal_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// head is a header with that JSON.
func head(json string) []byte {
	b := binary.BigEndian.AppendUint32([]byte("\x89SLUICE\x01"), uint32(len(json)))
	return append(b, json...)
}

const goodHeader = `{"algorithm":"AES256_GCM_HKDF_1MB","commitment":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",` +
	`"context":{"a":"1","b":"2"},"created":"2026-11-24T12:00:00Z","keyId":"k","provider":"local","wrapped":"AAAA"}`

func TestReadHeader(t *testing.T) {
	r := bytes.NewReader(append(head(goodHeader), "the rest"...))
	h, err := seal.ReadHeader(r)
	if err != nil || h.KeyID != "k" || h.Provider != "local" || h.Context["b"] != "2" || h.Created.Unix() != 1795521600 {
		t.Errorf("%+v, %v", h, err)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "the rest" {
		t.Errorf("left of the object: %q", rest)
	}
}

// TestHostileHeaders: one spelling of a header is accepted and no other.
func TestHostileHeaders(t *testing.T) {
	for _, c := range [][2]string{ // old, new
		{`{"algorithm"`, ` {"algorithm"`},
		{`"AAAA"}`, `"AAAA"} `},
		{`"AAAA"}`, `"AAAA"}{}`},
		{`"AAAA"}`, `"AAAA","zone":1}`},
		{`"AAAA"}`, `"AAAA","wrapped":"AAAA"}`},
		{`"keyId":"k"`, `"keyId":"j","keyId":"k"`},
		{`"keyId":"k"`, `"KeyID":"k"`},
		{`"keyId":"k"`, `"keyId":"\u006b"`},
		{`"keyId":"k"`, `"keyId":""`},
		{`"keyId":"k"`, `"keyId":null`},
		{`"keyId":"k"`, `"keyId":1`},
		{`"keyId":"k"`, "\"keyId\":\"\xff\""},
		{`"keyId":"k",`, ``},
		{`"provider":"local"`, `"provider":""`},
		{`"wrapped":"AAAA"`, `"wrapped":""`},
		{`"wrapped":"AAAA"`, `"wrapped":null`},
		{`"wrapped":"AAAA"`, `"wrapped":"AA\nAA"`},
		{`"wrapped":"AAAA"`, `"wrapped":"AAB="`},
		{`"wrapped":"AAAA"`, `"wrapped":"A"`},
		{`AAA=",`, `",`},
		{`"a":"1","b":"2"`, `"b":"2","a":"1"`},
		{`"a":"1","b":"2"`, `"a":"0","a":"1","b":"2"`},
		{`"a":"1","b":"2"`, `"a":{"b":"c"}`},
		{`"a":"1","b":"2"`, `"a":"<` + "\u2028" + `"`},
		{`{"a":"1","b":"2"}`, `null`},
		{`{"a":"1","b":"2"}`, `[]`},
		{`{"a":"1","b":"2"}`, strings.Repeat(`{"a":`, 10000) + `1` + strings.Repeat(`}`, 10000)},
		{`_1MB`, `_4KB`},
		{`12:00:00Z`, `12:00:00.5Z`},
		{`12:00:00Z`, `12:00:00.000Z`},
		{`12:00:00Z`, `12:00:00+00:00`},
		{`12:00:00Z`, `12:00:00+01:00`},
		{`2026-11`, `2026-13`},
		{goodHeader, ``},
		{goodHeader, `null`},
		{goodHeader, `{}`},
		{goodHeader, `[]`},
		{goodHeader, strings.Repeat("[", 60000)},
	} {
		text := strings.Replace(goodHeader, c[0], c[1], 1)
		if text == goodHeader {
			t.Fatalf("%q does not stand in the header", c[0])
		}
		if h, err := seal.ReadHeader(bytes.NewReader(head(text))); !errors.Is(err, seal.ErrFormat) {
			t.Errorf("%.40q for %.40q: %+v, %v", c[1], c[0], h, err)
		}
	}
	for _, b := range []string{
		"", "\x89", "\x89SLUICE\x01", "\x89SLUICE\x01\x00\x00", "\x89SLUICE\x02" + string(head(goodHeader)[8:]),
		"\x09SLUICE\x01" + string(head(goodHeader)[8:]), "\x89SLUICE\x01\xff\xff\xff\xff", "\x89SLUICE\x01\x00\x01\x00\x01{",
		"plain text that is longer than a header",
	} {
		if h, err := seal.ReadHeader(strings.NewReader(b)); !errors.Is(err, seal.ErrFormat) {
			t.Errorf("%.20q: %+v, %v", b, h, err)
		}
	}
}

// The object of docs/design/sealed-object.md.
func TestVector(t *testing.T) {
	b, err := os.ReadFile("testdata/vector.sealed")
	if err != nil {
		t.Fatal(err)
	}
	const body = "Nothing to see here.\n"
	for name, f := range map[string]func([]byte) ([]byte, error){"Open": open, "OpenAt": openAt} {
		if p, err := f(b); err != nil || string(p) != body {
			t.Errorf("%s: %q, %v", name, p, err)
		}
	}
	n := headLength(b)
	if got := spec(t, b[:n], newFixed().key, b[n+1:n+33], b[n+33:n+40], []byte(`{"contentType":"text/plain"}`), []byte(body)); !bytes.Equal(got, b) {
		t.Error("the vector is not what the specification makes")
	}

	// The document shows the same bytes.
	doc, err := os.ReadFile("../../docs/design/sealed-object.md")
	if err != nil {
		t.Fatal(err)
	}
	_, dump, _ := strings.Cut(string(doc), "<!-- vector.sealed -->\n```\n")
	dump, _, _ = strings.Cut(dump, "```")
	if dump != hex.Dump(b) {
		t.Errorf("docs/design/sealed-object.md does not show testdata/vector.sealed:\n%s", hex.Dump(b))
	}
}

// FuzzHeader: a header that is accepted can be written again, as it was.
func FuzzHeader(f *testing.F) {
	f.Add(head(goodHeader))
	f.Add(head(`{}`))
	f.Add(head(strings.Replace(goodHeader, `"a":"1"`, `"a":"\u2028\u0000\\"`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := seal.ReadHeader(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, seal.ErrFormat) {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := seal.ContextBytes(h.Context)
		if err != nil || !bytes.Contains(b, again) {
			t.Errorf("the context is %q: %v", again, err)
		}
		if h.Provider == "" || h.KeyID == "" || len(h.Wrapped) == 0 || len(h.Commitment) != 32 {
			t.Errorf("%+v", h)
		}
	})
}

// FuzzOpen: whatever is done to a sealed object, both ways of opening give
// the body or an error. The fuzzer's bytes replace those at an offset, after
// what follows was cut off.
func FuzzOpen(f *testing.F) {
	body := random(segment + 1000)
	b := sealed(f, body, options)
	small, err := os.ReadFile("testdata/vector.sealed")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(true, 0, len(small), []byte{})
	f.Add(true, len(small), len(small), []byte{0})
	f.Add(false, headLength(b), len(b), []byte{39})
	f.Add(false, headLength(b)+segment-1, headLength(b)+segment, b[headLength(b):headLength(b)+100])
	f.Fuzz(func(t *testing.T, short bool, at, cut int, change []byte) {
		from, want := b, body
		if short {
			from, want = small, []byte("Nothing to see here.\n")
		}
		if at < 0 || cut < 0 {
			return
		}
		changed := bytes.Clone(from[:min(cut, len(from))])
		at = min(at, len(changed))
		changed = append(changed[:at:at], append(bytes.Clone(change), changed[min(at+len(change), len(changed)):]...)...)
		for name, f := range map[string]func([]byte) ([]byte, error){"Open": open, "OpenAt": openAt} {
			p, err := f(changed)
			if bytes.Equal(changed, from) != (err == nil) || err == nil && !bytes.Equal(p, want) {
				t.Errorf("%s: %d bytes, %v", name, len(p), err)
			}
		}
	})
}
