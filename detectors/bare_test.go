package detectors

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// compileAt compiles rules for matches of at least so much confidence.
func compileAt(t *testing.T, rules []Rule, least int) *Set {
	t.Helper()
	s, err := Compile(rules, Options{MinConfidence: least})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// luhnNumber is a rule of numbers of nine digits with a check digit, which need
// a keyword.
func luhnNumber() Rule {
	return Rule{
		ID: "LUHN", Forms: []Form{{Pattern: "999~999~999"}}, Keywords: []string{"tin"}, NeedKeyword: true, Priority: PriorityKeyword,
		Valid: func(v []byte) bool {
			sum := 0
			for i, c := range v {
				d := int(c-'0') << (i % 2)
				sum += d%10 + d/10
			}
			return sum%10 == 0
		},
	}
}

func TestBareValues(t *testing.T) {
	unchecked, short, alike := luhnNumber(), luhnNumber(), luhnNumber()
	unchecked.Valid = func(v []byte) bool { return v[0] != '0' }
	short.Forms = []Form{{Pattern: "99999999"}}
	alike.ID, alike.Keywords, alike.Family = "ALIKE", []string{"vat"}, "F"
	relative := luhnNumber()
	relative.Family = "F"
	phone := Rule{ID: "PHONE", Forms: []Form{{Pattern: "999-999-999"}}, Priority: PriorityShape}
	for _, c := range []struct {
		name  string
		rules []Rule
		least int
		text  string
		want  string
	}{
		{"by default", []Rule{luhnNumber()}, 0, "a 046454286 b", ""},
		{"asked for", []Rule{luhnNumber()}, 30, "a 046454286 b", "LUHN 30"},
		{"a field", []Rule{luhnNumber()}, 30, "a,046454286,b", "LUHN 37"},
		{"more asked for", []Rule{luhnNumber()}, 31, "a 046454286 b", ""},
		{"beside a keyword", []Rule{luhnNumber()}, 30, "tin 046454286 b", "LUHN 78"},
		{"a wrong digit", []Rule{luhnNumber()}, 30, "a 046454287 b", ""},
		{"hidden", []Rule{luhnNumber()}, 30, "a 046\u00a0454\u00a0286 b", "LUHN 30"},
		{"no check digit", []Rule{unchecked}, 1, "a 146454286 b", ""},
		{"as short as a date", []Rule{short}, 1, "a 20240131 b", ""},
		{"takes no other away", []Rule{luhnNumber(), phone}, 30, "a 046-454-286 b", "LUHN 30, PHONE 50"},
		{"of a family", []Rule{relative, alike}, 30, "a 046454286 b", "LUHN 30"},
		{"of a family, beside the keyword of another", []Rule{relative, alike}, 30, "vat 046454286 b", "ALIKE 78"},
	} {
		s := compileAt(t, c.rules, c.least)
		checkAgainstNaive(t, s, []byte(c.text), 0, len(c.text), c.name)
		var got []string
		for _, m := range s.Find(nil, []byte(c.text), 0, len(c.text)) {
			got = append(got, fmt.Sprint(s.Rule(m.Rule).ID, " ", m.Confidence))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
		for _, d := range s.Decide([]byte(c.text)) {
			if found := slices.ContainsFunc(s.Find(nil, []byte(c.text), 0, len(c.text)), func(m Match) bool { return m == d.Match }); found != (d.Outcome == Found) && !strings.Contains(c.name, "hidden") {
				t.Errorf("%s: decided that it is %s", c.name, d.Outcome)
			}
		}
	}
}

// bareTexts are texts with many numbers in the forms of rules, few of them
// beside a keyword.
func bareTexts(seed uint64, rules []Rule, n, size int) [][]byte {
	g := newWriter(seed, rules)
	var forms []string
	for _, r := range rules {
		for _, f := range r.Forms {
			forms = append(forms, f.Pattern)
		}
	}
	texts := make([][]byte, n)
	for i := range texts {
		for len(texts[i]) < size {
			if g.rng.IntN(3) == 0 {
				texts[i] = append(texts[i], g.piece()...)
			} else {
				texts[i] = append(texts[i], g.fill(g.pick(forms...))...)
			}
			texts[i] = append(texts[i], g.pick(" ", "\n", ",", "; ", "\t", "=", " and ")...)
		}
	}
	return texts
}

func TestFindBareIsNaive(t *testing.T) {
	rules := rulesUnderTest()
	for _, least := range []int{1, 30, 40} {
		s := compileAt(t, rules, least)
		for i, text := range bareTexts(uint64(least), rules, 6, 1500) {
			checkAgainstNaive(t, s, text, 0, len(text), fmt.Sprintf("at %d %%, text %d", least, i))
		}
		text := slices.Concat(bytes.Repeat([]byte("."), strip-900), bareTexts(7, rules, 1, 1800)[0])
		checkAgainstNaive(t, s, text, strip-500, strip+500, fmt.Sprintf("at %d %%, across strips", least))
		whole := s.Find(nil, text, 0, len(text))
		for cut := strip - 900; cut < len(text); cut += 37 {
			if got := findInParts(s, text, []int{0, cut, len(text)}); !slices.Equal(got, whole) {
				t.Fatalf("at %d %%, cut at %d: %s", least, cut, diff(s, got, whole))
			}
		}
	}
}

func TestFindEachRuleBareIsNaive(t *testing.T) {
	for i, r := range rulesUnderTest() {
		s := compileAt(t, []Rule{r}, 20)
		for _, text := range bareTexts(uint64(i), []Rule{r, luhnNumber()}, 2, 800) {
			checkAgainstNaive(t, s, text, 0, len(text), "rule "+r.ID)
		}
	}
}

// TestLessCertainAddsOnly lowers the least confidence, which takes no match away.
func TestLessCertainAddsOnly(t *testing.T) {
	rules := rulesUnderTest()
	texts := append(bareTexts(3, rules, 60, 3000), mapValues(corpusTexts(64<<10))...)
	var higher [][]Match
	added := 0
	for _, least := range []int{0, 45, 30, 15, 1} {
		s := compileAt(t, rules, least)
		for i, text := range texts {
			found := s.Find(nil, text, 0, len(text))
			if len(higher) <= i {
				higher = append(higher, found)
				continue
			}
			for _, m := range higher[i] {
				if !slices.Contains(found, m) {
					t.Errorf("text %d: at %d %% a match of %s with %d %% is gone", i, least, s.Rule(m.Rule).ID, m.Confidence)
				}
			}
			added += len(found) - len(higher[i])
			higher[i] = found
		}
	}
	if added < 1000 {
		t.Errorf("%d matches were added: the texts have too few", added)
	}
}

// TestChecked measures all forms again with many more draws: of none that is said
// to have a check digit more random values pass. Those of some are known.
func TestChecked(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	checked := make(map[string]int)
	for _, r := range Builtin() {
		for _, f := range r.Forms {
			if r.Valid == nil || !r.NeedKeyword && !f.NeedKeyword || !f.checked(r.Valid) {
				continue
			}
			checked[r.ID]++
			const draws = 20000
			passed := 0
			for range draws {
				var value []byte
				for _, c := range []byte(f.Pattern) {
					if isAlnum(c) {
						value = append(value, drawFrom(c, rng))
					}
				}
				passed += int(bit(r.Valid(value)))
			}
			rate := float64(passed) / draws
			if rate > 0.11 {
				t.Errorf("%s: %.3f of random values of a form pass", r.ID, rate)
			}
		}
	}
	for _, id := range strings.Fields("AUSTRALIA_TAX_FILE_NUMBER UK_NHS_NUMBER INDIA_AADHAAR_NUMBER US_DRUG_ENFORCEMENT_AGENCY_NUMBER SPAIN_DNI_NUMBER LUXEMBOURG_NATIONAL_ID_NUMBER") {
		if checked[id] == 0 {
			t.Errorf("%s has no check digit", id)
		}
	}
	for _, id := range strings.Fields("VIETNAM_CITIZEN_ID_NUMBER EGYPT_NATIONAL_ID_NUMBER USA_EMPLOYER_IDENTIFICATION_NUMBER VEHICLE_REGISTRATION_PLATE UK_DRIVERS_LICENSE COLOMBIA_CITIZENSHIP_CARD_NUMBER") {
		if checked[id] > 0 {
			t.Errorf("%s has a check digit", id)
		}
	}
	if len(checked) < 80 {
		t.Errorf("%d detectors have a check digit", len(checked))
	}
}
