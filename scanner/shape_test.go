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
	set, err := detectors.Compile([]detectors.Rule{
		{ID: "PIN", Severity: detectors.Rising, Priority: detectors.PriorityKeyword, Forms: []detectors.Form{{Pattern: "9999"}},
			Keywords: []string{"pin"}, NeedKeyword: true},
		{ID: "MAIL", Severity: detectors.Rising, Priority: detectors.PriorityStrong, MaxLen: 20, Pattern: `[a-z]+@[a-z]+\.org`},
	}, detectors.Options{})
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
		{"a key that is a value", `{"of":{"x@example.org":{"pin":1234}}}`, []string{"0 $.of['']", "0 $.of.*.pin"}},
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

// TestCellsArePlain reads texts in pieces, with and without asking for ends.
func TestCellsArePlain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	for range 400 {
		var text []byte
		for range rnd.IntN(60) {
			text = append(text, []string{",", "\n", `"`, `""`, "ab", "0123456789", "\r\n", ",,", "\x8a", "-"}[rnd.IntN(10)]...)
		}
		rows, columns := plainCells(text, ',')
		counting, reading := newCells(','), newCells(',')
		for at := 0; at < len(text); {
			if counting.row != rows[at] || counting.cell != columns[at] || reading.row != rows[at] || reading.cell != columns[at] {
				t.Fatalf("%q at %d: row %d cell %d counted, %d %d read, want %d %d", text, at, counting.row, counting.cell, reading.row, reading.cell, rows[at], columns[at])
			}
			next := min(len(text), at+1+rnd.IntN(20))
			counting.read(text[at:next], nil, nil)
			reading.read(text[at:next], func(start, end int64) {
				if start < 0 || end < start || end >= int64(len(text)) || start > 0 && text[start-1] != ',' && text[start-1] != '\n' {
					t.Fatalf("%q: a cell from %d to %d", text, start, end)
				}
			}, nil)
			at = next
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
