package detectors

import "github.com/sluice-dlp/sluice/detectors/internal/bitmap"

// Marks tells where the bytes that divide a text are, as bitmaps, at the speed of
// the kernel that searches. It is immutable.
type Marks struct {
	kernel  *bitmap.Kernel
	classes *bitmap.Classes
}

// Marks returns the Marks of sets of ASCII bytes. It is nil with the portable
// kernel, which takes longer than looking at one byte after the other.
func (s *Set) Marks(sets ...string) *Marks {
	if s.kernel.Name == "portable" {
		return nil
	}
	classes := make([]bitmap.Class, len(sets))
	for i, set := range sets {
		classes[i] = bitmap.Bytes(set)
	}
	return &Marks{s.kernel, bitmap.NewClasses(classes)}
}

// Find sets bit i of dst[n*stride+k] iff text[64k+i] is in set n. The text is some
// KiB at most, and whole blocks of 64 bytes.
func (m *Marks) Find(dst []uint64, stride int, text []byte) {
	m.kernel.Classify(dst, stride, text, m.classes)
}
