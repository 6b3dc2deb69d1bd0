package unpack

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	zstdMagic      = 0xFD2FB528
	skippableMagic = 0x184D2A50 // and the 15 after it, of zstd and of lz4
)

func isSkippable(b []byte) bool {
	return len(b) >= 4 && binary.LittleEndian.Uint32(b)&^0xf == skippableMagic
}

// skippableSize is the size of the skippable frame that begins with b.
func skippableSize(b []byte) int64 {
	if len(b) < 8 {
		return 8
	}
	return 8 + int64(binary.LittleEndian.Uint32(b[4:]))
}

// A zstdDecoder reads zstd frames, one after the other, skippable ones too
// (RFC 8878, 3.1). It finds the frames itself, so that the window of each is
// known before memory is taken for it, and no data after the last is missed.
type zstdDecoder struct {
	z       *zstd.Decoder
	frame   zstdFrame
	started bool
	some    bool  // frames were met
	limit   int64 // of the window
	window  int64 // that memory was taken for
	w       *walker
}

// The decoders in the pool decode on the caller's goroutine and hold no
// resources but memory.
var zstds = sync.Pool{New: func() any {
	// The window is checked before a frame is handed over.
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(1<<41))
	if err != nil {
		panic("unpack: zstd options: " + err.Error())
	}
	return &zstdDecoder{z: z}
}}

func openZstd(w *walker, s *stream, limit int64) (decoder, error) {
	d := zstds.Get().(*zstdDecoder)
	d.frame = zstdFrame{s: s}
	d.started, d.some, d.w, d.limit, d.window = false, false, w, limit, 0
	return d, nil
}

func (d *zstdDecoder) release() {
	_ = d.z.Reset(nil)
	d.frame = zstdFrame{}
	d.w.memory.give(d.window)
	d.w = nil
	if d.window <= smallWindow { // what the pool keeps is nobody's
		zstds.Put(d)
	}
}

func (d *zstdDecoder) Read(p []byte) (int, error) {
	for {
		if !d.started {
			if err := d.next(); err != nil {
				return 0, err
			}
		}
		n, err := d.z.Read(p)
		if err == io.EOF {
			d.started, err = false, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next makes the next frame ready; io.EOF if there is none.
func (d *zstdDecoder) next() error {
	if err := skipFrames(d.frame.s); err == io.EOF && !d.some {
		return &reasonError{ReasonUnsupported, errors.New("nothing but skippable frames")}
	} else if err != nil {
		return err
	}
	d.some = true
	head, err := d.frame.s.Peek(zstd.HeaderMaxSize)
	if err != nil && err != io.EOF {
		return err
	}
	var h zstd.Header
	if err := h.Decode(head); err != nil {
		return noEOF(err)
	}
	window := h.WindowSize
	if h.SingleSegment {
		window = h.FrameContentSize
	}
	if window > uint64(d.limit) {
		return overWindow(window, d.limit)
	}
	if h.DictionaryID != 0 {
		return &reasonError{ReasonUnsupported, errors.New("needs a dictionary")}
	}
	if more := int64(window) - d.window; more > 0 {
		if err := d.w.take(more); err != nil {
			return err
		}
		d.window += more
	}
	d.frame = zstdFrame{s: d.frame.s, left: h.HeaderSize, checksum: h.HasCheckSum}
	d.started = true
	return d.z.Reset(&d.frame)
}

// skipFrames skips skippable frames; nil if a zstd frame follows them.
func skipFrames(s *stream) error {
	for {
		head, err := s.Peek(8)
		switch {
		case len(head) == 0:
			return err
		case hasMagic(head, zstdMagic):
			return nil
		case !isSkippable(head):
			return errTrailing
		case len(head) < 8:
			return noEOF(err)
		}
		if _, err := io.CopyN(io.Discard, s, skippableSize(head)); err != nil {
			return noEOF(err)
		}
	}
}

// A zstdFrame reads exactly one frame: a header, blocks that each tell their
// length, and a checksum.
type zstdFrame struct {
	s        *stream
	left     int  // bytes of the part being read
	last     bool // the last block was met
	checksum bool // one follows
}

func (f *zstdFrame) Read(p []byte) (int, error) {
	if f.left == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n, err := f.s.Read(p[:min(len(p), f.left)])
	f.left -= n
	return n, noEOF(err)
}

// next finds the length of the next part.
func (f *zstdFrame) next() error {
	switch {
	case f.last && f.checksum:
		f.left, f.checksum = 4, false
		return nil
	case f.last:
		return io.EOF
	}
	head, err := f.s.Peek(3)
	if err != nil {
		return noEOF(err)
	}
	const rle = 1
	h := uint32(head[0]) | uint32(head[1])<<8 | uint32(head[2])<<16
	f.last = h&1 != 0
	f.left = 3 + int(h>>3)
	if h>>1&3 == rle {
		f.left = 3 + 1
	}
	return nil
}
