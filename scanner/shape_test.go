package scanner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
)

// pinSet has one rule: four digits that count beside a keyword only.
func pinSet(t testing.TB) *detectors.Set {
	t.Helper()
	return pinSetOn(t, "")
}

// pinSetOn is pinSet with a kernel.
func pinSetOn(t testing.TB, kernel string) *detectors.Set {
	t.Helper()
	set, err := detectors.Compile([]detectors.Rule{
		{ID: "PIN", Severity: detectors.Rising, Priority: detectors.PriorityKeyword, Forms: []detectors.Form{{Pattern: "9999"}},
			Keywords: []string{"pin"}, NeedKeyword: true},
		{ID: "MAIL", Severity: detectors.Rising, Priority: detectors.PriorityStrong, MaxLen: 20, Pattern: `[a-z]+@[a-z]+\.org`},
	}, detectors.Options{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// place is where a finding is in a table or record, in words.
func place(l Location) string {
	switch {
	case l.Row > 0:
		return fmt.Sprintf("row %d cell %d %q", l.Row, l.Cell, l.Name)
	case l.Path != "":
		return fmt.Sprintf("%d %s", l.Record, l.Path)
	}
	return "text"
}

func TestShapes(t *testing.T) {
	far := strings.Repeat("-", 60)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"csv", "name," + strings.Repeat("n", 60) + ",PIN\nann,x,1234\nbob,y,5678\n", []string{`row 2 cell 3 "PIN"`, `row 3 cell 3 "PIN"`}},
		{"csv without an end of the last line", "name,pin\n" + far + ",1111\n" + far + ",1234", []string{`row 2 cell 2 "pin"`, `row 3 cell 2 "pin"`}},
		{"another column", "pin," + strings.Repeat("n", 60) + "\n" + far + ",1111\n" + far + ",2222\n", nil},
		{"tabs", "a\tcard_pin\n" + far + "\t1234\r\n" + far + "\t5678\r\n", []string{`row 2 cell 2 "card_pin"`, `row 3 cell 2 "card_pin"`}},
		{"semicolons", "a;b;pin\n" + far + ";1,5;1234\n" + far + ";2,5;5678\n", []string{`row 2 cell 3 "pin"`, `row 3 cell 3 "pin"`}},
		{"bars", "a|pin\n" + far + "|1234\n" + far + "|\n", []string{`row 2 cell 2 "pin"`}},
		{"quotes", "\"a, b\",\"the pin\"\n\"" + far + "\n, \"\"x\"\"\",\"1234\"\n\"c\n" + far + "\",5678\n", []string{`row 2 cell 2 "the pin"`, `row 3 cell 2 "the pin"`}},
		{"a quote within a cell", "a,pin\n" + far + "\"x,1234\n" + far + ",5678\n", []string{`row 2 cell 2 "pin"`, `row 3 cell 2 "pin"`}},
		{"a value in a longer cell", "a,pin\n" + far + ",old 1234 or 5678\n" + far + ",\n", []string{`row 2 cell 2 "pin"`, `row 2 cell 2 "pin"`}},
		{"no titles", far + ",1234,pin\n" + far + ",5678,\n", []string{`row 1 cell 2 ""`}},
		{"a title that may be a value", "pin,x@example.org\n1234,y\n5678,z\n", []string{`row 1 cell 2 ""`, `row 2 cell 1 ""`, `row 3 cell 1 ""`}},
		{"lines above", "# export of today, by x\n\nAccount: 7\nname;" + strings.Repeat("n", 60) + ";PIN\nann;x;1234\nbob;y;5678\n", []string{`row 5 cell 3 "PIN"`, `row 6 cell 3 "PIN"`}},
		{"lines above, with a value", "the pin 4321\nname;" + strings.Repeat("n", 60) + ";PIN\nann;x;1234\nbob;y;5678", []string{`row 1 cell 1 ""`, `row 3 cell 3 "PIN"`, `row 4 cell 3 "PIN"`}},
		{"a quote above", "the \"export\nname;" + far + ";PIN\nann;x;1234\nbob;y;5678\n", []string{"text", "text"}},
		{"a title in which a value was found", "the pin 1234,pin\n5678,4321\n8765,1111\n", []string{`row 1 cell 1 ""`, `row 2 cell 1 "*"`, `row 2 cell 2 "pin"`, `row 3 cell 1 "*"`, `row 3 cell 2 "pin"`}},
		{"short rows", "a,b,pin\n1,2\n" + strings.Repeat(far+",2,3\n", 9) + far + ",2,1234\n", []string{`row 12 cell 3 "pin"`}},
		{"blank rows", "a,pin\n\n" + far + ",1234\n\n\n", []string{`row 3 cell 2 "pin"`}},
		{"one column", "pin\n1234\n5678\n4321\n" + far + "1\n9999\n", []string{`row 2 cell 1 "pin"`, `row 3 cell 1 "pin"`, `row 4 cell 1 "pin"`, `row 6 cell 1 "pin"`}},
		{"prose", "A pin\nis a thing such as\n1234, which\nis " + far + " one 5678\n", []string{"text"}},

		{"nested", `{"pin":{"` + far + `":"1234"},"x":{"` + far + `":"5678"}}`, []string{"0 $.pin['" + far + "']"}},
		{"arrays", `{"a":[{"pins":[0,"` + far + `"], "pin" : [ "` + far + `", "1234", 5678 ]}, 7]}`, []string{"0 $.a[0].pin[1]", "0 $.a[0].pin[2]"}},
		{"deep", `{"pin":{"a":{"b":[[{"` + far + `":"1234"}]]}},"c":"` + far + `5678"}`, []string{"0 $.pin.a.b[0][0]['" + far + "']"}},
		{"a keyword beside it", `[{"pin":"1234"}, {"pin":5678}]`, []string{"0 $[0].pin", "0 $[1].pin"}},
		{"lines", "{\"id\":1}\n{\"pin\":{\"" + far + "\":1234}}\n\n{\"a\":\"pin 5678\"}\n", []string{"1 $.pin['" + far + "']", "3 $.a"}},
		{"texts after each other", "{\"a\":\n1}\n{\"pin\":{\"" + far + "\":1234}}", []string{"1 $.pin['" + far + "']"}},
		{"brackets in strings", `{"a":"]}","pin":{"x":"]}\"}` + far + `","y":1234},"b":"` + far + `5678"}`, []string{"0 $.pin.y"}},
		{"a key that is a value", `{"of":{"x@example.org":{"pin":1234}}}`, []string{"0 $.of.*", "0 $.of.*.pin"}},
		{"a key in which a value was found", `{"pin":{"1234":{"pin":5678},"x":{"pin":5678}}}`, []string{"0 $.pin.*", "0 $.pin.*.pin", "0 $.pin.x.pin"}},
		{"a key that may be one", `{"of":{"12345":{"pin":"1234"}}}`, []string{"0 $.of.*.pin"}},
		{"a log line", "[12:30] pin 1234\n[12:31] no\n", []string{"text"}},
		{"cut off", `{"pin":[0,1,"` + far + `1",1234`, []string{"0 $.pin[3]"}},
		{"too deep", `{"pin":` + strings.Repeat("[", 300) + "\n1234\n", nil},
		{"closed too often", `{"a":1}]]]{"pin":1234}`, []string{"text"}},
		{"a word before a brace", "pin: {\n" + far + " 1234 }", nil},
	} {
		set := pinSet(t)
		var got []string
		for _, f := range findAll(t, set, strings.NewReader(c.text), len(c.text)) {
			got = append(got, place(f.Location))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

// shapedTexts are tables and records with values at many places.
func shapedTexts(seed uint64) []string {
	rnd := rand.New(rand.NewPCG(7, seed))
	var csv, lines strings.Builder
	csv.WriteString("name,card pin,note\n")
	for range 60 {
		fmt.Fprintf(&csv, "%s,%04d,%s\n", strings.Repeat("n", rnd.IntN(50)), rnd.IntN(10000), []string{"", `"a ""b"", c` + "\n" + `d"`, "1234", strings.Repeat("x", 70)}[rnd.IntN(4)])
		lines.Write(randomJSON(rnd, 3))
		lines.WriteByte('\n')
	}
	return []string{csv.String(), lines.String(), "[" + strings.ReplaceAll(strings.TrimSpace(lines.String()), "\n", ",\n") + "]"}
}

// randomJSON has some keys and values that matter.
func randomJSON(rnd *rand.Rand, depth int) []byte {
	scalars := []string{`"1234"`, "5678", `"x ] } \" , ["`, "true", `"a@b.org"`, `"` + strings.Repeat("-", 40) + `"`, `"\\"`}
	keys := []string{"pin", "a", "the pin", "b@b.org", strings.Repeat("k", 40), `q\"uote`, "12345"}
	var b []byte
	n := rnd.IntN(4)
	array := depth < 3 && rnd.IntN(2) == 0
	open, shut := "{", "}"
	if array {
		open, shut = "[", "]"
	}
	b = append(b, open...)
	for i := range n {
		if i > 0 {
			b = append(b, []string{",", ", ", " ,\t"}[rnd.IntN(3)]...)
		}
		if !array {
			b = append(fmt.Appendf(b, `"%s"`, keys[rnd.IntN(len(keys))]), []string{":", ": ", " : "}[rnd.IntN(3)]...)
		}
		if depth > 0 && rnd.IntN(2) == 0 {
			b = append(b, randomJSON(rnd, depth-1)...)
		} else {
			b = append(b, scalars[rnd.IntN(len(scalars))]...)
		}
	}
	return append(b, shut...)
}

// TestShapesSplit wants the same findings, places and all, for all windows and
// readers.
func TestShapesSplit(t *testing.T) {
	set := pinSet(t)
	for seed := range uint64(6) {
		for i, text := range shapedTexts(seed) {
			want := findAll(t, set, strings.NewReader(text), len(text))
			if len(want) < 30 {
				t.Errorf("seed %d, text %d: only %d findings", seed, i, len(want))
			}
			for _, f := range want {
				if place(f.Location) == "text" {
					t.Errorf("seed %d, text %d: a finding without a place", seed, i)
				}
			}
			for _, window := range []int{1, 2, 7, 64, 999, 4096} {
				for name, reader := range readers {
					if got := findAll(t, set, reader([]byte(text)), window); !slices.Equal(got, want) {
						t.Fatalf("seed %d, text %d, window %d, reader %q: %d findings differ from the %d of one window", seed, i, window, name, len(got), len(want))
					}
				}
			}
		}
	}
}

// plainCells is the reader of cells, a byte at a time.
func plainCells(b []byte, delim byte) (row, cell []int64) {
	r, c, state := int64(1), int64(1), atStart
	for _, x := range b {
		row, cell = append(row, r), append(cell, c)
		switch {
		case x == '"' && state == atStart, x == '"' && state == quoteIn:
			state = quotedIn
		case x == '"' && state == quotedIn:
			state = quoteIn
		case state == quotedIn:
		case x == delim:
			c, state = c+1, atStart
		case x == '\n':
			r, c, state = r+1, 1, atStart
		default:
			state = unquotedIn
		}
	}
	return row, cell
}

// randomCSV is a table as programs write them, with a title and a value that
// matter: quotations with all that may be in them, line ends of both kinds, a row
// with too many cells and one with too few, and with strays quotes that are bytes
// like any other.
func randomCSV(rnd *rand.Rand, rows int, strays bool) []byte {
	cells := []string{"", "12", "ann", `"a b"`, `"c, d"`, `""`, `"say ""no"""`, "\"two\nlines\"", "\"\r\n\n\"", `"a@b.org, 1234"`, strings.Repeat("x", 70)}
	b := []byte("name,\"the pin\",note\n")
	long, short := rnd.IntN(rows), rnd.IntN(rows)
	for row := range rows {
		start := len(b)
		b = fmt.Appendf(b, "%s,%04d,%s", cells[rnd.IntN(len(cells))], rnd.IntN(10000), cells[rnd.IntN(len(cells))])
		switch {
		case row == long:
			b = append(b, ",1234,"...)
		case row == short:
			b = append(b[:start], "ann,1234"...)
		case strays && rnd.IntN(5) == 0:
			b = append(b, []string{` 5" disk`, `""x"`, `x"`}[rnd.IntN(3)]...)
		}
		b = append(b, []string{"\n", "\r\n"}[rnd.IntN(2)]...)
	}
	return b
}

// TestCellsArePlain reads texts in two pieces, cut everywhere, and in many, with and
// without asking for ends, on all kernels.
func TestCellsArePlain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	for n := range 60 {
		text := randomCSV(rnd, 12, n%2 == 0)
		if n%3 == 0 {
			text = nil
			for range rnd.IntN(100) {
				text = append(text, []string{",", "\n", `"`, `""`, "ab", "0123456789", "\r\n", ",,", "\x8a", "-"}[rnd.IntN(10)]...)
			}
		}
		rows, columns := plainCells(append(text, 'x'), ',')
		for _, kernel := range detectors.Kernels() {
			marks := pinSetOn(t, kernel).Marks(`"`, "\n", ",")
			for cut := range text {
				counting, reading := newCells(','), newCells(',')
				counting.marks, reading.marks = marks, marks
				for at := 0; at < len(text); {
					next := len(text)
					if at < cut {
						next = cut
					} else if cut%2 == 0 {
						next = min(at+1+rnd.IntN(100), len(text))
					}
					counting.read(text[at:next], nil, nil)
					reading.read(text[at:next], func(start, end int64) {
						if reading.row != rows[end] || reading.cell != columns[end] || rows[end+1] == reading.row && columns[end+1] != reading.cell+1 ||
							start > 0 && text[start-1] != ',' && text[start-1] != '\n' || rows[start] != rows[end] || columns[start] != columns[end] {
							t.Fatalf("%s, %q: cell %d of row %d from %d to %d", kernel, text, reading.cell, reading.row, start, end)
						}
					}, nil)
					for _, c := range []*cells{&counting, &reading} {
						if at = next; c.at != int64(at) || c.row != rows[at] || c.cell != columns[at] || c.start != reading.start || c.state != reading.state {
							t.Fatalf("%s, %q cut at %d: at %d row %d cell %d from %d in state %d, want row %d cell %d from %d in state %d",
								kernel, text, cut, at, c.row, c.cell, c.start, c.state, rows[at], columns[at], reading.start, reading.state)
						}
					}
				}
			}
		}
	}
}

// TestLongQuotations reads quotations about as long as they may be.
func TestLongQuotations(t *testing.T) {
	const head = "a,b\n1,"
	text := bytes.Repeat([]byte{'x'}, longestQuotation+300)
	copy(text, head+`"`)
	const breaks = 7
	for i := range breaks {
		text[(i+1)*(longestQuotation/(breaks+1))] = '\n'
	}
	for _, kernel := range detectors.Kernels() {
		marks := pinSetOn(t, kernel).Marks(`"`, "\n", ",")
		for length := longestQuotation - 100; length < longestQuotation+100; length += 1 + length%3 {
			end := len(head) + length
			copy(text[end-1:], "\",2\n3,")
			for _, cut := range []int{0, 100, end - 70, end} {
				c := newCells(',')
				c.marks = marks
				c.read(text[:cut], nil, nil)
				c.read(text[cut:end+5], nil, nil)
				row := int64(3)
				if length > longestQuotation { // it is none: its lines are rows
					row += breaks
				}
				if c.row != row || c.cell != 2 || c.state != atStart || c.within != 0 {
					t.Fatalf("%s: quotation of %d bytes: row %d, cell %d, state %d, %d line ends; want row %d", kernel, length, c.row, c.cell, c.state, c.within, row)
				}
			}
			copy(text[end-1:], "xxxxxx")
		}
	}
}

// TestStrayQuote has a quote that nobody ends: the titles of the columns count again
// after so much as a quotation may have, and rows are counted as if it were none.
func TestStrayQuote(t *testing.T) {
	const rows = 6000
	var b strings.Builder
	b.WriteString("name,pin\n")
	for row := range rows {
		name := strings.Repeat("n", 40)
		if row == 10 {
			name = `"5 inches`
		}
		fmt.Fprintf(&b, "%s,%04d\n", name, row)
	}
	set := pinSet(t)
	want := findAll(t, set, strings.NewReader(b.String()), b.Len())
	if n := len(want); n < rows-longestQuotation/45 {
		t.Fatalf("%d findings of %d", n, rows)
	}
	for i, f := range want {
		if at := f.Location; i > 10 && (at.Row != at.Line || at.Cell != 2 || at.Name != "pin") {
			t.Fatalf("line %d: row %d, cell %d, %q", at.Line, at.Row, at.Cell, at.Name)
		}
	}
	for _, window := range []int{100, 4096, longestQuotation - 1, longestQuotation} {
		for name, reader := range readers {
			if got := findAll(t, set, reader([]byte(b.String())), window); !slices.Equal(got, want) {
				t.Fatalf("window %d, reader %q: %d findings differ from the %d of one window", window, name, len(got), len(want))
			}
		}
	}
}

// plainNamed tells which bytes of text are in containers whose key has the word
// pin, or in those within them.
func plainNamed(text []byte) []bool {
	named := make([]bool, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '{' && text[i] != '[' {
			continue
		}
		if _, key := keyBefore(text, i); !bytes.Contains(key, []byte("pin")) {
			continue
		}
		var e elements
		for e.read(text[i : i+1]); i+1 < len(text) && len(e.frames) > 0 && !e.broken; i++ {
			named[i+1] = true
			e.read(text[i+1 : i+2])
		}
	}
	return named
}

// randomLines are records one a line, some of them broken.
func randomLines(rnd *rand.Rand, rows int) []byte {
	var b []byte
	for n := range rows {
		line := randomJSON(rnd, 4)
		if n > 0 && rnd.IntN(4) == 0 {
			line = line[:rnd.IntN(len(line))]
		}
		b = append(append(b, line...), []string{"\n", "\r\n", "\n\n"}[rnd.IntN(3)]...)
	}
	return b
}

// TestNamesArePlain reads records in two windows, cut everywhere, on all kernels.
func TestNamesArePlain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(10, 10))
	some := 0
	for range 30 {
		text := randomLines(rnd, 8)
		want := plainNamed(text)
		for _, kernel := range detectors.Kernels() {
			set := pinSetOn(t, kernel)
			for cut := range text {
				r := newRecords(set, []byte("{}\n{}"))
				var p places
				r.names(text[:cut], int64(cut), &p)
				r.names(text[max(0, cut-set.Margin()):], int64(len(text)), &p)
				got := make([]bool, len(text))
				for _, place := range p.list {
					for i := place.Start; i < place.End; i++ {
						got[i] = true
						some++
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s, %q cut at %d: named are %v", kernel, text, cut, p.list)
				}
			}
		}
	}
	if some == 0 {
		t.Error("no container has a name")
	}
}

// TestPlacesArePlain wants each finding where a reader that looks at one byte after
// the other from the start finds it, however the text is cut into windows.
func TestPlacesArePlain(t *testing.T) {
	set := pinSet(t)
	rnd := rand.New(rand.NewPCG(11, 11))
	for n := range 8 {
		csv := randomCSV(rnd, 20, n%2 == 0)
		rows, columns := plainCells(csv, ',')
		inTable := func(at int64) string {
			title := ""
			if names := []string{"name", "the pin", "note"}; rows[at] > 1 && columns[at] <= 3 {
				title = names[columns[at]-1]
			}
			return fmt.Sprintf("row %d cell %d %q", rows[at], columns[at], title)
		}
		lines := append([]byte("{\"pin\":[1234]}\n"), randomLines(rnd, 20)...)
		inLines := func(at int64) string {
			var e elements
			for _, c := range lines[bytes.LastIndexByte(lines[:at], '\n')+1 : at] {
				e.read([]byte{c})
			}
			if e.broken || len(e.frames) == 0 {
				return "text"
			}
			if e.string && e.asKey {
				e.frames[len(e.frames)-1].secret = true
			}
			return fmt.Sprintf("%d %s", bytes.Count(lines[:at], []byte{'\n'}), e.path(func(key []byte) string { return nameable(set, key) }))
		}
		for name, x := range map[string]struct {
			text []byte
			want func(at int64) string
		}{"table": {csv, inTable}, "lines": {lines, inLines}} {
			for window := 1; window <= len(x.text)+1; window += 1 + window/40 {
				found := findAll(t, set, bytes.NewReader(x.text), window)
				if len(found) < 10 {
					t.Fatalf("%s %q: %d findings", name, x.text, len(found))
				}
				for _, f := range found {
					if got, want := place(f.Location), x.want(f.Location.Offset); got != want {
						t.Fatalf("%s %q, window %d: at %d %s, want %s", name, x.text, window, f.Location.Offset, got, want)
					}
				}
			}
		}
	}
}

// TestAskedEverywhere asks for the place of each byte of one long line, which
// would not end if each were looked for from its start.
func TestAskedEverywhere(t *testing.T) {
	const length = 4 << 20
	set := pinSet(t)
	for _, c := range []struct{ head, unit string }{{"a,pin\n1,2\n3,", `"4"",",`}, {"a,pin\n1,2\n3,", "4,"}, {"{}\n[", `{"a":[1]},`}, {`{"a":[`, `{"a":[1]},`}} {
		text := bytes.Repeat([]byte(c.unit), length/len(c.unit))
		s := newShape(set, []byte(c.head+c.unit), false)
		var at Location
		s.locate([]byte(c.head), &at)
		for i := range text {
			s.locate(text[i:i+1], &at)
		}
		if at.Row == 0 && at.Path == "" {
			t.Errorf("%s: no place", c.head)
		}
	}
}

// TestPathsArePlain compares the paths to strings with those by package json.
func TestPathsArePlain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		text := randomJSON(rnd, 4)
		at, want := plainPaths(text)
		var e elements
		for i := range at {
			e.read(text[e.at:at[i]])
			if got := e.path(func(key []byte) string { return string(key) }); got != want[i] {
				t.Fatalf("%s at %d: %s, want %s", text, at[i], got, want[i])
			}
		}
	}
}

