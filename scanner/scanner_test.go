package scanner

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

func newScanner(t testing.TB, cfg Config) *Scanner {
	t.Helper()
	if cfg.Set == nil {
		set, err := detectors.Compile(toyRules(), detectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Set = set
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scan returns everything that Scan tells of r.
func scan(t testing.TB, s *Scanner, r io.Reader) ([]Finding, Coverage, error) {
	t.Helper()
	var fs []Finding
	cov, err := s.Scan(t.Context(), r, func(f Finding) error {
		fs = append(fs, f)
		return nil
	})
	return fs, cov, err
}

type file struct{ name, content string }

func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.content))}); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, f.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNew(t *testing.T) {
	set, err := detectors.Compile(toyRules(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"no set", Config{}, "Config.Set"},
		{"small window", Config{Set: set, Window: 100}, "window of 100 bytes"},
		{"negative window", Config{Set: set, Window: -1}, "window of -1 bytes"},
		{"negative cap", Config{Set: set, MaxPerRule: -1}, "findings per rule"},
		{"negative gaps", Config{Set: set, MaxGaps: -1}, "gaps"},
		{"negative limit", Config{Set: set, Limits: unpack.Limits{Depth: -1}}, "negative limit"},
		{"short key", Config{Set: set, DigestKey: []byte("0123456789")}, "digest key of 10 bytes"},
		{"empty key", Config{Set: set, DigestKey: []byte{}}, "digest key of 0 bytes"},
	} {
		s, err := New(x.cfg)
		if s != nil || err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

// TestScanPlaces scans a compressed archive and wants each value at its place
// in its member.
func TestScanPlaces(t *testing.T) {
	stored := gzipOf(t, tarOf(t,
		file{"a.txt", "one 123-45\ntwo\n  12-34 x"},
		file{"empty", ""},
		file{"dir/b.txt", "\xef\xbb\xbfab <12-34>\nref no: AB12\n"},
	))
	fs, cov, err := scan(t, newScanner(t, Config{}), bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	type found struct {
		rule, preview string
		place         Location
	}
	want := []found{
		{"FORM", "***-**", Location{Member: "<gzip>!a.txt", Offset: 4, Length: 6, Line: 1, Column: 5}},
		{"INNER", "**-**", Location{Member: "<gzip>!a.txt", Offset: 17, Length: 5, Line: 3, Column: 3}},
		{"OUTER", "<**-**>", Location{Member: "<gzip>!dir/b.txt", Offset: 6, Length: 7, Line: 1, Column: 4}},
		{"KEYED", "****", Location{Member: "<gzip>!dir/b.txt", Offset: 22, Length: 4, Line: 2, Column: 9}},
	}
	var got []found
	for _, f := range fs {
		got = append(got, found{f.Rule, f.Preview, f.Location})
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %v\nwant %v", got, want)
	}
	counts := map[string]int64{"FORM": 1, "INNER": 1, "OUTER": 1, "KEYED": 1}
	searched := int64(24 + 0 + 24)
	if cov.BytesRead != int64(len(stored)) || cov.BytesSearched != searched ||
		!maps.Equal(cov.Counts, counts) || cov.GapCount() != 0 || cov.Gaps != nil {
		t.Errorf("coverage %+v, want %d bytes read, %d searched, counts %v", cov, len(stored), searched, counts)
	}
}

// TestScanType wants the type of the outermost content, container or not.
func TestScanType(t *testing.T) {
	s := newScanner(t, Config{})
	for _, x := range []struct {
		content []byte
		want    string
	}{
		{[]byte("some text"), "text/plain"},
		{[]byte("%PDF-1.7"), "application/pdf"},
		{gzipOf(t, []byte("%PDF-1.7")), "application/gzip"},
		{tarOf(t, file{"a", "text"}), "application/x-tar"},
		{gzipOf(t, tarOf(t, file{"a", "text"})), "application/gzip"},
		{gzipOf(t, nil), "application/gzip"},
	} {
		if _, cov, err := scan(t, s, bytes.NewReader(x.content)); err != nil || cov.Type != x.want {
			t.Errorf("type %q, error %v; want %q", cov.Type, err, x.want)
		}
	}
}

// TestDigestsOfScanners: one key gives one digest, no key a random one.
func TestDigestsOfScanners(t *testing.T) {
	digest := func(key []byte, text string) string {
		fs, _, err := scan(t, newScanner(t, Config{DigestKey: key}), strings.NewReader(text))
		if err != nil || len(fs) != 1 {
			t.Fatalf("%d findings, error %v", len(fs), err)
		}
		return fs[0].Digest
	}
	key := []byte("0123456789abcdef")
	if digest(key, "123-45") != digest(key, "x 123 45") {
		t.Error("one value, two digests")
	}
	if digest(key, "123-45") == digest(key, "123-46") {
		t.Error("two values, one digest")
	}
	if first, second := digest(nil, "123-45"), digest(nil, "123-45"); first == second {
		t.Error("two scanners without a key made the same digest")
	}
}

// TestScanErrors wants the very error of the reader, of yield or of ctx, and
// what was found until then.
func TestScanErrors(t *testing.T) {
	s := newScanner(t, Config{Window: minWindow})
	broken := errors.New("broken")
	text := strings.Repeat("123-45 \n", 2000)

	t.Run("reader", func(t *testing.T) {
		for _, length := range []int{0, 8000, len(text)} {
			r := io.MultiReader(strings.NewReader(text[:length]), iotest.ErrReader(broken))
			fs, cov, err := scan(t, s, r)
			if err != broken || len(fs) != min(length/8, defaultMaxPerRule) || cov.Counts["FORM"] != int64(length/8) || cov.BytesRead != int64(length) || cov.BytesSearched != int64(length) {
				t.Errorf("after %d bytes: %d findings, error %v, %+v", length, len(fs), err, cov)
			}
		}
	})
	for _, yieldErr := range []error{broken, io.EOF, io.ErrUnexpectedEOF} {
		for name, content := range map[string][]byte{"plain": []byte(text), "gzip": gzipOf(t, []byte(text))} {
			t.Run("yield "+yieldErr.Error()+" "+name, func(t *testing.T) {
				n := 0
				cov, err := s.Scan(t.Context(), bytes.NewReader(content), func(Finding) error {
					if n++; n == 10 {
						return yieldErr
					}
					return nil
				})
				if err != yieldErr || n != 10 || cov.Counts["FORM"] != 10 {
					t.Errorf("%d findings, error %v, %+v", n, err, cov)
				}
			})
		}
	}
	t.Run("ctx", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		cov, err := s.Scan(ctx, strings.NewReader(text), func(Finding) error {
			n++
			cancel()
			return nil
		})
		margins := int64(2 * s.cfg.Set.Margin())
		if err != context.Canceled || n == 0 || cov.BytesSearched > minWindow+margins {
			t.Errorf("%d findings, error %v, %+v", n, err, cov)
		}
	})
	t.Run("ctx at once", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		cov, err := s.Scan(ctx, strings.NewReader(text), func(Finding) error { return nil })
		if err != context.Canceled || cov.BytesSearched != 0 || cov.Counts != nil {
			t.Errorf("error %v, %+v", err, cov)
		}
	})
}

// TestScanBroken: what could be read of a broken member is searched, and a gap
// says that there is more.
func TestScanBroken(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	var text []byte
	for len(text) < 100_000 {
		text = fmt.Appendf(text, "123-45 %x\n", rnd.Uint64())
	}
	whole := gzipOf(t, text)
	fs, cov, err := scan(t, newScanner(t, Config{MaxPerRule: 1 << 20}), bytes.NewReader(whole[:len(whole)/2]))
	if err != nil || len(fs) == 0 || cov.GapCount() != 1 || cov.Gaps[0].Reason != unpack.ReasonMalformed {
		t.Fatalf("%d findings, error %v, %+v", len(fs), err, cov)
	}
	want, _, err := scan(t, newScanner(t, Config{MaxPerRule: 1 << 20}), bytes.NewReader(text[:cov.BytesSearched]))
	if err != nil || len(want) != len(fs) {
		t.Errorf("%d findings in the part that was read, want %d", len(fs), len(want))
	}
}

// TestScanCaps: findings are capped by rule over all members, counts are not;
// gaps are capped, their count is not.
func TestScanCaps(t *testing.T) {
	files := []file{
		{"a", strings.Repeat("123-45 \n", 30)},
		{"b", strings.Repeat("123-45 <12> \n", 30)},
	}
	for i := range 9 {
		files = append(files, file{fmt.Sprint("bin", i), "\x00\x01\x02\x80\xff"})
	}
	s := newScanner(t, Config{MaxPerRule: 40, MaxGaps: 4})
	for range 2 { // the counters must start anew
		fs, cov, err := scan(t, s, bytes.NewReader(tarOf(t, files...)))
		if err != nil {
			t.Fatal(err)
		}
		byRule := make(map[string]int)
		for _, f := range fs {
			byRule[f.Rule]++
		}
		if !maps.Equal(byRule, map[string]int{"FORM": 40, "OUTER": 30}) || !maps.Equal(cov.Counts, map[string]int64{"FORM": 60, "OUTER": 30}) {
			t.Errorf("findings %v, counts %v", byRule, cov.Counts)
		}
		if len(cov.Gaps) != 4 || !maps.Equal(cov.GapCounts, map[string]int64{unpack.ReasonUnsupported: 9}) {
			t.Errorf("%d gaps listed, counted %v", len(cov.Gaps), cov.GapCounts)
		}
	}
}

// TestScanPanic: a matcher that panics costs the rest of its member, and its
// words are not repeated.
func TestScanPanic(t *testing.T) {
	rules := append(toyRules(), detectors.Rule{ID: "FAULTY", Severity: detectors.Rising, MaxLen: 10, Anchor: detectors.Anchor{Bytes: "!"},
		Match: func(w []byte, at int) (int, int, bool) {
			if bytes.HasPrefix(w[at:], []byte("!index")) {
				return int(w[at+len(w)]), 0, true
			}
			panic("cannot judge " + string(w[at:]))
		}})
	set, err := detectors.Compile(rules, detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newScanner(t, Config{Set: set, Window: minWindow})
	filler := strings.Repeat(" \n", 10*minWindow)
	for _, trigger := range []string{"!secret", "!index secret"} {
		stored := tarOf(t,
			file{"good", "123-45"},
			file{"bad", "12-34" + filler + trigger + filler + "123-45"},
			file{"good again", filler + "<1>"},
		)
		fs, cov, err := scan(t, s, bytes.NewReader(stored))
		var places []string
		for _, f := range fs {
			places = append(places, f.Location.Member+" "+f.Rule)
		}
		if err != nil || !slices.Equal(places, []string{"good FORM", "bad INNER", "good again OUTER"}) {
			t.Errorf("found %v, error %v", places, err)
		}
		if cov.GapCount() != 1 || cov.Gaps[0].Member != "bad" || cov.Gaps[0].Reason != unpack.ReasonUnparsable ||
			!strings.Contains(cov.Gaps[0].Detail, "scanner_test.go:") || strings.Contains(cov.Gaps[0].Detail, "secret") {
			t.Errorf("gaps %+v", cov.Gaps)
		}
		if least := int64(2 * len(filler)); cov.BytesSearched < least-2*minWindow || cov.BytesSearched > least+int64(len(filler)) {
			t.Errorf("%d bytes searched", cov.BytesSearched)
		}
	}
}

// TestScanYieldPanics: a panic of the caller's own function is not hidden,
// and the scanner serves on.
func TestScanYieldPanics(t *testing.T) {
	s := newScanner(t, Config{})
	func() {
		defer func() {
			if recover() != "mine" {
				t.Error("the panic of yield did not come through")
			}
		}()
		s.Scan(t.Context(), strings.NewReader("123-45"), func(Finding) error { panic("mine") })
	}()
	if fs, _, err := scan(t, s, strings.NewReader("123-45")); len(fs) != 1 || err != nil {
		t.Errorf("then %d findings, error %v", len(fs), err)
	}
}

// repeat reads n times the byte c.
type repeat struct {
	c byte
	n int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), r.n)]
	for i := range p {
		p[i] = r.c
	}
	r.n -= int64(len(p))
	return len(p), nil
}

