package unpack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"slices"
	"sync"

	"github.com/ulikunitz/xz/lzma"
)

const xzMagic = "\xfd7zXZ\x00"

// maxWindows bounds the memory taken for xz windows one after the other in one
// walk. Windows are used again, so only members that are broken on purpose
// come near it: clearing that much takes seconds.
const maxWindows = 64 << 30

// An xzDecoder reads xz streams, one after the other. It reads the container
// itself (The .xz File Format, 1.2.1) and leaves LZMA2 to the lzma package,
// whose xz reader takes memory for each block as the block demands and holds the
// index of all of them.
//
// All blocks go through one LZMA2 reader: each begins with a reset of the
// window, so to that reader they are one sequence of chunks.
type xzDecoder struct {
	w      *walker
	limit  int64 // of the window
	chunks xzChunk
	lzma   *lzma.Reader2
	window int // of lzma
	taken  int // bytes of memory taken for it

	check byte // kind of checksum, from the stream header
	block xzBlock
	index xzIndex

	in xzPart
}

// An xzPart is what of the format comes next.
type xzPart int

const (
	xzStreamStart xzPart = iota
	xzBlockStart
	xzChunkStart
	xzChunkData
	xzStreamEnd
)

// An xzChunk is the input of the LZMA2 reader: one chunk.
type xzChunk struct {
	s    *stream
	left int // stored bytes, with the header
	data int // unfolded bytes not yet read
}

func (c *xzChunk) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n, err := c.s.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, noEOF(err)
}

// An xzBlock is the block being read.
type xzBlock struct {
	start    int64 // of its header
	data     int64 // where the chunks begin
	window   int
	stored   int64 // size of all chunks as the header has it; -1 if it has none
	unfolded int64 // likewise
	size     int64 // unfolded so far
	first    bool  // no chunk was read yet
	sum      hash.Hash
}

// An xzIndex is a fingerprint of the records of an index: what the blocks were
// must be what the index says they were, without holding either.
type xzIndex struct {
	records uint64
	sum     uint64
}

func (x *xzIndex) add(unpadded, unfolded uint64) {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], unpadded)
	binary.LittleEndian.PutUint64(b[8:], unfolded)
	x.records++
	x.sum = crc64.Update(x.sum, crc64Table, b[:])
}

var crc64Table = crc64.MakeTable(crc64.ECMA)

// xzs keeps decoders with their windows.
var xzs = sync.Pool{New: func() any { return new(xzDecoder) }}

func openXZ(w *walker, s *stream, window int64) (decoder, error) {
	d := xzs.Get().(*xzDecoder)
	d.w, d.limit, d.in = w, window, xzStreamStart
	d.chunks = xzChunk{s: s}
	d.taken = 0
	if int64(d.window) > window {
		d.lzma, d.window = nil, 0
	}
	return d, nil
}

func (d *xzDecoder) release() {
	if d.in == xzChunkData || d.window > smallWindow {
		d.lzma, d.window = nil, 0 // content of this stream is still in it, or it is nobody's memory in the pool
	}
	d.w.memory.give(int64(d.taken))
	d.w, d.chunks = nil, xzChunk{}
	d.block.sum = nil
	xzs.Put(d)
}

