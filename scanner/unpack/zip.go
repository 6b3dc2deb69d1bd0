package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"io"
	"strings"
)

// Signatures of the records of a zip archive (APPNOTE 6.3.10, 4.3).
const (
	zipLocal      = "PK\x03\x04"
	zipDescriptor = "PK\x07\x08" // also the mark of a split archive
	zipOneSegment = "PK00"       // instead of that mark, if it was not split after all
	zipExtraData  = "PK\x06\x08"
	zipCentral    = "PK\x01\x02"
	zipSignature  = "PK\x05\x05"
	zipEnd64      = "PK\x06\x06"
	zipLocator64  = "PK\x06\x07"
	zipEnd        = "PK\x05\x06"
)

// isZip tells whether b begins with a zip archive. One behind other data, a
// self-extracting program for example, is not recognised.
func isZip(b []byte) bool {
	if hasPrefix(b, zipDescriptor) || hasPrefix(b, zipOneSegment) {
		b = b[4:]
	}
	return hasPrefix(b, zipLocal) || hasPrefix(b, zipEnd) && len(b) >= 22
}

// A zipReader reads a zip archive front to back: it follows the local headers,
// and compares them with the central directory when that comes.
type zipReader struct {
	w     *walker
	s     *stream
	at    place
	start int64 // of the archive, in s

	// Members as found and as listed, by place, name and method.
	found, listed zipNames

	// Where the central directory begins and ends, in s; -1 until it is met. A
	// program that starts at the end of the archive must be led to the same one.
	dir, dirEnd int64
	size64      int64        // of the directory, as the zip64 end record has it
	offset64    int64        // likewise
	seed        maphash.Seed // of their fingerprints: nobody can prepare a collision
	buf         []byte
}

// zipNames is a fingerprint of a set of members, whatever their order.
type zipNames struct {
	n   int64
	sum uint64
}

func (z *zipNames) add(seed maphash.Seed, offset int64, method uint16, name []byte) {
	var h maphash.Hash
	h.SetSeed(seed)
	_ = binary.Write(&h, binary.LittleEndian, offset)
	_ = binary.Write(&h, binary.LittleEndian, method)
	_, _ = h.Write(name)
	z.n++
	z.sum += h.Sum64()
}

func walkZip(w *walker, s *stream, p place) {
	z := &zipReader{w: w, s: s, at: p, seed: maphash.MakeSeed()}
	z.begin()
	for w.alive() == nil && s.failed() == nil {
		if !z.record() {
			return
		}
	}
}

// begin is where an archive begins.
func (z *zipReader) begin() {
	z.start, z.dir, z.dirEnd, z.size64, z.offset64 = z.s.consumed(), -1, -1, -1, -1
	z.found, z.listed = zipNames{}, zipNames{}
}

func (z *zipReader) gap(reason, format string, args ...any) {
	z.w.gap(z.at.path, reason, fmt.Errorf("zip: "+format, args...))
}

// record reads the next record and tells whether to go on.
func (z *zipReader) record() bool {
	sig, err := z.s.Peek(4)
	if err != nil {
		z.cut()
		return false
	}
	switch string(sig) {
	case zipLocal:
		return z.local()
	case zipCentral:
		return z.central()
	case zipEnd:
		return z.end()
	case zipEnd64:
		return z.end64()
	case zipLocator64:
		_, ok := z.take(20)
		return ok
	case zipExtraData:
		h, ok := z.take(8)
		return ok && z.aside("<extra data>", int64(binary.LittleEndian.Uint32(h[4:])))
	case zipSignature:
		h, ok := z.take(6)
		return ok && z.aside("<signature>", int64(binary.LittleEndian.Uint16(h[4:])))
	case zipDescriptor, zipOneSegment:
		if z.s.consumed() == z.start {
			_, ok := z.take(4)
			return ok
		}
	}
	return z.resync(true)
}

// cut records that the archive ends before its end record.
func (z *zipReader) cut() {
	if z.s.failed() == nil {
		z.gap(ReasonMalformed, "no end record: the archive is cut short")
	}
}

