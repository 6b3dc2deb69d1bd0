package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// memoryRow is one line of output with -memory.
type memoryRow struct {
	Case     string `json:"case"`
	PeakMiB  number `json:"peak_mib"`
	Seconds  number `json:"seconds"`
	Objects  int64  `json:"objects"`
	Bytes    int64  `json:"bytes"` // as stored
	Text     int64  `json:"text_bytes"`
	Rows     int64  `json:"rows"`     // in the ledger
	Complete int64  `json:"complete"` // of Rows
	Findings int64  `json:"findings"`
	Expected int64  `json:"expected"` // labels
}

// fixture is a bucket made for one measurement.
type fixture struct {
	name string
	// fill puts the objects and returns how much there is to be found in them.
	fill func(o *options, put put) (expected int64, err error)
	args []string // of sluice
}

// put makes an object of what content writes.
type put func(key string, content func(io.Writer) error) error

func fixtures() []fixture {
	return []fixture{
		{"one large object", oneLarge, nil},
		{"many small objects", manySmall, nil},
		{"one line of 1 GiB", oneLine, nil},
		{"one large gzip object", oneGzip, []string{"--max-member", "100GiB", "--max-unpacked", "100GiB"}},
		{"64 objects of 32 MiB", midsize, nil},
		{"32 zstd objects with windows of 8 MiB", packed(32, "zst", 16<<20, zstdWindow(8<<20)), nil},
		{"16 xz objects with dictionaries of 64 MiB", packed(16, "xz", 72<<20, xzDictionary(64<<20)), nil},
	}
}

// measureMemory sweeps each fixture once.
func (o *options) measureMemory(ctx context.Context, g *lab.Gateway, out *json.Encoder) error {
	for _, f := range fixtures() {
		if !o.wanted(f.name) {
			continue
		}
		row, err := o.measureFixture(ctx, g, f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) measureFixture(ctx context.Context, g *lab.Gateway, f fixture) (row memoryRow, err error) {
	bucket := "memory"
	if _, err := g.Client().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		return row, fmt.Errorf("create bucket: %w", err)
	}
	path := filepath.Join(o.temp, "memory.db")
	// Many objects are removed faster without asking the gateway.
	defer func() {
		err = errors.Join(err, os.RemoveAll(filepath.Join(o.temp, "objects", bucket)), os.RemoveAll(path))
	}()
	row.Expected, err = f.fill(o, func(key string, content func(io.Writer) error) error {
		row.Objects++
		return g.Plant(bucket, key, content)
	})
	if err != nil {
		return row, err
	}
	u, err := o.scan(ctx, g, f.name, bucket, path, f.args...)
	if err != nil {
		return row, err
	}
	t, err := totals(ctx, path)
	if err != nil {
		return row, err
	}
	row.Case, row.PeakMiB, row.Seconds = f.name, mib(u.Peak), number(u.Seconds)
	row.Bytes, row.Text, row.Rows, row.Complete, row.Findings = t.Bytes, t.BytesSearched, t.Objects, t.ByStatus[ledger.Complete], t.Values
	return row, nil
}

// oneLarge is a log out of the corpus, in which little is to be found.
func oneLarge(o *options, put put) (expected int64, err error) {
	for obj := range corpus.Generate(corpus.Config{Seed: 1, Objects: 11, Bytes: 1, Big: int64(o.gib * (1 << 30))}) {
		if obj.Kind != corpus.Logs || obj.TextBytes < 1<<20 {
			continue
		}
		for range obj.Labels() {
			expected++
		}
		err = put("large.log", func(w io.Writer) error {
			_, err := obj.WriteTo(w)
			return err
		})
	}
	return expected, err
}

// manySmall are files of a line, in every tenth of which something is found.
func manySmall(o *options, put put) (expected int64, err error) {
	for i := range o.count {
		text := fmt.Sprintf("order %07d was sent on its way\n", i)
		if i%10 == 0 {
			text = fmt.Sprintf("order %07d was sent to customer%07d@shop.example\n", i, i)
			expected++
		}
		err := put(fmt.Sprintf("year/%03d/%07d.txt", i/1000, i), func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		if err != nil {
			return expected, err
		}
	}
	return expected, nil
}

// lines writes about so many bytes of text: an address in each thousandth
// record, and end behind each record.
func lines(w io.Writer, size int64, end string) (expected int64, err error) {
	for i, n := 0, int64(0); n < size; i++ {
		who := "by nobody in particular at all"
		if i%1000 == 0 {
			who = fmt.Sprintf("to customer%06d@shop.example", i/1000%1_000_000)
			expected++
		}
		m, err := fmt.Fprintf(w, "the parcel %010d was handed over on a bright day %s and that was all that was to be said of it%s", i, who, end)
		if err != nil {
			return expected, err
		}
		n += int64(m)
	}
	return expected, nil
}

func oneLine(_ *options, put put) (expected int64, err error) {
	err = put("line.txt", func(w io.Writer) error {
		expected, err = lines(w, 1<<30, "; ")
		return err
	})
	return expected, err
}

func oneGzip(o *options, put put) (expected int64, err error) {
	err = put("large.txt.gz", func(w io.Writer) error {
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if expected, err = lines(z, int64(o.gib*(1<<30)), "\n"); err != nil {
			return err
		}
		return z.Close()
	})
	return expected, err
}

// midsize are objects large enough to be read by ranges, more than are read
// at a time.
func midsize(_ *options, put put) (int64, error) {
	return copies(put, 64, "txt", func(w io.Writer) (int64, error) { return lines(w, 32<<20, "\n") })
}

// packed are objects whose decoder needs memory of its own.
func packed(n int, ext string, text int64, open func(io.Writer) (io.WriteCloser, error)) func(*options, put) (int64, error) {
	return func(_ *options, put put) (int64, error) {
		return copies(put, n, ext, func(w io.Writer) (int64, error) {
			z, err := open(w)
			if err != nil {
				return 0, err
			}
			expected, err := lines(z, text, "\n")
			return expected, errors.Join(err, z.Close())
		})
	}
}

func zstdWindow(size int) func(io.Writer) (io.WriteCloser, error) {
	return func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithWindowSize(size), zstd.WithEncoderConcurrency(1))
	}
}

func xzDictionary(size int) func(io.Writer) (io.WriteCloser, error) {
	return func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: size}.NewWriter(w) }
}

// copies writes one object n times.
func copies(put put, n int, ext string, content func(io.Writer) (int64, error)) (expected int64, err error) {
	var body strings.Builder
	once, err := content(&body)
	if err != nil {
		return 0, err
	}
	for i := range n {
		err := put(fmt.Sprintf("%03d.%s", i, ext), func(w io.Writer) error {
			_, err := io.WriteString(w, body.String())
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return int64(n) * once, nil
}
