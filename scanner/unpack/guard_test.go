package unpack

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// A panicking decoder gives some bytes, then fails as a format library
// would that trusts its input.
type panicking struct {
	given    bool
	panics   any
	released bool
}

func (d *panicking) Read(p []byte) (int, error) {
	if !d.given {
		d.given = true
		return copy(p, "some text\n"), nil
	}
	if s, ok := d.panics.([]byte); ok {
		_ = s[len(s)] // a runtime error
	}
	panic(d.panics)
}

func (d *panicking) release() { d.released = true }

func TestPanicBecomesGap(t *testing.T) {
	for _, v := range []any{[]byte("content"), "content", errors.New("content")} {
		var seen string
		var gaps []Gap
		w := &walker{ctx: t.Context(), lim: Limits{}.withDefaults(), v: Visitor{
			Member: func(_ Member, r io.Reader) error {
				b, err := io.ReadAll(r)
				seen += string(b)
				return err
			},
			Gap: func(g Gap) { gaps = append(gaps, g) },
		}}
		d := &panicking{panics: v}
		w.root = openStream(strings.NewReader("stored"))
		open := func(*walker, *stream, int64) (decoder, error) { return d, nil }
		compression{name: "fake", open: open}.walk(w, w.root, place{path: "p"})
		w.root.close()
		if w.err != nil || seen != "some text\n" {
			t.Errorf("seen %d bytes, error %v", len(seen), w.err)
		}
		if len(gaps) != 1 || gaps[0].Reason != ReasonUnparsable || gaps[0].Path != "p" {
			t.Fatalf("gaps %v", gaps)
		}
		if strings.Contains(gaps[0].Err.Error(), "content") {
			t.Errorf("the gap shows the panic's value, which may hold content")
		}
		if d.released {
			t.Error("a decoder that panicked went back to its pool")
		}
	}
}
