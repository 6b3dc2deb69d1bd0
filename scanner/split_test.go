package scanner

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/vectors"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// toyRules have one rule for each way to find values, short enough for
// windows of one byte: they contain, touch and need each other.
func toyRules() []detectors.Rule {
	severity := detectors.Rising
	return []detectors.Rule{
		{ID: "FORM", Severity: severity, Priority: detectors.PriorityRange, Forms: []detectors.Form{{Pattern: "999~99"}}},
		{ID: "INNER", Severity: severity, Priority: detectors.PriorityShape, MaxLen: 6, Pattern: `[0-9]{2}-[0-9]{2}`},
		{ID: "OUTER", Severity: severity, Priority: detectors.PriorityStrong, MaxLen: 24, Match: bracketed, Anchor: detectors.Anchor{Bytes: "<"}},
		{ID: "KEYED", Severity: severity, Priority: detectors.PriorityKeyword, Forms: []detectors.Form{{Pattern: "AA99"}},
			Keywords: []string{"ref no"}, NeedKeyword: true},
	}
}

// bracketed measures a text between '<' and '>'.
func bracketed(w []byte, at int) (start, end int, ok bool) {
	n := bytes.IndexByte(w[at:min(len(w), at+24)], '>')
	return at, at + n + 1, n > 1
}

// toyText has values of toyRules at all distances from each other.
func toyText(seed uint64, length int) []byte {
	rnd := rand.New(rand.NewPCG(3, seed))
	pieces := []string{"123-45", "123 45", "12345", "12-34", "<12-34>", "<1", ">", "ref no", "Ref_No", "ab12", "\n", " ", ", ", "-", "x", "\x00", "é"}
	var b []byte
	for len(b) < length {
		b = append(b, pieces[rnd.IntN(len(pieces))]...)
		b = append(b, strings.Repeat(" ", rnd.IntN(6))...)
	}
	return b[:length]
}

// TestSplitInvariance wants the same findings however a stream comes and for
// all windows, from one byte on.
func TestSplitInvariance(t *testing.T) {
	set, err := detectors.Compile(toyRules(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	for seed := range uint64(16) {
		text := toyText(seed, 600)
		want := findAll(t, set, bytes.NewReader(text), len(text))
		checkPlaces(t, text, want)
		for _, f := range want {
			seen[f.Rule]++
		}
		for _, window := range []int{1, 2, 3, 5, 16, 17, 100, 333, 599, 600, 601, 5000} {
			for name, reader := range readers {
				if got := findAll(t, set, reader(text), window); !slices.Equal(got, want) {
					t.Errorf("seed %d, window %d, reader %q: %d findings differ from the %d of one window", seed, window, name, len(got), len(want))
				}
			}
		}
	}
	for _, r := range toyRules() {
		if seen[r.ID] < 10 {
			t.Errorf("the texts had only %d values of rule %s", seen[r.ID], r.ID)
		}
	}
}

// TestSplitInvarianceBuiltin plants the examples of all built-in rules in
// filler, so that they meet the edges of windows at many places.
func TestSplitInvarianceBuiltin(t *testing.T) {
	set := builtin(t)
	rnd := rand.New(rand.NewPCG(4, 4))
	const filler = "the quick brown fox jumps over the lazy dog near a river bank.\n"
	var text []byte
	for i := range set.Len() {
		for _, x := range vectors.MustOf(set.Rule(i).ID).Positive {
			text = append(text, filler[rnd.IntN(len(filler)):]...)
			text = append(append(text, x.Text...), '\n')
		}
	}
	want := findAll(t, set, bytes.NewReader(text), len(text)+1)
	if len(want) < 5*set.Len() {
		t.Errorf("%d findings of %d examples", len(want), 5*set.Len())
	}
	checkPlaces(t, text, want)
	for shift := 0; shift < minWindow; shift += 1001 {
		shifted := append(bytes.Repeat([]byte{' '}, shift), text...)
		want := findAll(t, set, bytes.NewReader(shifted), len(shifted)+1)
		for _, window := range []int{minWindow, minWindow + 1 + rnd.IntN(minWindow), 1 << 16} {
			if got := findAll(t, set, readers["random chunks"](shifted), window); !slices.Equal(got, want) {
				t.Errorf("shift %d, window %d: %d findings differ from the %d of one window", shift, window, len(got), len(want))
			}
		}
	}
}

// findAll searches r as one member with the given window, however small.
func findAll(t *testing.T, set *detectors.Set, r io.Reader, window int) []Finding {
	t.Helper()
	s := newSearch(&Config{Set: set, DigestKey: make([]byte, minDigestKey), Window: window, MaxPerRule: 1 << 30, MaxGaps: 1})
	var got []Finding
	s.yield = func(f Finding) error {
		got = append(got, f)
		return nil
	}
	if err := s.member(t.Context(), unpack.Member{}, r); err != nil {
		t.Fatal(err)
	}
	if s.cov.GapCount() > 0 {
		t.Fatal(s.cov.Gaps)
	}
	return got
}

// checkPlaces counts lines and columns anew for each finding.
func checkPlaces(t *testing.T, text []byte, fs []Finding) {
	t.Helper()
	for i, f := range fs {
		before := text[:f.Location.Offset]
		line := int64(bytes.Count(before, []byte{'\n'}) + 1)
		column := int64(len(before) - bytes.LastIndexByte(before, '\n'))
		if f.Location.Line != line || f.Location.Column != column {
			t.Errorf("finding %d: line %d, column %d, want %d, %d", i, f.Location.Line, f.Location.Column, line, column)
		}
	}
}
