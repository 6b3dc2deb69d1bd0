package policy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine"
)

// card and key are what is found in most of these tests.
var (
	cards = Found{"CREDIT_CARD_NUMBER", "FINANCIAL_INFORMATION", "High", 7}
	mails = Found{"EMAIL_ADDRESS", "PERSONAL_INFORMATION", "Low", 100}
)

func TestDecide(t *testing.T) {
	tags := map[string]string{"env": "prod", "owner": ""}
	for _, c := range []struct {
		when string
		miss string // "" if the rule matches
	}{
		{"{}", ""},
		{"{types: [CREDIT_CARD_NUMBER]}", ""},
		{"{types: [credit_card_number]}", ""},
		{"{types: [IBAN]}", "nothing was found of IBAN"},
		{"{types: [IBAN], categories: [FINANCIAL_INFORMATION]}", ""},
		{"{categories: [CREDENTIALS]}", "nothing was found of CREDENTIALS"},
		{"{min-count: 107}", ""},
		{"{min-count: 108}", "107 values that count, and it takes 108"},
		{"{types: [CREDIT_CARD_NUMBER], min-count: 8}", "7 values that count, and it takes 8"},
		{"{min-severity: High}", ""},
		{"{types: [EMAIL_ADDRESS], min-severity: Medium}", "severity Low at most, and it takes Medium"},
		{"{types: [EMAIL_ADDRESS], min-severity: Low}", ""},
		{"{buckets: ['prod-*']}", ""},
		{"{buckets: ['prod']}", "bucket prod-eu is none of prod"},
		{"{buckets: [test, 'prod-[a-f]?']}", ""},
		{"{prefixes: [exports/, imports/]}", ""},
		{"{prefixes: [xports/]}", "begins with none of xports/"},
		{"{tags: {env: prod}}", ""},
		{"{tags: {env: prod, owner: ''}}", ""},
		{"{tags: {env: Prod}}", "no tag env=Prod"},
		{"{tags: {tier: ''}}", "no tag tier="},
	} {
		f := parse(t, "rules:\n  - {name: x, when: "+c.when+", action: tag}")
		d, err := f.Decide(Facts{
			Bucket: "prod-eu", Key: "exports/a.csv", Found: []Found{cards, mails},
			Tags: func() (map[string]string, error) { return tags, nil },
		})
		if err != nil || len(d.Steps) != 1 || (d.Steps[0].Miss == "") != (c.miss == "") || !strings.Contains(d.Steps[0].Miss, c.miss) {
			t.Errorf("%s: %+v, %v; want %q", c.when, d, err, c.miss)
			continue
		}
		if matched := c.miss == ""; matched != (d.Action == quarantine.DoTag) || matched != (d.Rule == "x") {
			t.Errorf("%s: %+v", c.when, d)
		}
	}
}

// TestNothingFound: no rule, however wide, does anything to an object in which
// nothing was found.
func TestNothingFound(t *testing.T) {
	f := parse(t, "rules: [{action: tag}]")
	for _, found := range [][]Found{nil, {{"A", "CREDENTIALS", "High", 0}}} {
		if d, err := f.Decide(Facts{Bucket: "b", Key: "k", Found: found}); err != nil || d.Action != quarantine.DoNothing {
			t.Errorf("%+v, %v", d, err)
		}
	}
	if d, err := new(File).Decide(Facts{Found: []Found{cards}}); err != nil || d.Action != quarantine.DoNothing || d.Steps != nil {
		t.Errorf("without rules: %+v, %v", d, err)
	}
}

func TestFirstMatchWins(t *testing.T) {
	f := parse(t, whole)
	x := Facts{Bucket: "prod-eu", Key: "exports/a", Found: []Found{cards}, Tags: func() (map[string]string, error) {
		return map[string]string{"env": "prod", "tier": "1"}, nil
	}}
	if d, err := f.Decide(x); err != nil || d.Rule != "cards-out" || d.Action != quarantine.DoMoveStub || d.Removal != "copies" || len(d.Steps) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	x.Bucket = "test"
	d, err := f.Decide(x)
	if err != nil || d.Rule != "2" || d.Action != quarantine.DoTag {
		t.Errorf("%+v, %v", d, err)
	}
	if want := []Step{{"cards-out", 3, "bucket test is none of prod-*"}, {"2", 7, ""}}; !slices.Equal(d.Steps, want) {
		t.Errorf("steps %+v", d.Steps)
	}
}

