package unpack_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// BenchmarkWalk has a small object of each kind, as a sweep meets by the
// thousand, and one that is decoding and nothing else.
func BenchmarkWalk(b *testing.B) {
	short := []byte(text[:4000])
	large := bytes.Repeat([]byte(text), 400)
	for _, c := range []struct {
		name   string
		object []byte
		bytes  int64 // unfolded
	}{
		{"text", short, int64(len(short))},
		{"gzip", gz(short), int64(len(short))},
		{"zstd", zst(short), int64(len(short))},
		{"lz4", lz4ip(short), int64(len(short))},
		{"snappy", snap(short), int64(len(short))},
		{"xz", xzip(short), int64(len(short))},
		{"zip", zipball(zipFile{name: "a", data: string(short), method: 8}), int64(len(short))},
		{"tar", tarball(file{"a", string(short)}), int64(len(short))},
		{"large text", large, int64(len(large))},
		{"large gzip", gz(large), int64(len(large))},
		{"large zstd", zst(large), int64(len(large))},
		{"large xz", xzBlocks(large, 1<<20), int64(len(large))},
	} {
		b.Run(c.name, func(b *testing.B) {
			buf := make([]byte, 256<<10)
			r := new(bytes.Reader)
			var n int64
			v := unpack.Visitor{Member: func(_ unpack.Member, r io.Reader) error {
				for {
					k, err := r.Read(buf)
					n += int64(k)
					if err == io.EOF {
						return nil
					}
					if err != nil {
						return err
					}
				}
			}}
			b.ReportAllocs()
			b.SetBytes(c.bytes)
			for b.Loop() {
				n = 0
				r.Reset(c.object)
				if err := unpack.Walk(b.Context(), r, unpack.Limits{Ratio: 1 << 20}, v); err != nil || n != c.bytes {
					b.Fatalf("%d bytes, want %d, error %v", n, c.bytes, err)
				}
			}
		})
	}
}
