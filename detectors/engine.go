package detectors

import (
	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// Engine names the regular expression engine of this build: "rure" or
// "regexp".
func Engine() string { return pattern.Engine }

// Classify sorts the bytes of w into classes and forgets them: the least that
// [Set.Find] can cost. It is there for benchmarks.
func Classify(w []byte) {
	const strip = 8 << 10
	planes := bitmap.Make(strip)
	marks := bitmap.NewMarks("@:")
	for len(w) > 0 {
		n := min(strip, len(w))
		bitmap.Classify(&planes, w[:n], &marks)
		w = w[n:]
	}
}