// TestTagsAreAskedForWhenNeeded: each asking is a request to the store.
func TestTagsAreAskedForWhenNeeded(t *testing.T) {
	const two = "rules:\n  - {when: {types: [A], tags: {x: y}}, action: tag}\n  - {when: {tags: {x: z}}, action: tag}\n  - {when: {tags: {u: v}}, action: copy}\nquarantine: {vault: 's3://vault', key: alias/v}"
	for text, want := range map[string]int{"rules: [{action: tag}]": 0, two: 1, "rules: [{when: {types: [A], tags: {x: y}}, action: tag}]": 0} {
		asked := 0
		_, err := parse(t, text).Decide(Facts{Found: []Found{cards}, Tags: func() (map[string]string, error) { asked++; return nil, nil }})
		if err != nil || asked != want {
			t.Errorf("%s\nasked %d times, want %d; %v", text, asked, want, err)
		}
	}
	denied := errors.New("denied")
	d, err := parse(t, two).Decide(Facts{Found: []Found{cards}, Tags: func() (map[string]string, error) { return nil, denied }})
	if !errors.Is(err, denied) || d.Action != quarantine.DoNothing {
		t.Errorf("tags that cannot be read: %+v, %v", d, err)
	}
	if d, err := parse(t, two).Decide(Facts{Found: []Found{cards}}); err != nil || d.Action != quarantine.DoNothing {
		t.Errorf("no tags: %+v, %v", d, err)
	}
}

func TestResolve(t *testing.T) {
	f := parse(t, "rules:\n  - {when: {types: [IBAN, CREDIT_CARD_NUMBR]}, action: tag}")
	notes := f.Resolve(func(name string) ([]string, error) {
		if name == "IBAN" {
			return []string{"GERMANY_BANK_ACCOUNT_NUMBER", "FRANCE_BANK_ACCOUNT_NUMBER"}, nil
		}
		return nil, fmt.Errorf("%q is unknown", name)
	})
	if want := []string{"GERMANY_BANK_ACCOUNT_NUMBER", "FRANCE_BANK_ACCOUNT_NUMBER", "CREDIT_CARD_NUMBR"}; !slices.Equal(f.Rules[0].When.Types, want) {
		t.Errorf("types %q", f.Rules[0].When.Types)
	}
	if want := []string{`dir/policy.yaml:2: rule 1: types: "CREDIT_CARD_NUMBR" is unknown`}; !slices.Equal(notes, want) {
		t.Errorf("notes %q", notes)
	}
}

// TestShadowsAreNone draws pairs of rules and objects: of a rule that is said
// never to apply, no object may be found that it alone matches.
func TestShadowsAreNone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) []string {
		var out []string
		for _, w := range words {
			if rnd.IntN(3) == 0 {
				out = append(out, w)
			}
		}
		return out
	}
	when := func() When {
		w := When{
			Types: pick("A", "B"), Categories: pick("X", "Y"), MinCount: 1 + rnd.Int64N(3), Buckets: pick("b*", "bc", "d"), Prefixes: pick("k", "kl", "m"),
			MinSeverity: []string{"", "Low", "Medium", "High"}[rnd.IntN(4)],
		}
		for _, tag := range pick("t", "u") {
			w.Tags = map[string]string{tag: fmt.Sprint(rnd.IntN(2))}
		}
		return w
	}
	facts := func() Facts {
		x := Facts{Bucket: []string{"b", "bc", "d"}[rnd.IntN(3)], Key: []string{"k", "kl", "m", ""}[rnd.IntN(4)]}
		for _, id := range pick("A", "B", "C") {
			x.Found = append(x.Found, Found{id, []string{"X", "Y", "Z"}[rnd.IntN(3)], severities[rnd.IntN(3)], rnd.Int64N(4)})
		}
		tags := map[string]string{"t": fmt.Sprint(rnd.IntN(2)), "u": fmt.Sprint(rnd.IntN(2))}
		x.Tags = func() (map[string]string, error) { return tags, nil }
		return x
	}
	shadows, matches := 0, 0
	for range 40_000 {
		a, b := when(), when()
		if !a.covers(&b) {
			continue
		}
		shadows++
		for range 200 {
			x := facts()
			missB, _ := b.misses(x)
			missA, _ := a.misses(x)
			if missB == "" {
				matches++
				if missA != "" {
					t.Fatalf("%+v is said to cover %+v, but for %+v: %s", a, b, x, missA)
				}
			}
		}
	}
	if shadows < 200 || matches < 1000 {
		t.Errorf("only %d shadows and %d matches: too few to tell", shadows, matches)
	}
}
