package corpus

import (
	"archive/zip"
	"compress/flate"
	"io"
)

// Broken containers. The text of the damaged member is flushed before the
// damage, so that every decoder can give all of it; behind it stand words
// without a single value, and it does not matter how much of them is read.

// tail is what follows the text of a damaged member.
func (m member) tail() []byte {
	p := &page{random: newRandom(m.seed, ^m.stream)}
	for len(p.text) < 64<<10 {
		p.gap("en")
		p.add(".\n")
	}
	return p.text
}

// writeCutGzip ends in the middle of a compressed block.
func writeCutGzip(w io.Writer, ms []member) error {
	c := &cutter{w: w, left: -1}
	z := newGzip(c)
	if err := ms[0].write(z); err != nil {
		return err
	}
	if err := z.Flush(); err != nil {
		return err
	}
	c.left = 1000
	if _, err := z.Write(ms[0].tail()); err != nil {
		return err
	}
	return z.Close()
}

// cutter drops what is written after left bytes; less than none is no limit.
type cutter struct {
	w    io.Writer
	left int
}

func (c *cutter) Write(b []byte) (int, error) {
	if c.left < 0 {
		return c.w.Write(b)
	}
	n := min(c.left, len(b))
	c.left -= n
	if _, err := c.w.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// writeBadZip has a sound first member and a damaged second one.
func writeBadZip(w io.Writer, ms []member) error {
	z := newZip(w)
	f, err := z.CreateHeader(&zip.FileHeader{Name: ms[0].name, Method: zip.Deflate, Modified: modified()})
	if err != nil {
		return err
	}
	if err := ms[0].write(f); err != nil {
		return err
	}
	z.RegisterCompressor(zip.Deflate, newDamaged)
	if f, err = z.CreateHeader(&zip.FileHeader{Name: ms[1].name, Method: zip.Deflate, Modified: modified()}); err != nil {
		return err
	}
	if err := ms[1].write(f); err != nil {
		return err
	}
	return z.Close()
}

// damagedDeflate compresses, and closes the stream with a block of the
// reserved type, which no decoder reads.
type damagedDeflate struct {
	*flate.Writer
	w io.Writer
}

func newDamaged(w io.Writer) (io.WriteCloser, error) {
	f, err := flate.NewWriter(w, flate.BestSpeed)
	return damagedDeflate{f, w}, err
}

func (d damagedDeflate) Close() error {
	if err := d.Flush(); err != nil {
		return err
	}
	const reserved = 0b111 // last block, type 3
	_, err := d.w.Write([]byte{reserved, 0xff, 0xff, 0xff, 0xff})
	return err
}
