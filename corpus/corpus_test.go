package corpus

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// sample is a corpus with every container in it.
func sample() Config { return Config{Seed: 42, Objects: 60, Bytes: 768 << 10} }

// stored returns the bytes of an object.
func stored(t *testing.T, o Object) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := o.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%s: wrote %d, said %d: %v", o.Key, b.Len(), n, err)
	}
	return b.Bytes()
}

// members decodes an object with the standard decoders, as far as it goes, by
// the path of each member.
func members(t *testing.T, o Object) map[string][]byte {
	t.Helper()
	got := make(map[string][]byte)
	raw := stored(t, o)
	switch o.Container {
	case Empty:
	case Plain, OneLine:
		got[""] = raw
	case Gzip, CutGzip:
		got["<gzip>"] = decoded(t, o, raw, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	case Zstd:
		got["<zstd>"] = decoded(t, o, raw, func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) })
	case LZ4:
		got["<lz4>"] = decoded(t, o, raw, func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil })
	case Snappy:
		got["<snappy>"] = decoded(t, o, raw, func(r io.Reader) (io.Reader, error) { return snappy.NewReader(r), nil })
	case XZ:
		got["<xz>"] = decoded(t, o, raw, func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) })
	case UTF16LE:
		got["<utf-16le>"] = fromUTF16(t, raw, 0)
	case UTF16BE:
		got["<utf-16be>"] = fromUTF16(t, raw, 1)
	case Tar:
		untar(t, got, "", raw)
	case TarGzip:
		untar(t, got, "<gzip>!", gunzip(t, o, raw))
	case Zip, BadZip:
		unzip(t, got, "", raw, o.Broken)
	case Nested:
		unzip(t, got, "<gzip>!", gunzip(t, o, raw), false)
		name := "<gzip>!" + inner
		untar(t, got, name+"!<gzip>!", gunzip(t, o, got[name]))
		delete(got, name)
	default:
		t.Fatalf("no decoder for %s", o.Container)
	}
	return got
}

func decoded(t *testing.T, o Object, raw []byte, open func(io.Reader) (io.Reader, error)) []byte {
	t.Helper()
	r, err := open(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", o.Key, err)
	}
	text, err := io.ReadAll(r)
	if (err != nil) != o.Broken {
		t.Errorf("%s: broken is %v, decoder says %v", o.Key, o.Broken, err)
	}
	return text
}

func gunzip(t *testing.T, o Object, raw []byte) []byte {
	t.Helper()
	return decoded(t, o, raw, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
}

func untar(t *testing.T, got map[string][]byte, prefix string, raw []byte) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(raw))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got[prefix+h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func unzip(t *testing.T, got map[string][]byte, prefix string, raw []byte, lastBroken bool) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.File {
		m, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got[prefix+f.Name], err = io.ReadAll(m)
		if (err != nil) != (lastBroken && i == len(r.File)-1) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func fromUTF16(t *testing.T, raw []byte, big int) []byte {
	t.Helper()
	var units []uint16
	for i := 0; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i+1-big])<<8|uint16(raw[i+big]))
	}
	if units[0] != 0xfeff {
		t.Fatal("no byte order mark")
	}
	return []byte(string(utf16.Decode(units[1:])))
}

// identifierOf finds the identifier behind a rule id.
func identifierOf(rule string) *identifier {
	for _, id := range append(personal(), secrets()...) {
		if id.rule == rule || id.ruleFor != nil && strings.HasSuffix(rule, "_BANK_ACCOUNT_NUMBER") {
			return id
		}
	}
	return nil
}

// kindOf is the kind of a member.
func (o Object) kindOf(path string) Kind {
	return o.members[slices.IndexFunc(o.members, func(m member) bool { return m.path == path })].kind
}

// plain reads a hidden value with the standard decoders.
func plain(v string) string {
	v = html.UnescapeString(v)
	if u, err := strconv.Unquote(`"` + v + `"`); err == nil {
		v = u
	}
	if u, err := url.PathUnescape(v); err == nil {
		v = u
	}
	return strings.Map(func(c rune) rune {
		switch {
		case '０' <= c && c <= '９':
			return c - '０' + '0'
		case c == 0x200b || c == 0xad || c == 0x2060:
			return -1
		case c == 0xa0 || c == 0x2009 || c == 0x202f:
			return ' '
		case 0x2010 <= c && c <= 0x2013:
			return '-'
		}
		return c
	}, v)
}

