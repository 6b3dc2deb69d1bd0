package detectors

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// Engine names the regular expression engine of this build: "rure" or
// "regexp".
func Engine() string { return pattern.Engine }

// Kernels names the code that can look at bytes on this processor, best first:
// some of "avx512", "avx2" and "neon", and always "portable".
func Kernels() []string {
	var names []string
	for _, k := range bitmap.Kernels() {
		names = append(names, k.Name)
	}
	return names
}

// kernelVariable is the environment variable that chooses a kernel where a
// program leaves it open.
const kernelVariable = "SLUICE_KERNEL"

func kernelNamed(name string) (*bitmap.Kernel, error) {
	kernels := bitmap.Kernels()
	name = cmp.Or(name, os.Getenv(kernelVariable))
	if name == "" {
		return kernels[0], nil
	}
	for _, k := range kernels {
		if k.Name == name {
			return k, nil
		}
	}
	return nil, fmt.Errorf("kernel %q: this processor has %s", name, strings.Join(Kernels(), ", "))
}

// Classify makes the planes that s searches out of w, and forgets them: the
// least that [Set.Find] can cost. It is there for benchmarks.
func (s *Set) Classify(w []byte) {
	a := bitmap.NewArena(s.index.classes, s.kernel, strip)
	for len(w) > 0 {
		n := min(strip, len(w))
		a.Run(w[:n])
		w = w[n:]
	}
}