// take reads n bytes, which are valid until the next take.
func (z *zipReader) take(n int) ([]byte, bool) {
	if cap(z.buf) < n {
		z.buf = make([]byte, n, max(n, 512))
	}
	b := z.buf[:n]
	if _, err := io.ReadFull(z.s, b); err != nil {
		z.cut()
		return nil, false
	}
	return b, true
}

// aside reads the next n bytes, which belong to no member, as one of their own:
// another archive can hide in them.
func (z *zipReader) aside(name string, n int64) bool {
	if n == 0 {
		return true
	}
	section := openStream(io.LimitReader(z.s, n))
	defer section.close()
	if !z.unfold(z.at.in(name), section) {
		return false
	}
	if section.drain(); n < 0 || section.consumed() < n {
		z.cut()
		return false
	}
	return true
}

// unfold reads what stands in s as it is.
func (z *zipReader) unfold(at place, s *stream) bool {
	if z.w.member(at) {
		at.counted = true
		z.w.unfold(&meter{dec: unpooled{s}, in: s, owner: at.path, format: "zip", at: at, fresh: !z.at.counted})
	}
	return z.w.alive() == nil
}

func (z *zipReader) discard(n int64) bool {
	m, _ := io.CopyN(io.Discard, z.s, n)
	return m == n
}

// resync goes to the next record when it is not known where that is. tell says
// whether what is skipped is a gap, or part of one that is recorded already.
func (z *zipReader) resync(tell bool) bool {
	var skipped int64
	for z.w.alive() == nil {
		_, err := z.s.Peek(30)
		b, _ := z.s.Peek(z.s.Buffered())
		i := bytes.Index(b, []byte("PK"))
		switch {
		case i == 0 && isZipRecord(b):
			if tell {
				z.gap(ReasonMalformed, "%d bytes between two records", skipped)
			}
			return true
		case i == 0:
			i = 1
		case i < 0 && err == nil:
			i = len(b) - 1 // its last byte may be a 'P'
		case i < 0:
			i = len(b)
		}
		n, _ := z.s.Discard(i)
		skipped += int64(n)
		if err != nil && z.s.Buffered() == 0 {
			break
		}
	}
	z.cut()
	return false
}

// isZipRecord tells whether b begins with one of the records that begin a
// part of the archive, and not just with its signature.
func isZipRecord(b []byte) bool {
	switch {
	case hasPrefix(b, zipLocal):
		return len(b) >= 30 && b[4] <= 63 && binary.LittleEndian.Uint16(b[8:]) < 100 && binary.LittleEndian.Uint16(b[26:]) > 0
	case hasPrefix(b, zipCentral):
		return len(b) >= 30 && b[6] <= 63
	}
	return hasPrefix(b, zipEnd) || hasPrefix(b, zipEnd64)
}

// A zipEntry is a local header.
type zipEntry struct {
	at            place
	flags, method uint16
	crc           uint32
	stored, size  int64 // bytes in the archive, and unfolded
	hasDescriptor bool  // one follows the data, and stands for crc and size
	known         bool  // stored is
	directory     bool  // there is no data
	start         int64 // of the data
}

const (
	zipFlagEncrypted  = 1 << 0
	zipFlagDescriptor = 1 << 3
	zipFlagStrong     = 1 << 6
	zipFlagMasked     = 1 << 13

	zipStored = 0
)

type zipMethod struct {
	compression
	ends bool // the data tells its end, to the byte
}

// zipMethods are the compression methods (APPNOTE 4.4.5).
var zipMethods = map[uint16]zipMethod{
	zipStored: {compression{name: "stored", open: openPlain}, true},
	8:         {compression{name: "deflate", open: openFlate}, true},
	12:        {bzip2Format, false},
	20:        {zstdFormat, false}, // deprecated number
	93:        {zstdFormat, false},
	95:        {xzFormat, false},
}