// TestHide sees that each way of writing a value can be read back, changes it,
// and occurs.
func TestHide(t *testing.T) {
	r := newRandom(3, 3)
	seen := make(map[string]int)
	for range 2000 {
		id := pick(r, hideable())
		v := id.draw(r)
		h := r.hide(v)
		if h == v || plain(h) != v {
			t.Fatalf("%s: a hidden value is read back as another", id.rule)
		}
		for _, sign := range []string{"\uff10", "\u00a0", "\u2009", "\u2011", "\u2013", "\u200b", "\u00ad", "&#x", "&nbsp;", "&commat;", `\u00`, "%40", "%20"} {
			seen[sign] += strings.Count(h, sign)
		}
	}
	for sign, n := range seen {
		if n == 0 {
			t.Errorf("%q does not occur", sign)
		}
	}
}

// TestNamedOnlyFarAway sees that no value of a table or record of that kind has
// a name of its identifier within reach.
func TestNamedOnlyFarAway(t *testing.T) {
	for _, k := range []Kind{Titled, Keyed} {
		m := member{kind: k, density: Dense, bytes: 64 << 10, seed: 1, stream: 2}
		var b bytes.Buffer
		if err := m.write(&b); err != nil {
			t.Fatal(err)
		}
		n := 0
		m.labels(func(l Span) bool {
			n++
			near := strings.ToLower(b.String()[max(0, l.Offset-30):min(int64(b.Len()), l.Offset+l.Length+30)])
			for _, f := range identifierOf(l.Rule).fields {
				if strings.Contains(near, strings.ToLower(f)) {
					t.Errorf("%s: a value of %s has a name beside it", k, l.Rule)
				}
			}
			return true
		})
		if n < 100 {
			t.Errorf("%s: %d labels", k, n)
		}
	}
}

// TestLabels slices every label out of the decoded members and asks the
// corpus's own check whether it is a value.
func TestLabels(t *testing.T) {
	containers := make(map[Container]bool)
	rules := make(map[string]int)
	for o := range Generate(sample()) {
		containers[o.Container] = true
		texts := members(t, o)
		if len(texts) != len(o.members) {
			t.Errorf("%s: %d members, want %d", o.Key, len(texts), len(o.members))
		}
		for l := range o.Labels() {
			text := texts[l.Member]
			if l.Offset+l.Length > int64(len(text)) {
				t.Fatalf("%s: label %+v is outside of %d bytes", o.Key, l, len(text))
			}
			id := identifierOf(l.Rule)
			if id == nil {
				t.Fatalf("rule %s is of no identifier", l.Rule)
			}
			value := string(text[l.Offset : l.Offset+l.Length])
			if o.kindOf(l.Member) == Hidden {
				value = plain(value)
			}
			if !id.valid(value) {
				t.Errorf("%s: label %+v is not valid", o.Key, l)
			}
			rules[l.Rule]++
		}
	}
	if len(containers) != len(layouts) {
		t.Errorf("%d containers occur of %d", len(containers), len(layouts))
	}
	for _, id := range append(personal(), secrets()...) {
		if id.ruleFor == nil && rules[id.rule] < 2 {
			t.Errorf("rule %s occurs %d times", id.rule, rules[id.rule])
		}
	}
}

// TestAccounts draws IBANs of every country, each labelled as its own.
func TestAccounts(t *testing.T) {
	p := &page{random: newRandom(1, 1)}
	seen := make(map[string]bool)
	for range 500 {
		p.text, p.marks = p.text[:0], p.marks[:0]
		p.plant(entry{identifier: iban()})
		i := slices.IndexFunc(accounts(), func(a account) bool { return strings.HasPrefix(string(p.text), a.country) })
		if want := accounts()[i].rule + "_BANK_ACCOUNT_NUMBER"; p.marks[0].rule != want {
			t.Errorf("an account of %s is labelled %s", want, p.marks[0].rule)
		}
		seen[p.marks[0].rule] = true
	}
	if len(seen) != len(accounts()) {
		t.Errorf("%d countries of %d", len(seen), len(accounts()))
	}
}

