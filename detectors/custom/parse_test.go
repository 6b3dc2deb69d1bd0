package custom

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
)

// parse reads a file that has to be right.
func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("rules", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const inYAML = `
identifiers:
  - name: Employee number
    description: Of the staff register
    regex: '\bEMP-\d{5}\b'
    keywords: [employee, staff no]
    ignoreWords: ["0000"]
    maximumMatchDistance: 40
    severityLevels:
      - {occurrencesThreshold: 5, severity: LOW}
      - {occurrencesThreshold: 100, severity: HIGH}
`

// inJSON is the same as Macie writes it, by CreateCustomDataIdentifier and by
// GetCustomDataIdentifier.
const inJSON = `{
	"arn": "arn:aws:macie2:eu-central-1:123456789012:custom-data-identifier/x", "createdAt": "2026-01-01T00:00:00+00:00",
	"deleted": false, "id": "x", "tags": {"team": "privacy"},
	"name": "Employee number",
	"description": "Of the staff register",
	"regex": "\\bEMP-\\d{5}\\b",
	"keywords": ["employee", "staff no"],
	"ignoreWords": ["0000"],
	"maximumMatchDistance": 40,
	"severityLevels": [
		{"occurrencesThreshold": 5, "severity": "LOW"},
		{"occurrencesThreshold": 100, "severity": "HIGH"}
	]
}`

func TestFormats(t *testing.T) {
	want := parse(t, inYAML).Identifiers[0]
	if want.Line != 3 || want.Name != "Employee number" || want.Regex != `\bEMP-\d{5}\b` || want.Distance != 40 || want.MaxLength != 9 ||
		!slices.Equal(want.Keywords, []string{"employee", "staff no"}) || !slices.Equal(want.IgnoreWords, []string{"0000"}) ||
		!slices.Equal(want.Levels, []detectors.Level{{From: 5, Severity: detectors.Low}, {From: 100, Severity: detectors.High}}) {
		t.Fatalf("%+v", want)
	}
	other := strings.Replace(inJSON, "Employee number", "Other", 1)
	for name, c := range map[string]struct {
		text string
		n    int
	}{
		"one in JSON":          {inJSON, 1},
		"a list in JSON":       {"[" + inJSON + "," + other + "]", 2},
		"one after the other":  {inJSON + "\n" + other, 2},
		"a list of Macie":      {`{"customDataIdentifiers": [` + inJSON + `]}`, 1},
		"with a mark":          {"\xef\xbb\xbf" + inJSON, 1},
		"one in YAML":          {strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(inYAML, "identifiers:\n  - ", ""), "\n    ", "\n")), 1},
		"two documents":        {inYAML + "---\nname: Other\nregex: abc\n", 2},
		"JSON within YAML":     {"identifiers:\n- " + strings.ReplaceAll(inJSON, "\n", "\n  ") + "\n", 1},
		"nothing where a null": {strings.Replace(inJSON, `{"team": "privacy"}`, "null", 1), 1},
	} {
		t.Run(name, func(t *testing.T) {
			text := c.text
			if name == "JSON within YAML" {
				text = strings.ReplaceAll(text, "\t", "  ")
			}
			f := parse(t, text)
			if len(f.Identifiers) != c.n {
				t.Fatalf("%d identifiers, want %d", len(f.Identifiers), c.n)
			}
			got := f.Identifiers[0]
			a, b := got.Rule(), want.Rule()
			if a.Pattern != b.Pattern || a.Around != b.Around || !slices.Equal(a.Levels, b.Levels) || a.MaxLen != b.MaxLen || !slices.Equal(a.Keywords, b.Keywords) {
				t.Errorf("%+v, want %+v", a, b)
			}
		})
	}
}

