package e2e

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

func gzipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestBomb sweeps 64 MiB that fit into a few hundred bytes, behind something
// to be found.
func TestBomb(t *testing.T) {
	b := newBench(t)
	b.putLetters("", 2)
	text, spans := letter(20, 5)
	body := gzipped(t, gzipped(t, append(text, bytes.Repeat([]byte("\n"), 64<<20)...)))
	b.put("bomb.gz", body, in("<gzip>!<gzip>", spans)...)
	b.expect("bomb.gz", ledger.Partial, unpack.ReasonRatio, far)
	b.scan(incomplete)
	b.check()
	if n := b.rows(present)["bomb.gz"].Coverage.BytesSearched; n > 8<<20 {
		t.Errorf("%d bytes of the bomb were searched", n)
	}
}

func deflated(t *testing.T, body []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z, err := flate.NewWriter(&buf, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestLyingSizes sweeps archives whose second member says that it is larger
// or smaller than it is, and whose others are well.
func TestLyingSizes(t *testing.T) {
	text, spans := letter(200, 5)
	packed := deflated(t, text)
	for name, size := range map[string]int{"smaller": 1000, "larger": 1 << 40} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var buf bytes.Buffer
			z := zip.NewWriter(&buf)
			for i, size := range []int{len(text), size, len(text)} {
				w, err := z.CreateRaw(&zip.FileHeader{
					Name: fmt.Sprintf("%d.txt", i), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(text),
					UncompressedSize64: uint64(size), CompressedSize64: uint64(len(packed)),
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(packed); err != nil {
					t.Fatal(err)
				}
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			b.put("lies.zip", buf.Bytes(), slices.Concat(in("0.txt", spans), in("1.txt", spans), in("2.txt", spans))...)
			b.expect("lies.zip", ledger.Partial, unpack.ReasonMalformed, far)
			b.scan(incomplete)
			b.check()
			for _, g := range b.rows(present)["lies.zip"].Coverage.Gaps {
				if g.Member != "1.txt" {
					t.Errorf("a gap in %q: %s", g.Member, g.Reason)
				}
			}
		})
	}
}

// TestInvalidUTF8 plants addresses between bytes that are no text in any
// encoding.
func TestInvalidUTF8(t *testing.T) {
	b := newBench(t)
	text, spans := letter(500, 5)
	for at, i := 0, 0; i < 500; i++ {
		text[at+6] = []byte{0xff, 0xc0, 0xf5, 0x80, 0xed}[i%5] // the space behind the number
		at += bytes.IndexByte(text[at:], '\n') + 1
	}
	b.put("broken.txt", text, spans...)
	b.scan(found)
	b.check()
}

// TestOneLine sweeps 64 MiB without a line end. The line and the columns are
// right at its end too.
func TestOneLine(t *testing.T) {
	b := newBench(t)
	text := []byte("the parcel was handed over and the customer said thank you, ")
	line := bytes.Repeat(text, (64<<20)/len(text))
	address := []byte("somebody@shop.example")
	line = append(line, address...)
	b.put("line.json", line, email("", len(line)-len(address), len(address)))
	b.scan(found)
	b.check()
	for f, err := range b.reader().Findings(t.Context(), present) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Location.Line != 1 || f.Location.Column != f.Location.Offset+1 {
			t.Errorf("finding at line %d, column %d; want 1, %d", f.Location.Line, f.Location.Column, f.Location.Offset+1)
		}
	}
}