// TestSameOnEveryPlatform compares texts and labels with those of the machine
// on which this was written. Compressed bytes are left out: they may change
// with a library.
func TestSameOnEveryPlatform(t *testing.T) {
	h := sha256.New()
	for o := range Generate(sample()) {
		fmt.Fprintln(h, o.Key, o.Container, o.TextBytes)
		for _, m := range o.members {
			if err := m.write(h); err != nil {
				t.Fatal(err)
			}
		}
		for l := range o.Labels() {
			fmt.Fprintln(h, l)
		}
	}
	const want = "481be6bfe12983cfbe5ae5b75d83c0195c4fa313a9f732902080cfc7310575be"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("texts and labels of seed 42 hash to %s, want %s", got, want)
	}
}

func TestSameAgain(t *testing.T) {
	next := func() []Object { return slices.Collect(Generate(sample())) }
	a, b := next(), next()
	for i := range a {
		if a[i].Key != b[i].Key || !bytes.Equal(stored(t, a[i]), stored(t, b[i])) {
			t.Errorf("object %d differs the second time", i)
		}
		if !slices.Equal(slices.Collect(a[i].Labels()), slices.Collect(a[i].Labels())) {
			t.Errorf("labels of object %d differ the second time", i)
		}
	}
	cfg := sample()
	cfg.Seed++
	for o := range Generate(cfg) {
		if o.Container == Plain && bytes.Equal(stored(t, o), stored(t, a[slices.IndexFunc(a, func(x Object) bool { return x.Key == o.Key })])) {
			t.Errorf("%s does not depend on the seed", o.Key)
		}
	}
}

// TestNegatives draws many hard negatives: each fails its own check, and
// none passes for a payment card, whatever separators stand in it.
func TestNegatives(t *testing.T) {
	r := newRandom(7, 1)
	for _, id := range append(personal(), secrets()...) {
		if id.block {
			continue
		}
		for range 300 {
			if v := id.miss(r); id.valid(v) || isCard(compact(v)) {
				t.Errorf("%s: a wrong value is valid", id.rule)
			}
			if v := id.draw(r); !id.valid(v) || id.rule != cardNumber && isCard(compact(v)) {
				t.Errorf("%s: a value is not valid, or a card", id.rule)
			}
		}
	}
	for range 20000 {
		p := &page{random: r}
		p.negative()
		for _, run := range strings.FieldsFunc(string(p.text), func(c rune) bool { return !strings.ContainsRune(alnum, c) }) {
			// A time in milliseconds passes Luhn one time in ten: no issuer's
			// numbers of that length begin like it.
			if onlyDigits(run, len(run)) && len(run) > 12 && isCard(run) && run[0] != '1' && !strings.HasPrefix(string(p.text), "0.") {
				t.Errorf("a negative holds a card number")
			}
		}
	}
}

