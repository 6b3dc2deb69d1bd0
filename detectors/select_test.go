package detectors

import (
	"slices"
	"strings"
	"testing"
)

// choices are rules to choose from.
func choices() []Rule {
	return []Rule{
		{ID: "CARD", Category: Financial},
		{ID: "NHS", Category: Personal, Countries: []string{"GB"}, Recommended: true},
		{ID: "STEUER", Category: Personal, Countries: []string{"DE", "AT"}},
		{ID: "CODE", Category: Personal, Noisy: true},
		{ID: "Employee number", Category: Custom},
	}
}

func ids(rules []Rule) string {
	var all []string
	for _, r := range rules {
		all = append(all, r.ID)
	}
	return strings.Join(all, ",")
}

func TestSelect(t *testing.T) {
	for names, want := range map[string]string{
		"all":                    "CARD,NHS,STEUER,CODE,Employee number",
		"default":                "CARD,NHS,STEUER,Employee number",
		"Recommended":            "NHS",
		"recommended,custom":     "NHS,Employee number",
		"custom_identifier":      "Employee number",
		"employee NUMBER":        "Employee number",
		"-card":                  "NHS,STEUER,Employee number",
		"-custom,-STEUER,CODE":   "CARD,NHS,CODE",
		"PERSONAL_INFORMATION":   "NHS,STEUER,CODE",
		"all,-recommended":       "CARD,STEUER,CODE,Employee number",
		"country:de":             "CARD,STEUER,CODE,Employee number",
		"country:UK":             "CARD,NHS,CODE,Employee number",
		"country:AT,country:GB":  "CARD,NHS,STEUER,CODE,Employee number",
		"all,-country:GB":        "CARD,STEUER,CODE,Employee number",
		"country:DE,-CODE,-CARD": "STEUER,Employee number",
		"NHS,-country:DE,STEUER": "NHS,STEUER",
		"country:DE,-country:DE": "CARD,CODE,Employee number",
	} {
		got, err := Select(choices(), strings.Split(names, ","))
		if err != nil || ids(got) != want {
			t.Errorf("%s: %s, %v; want %s", names, ids(got), err, want)
		}
	}
	for names, want := range map[string]string{
		"NSH":        "the nearest is NHS",
		"recomended": "the nearest is recommended",
		"PERSONAL":   `no detector or category "PERSONAL"`,
		"country:FR": `no detector is for country "FR"; there are AT, DE, GB`,
		"all,-all":   "no detector is selected",
	} {
		if _, err := Select(choices(), strings.Split(names, ",")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", names, err, want)
		}
	}
	if _, err := Select(choices()[:4], []string{"custom"}); err == nil || !strings.Contains(err.Error(), "no custom identifier") {
		t.Errorf("custom, of which there is none: error %v", err)
	}
}

func TestInCountries(t *testing.T) {
	all := choices()
	for _, c := range []struct {
		rules []Rule
		codes string
		want  string
	}{
		{all, "DE", "CARD,STEUER,CODE,Employee number"},
		{all, "gb,AT", "CARD,NHS,STEUER,CODE,Employee number"},
		{all[1:3], "uk", "NHS"},
	} {
		got, err := InCountries(all, c.rules, strings.Split(c.codes, ","))
		if err != nil || ids(got) != c.want {
			t.Errorf("%s of %s: %s, %v; want %s", c.codes, ids(c.rules), ids(got), err, c.want)
		}
	}
	if _, err := InCountries(all, all, []string{"DE", "XX"}); err == nil || !strings.Contains(err.Error(), `"XX"`) {
		t.Errorf("an unknown country: error %v", err)
	}
	if _, err := InCountries(all, all[1:2], []string{"DE"}); err == nil {
		t.Error("nothing is selected and that is no error")
	}
}

// TestSets: Macie's set has 35 identifiers, and each rule is in the sets whose
// list names it.
func TestSets(t *testing.T) {
	macie := strings.Fields(recommended)
	slices.Sort(macie)
	if n := len(slices.Compact(macie)); n != 35 {
		t.Errorf("%d identifiers are recommended, Macie has 35", n)
	}
	marked := 0
	for _, r := range Builtin() {
		if r.Recommended != slices.Contains(strings.Fields(recommended), r.ID) || r.Noisy != slices.Contains(strings.Fields(noisy), r.ID) {
			t.Errorf("%s: recommended %v, noisy %v", r.ID, r.Recommended, r.Noisy)
		}
		if r.Recommended {
			marked++
			if r.Noisy {
				t.Errorf("%s is recommended and not in the default", r.ID)
			}
		}
	}
	if marked < 10 {
		t.Errorf("%d rules are recommended", marked)
	}
}