// plainPaths returns the ends of the values of text that are no containers,
// and the paths to them.
func plainPaths(text []byte) (at []int64, paths []string) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	type level struct {
		array bool
		index int
		key   string
		isKey bool
	}
	var levels []level
	done := func() {
		if n := len(levels); n > 0 {
			levels[n-1].index++
			levels[n-1].isKey = !levels[n-1].array
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return at, paths
		}
		n := len(levels)
		switch x := token.(type) {
		case json.Delim:
			if x == '{' || x == '[' {
				levels = append(levels, level{array: x == '[', isKey: x == '{'})
			} else {
				levels = levels[:n-1]
				done()
			}
		default:
			if levels[n-1].isKey {
				levels[n-1].key, levels[n-1].isKey = token.(string), false
				continue
			}
			path := []byte{'$'}
			for _, l := range levels {
				if l.array {
					path = fmt.Appendf(path, "[%d]", l.index)
				} else {
					path = appendKey(path, strings.ReplaceAll(l.key, `"`, `\"`))
				}
			}
			at, paths = append(at, d.InputOffset()), append(paths, string(path))
			done()
		}
	}
}

// TestShapesAreLinear reads texts made to be costly.
func TestShapesAreLinear(t *testing.T) {
	set := pinSet(t)
	for _, unit := range []string{
		`{"pin":[`, `{"pin":{`, `"pin":["x",`, `"`, `""`, ",", "\n", `{"pin":[]}`, `[{"a":1},`, "a,\"", `"pin":["pin":[`, `{"\"`, "{", "[]",
	} {
		text := `{"a":1,"b":[` + strings.Repeat(unit, (256<<10)/len(unit))
		for _, head := range []string{"", "a,pin\n1,2\n3,4\n"} {
			sc, err := New(Config{Set: set, Window: minWindow})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sc.Scan(t.Context(), io.MultiReader(strings.NewReader(head), strings.NewReader(text)), func(Finding) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestEscapesAreLinear reads a string of nothing but escapes, which would not end
// if the quote behind it were looked for from each.
func TestEscapesAreLinear(t *testing.T) {
	var e elements
	e.read([]byte(`{"a":["` + strings.Repeat(`\n`, 8<<20) + `\\",1`))
	if got := e.path(func(key []byte) string { return string(key) }); got != "$.a[1]" {
		t.Errorf("the path is %s", got)
	}
}