// local reads a local header and the member after it.
func (z *zipReader) local() bool {
	offset := z.s.consumed() - z.start
	h, ok := z.take(30)
	if !ok {
		return false
	}
	e := zipEntry{
		flags:  binary.LittleEndian.Uint16(h[6:]),
		method: binary.LittleEndian.Uint16(h[8:]),
		crc:    binary.LittleEndian.Uint32(h[14:]),
		stored: int64(binary.LittleEndian.Uint32(h[18:])),
		size:   int64(binary.LittleEndian.Uint32(h[22:])),
	}
	names, extras := int(binary.LittleEndian.Uint16(h[26:])), int(binary.LittleEndian.Uint16(h[28:]))
	b, ok := z.take(names + extras)
	if !ok {
		return false
	}
	name := b[:names]
	zip64(b[names:], &e.size, &e.stored)
	z.found.add(z.seed, offset, e.method, name)
	e.at = z.at.in(shown(string(name)))
	e.hasDescriptor = e.flags&zipFlagDescriptor != 0
	e.known = !e.hasDescriptor || e.stored > 0
	e.directory = e.known && e.stored == 0 && e.size == 0 && strings.HasSuffix(string(name), "/")
	e.start = z.s.consumed()
	return z.w.member(e.at) && z.member(&e)
}

// zip64 replaces the fields that are all ones by those of the zip64 extra
// field, which has them in this order (APPNOTE 4.5.3).
func zip64(extra []byte, fields ...*int64) {
	const allOnes, id = 1<<32 - 1, 1
	for len(extra) >= 4 {
		size := int(binary.LittleEndian.Uint16(extra[2:]))
		body := extra[4:]
		if size > len(body) {
			return
		}
		if binary.LittleEndian.Uint16(extra) == id {
			body = body[:size]
			for _, f := range fields {
				if *f == allOnes && len(body) >= 8 {
					*f = int64(binary.LittleEndian.Uint64(body))
					body = body[8:]
				}
			}
			return
		}
		extra = body[size:]
	}
}

// member reads or skips the data of a member, and tells whether to go on with
// the archive.
func (z *zipReader) member(e *zipEntry) bool {
	method, ok := zipMethods[e.method]
	var err error
	var content *zipContent
	switch {
	case e.stored < 0 || e.size < 0:
		z.w.gap(e.at.path, ReasonMalformed, errors.New("zip: negative size"))
		return z.resync(false)
	case e.flags&(zipFlagEncrypted|zipFlagStrong|zipFlagMasked) != 0:
		err = &reasonError{ReasonEncrypted, errors.New("zip: the member is encrypted")}
	case !ok:
		err = &reasonError{ReasonUnprocessed, fmt.Errorf("zip: compression method %d", e.method)}
	case !e.known && !method.ends:
		err = &reasonError{ReasonUnprocessed, fmt.Errorf("zip: %s data of unknown length", method.name)}
	case e.directory:
	case e.known:
		content = z.readKnown(e, method)
	default:
		return z.readUnknown(e, method)
	}
	if err != nil {
		z.w.gap(e.at.path, reasonOf(err), err)
	}
	return z.skipTo(e, content)
}

// skipTo goes to the end of a member, of which content was read, if anything.
func (z *zipReader) skipTo(e *zipEntry, content *zipContent) bool {
	if !e.known {
		return z.resync(false)
	}
	if !z.discard(e.stored - (z.s.consumed() - e.start)) {
		z.cut()
		return false
	}
	switch {
	case !e.hasDescriptor:
		return true
	case content == nil || !content.whole:
		return z.resync(false)
	case !z.descriptor(content.crc, content.n, e.stored):
		z.w.broken(z.s, e.at.path, errDescriptor)
		return z.resync(false)
	}
	return true
}

var errDescriptor = errors.New("zip: the data descriptor does not match the data")

