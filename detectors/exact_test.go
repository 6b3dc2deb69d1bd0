package detectors

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// exactBytes is how much of each corpus is searched by the loop, which takes
// three seconds for a megabyte. `make exact` asks for more.
func exactBytes(t *testing.T) int {
	v := os.Getenv("SLUICE_EXACT_BYTES")
	if v == "" {
		return 32 << 10
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("SLUICE_EXACT_BYTES: %v", err)
	}
	return n
}

// corpusTexts are n bytes of each kind of text that there is a corpus of, and
// of noise.
func corpusTexts(n int) map[string][]byte {
	kinds := map[corpus.Kind]string{corpus.Logs: "logs", corpus.CSV: "csv", corpus.JSONLines: "jsonl", corpus.Prose: "prose", corpus.Code: "code"}
	texts := make(map[string][]byte)
	for seed := uint64(1); len(texts) < len(kinds) || slices.ContainsFunc(mapValues(texts), func(b []byte) bool { return len(b) < n }); seed++ {
		for o := range corpus.Generate(corpus.Config{Seed: seed, Objects: 100, Bytes: 4 * int64(n)}) {
			name := kinds[o.Kind]
			if name == "" || o.Container != corpus.Plain || len(texts[name]) >= n {
				continue
			}
			var buf bytes.Buffer
			o.WriteTo(&buf) // a buffer takes everything
			texts[name] = append(texts[name], buf.Bytes()...)
		}
	}
	for name := range texts {
		texts[name] = texts[name][:n]
	}
	rng := rand.New(rand.NewPCG(9, 9))
	noise := make([]byte, n)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
		if i/4096%2 == 1 {
			noise[i] = "0123456789abcdefXYZ -.:@+/\\(\n"[rng.IntN(29)]
		}
	}
	texts["noise"] = noise
	return texts
}

func mapValues(m map[string][]byte) (all [][]byte) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// TestCorporaAreExact compares each kernel with the loop on all corpora, with
// values that lack their keyword and without.
func TestCorporaAreExact(t *testing.T) {
	for name, text := range corpusTexts(exactBytes(t)) {
		for _, least := range []int{0, 30} {
			var want []Match
			for i, kernel := range Kernels() {
				s, err := Compile(Builtin(), Options{Kernel: kernel, MinConfidence: least})
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					want = s.FindNaive(nil, text, 0, len(text))
					t.Logf("%s: %d bytes, %d matches of at least %d %%", name, len(text), len(want), least)
				}
				if got := s.Find(nil, text, 0, len(text)); !slices.Equal(got, want) {
					t.Errorf("%s, %s, at least %d %%: %s", name, kernel, least, diff(s, got, want))
				}
			}
		}
	}
}

// TestFiltersLoseNothing compares each stream of candidates, as the planes
// give it, with the question asked at every position: a filter that refuses too
// much would go unnoticed where no value stands.
func TestFiltersLoseNothing(t *testing.T) {
	s := compileAll(t, rulesUnderTest())
	q := newSearch(s)
	ix := s.index
	for name, text := range corpusTexts(4 * exactBytes(t)) {
		q.w = text
		candidates, anchors := make([]int, len(ix.streams)), make([]int, len(ix.streams))
		for at := 0; at < len(text); at += strip {
			end := min(at+strip, len(text))
			q.read(at, end)
			for i, stream := range ix.streams {
				plane, _ := q.arena.Plane(planeStreams + i)
				inner, _ := q.arena.Plane(planeInner)
				for p := at; p < end; p++ {
					b := p - q.base
					marked := plane[b/bitmap.Block]>>(b%bitmap.Block)&1 != 0
					if i >= ix.often && inner[b/bitmap.Block]>>(b%bitmap.Block)&1 != 0 {
						marked = false
					}
					named := q.names(&stream, p)
					candidates[i] += int(bit(marked))
					anchors[i] += int(bit(named))
					if named && !marked || marked && !named && stream.kind == streamRules {
						t.Fatalf("%s: stream %d at %d: the planes say %v, the anchor %v", name, i, p, marked, named)
					}
				}
			}
		}
		t.Logf("%s: candidates %v of anchors %v", name, candidates, anchors)
	}
}