// TestChecks holds the arithmetic against published examples.
func TestChecks(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"Luhn, ISO/IEC 7812", string(luhn("7992739871")), "3"},
		{"mod 97, IBAN registry GB", mod97("WEST12345698765432" + "GB82"), 1},
		{"Verhoeff", string(verhoeff("236")), "3"},
		{"MOD 11,10, ISO 7064", string(mod11x10("0794")), "5"},
		{"DNI", string(dniLetter(12345678)), "Z"},
		{"Peruvian DNI", string(peruLetter("10117410")), "G"},
		{"codice fiscale", string(italianLetter("RSSMRA85T10A562")), "S"},
		{"NHS", string(mod11Digit(weighted("943476591", 10, 9, 8, 7, 6, 5, 4, 3, 2), 'X', '0')), "9"},
		{"CRC-24", crc24([]byte("123456789")), uint32(0x21CF02)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestDensity counts labels by kilobyte.
func TestDensity(t *testing.T) {
	bounds := map[Density][2]float64{Clean: {0, 0}, Sparse: {0.02, 1}, Dense: {2, 20}}
	for o := range Generate(Config{Seed: 3, Objects: 120, Bytes: 120 * 16 << 10}) {
		n, size := 0, int64(0)
		for range o.Labels() {
			n++
		}
		for _, m := range o.members {
			size += m.size()
		}
		if size < 8<<10 {
			continue
		}
		per := float64(n) / (float64(size) / 1024)
		if b := bounds[o.Density]; per > b[1] || o.Density != Sparse && per < b[0] {
			t.Errorf("%s (%s): %.2f labels a kilobyte", o.Key, o.Density, per)
		}
	}
}

func TestSizes(t *testing.T) {
	cfg := Config{Seed: 1, Objects: 200, Bytes: 4 << 20, Big: 2 << 20}
	total, big := int64(0), int64(0)
	for o := range Generate(cfg) {
		n := int64(0)
		for _, m := range o.members {
			n += m.size()
		}
		total += n
		if o.TextBytes == cfg.Big {
			big = n
		}
		if o.Container == OneLine && bytes.IndexByte(stored(t, o), '\n') >= 0 {
			t.Error("the one line has an end")
		}
	}
	if want := float64(cfg.Bytes + cfg.Big); math.Abs(float64(total)-want) > want/5 {
		t.Errorf("%d bytes of text, want about %.0f", total, want)
	}
	if big < cfg.Big || big > cfg.Big+64<<10 {
		t.Errorf("the big object has %d bytes, want %d", big, cfg.Big)
	}
	for n := range 15 {
		if got := len(slices.Collect(Generate(Config{Seed: 1, Objects: n}))); got != n {
			t.Errorf("%d objects, want %d", got, n)
		}
	}
}

// TestConstantMemory writes an object and its labels that are many times
// larger than what may be allocated at once.
func TestConstantMemory(t *testing.T) {
	objects := slices.Collect(Generate(Config{Seed: 1, Objects: 11, Big: 12 << 20}))
	o := objects[len(objects)-1]
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	_, err := o.WriteTo(watch{&peak})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range o.Labels() {
		n++
	}
	runtime.ReadMemStats(&after)
	if peak > before.HeapAlloc+6<<20 {
		t.Errorf("the heap grew from %d to %d bytes for an object of %d", before.HeapAlloc, peak, o.TextBytes)
	}
	if n < 100 {
		t.Errorf("%d labels", n)
	}
}

// watch notes the largest heap while it is written to.
type watch struct{ peak *uint64 }

func (w watch) Write(b []byte) (int, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	*w.peak = max(*w.peak, m.HeapAlloc)
	return len(b), nil
}

// TestWriteError sees a failing writer's error come back from every container.
func TestWriteError(t *testing.T) {
	boom := errors.New("boom")
	for o := range Generate(sample()) {
		if o.Container == Empty {
			continue
		}
		if _, err := o.WriteTo(failing{boom}); !errors.Is(err, boom) {
			t.Errorf("%s: error %v", o.Container, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestFillerIsNeutral sees that no word of the filler is one that a field or
// phrase uses to name a value.
func TestFillerIsNeutral(t *testing.T) {
	words := make(map[string]bool)
	for _, id := range append(personal(), secrets()...) {
		for _, f := range id.fields {
			words[strings.ToLower(f)] = true
		}
		for _, p := range id.phrases {
			words[strings.ToLower(strings.Trim(p.text, ": "))] = true
		}
	}
	for _, w := range strings.Fields("call text cell fax tel contact card credit debit pan mc tin nin sin nie dni cif nif iban ip mac token secret social account born uid") {
		words[w] = true
	}
	for lang, list := range vocabularies {
		for _, w := range list {
			if words[strings.ToLower(w)] {
				t.Errorf("filler of %q names an identifier: %s", lang, w)
			}
		}
	}
	for _, w := range slices.Concat(givenNames, familyNames) {
		if words[strings.ToLower(w)] {
			t.Errorf("name %s names an identifier", w)
		}
	}
}