// readKnown reads a member whose stored size the header tells.
func (z *zipReader) readKnown(e *zipEntry, method zipMethod) *zipContent {
	section := openStream(io.LimitReader(z.s, e.stored))
	defer section.close()
	c := &zipContent{}
	c.check = func() error {
		rest := e.stored - section.consumed()
		switch {
		case rest > 0:
			return fmt.Errorf("%d bytes after the end of the data, or missing", rest)
		case e.hasDescriptor:
			return nil
		case c.n != e.size:
			return fmt.Errorf("%d bytes instead of %d", c.n, e.size)
		case c.crc != e.crc:
			return errors.New("wrong checksum")
		}
		return nil
	}
	if m := z.read(e, section, c, method); m != nil {
		m.close()
	}
	return c
}

// readUnknown reads a member whose end only the data tells, and the descriptor
// after it.
func (z *zipReader) readUnknown(e *zipEntry, method zipMethod) bool {
	c := &zipContent{}
	c.check = func() error {
		// A zipScan has consumed the descriptor.
		if e.method != zipStored && !z.descriptor(c.crc, c.n, z.s.consumed()-e.start) {
			return errDescriptor
		}
		return nil
	}
	if e.method == zipStored {
		method.open = func(*walker, *stream, int64) (decoder, error) { return &zipScan{z: z, c: c}, nil }
	}
	if m := z.read(e, z.s, c, method); m != nil {
		_, _ = io.Copy(io.Discard, m) // to its end, where the next record is
		m.close()
	}
	return c.whole || z.resync(false)
}

// read unfolds a member out of s, through c. It returns nil if it cannot.
func (z *zipReader) read(e *zipEntry, s *stream, c *zipContent, method zipMethod) *meter {
	at := method.inside(e.at)
	dec, err := method.open(z.w, s, at.window)
	if err != nil {
		z.w.broken(s, e.at.path, fmt.Errorf("zip: %w", err))
		return nil
	}
	c.decoder = dec
	m := &meter{dec: c, in: s, owner: e.at.path, format: "zip: " + method.name, at: at}
	m.fresh = e.method != zipStored || !z.at.counted
	z.w.unfold(m)
	return m
}

// A zipContent is what a member unfolds to. At its end it is checked.
type zipContent struct {
	decoder
	crc   uint32
	n     int64
	whole bool // it was read to its end and is right
	check func() error
}

func (c *zipContent) Read(p []byte) (int, error) {
	n, err := c.decoder.Read(p)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p[:n])
	c.n += int64(n)
	if err == io.EOF {
		if wrong := c.check(); wrong != nil {
			return n, wrong
		}
		c.whole = true
	}
	return n, err
}

func openPlain(_ *walker, s *stream, _ int64) (decoder, error) { return unpooled{s}, nil }

// A zipScan is a stored member of unknown size: it ends where a descriptor
// agrees with what was read.
type zipScan struct {
	z *zipReader
	c *zipContent
}

func (*zipScan) release() {}

func (r *zipScan) Read(p []byte) (int, error) {
	s := r.z.s
	head, err := s.Peek(len(zipDescriptor))
	if len(head) == 0 {
		return 0, noEOF(err)
	}
	b, _ := s.Peek(s.Buffered())
	n := bytes.Index(b, []byte(zipDescriptor))
	switch {
	case n == 0 && r.z.descriptor(r.c.crc, r.c.n, r.c.n):
		return 0, io.EOF
	case n == 0:
		n = 1
	case n < 0 && err == nil:
		n = len(b) - len(zipDescriptor) + 1
	case n < 0:
		n = len(b)
	}
	n = copy(p, b[:n])
	_, err = s.Discard(n)
	return n, err
}