// names reports whether a stream has to have position p.
func (q *search) names(s *stream, p int) bool {
	k, i := (p-q.base)/bitmap.Block, (p-q.base)%bitmap.Block
	digits, letters := window(q.digit, k, i), window(q.letter, k, i)
	stands := func(sh *shape) bool { return sh.fits(digits, letters) && q.hasShape(sh, p, digits, letters) }
	ix := q.set.index
	switch s.kind {
	case streamTokens:
		kind, n := leadToken(digits, letters)
		if n == 0 {
			return false
		}
		for _, byFollower := range ix.lead[kind][n] {
			for j := range byFollower.open {
				if stands(&byFollower.open[j]) {
					return true
				}
			}
			for _, list := range byFollower.prefixed {
				for j := range list {
					if stands(&list[j]) {
						return true
					}
				}
			}
		}
		return false
	case streamFirst:
		return slices.ContainsFunc(s.first.entries, func(e firstEntry) bool { return e.stands(q.w, p) })
	case streamMarks:
		return slices.ContainsFunc(ix.markShapes[q.w[p]], func(sh shape) bool { return stands(&sh) })
	}
	return slices.ContainsFunc(s.rules, func(r *compiled) bool { return r.anchoredInPlanes(q.w, p) })
}

// anchoredInPlanes is anchoredAt but for what has no plane, or shares one.
func (r *compiled) anchoredInPlanes(w []byte, at int) bool {
	c := *r
	c.Anchor.Literals, c.Anchor.Prefixes, c.Anchor.Bytes, c.shapes = nil, nil, "", nil
	for _, s := range r.shapes {
		if inPlanes(s) {
			c.shapes = append(c.shapes, s)
		}
	}
	return c.anchoredAt(w, at)
}

// TestKernelsAtEachAlignment moves a text of values over all alignments and
// cuts, on every kernel.
func TestKernelsAtEachAlignment(t *testing.T) {
	rules := slices.DeleteFunc(rulesUnderTest(), func(r Rule) bool { return r.MaxLen > 100 || r.Pattern != "" })
	base := newWriter(10, rules).text(300)
	var want []Match
	for n, kernel := range Kernels() {
		s, err := Compile(rules, Options{Kernel: kernel})
		if err != nil {
			t.Fatal(err)
		}
		for shift := range 130 {
			text := slices.Concat(bytes.Repeat([]byte("~"), shift), base)
			got := s.Find(nil, text, 0, len(text))
			for i := range got {
				got[i].Start, got[i].End = got[i].Start-shift, got[i].End-shift
			}
			if n == 0 && shift == 0 {
				want = s.FindNaive(nil, text, 0, len(text))
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s, shifted by %d: %s", kernel, shift, diff(s, got, want))
			}
		}
		for cut := range len(base) {
			if got := findInParts(s, base, []int{0, cut, len(base)}); !slices.Equal(got, want) {
				t.Fatalf("%s, cut at %d: %s", kernel, cut, diff(s, got, want))
			}
			end := base[:cut]
			if got, want := s.Find(nil, end, 0, cut), s.FindNaive(nil, end, 0, cut); cut%8 == 0 && !slices.Equal(got, want) {
				t.Fatalf("%s, ending at %d: %s", kernel, cut, diff(s, got, want))
			}
		}
	}
}

func TestKernelNamed(t *testing.T) {
	if _, err := Compile(Builtin(), Options{Kernel: "abacus"}); err == nil || err.Error() != fmt.Sprintf("kernel %q: this processor has %s", "abacus", strings.Join(Kernels(), ", ")) {
		t.Errorf("error %v", err)
	}
	t.Setenv(kernelVariable, "portable")
	s := compileAll(t, Builtin())
	if s.kernel.Name != "portable" {
		t.Errorf("%s=portable gives %s", kernelVariable, s.kernel.Name)
	}
	if s, err := Compile(Builtin(), Options{Kernel: Kernels()[0]}); err != nil || s.kernel.Name != Kernels()[0] {
		t.Errorf("the option gives %v, %v", s, err)
	}
}