// TestScanHostile scans inputs that are long, empty or odd, read in all ways.
func TestScanHostile(t *testing.T) {
	const long = 300_000
	s := newScanner(t, Config{MaxPerRule: 5, Window: 50_000})
	for _, x := range []struct {
		name  string
		start string
		fill  byte
		count int64
		end   string
		want  int64 // values
	}{
		{name: "empty"},
		{name: "one byte", start: "1"},
		{name: "value alone", start: "123-45", want: 1},
		{name: "one line", start: "text", fill: ' ', count: long, end: "123-45", want: 1},
		{name: "empty lines", start: "text", fill: '\n', count: long, end: "123-45", want: 1},
		{name: "digits", start: "text ", fill: '1', count: long, end: " 123-45", want: 1},
		{name: "open brackets", start: "text ", fill: '<', count: long, end: " 123-45", want: 1},
		{name: "NUL-filled", fill: 0, count: long, end: "123-45", want: 1},
		{name: "not UTF-8", fill: 0xff, count: long, end: "123-45", want: 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := io.MultiReader(strings.NewReader(x.start), &repeat{x.fill, x.count}, strings.NewReader(x.end))
			fs, cov, err := scan(t, s, r)
			length := int64(len(x.start)+len(x.end)) + x.count
			if err != nil || cov.BytesRead != length || cov.BytesSearched != length || cov.Counts["FORM"] != x.want {
				t.Errorf("error %v, %+v", err, cov)
			}
			if len(fs) == 0 {
				return
			}
			want := Location{Offset: length - 6, Length: 6, Line: 1, Column: length - 5}
			if x.fill == '\n' {
				want.Line, want.Column = 1+x.count, 1
			}
			if got := fs[len(fs)-1].Location; got != want {
				t.Errorf("found at %+v, want %+v", got, want)
			}
		})
	}
}