// descriptor consumes the data descriptor if it says this. It comes in four
// forms: with and without a signature, with sizes of 4 and of 8 bytes (APPNOTE
// 4.3.9). None tells which it is.
func (z *zipReader) descriptor(crc uint32, size, stored int64) bool {
	b, _ := z.s.Peek(24)
	signature := 0
	if hasPrefix(b, zipDescriptor) {
		signature = 4
	}
	var long [20]byte
	binary.LittleEndian.PutUint32(long[:], crc)
	binary.LittleEndian.PutUint64(long[4:], uint64(stored))
	binary.LittleEndian.PutUint64(long[12:], uint64(size))
	short := append(append([]byte{}, long[:8]...), long[12:16]...)
	// A descriptor without signature may begin with the signature's bytes.
	for _, skip := range []int{signature, 0} {
		for _, want := range [][]byte{long[:], short} {
			if len(b) >= skip && bytes.HasPrefix(b[skip:], want) {
				_, _ = z.s.Discard(skip + len(want))
				return true
			}
		}
	}
	return false
}

// central reads an entry of the central directory.
func (z *zipReader) central() bool {
	if z.dir < 0 {
		z.dir = z.s.consumed()
	}
	h, ok := z.take(46)
	if !ok {
		return false
	}
	method := binary.LittleEndian.Uint16(h[10:])
	stored := int64(binary.LittleEndian.Uint32(h[20:]))
	size := int64(binary.LittleEndian.Uint32(h[24:]))
	offset := int64(binary.LittleEndian.Uint32(h[42:]))
	names, extras := int(binary.LittleEndian.Uint16(h[28:])), int(binary.LittleEndian.Uint16(h[30:]))
	comment := int(binary.LittleEndian.Uint16(h[32:]))
	b, ok := z.take(names + extras + comment)
	if !ok {
		return false
	}
	zip64(b[names:names+extras], &size, &stored, &offset)
	z.listed.add(z.seed, offset, method, b[:names])
	if comment > 0 {
		text := openStream(bytes.NewReader(b[names+extras:]))
		defer text.close()
		return z.unfold(z.at.in(shown(string(b[:names]))).in("<comment>"), text)
	}
	return z.w.alive() == nil
}

// end64 reads the zip64 end record.
func (z *zipReader) end64() bool {
	z.endDirectory()
	h, ok := z.take(56)
	if !ok {
		return false
	}
	z.size64, z.offset64 = int64(binary.LittleEndian.Uint64(h[40:])), int64(binary.LittleEndian.Uint64(h[48:]))
	return z.aside("<zip64>", int64(binary.LittleEndian.Uint64(h[4:]))-44)
}

// endDirectory is where the directory ends, if that is not known.
func (z *zipReader) endDirectory() {
	if z.dirEnd < 0 {
		z.dirEnd = z.s.consumed()
	}
}

// end reads the end record, and goes on if another archive follows.
func (z *zipReader) end() bool {
	z.endDirectory()
	h, ok := z.take(22)
	if !ok {
		return false
	}
	total, comment := binary.LittleEndian.Uint16(h[10:]), int64(binary.LittleEndian.Uint16(h[20:]))
	size, offset := int64(binary.LittleEndian.Uint32(h[12:])), int64(binary.LittleEndian.Uint32(h[16:]))
	switch {
	case z.found != z.listed || total != 0xffff && total != uint16(z.listed.n):
		z.gap(ReasonMalformed, "%d members, but %d (%d) in the central directory, or others", z.found.n, z.listed.n, total)
	case z.listed.n == 0:
	case !z.leads(size, z.size64, z.dirEnd-z.dir), !z.leads(offset, z.offset64, z.dir-z.start):
		z.gap(ReasonMalformed, "the end record leads to another central directory")
	}
	if !z.aside("<comment>", comment) {
		return false
	}
	if _, err := z.s.Peek(1); err != nil {
		return false
	}
	z.gap(ReasonMalformed, "data after the end of the archive")
	z.begin()
	if head, _ := z.s.Peek(22); isZip(head) {
		return true
	}
	z.s.drain()
	return false
}

// leads tells whether a field of the end record, or that of the zip64 end record
// for which it stands, is what was found. A program may believe the second
// whatever the first is.
func (*zipReader) leads(field, field64, found int64) bool {
	const allOnes = 1<<32 - 1
	return (field == found || field == allOnes && field64 >= 0) && (field64 < 0 || field64 == found)
}