func (d *xzDecoder) Read(p []byte) (int, error) {
	for {
		if d.in != xzChunkData {
			if err := d.next(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := d.readChunk(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// readChunk reads from the chunk at hand, and not beyond it: the reader then
// asks for the next one only when that is at hand.
func (d *xzDecoder) readChunk(p []byte) (int, error) {
	n, err := d.lzma.Read(p[:min(len(p), d.chunks.data)])
	d.chunks.data -= n
	d.block.size += int64(n)
	if d.block.sum != nil {
		_, _ = d.block.sum.Write(p[:n])
	}
	if err == nil && d.chunks.data == 0 && d.chunks.left > 0 {
		err = errors.New("chunk longer than its content")
	}
	if err != nil {
		d.lzma, d.window = nil, 0 // it keeps its error
		return n, noEOF(err)
	}
	if d.chunks.data == 0 {
		d.in = xzChunkStart
	}
	return n, nil
}

func (d *xzDecoder) next() (err error) {
	switch d.in {
	case xzStreamStart:
		err = d.streamHeader()
	case xzBlockStart:
		err = d.blockHeader()
	case xzChunkStart:
		err = d.chunkHeader()
	case xzStreamEnd:
		err = d.padding()
	}
	return err
}

// take consumes n bytes, which are valid until the next read.
func (d *xzDecoder) take(n int) ([]byte, error) {
	s := d.chunks.s
	b, err := s.Peek(n)
	if err != nil {
		_, _ = s.Discard(len(b))
		return nil, noEOF(err)
	}
	_, err = s.Discard(n)
	return b, err
}

func (d *xzDecoder) streamHeader() error {
	b, err := d.take(12)
	if err != nil {
		return err
	}
	if !hasPrefix(b, xzMagic) || crc32.ChecksumIEEE(b[6:8]) != binary.LittleEndian.Uint32(b[8:]) || b[6] != 0 || b[7] > 0xf {
		return errors.New("invalid stream header")
	}
	d.check, d.index, d.in = b[7], xzIndex{}, xzBlockStart
	return nil
}

// Kinds of checksums.
const (
	xzCRC32  = 1
	xzCRC64  = 4
	xzSHA256 = 10
)

// checkSizes are the lengths of the checksums by their kind.
var checkSizes = [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}

// newCheck makes the hash of a kind of checksum; nil if there is none, or one
// that nobody has defined.
func newCheck(kind byte) hash.Hash {
	switch kind {
	case xzCRC32:
		return crc32.NewIEEE()
	case xzCRC64:
		return crc64.New(crc64Table)
	case xzSHA256:
		return sha256.New()
	}
	return nil
}

func (d *xzDecoder) blockHeader() error {
	start := d.chunks.s.consumed()
	size, err := d.chunks.s.Peek(1)
	if err != nil {
		return noEOF(err)
	}
	if size[0] == 0 {
		return d.readIndex()
	}
	b, err := d.take(4 * (int(size[0]) + 1))
	if err != nil {
		return err
	}
	body, sum := b[:len(b)-4], b[len(b)-4:]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(sum) {
		return errors.New("wrong checksum of a block header")
	}
	d.block = xzBlock{start: start, data: start + int64(len(b)), first: true, sum: newCheck(d.check)}
	d.in = xzChunkStart
	return d.block.parse(body)
}

var errBlockHeader = errors.New("invalid block header")

func (x *xzBlock) parse(b []byte) error {
	const storedSize, unfoldedSize, reserved = 0x40, 0x80, 0x3c
	flags, r := b[1], bytes.NewReader(b[2:])
	if flags&reserved != 0 {
		return errBlockHeader
	}
	x.stored, x.unfolded = -1, -1
	for _, field := range []struct {
		flag byte
		to   *int64
	}{{storedSize, &x.stored}, {unfoldedSize, &x.unfolded}} {
		if flags&field.flag != 0 {
			v, err := binary.ReadUvarint(r)
			if err != nil || v > 1<<62 {
				return errBlockHeader
			}
			*field.to = int64(v)
		}
	}
	id, err := binary.ReadUvarint(r)
	if err != nil {
		return errBlockHeader
	}
	const lzma2 = 0x21
	if filters := int(flags&3) + 1; filters > 1 || id != lzma2 {
		return &reasonError{ReasonUnsupported, fmt.Errorf("xz filter %#x", id)}
	}
	var props [2]byte // length of the properties, and they
	if _, err := io.ReadFull(r, props[:]); err != nil || props[0] != 1 || props[1] > 40 {
		return errBlockHeader
	}
	window := int64(1)<<32 - 1
	if p := props[1]; p < 40 {
		window = int64(2|p&1) << (p/2 + 11)
	}
	if x.unfolded >= 0 {
		window = min(window, x.unfolded)
	}
	x.window = int(max(window, lzma.MinDictCap))
	return nil
}

// chunkHeader makes the next chunk of the block ready.
func (d *xzDecoder) chunkHeader() error {
	b, err := d.chunks.s.Peek(1)
	if err != nil {
		return noEOF(err)
	}
	control := b[0]
	head := 3
	switch {
	case control == 0:
		return d.blockEnd()
	case control >= 0xc0:
		head = 6
	case control >= 0x80:
		head = 5
	case control > 2:
		return errors.New("invalid chunk")
	}
	if d.block.first && control != 1 && control < 0xe0 {
		return errors.New("block begins without a reset of the window")
	}
	if b, err = d.chunks.s.Peek(head); err != nil {
		return noEOF(err)
	}
	d.block.first = false
	d.chunks.data = int(binary.BigEndian.Uint16(b[1:])) + 1
	d.chunks.left = head + d.chunks.data
	if control >= 0x80 {
		d.chunks.data += int(control&0x1f) << 16
		d.chunks.left = head + int(binary.BigEndian.Uint16(b[3:])) + 1
	}
	d.in = xzChunkData
	return d.makeWindow()
}

// makeWindow makes sure that there is a window as large as the block's. It
// must be called with the block's first chunk at hand, which a new reader looks
// at.
func (d *xzDecoder) makeWindow() (err error) {
	if d.lzma != nil && d.window >= d.block.window {
		return d.reserve(d.window)
	}
	if int64(d.block.window) > d.limit {
		return overWindow(uint64(d.block.window), d.limit)
	}
	if d.w.windows += int64(d.block.window); d.w.windows > maxWindows {
		return &reasonError{ReasonUnprocessed, errors.New("too many windows in this object")}
	}
	d.lzma = nil // for the collector, before memory is taken
	if err := d.reserve(d.block.window); err != nil {
		return err
	}
	d.lzma, err = lzma.Reader2Config{DictCap: d.block.window}.NewReader2(&d.chunks)
	d.window = d.block.window
	return noEOF(err)
}

// reserve makes sure that memory is taken for n bytes.
func (d *xzDecoder) reserve(n int) error {
	if n <= d.taken {
		return nil
	}
	if err := d.w.take(int64(n - d.taken)); err != nil {
		return err
	}
	d.taken = n
	return nil
}

// blockEnd consumes the end mark of the chunks and checks the block.
func (d *xzDecoder) blockEnd() error {
	s, x := d.chunks.s, &d.block
	if _, err := d.take(1); err != nil {
		return err
	}
	stored := s.consumed() - x.data
	if x.stored >= 0 && stored != x.stored || x.unfolded >= 0 && x.size != x.unfolded {
		return errors.New("block of another size than its header says")
	}
	pad := int(-stored & 3)
	b, err := d.take(pad + checkSizes[d.check])
	if err != nil {
		return err
	}
	if len(bytes.Trim(b[:pad], "\x00")) > 0 {
		return errors.New("block padding is not zero")
	}
	if x.sum != nil {
		sum := x.sum.Sum(nil)
		if d.check != xzSHA256 {
			slices.Reverse(sum) // the format is little-endian, hash.Hash is not
		}
		if !bytes.Equal(sum, b[pad:]) {
			return errors.New("wrong checksum of a block")
		}
	}
	d.index.add(uint64(s.consumed()-x.start)-uint64(pad), uint64(x.size))
	d.in = xzBlockStart
	return nil
}

// readIndex reads the index and the footer.
func (d *xzDecoder) readIndex() error {
	start := d.chunks.s.consumed()
	r := &summedReader{s: d.chunks.s}
	_, _ = r.ReadByte() // the zero that says that it is the index
	records, err := binary.ReadUvarint(r)
	if err != nil {
		return noEOF(err)
	}
	if records != d.index.records {
		return errors.New("index does not match the blocks")
	}
	var x xzIndex
	for range records {
		unpadded, err := binary.ReadUvarint(r)
		if err != nil {
			return noEOF(err)
		}
		unfolded, err := binary.ReadUvarint(r)
		if err != nil {
			return noEOF(err)
		}
		x.add(unpadded, unfolded)
	}
	if x != d.index {
		return errors.New("index does not match the blocks")
	}
	for (d.chunks.s.consumed()-start)%4 != 0 {
		c, err := r.ReadByte()
		if err != nil {
			return noEOF(err)
		}
		if c != 0 {
			return errors.New("index padding is not zero")
		}
	}
	b, err := d.take(4)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(b) != r.sum {
		return errors.New("wrong checksum of the index")
	}
	return d.footer(d.chunks.s.consumed() - start)
}

func (d *xzDecoder) footer(indexSize int64) error {
	b, err := d.take(12)
	if err != nil {
		return err
	}
	backward := (int64(binary.LittleEndian.Uint32(b[4:])) + 1) * 4
	if binary.LittleEndian.Uint32(b) != crc32.ChecksumIEEE(b[4:10]) || string(b[10:]) != "YZ" ||
		b[8] != 0 || b[9] != d.check || backward != indexSize {
		return errors.New("invalid stream footer")
	}
	d.in = xzStreamEnd
	return nil
}

// padding skips the zeros after a stream; io.EOF if nothing follows.
func (d *xzDecoder) padding() error {
	s := d.chunks.s
	if err := skipZeros(s); err != nil {
		return err
	}
	if head, _ := s.Peek(len(xzMagic)); string(head) != xzMagic {
		return errTrailing
	}
	d.in = xzStreamStart
	return nil
}

// A summedReader reads bytes and their CRC-32.
type summedReader struct {
	s   *stream
	sum uint32
}

func (r *summedReader) ReadByte() (byte, error) {
	c, err := r.s.ReadByte()
	if err == nil {
		r.sum = crc32.Update(r.sum, crc32.IEEETable, []byte{c})
	}
	return c, err
}