func TestDeletedIsLeftOut(t *testing.T) {
	f, err := Parse("rules", []byte("["+strings.Replace(inJSON, `"deleted": false`, `"deleted": true`, 1)+`,{"name":"b","regex":"bbb"}]`))
	if err != nil || len(f.Identifiers) != 1 || len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "Employee number is deleted") {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestDefaults(t *testing.T) {
	f := parse(t, "name: a\nregex: '\\d{4}'\nkeywords: [badge]\n")
	r := f.Identifiers[0].Rule()
	if r.Around != (detectors.Around{Before: 50, Whole: true}) || !r.NeedKeyword || !r.Apart || r.Category != detectors.Custom {
		t.Errorf("%+v", r)
	}
	for n, want := range map[int64]detectors.Severity{1: detectors.Medium, 100: detectors.Medium} {
		if got, ok := r.SeverityOf(n); got != want || !ok {
			t.Errorf("%d occurrences: %v", n, got)
		}
	}
	f = parse(t, "name: a\nregex: '\\d{4}'\nkeywords: [badge]\nkeywordsAfter: true\nmaximumMatchDistance: 7\n")
	if r := f.Identifiers[0].Rule(); r.Around != (detectors.Around{Before: 7, After: 7, Whole: true}) {
		t.Errorf("%+v", r.Around)
	}
}

func TestLengths(t *testing.T) {
	for _, c := range []struct {
		text   string
		length int
		notes  int
	}{
		{`regex: 'a{3,9}'`, 9, 0},
		{"regex: 'a{3,9}'\nmaxLength: 5", 5, 0},
		{"regex: 'a{3,9}'\nmaxLength: 50", 9, 0},
		{`regex: 'ab+'`, defaultLength, 1},
		{"regex: 'ab+'\nmaxLength: 1000", 1000, 0},
		{`regex: 'é{2}'`, 4, 0},
	} {
		f := parse(t, "name: a\n"+c.text)
		if got := f.Identifiers[0].MaxLength; got != c.length || len(f.Notes) != c.notes {
			t.Errorf("%q: length %d, notes %q; want %d, %d", c.text, got, f.Notes, c.length, c.notes)
		}
	}
}

// TestErrors: what is wrong is refused, and the error says where and why.
func TestErrors(t *testing.T) {
	long := strings.Repeat("x", 600)
	list := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	for _, c := range []struct{ text, want string }{
		{"", "neither identifiers nor allow lists"},
		{"- name: a", "rules:1: a: regex is missing"},
		{"- regex: a", "rules:1: an identifier: name is missing"},
		{`[{"name":"a","arn":"b"}]`, "rules:1: a: regex is missing; lists of Macie leave it out"},
		{"- abc", "an identifier: is a text, not an object"},
		{"name: a\nregex: a\nkeyword: [abc]", `rules:3: a: unknown field "keyword"; there are name, description, regex, keywords`},
		{"identifier:\n- name: a", `rules:1: unknown field "identifier"; there are identifiers`},
		{"name: a\nregex: a\nname: b", `the field "name" is there twice`},
		{"name: 12\nregex: a", "rules:1: 12: name: is a number, not a text; put it in quotes"},
		{"name: a\nregex: a\nkeywords: abc", "rules:3: a: keywords: is a text, not a list"},
		{"name: a\nregex: a\nkeywords:\n- good\n- ab", `rules:5: a: keywords: "ab" has 2 characters; give 3 to 90`},
		{"name: a\nregex: a\nkeywords: ['" + long[:91] + "']", "has 91 characters; give 3 to 90"},
		{"name: a\nregex: a\nkeywords: " + list(51, "abc"), "keywords: 51 of them; at most 50"},
		{"name: a\nregex: a\nkeywords: [' abc']", "blanks around it"},
		{"name: a\nregex: a\nignoreWords: [abc]", `ignoreWords: "abc" has 3 characters; give 4 to 90`},
		{"name: a\nregex: a\nignoreWords: " + list(11, "abcd"), "ignoreWords: 11 of them; at most 10"},
		{"name: a\nregex: a\nmaximumMatchDistance: 301", "maximumMatchDistance: 301; give 1 to 300"},
		{"name: a\nregex: a\nmaximumMatchDistance: 0", "maximumMatchDistance: 0; give 1 to 300"},
		{"name: a\nregex: a\nmaximumMatchDistance: many", "is a text, not a whole number"},
		{"name: a\nregex: a\nmaximumMatchDistance: 1.5", "is a number, not a whole number"},
		{"name: " + long[:129] + "\nregex: a", "has 129 characters; give 1 to 128"},
		{"name: \"a\\nb\"\nregex: a", "has control characters"},
		{"name: a\nregex: a\ndescription: " + long[:513], "has 513 characters; give 0 to 512"},
		{"name: a\nregex: " + long[:513], "has 513 characters; give 1 to 512"},
		{"name: a\nregex: ''", "has 0 characters; give 1 to 512"},
		{"name: a\nregex: a\nseverityLevels: " + list(4, "{severity: LOW, occurrencesThreshold: 1}"), "severityLevels: 4 of them; at most 3"},
		{"name: a\nregex: a\nseverityLevels:\n- {severity: LOW, occurrencesThreshold: 5}\n- {severity: HIGH, occurrencesThreshold: 5}", "rules:5: a: severityLevels: thresholds and severities must both rise"},
		{"name: a\nregex: a\nseverityLevels:\n- {severity: HIGH, occurrencesThreshold: 5}\n- {severity: LOW, occurrencesThreshold: 6}", "must both rise"},
		{"name: a\nregex: a\nseverityLevels: [{severity: CRITICAL, occurrencesThreshold: 5}]", `severity "CRITICAL"; it is LOW, MEDIUM or HIGH`},
		{"name: a\nregex: a\nseverityLevels: [{severity: LOW}]", "needs both severity and occurrencesThreshold"},
		{"name: a\nregex: a\nseverityLevels: [{severity: LOW, occurrencesThreshold: 0}]", "0; give 1 to"},
		{"name: a\nregex: a\nkeywordsAfter: true", "keywordsAfter, and no keywords"},
		{"name: a\nregex: a\nkeywordsAfter: 1", "is a number, not true or false"},
		{"name: a\nregex: a\nvalidator: crc", `validator: "crc"; it is luhn, mod97, verhoeff, mod11_10, or an object with weights, modulus, map`},
		{"name: a\nregex: a\nvalidator: {modulus: 11}", "needs weights and a modulus"},
		{"name: a\nregex: a\nvalidator: {weights: [1, 2], modulus: 11, map: '0123'}", "map has 4 characters for the 11 remainders"},
		{"name: a\nregex: a\nvalidator: {weights: [1, 2], modulus: 2, map: 'a!'}", "map may have digits, capital letters"},
		{"name: a\nregex: a\nvalidator: {weights: [-1], modulus: 2}", "-1; give 0 to 1000"},
		{"name: a\nregex: a\nmaxLength: 9000", "maxLength: 9000; give 1 to 8192"},
		{"name: a\nregex: a\nexamples: {matches: [a]}", `unknown field "matches"; there are match, noMatch`},
		{"name: a\nregex: a\nexamples: {match: ['" + strings.Repeat("x", 1001) + "']}", "has 1001 characters; give 1 to 1000"},
		{"name: a\nregex: *x", "unknown anchor"},
		{"name: &x a\nregex: *x", "aliases"},
		{"name: a\n\tregex: b", "line 2"},
		{"{\"name\": \"a\",\n\"regex\": }", "rules: line 2"},
		{"{\"name\": \"a\"", "unexpected EOF"},
		{strings.Repeat("[", 100) + strings.Repeat("]", 100), "more than 50 levels"},
		{"name: \xff", "not in UTF-8"},
		{"allow:\n- name: x", "rules:2: x: needs exactly one of file, regex and values"},
		{"allow:\n- regex: abc", "an allow list: name is missing"},
		{"allow:\n- {name: x, regex: abc, values: [a]}", "needs exactly one of"},
		{"allow:\n- {name: x, regex: '(abc)'}", `x: regex: character 1, "(abc)": a capture group`},
		{"allow:\n- {name: x, regex: 'a{900}b{900}'}", "a regex of 1802 steps, its repetitions written out; at most 1000"},
		{"allow:\n- {name: x, values: []}", "no value in it"},
		{"allow:\n- {name: x, values: [a], rules: []}", "leave it out for all"},
		{"allow:\n- {name: x, file: no-such-file}", "rules:2: x: file: open no-such-file"},
		{"allow: abc", "allow: is a text, not a list"},
	} {
		f, err := Parse("rules", []byte(c.text))
		if err == nil {
			t.Errorf("%.60q is taken: %+v", c.text, f)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %q, want one with %q", c.text, err, c.want)
		}
	}
}

// TestAllErrorsAreTold, not the first alone.
func TestAllErrorsAreTold(t *testing.T) {
	_, err := Parse("rules", []byte("- {name: a, regex: '(x'}\n- {name: b, regex: x, keywords: [ab]}\n- {name: c}\n"))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("error %v", err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("known.txt", "\xef\xbb\xbfone\r\n\n  two  \nthree")
	rules := write("rules.yaml", inYAML+"allow:\n- {name: known, file: known.txt, rules: [Employee number]}\n- {name: own, regex: 'EMP-9.*'}\n- {name: few, values: [x, y]}\n")
	other := write("other.json", strings.Replace(inJSON, "Employee number", "Other", 1))
	f, err := Load(rules, other)
	if err != nil || len(f.Identifiers) != 2 || len(f.Allow) != 3 || len(f.Rules()) != 2 {
		t.Fatalf("%+v, %v", f, err)
	}
	if l := f.Allow[0]; !slices.Equal(l.Values, []string{"one", "two", "three"}) || !slices.Equal(l.Rules, []string{"Employee number"}) || l.Name != "known" {
		t.Errorf("%+v", l)
	}
	same := write("same.yaml", "name: EMPLOYEE number\nregex: abc\n")
	if _, err := Load(rules, same); err == nil || !strings.Contains(err.Error(), "same.yaml:1: EMPLOYEE number: there is one of this name in "+rules+":3") {
		t.Errorf("a name that is there twice: error %v", err)
	}
	if _, err := Load(rules, filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing file is no error")
	}
	large := write("large.yaml", "# "+strings.Repeat("x", maxFile))
	if _, err := Load(large); err == nil || !strings.Contains(err.Error(), "more than 4194304 bytes") {
		t.Errorf("a large file: error %v", err)
	}
}

func TestReadValues(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "no value in it"},
		{"blank", "\n \n", "no value in it"},
		{"long", "a\n" + strings.Repeat("é", 90) + "\n" + strings.Repeat("b", 91), ":3: a value of 91 characters; at most 90"},
		{"binary", "a\nb\x00c", ":2: a control character"},
		{"latin", "a\nb\n\xe9", ":3: not in UTF-8"},
		{"many", strings.Repeat("a\n", maxEntries+1), ":100001: more than 100000 values"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadValues(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	path := filepath.Join(dir, "full")
	if err := os.WriteFile(path, []byte(strings.Repeat("a\n", maxEntries)), 0o600); err != nil {
		t.Fatal(err)
	}
	if values, err := ReadValues(path); err != nil || len(values) != maxEntries {
		t.Errorf("%d values, %v", len(values), err)
	}
	if _, err := ReadValues(dir); err == nil {
		t.Error("a directory is read")
	}
}

// FuzzParse: no file makes the reader panic, and what it takes compiles.
func FuzzParse(f *testing.F) {
	f.Add([]byte(inYAML))
	f.Add([]byte(inJSON))
	f.Add([]byte("allow:\n- {name: x, regex: abc, rules: [a]}"))
	f.Add([]byte("name: a\nregex: 'a+(?P<value>b)'\nvalidator: {weights: [1], modulus: 3}\nexamples: {match: [x]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("rules", data)
		if err != nil || len(data) > 1<<12 {
			return
		}
		for i := range file.Identifiers {
			if _, err := file.Identifiers[i].Check(); err != nil {
				t.Errorf("%v", err)
			}
		}
		if _, err := detectors.Compile(nil, detectors.Options{Allow: file.Allow}); err != nil {
			t.Error(err)
		}
	})
}