// TestLongLine sends a line of 1 GiB through windows and line counting.
func TestLongLine(t *testing.T) {
	w := windows{r: &blockReader{left: 1 << 30}, buf: make([]byte, 1<<20), margin: 1 << 10}
	var lines lineCounter
	for w.next(t.Context()) {
		lines.advance(w.bytes(lines.at, w.base+int64(w.to)))
	}
	if w.err != io.EOF || lines.line() != 1 || lines.column() != 1<<30+1 {
		t.Errorf("ended with %v at line %d, column %d", w.err, lines.line(), lines.column())
	}
}

// blockReader returns full buffers without writing to them.
type blockReader struct{ left int }

func (b *blockReader) Read(p []byte) (int, error) {
	n := min(b.left, len(p))
	b.left -= n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestScanReaders: all ways to read give the same findings and coverage.
func TestScanReaders(t *testing.T) {
	key := []byte("0123456789abcdef")
	text := toyText(9, 20_000)
	for name, content := range map[string][]byte{"plain": text, "gzip": gzipOf(t, text), "tar": tarOf(t, file{"a", string(text)}, file{"b", "123-45"})} {
		want, wantCov, err := scan(t, newScanner(t, Config{DigestKey: key}), bytes.NewReader(content))
		if err != nil || len(want) == 0 {
			t.Fatalf("%s: %d findings, error %v", name, len(want), err)
		}
		s := newScanner(t, Config{DigestKey: key, Window: minWindow})
		for way, reader := range readers {
			got, cov, err := scan(t, s, reader(content))
			if err != nil || !slices.Equal(got, want) || fmt.Sprint(cov) != fmt.Sprint(wantCov) {
				t.Errorf("%s, %s: %d findings, want %d; error %v; %+v, want %+v", name, way, len(got), len(want), err, cov, wantCov)
			}
		}
	}
}

// TestScanConcurrently uses one scanner from many goroutines, on texts that
// each have their own findings.
func TestScanConcurrently(t *testing.T) {
	s := newScanner(t, Config{Window: minWindow})
	texts := make([][]byte, 4)
	wants := make([][]Finding, len(texts))
	for i := range texts {
		texts[i] = toyText(uint64(i), 6000)
		wants[i], _, _ = scan(t, s, bytes.NewReader(texts[i]))
	}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for k := range 4 {
				i := (g + k) % len(texts)
				got, _, err := scan(t, s, bytes.NewReader(texts[i]))
				if err != nil || !slices.Equal(got, wants[i]) {
					t.Errorf("text %d: %d findings, want %d, error %v", i, len(got), len(wants[i]), err)
				}
			}
		})
	}
	wg.Wait()
}

