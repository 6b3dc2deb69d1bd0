package unpack

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const tarBlock = 512

// isTar tells whether b begins with a tar header: one whose checksum is right.
// That holds for ustar, pax, GNU and the nameless format before them alike.
func isTar(b []byte) bool {
	if len(b) < tarBlock || b[0] == 0 {
		return false
	}
	want, ok := octal(b[148:156])
	if !ok {
		return false
	}
	// Some old writers summed signed bytes.
	unsigned, signed := int64(8*' '), int64(8*' ')
	for i, c := range b[:tarBlock] {
		if i < 148 || i >= 156 {
			unsigned += int64(c)
			signed += int64(int8(c))
		}
	}
	return want == unsigned || want == signed
}

// octal reads a number field of a tar header: octal digits between spaces and
// NULs.
func octal(field []byte) (n int64, ok bool) {
	field = bytes.Trim(field, " \x00")
	for _, c := range field {
		if c < '0' || c > '7' {
			return 0, false
		}
		n = n<<3 | int64(c-'0')
	}
	return n, len(field) > 0
}

// A tarSource is a stream that tells whether what was read of it last is zero.
type tarSource struct {
	s     *stream
	zeros int64 // bytes
}

func (t *tarSource) Read(p []byte) (int, error) {
	n, err := t.s.Read(p)
	if tail := bytes.TrimRight(p[:n], "\x00"); len(tail) == 0 {
		t.zeros += int64(n)
	} else {
		t.zeros = int64(n - len(tail))
	}
	return n, err
}

// walkTar reads a tar archive. After a broken header it goes on at the next
// block that is a header, after an end marker with the archive appended to it.
func walkTar(w *walker, s *stream, p place) {
	start := s.consumed()
	for {
		err := walkTarEntries(w, s, p)
		if w.alive() != nil || s.failed() != nil {
			return
		}
		if err != nil {
			w.gap(p.path, reasonOf(err), fmt.Errorf("tar: %w", err))
		}
		zeros, found := nextTarHeader(s, start)
		if !zeros && err == nil {
			w.gap(p.path, ReasonMalformed, errors.New("tar: data after the end of the archive"))
		}
		if !found {
			return
		}
	}
}

// nextTarHeader goes to the next block that is a tar header. zeros says that
// nothing but zeros was skipped.
func nextTarHeader(s *stream, start int64) (zeros, found bool) {
	zeros = true
	if rest := (s.consumed() - start) % tarBlock; rest != 0 {
		_, _ = s.Discard(int(tarBlock - rest))
	}
	for {
		block, err := s.Peek(tarBlock)
		if isTar(block) {
			return zeros, true
		}
		if len(bytes.Trim(block, "\x00")) > 0 {
			zeros = false
		}
		_, _ = s.Discard(len(block))
		if err != nil {
			return zeros, false
		}
	}
}

// walkTarEntries walks the members of one archive. It returns nil after the
// end marker.
func walkTarEntries(w *walker, s *stream, p place) error {
	src := &tarSource{s: s}
	tr := tar.NewReader(src)
	for {
		src.zeros = 0
		hdr, err := nextTar(tr)
		switch {
		case w.alive() != nil || s.failed() != nil:
			return nil
		case err == io.EOF && src.zeros >= tarBlock:
			return nil
		case err == io.EOF:
			return errors.New("no end marker: the archive may be cut short")
		case err != nil:
			return noEOF(err)
		}
		at := p.in(shown(hdr.Name))
		if !w.member(at) {
			return nil
		}
		if !tarContent(hdr) {
			continue
		}
		sparse := isSparse(hdr)
		m := &meter{dec: unpooled{tr}, in: s, owner: at.path, format: "tar", at: at, fresh: sparse || !p.counted}
		m.at.counted = true
		w.unfold(m)
		if m.panicked {
			return &panicError{"in a member, the archive cannot be read on"}
		}
	}
}

func nextTar(tr *tar.Reader) (hdr *tar.Header, err error) {
	defer guard(&err)
	return tr.Next()
}

// tarContent tells whether an entry has content. Types that are not known
// may have.
func tarContent(hdr *tar.Header) bool {
	switch hdr.Typeflag {
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo, tar.TypeXGlobalHeader:
		return false
	}
	return true
}

// isSparse tells whether an entry unfolds to more than is stored.
func isSparse(hdr *tar.Header) bool {
	if hdr.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for k := range hdr.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return false
}