// TestScanSmall bounds what a small object costs: no buffer of its own, and
// not one allocation of ours for its bytes.
func TestScanSmall(t *testing.T) {
	s := newScanner(t, Config{})
	sr := newSearch(&s.cfg)
	text := []byte(strings.Repeat("nothing to see here\n", 50))
	r := bytes.NewReader(nil)
	run := func() {
		r.Reset(text)
		if _, err := sr.run(t.Context(), r, func(Finding) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, run); n > 30 {
		t.Errorf("%v allocations", n)
	}
	const runs = 200
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > defaultWindow/4 {
		t.Errorf("%d bytes allocated", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		r.Reset(text)
		w := windows{r: r, buf: sr.buf, margin: s.cfg.Set.Margin()}
		for w.next(t.Context()) {
		}
	}); n > 0 {
		t.Errorf("%v allocations in windows", n)
	}
}

// TestHiddenValues wants one digest for a value however it is written, and the
// place of the bytes as they stand.
func TestHiddenValues(t *testing.T) {
	const plain, hidden = "card 4539148803436467", "card ４５３９&nbsp;1488\u200b\u00a00343%206467"
	var digests []string
	for _, text := range []string{plain, hidden} {
		fs := findAll(t, builtin(t), strings.NewReader(text), len(text))
		if len(fs) != 1 || fs[0].Location.Offset != 5 || fs[0].Location.Length != int64(len(text)-5) {
			t.Fatalf("%d findings, not the card", len(fs))
		}
		if strings.ContainsAny(fs[0].Preview, "４５３９&%;") || !strings.HasSuffix(fs[0].Preview, "6467") {
			t.Error("the preview is not that of a plain number")
		}
		digests = append(digests, fs[0].Digest)
	}
	if digests[0] != digests[1] {
		t.Error("the digests differ")
	}
}
