package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

func builtin(t *testing.T) *detectors.Set {
	t.Helper()
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestTypesOfBuiltin sees that each built-in identifier has a common type and
// that no type is given to one that does not exist.
func TestTypesOfBuiltin(t *testing.T) {
	set := builtin(t)
	for i := range set.Len() {
		if id := set.Rule(i).ID; eval.Type(id) == "" {
			t.Errorf("corpus/eval/types.json has no type for %s", id)
		}
	}
	for id := range eval.IDs() {
		if _, ok := set.Lookup(id); !ok {
			t.Errorf("corpus/eval/types.json names %s, which is no detector", id)
		}
	}
}

// TestCorpus runs the built-in detectors over the corpus: what two
// implementations of every check digit must agree on.
func TestCorpus(t *testing.T) {
	set := builtin(t)
	cfg := corpus.Config{Seed: 11, Objects: 60, Bytes: 1 << 20}
	for o := range corpus.Generate(cfg) {
		for l := range o.Labels() {
			if _, ok := set.Lookup(l.Rule); !ok {
				t.Fatalf("%s is labelled %s, which is no detector", o.Key, l.Rule)
			}
		}
	}
	table, err := newQuality(set).corpus(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(table, table.Total()) {
		if r.Recall < 0.99 {
			t.Errorf("%s: recall %.4f of %d labels", r.Type, r.Recall, r.TP+r.FN)
		}
	}
	if total := table.Total(); total.Precision < 0.99 || total.TP < 1000 {
		t.Errorf("precision %.4f of %d findings", total.Precision, total.TP+total.FP)
	}
}

// TestUnpacked opens every container of the corpus with the scanner's own
// unpacker: labels must be inside the members of those paths, and a gap must be
// recorded for each broken member and for no other.
func TestUnpacked(t *testing.T) {
	for o := range corpus.Generate(corpus.Config{Seed: 5, Objects: 40, Bytes: 1 << 20}) {
		var stored bytes.Buffer
		if _, err := o.WriteTo(&stored); err != nil {
			t.Fatal(err)
		}
		sizes := make(map[string]int64)
		gaps := make(map[string]bool)
		err := unpack.Walk(context.Background(), &stored, unpack.Limits{}, unpack.Visitor{
			Member: func(m unpack.Member, r io.Reader) error {
				n, err := io.Copy(io.Discard, r)
				sizes[m.Path] = n
				return err
			},
			Gap: func(g unpack.Gap) { gaps[g.Path] = true },
		})
		if err != nil {
			t.Fatalf("%s: %v", o.Container, err)
		}
		for l := range o.Labels() {
			if n, ok := sizes[l.Member]; !ok || l.Offset+l.Length > n {
				t.Errorf("%s: a label at %d in %q, which has %d bytes", o.Container, l.Offset, l.Member, n)
				break
			}
		}
		if o.Broken != (len(gaps) > 0) || o.Broken && !gaps[o.BrokenAt] {
			t.Errorf("%s: gaps of %v, broken is %v in %q", o.Container, gaps, o.Broken, o.BrokenAt)
		}
	}
}

// TestRun prints the tables of a small set, and shows none of its content.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	rows := `{"id":"mine-1","kind":"span","text":"write to jane@example.com","labels":[{"type":"EMAIL","start":9,"end":25}],"complete":["EMAIL","PHONE"]}
{"id":"mine-2","kind":"span","text":"nothing of the kind","labels":[{"type":"EMAIL","start":0,"end":7}],"complete":["EMAIL"]}
{"id":"mine-3","kind":"value","value":"jane@example.com","type":"EMAIL","valid":true}
{"id":"mine-4","kind":"value","value":"jane@example.com","type":"EMAIL","valid":false}
{"id":"mine-5","kind":"value","value":"jane","type":"SHOE_SIZE","valid":true}
{"id":"mine-6","kind":"span","text":"the number 046454286 of it","labels":[{"type":"CA_SIN","start":11,"end":20}],"complete":["CA_SIN"]}
{"id":"mine-7","kind":"span","text":"X1234567L and X1234567M","labels":[{"type":"ES_NIE","start":0,"end":9},{"type":"ES_NIE","start":14,"end":23}],"complete":["ES_NIE"]}
`
	if err := os.WriteFile(filepath.Join(folder, "mine.jsonl"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cfg := config{sets: folder, scores: filepath.Join(t.TempDir(), "scores.tsv"), corpus: corpus.Config{Seed: 1, Objects: 12}}
	faults, err := run(&out, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| EMAIL | mine | 1 | 1 | 0 | 1.000 | 0.500 | 1/2 | 1/2 |\n",
		"- **mine, EMAIL, missed (1)**: . Rows 2\n",
		"- **mine, EMAIL, form (1)**: . Rows 4\n",
		"| CA_SIN | mine | 1 | 0.000 | 1.000 |  | 1.000 |\n",
		"| EMAIL | mine |  | 2 | 0.500 | 0 | 0.500 |  |\n",
		"| ES_NIE | mine | yes | 2 | 0.500 | 1 | 1.000 |  |\n",
		"## Synthetic corpus",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	faults = slices.DeleteFunc(faults, func(f string) bool { return strings.Contains(f, ": corpus, ") }) // this run explains nothing
	const fault = "bench/quality/why.tsv does not explain: mine, EMAIL, "
	if want := []string{"bench/quality/why.tsv does not explain: mine, CA_SIN, missed", fault + "missed", fault + "form", "bench/quality/why.tsv does not explain: mine, ES_NIE, missed"}; !slices.Equal(faults, want) {
		t.Errorf("faults are %v, want %v", faults, want)
	}
	scores, err := os.ReadFile(cfg.scores)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(scores), scoresHead) || !strings.Contains(string(scores), "\nEMAIL_ADDRESS\t1\t1\t0\t2\t1\t") {
		t.Error("the figures lack those of EMAIL_ADDRESS")
	}
	for _, secret := range []string{"jane", "nothing of", "SHOE_SIZE"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the output shows %q", secret)
		}
	}
	if _, err := run(io.Discard, config{sets: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "-sets") {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestUnneeded sees a reason that no disagreement asks for, of a set that is
// there and of one that is not.
func TestUnneeded(t *testing.T) {
	p := &printer{w: io.Discard, used: make(map[string]bool), why: map[string]string{
		"mine\tEMAIL\tmissed": "", "mine\tPHONE\tform": "", "theirs\tPHONE\tform": "",
	}}
	scores := map[string]eval.Score{"mine": {"EMAIL": {FN: 1, Missed: []string{"mine-1"}}}}
	p.disagreements(scores)
	if got := p.unneeded(scores); !slices.Equal(got, []string{"mine, PHONE, form"}) || len(p.unexplained) > 0 {
		t.Errorf("not needed are %q, unexplained %q", got, p.unexplained)
	}
}

// TestNegatives scans texts of two kinds, one of them compressed, with cards
// where there may be none.
func TestNegatives(t *testing.T) {
	folder := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "write to jane@example.org")
	z.Close()
	for name, content := range map[string]string{
		"complete":                 "jane@example.org",
		"minified/lib/a.min.js":    "var a=4539148803436467;",
		"manpages/man1/page.1.gz":  packed.String(),
		"dictionary/words":         "abacus\nabbey\n",
		"dictionary/more/american": "zebra AB1234563",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	texts, set, err := negatives(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) != 3 || texts["dictionary"].files != 2 || texts["dictionary"].bytes != 28 || texts["manpages"].counts["EMAIL_ADDRESS"] != 1 {
		t.Errorf("%d kinds, dictionary is %+v, manpages %+v", len(texts), texts["dictionary"], texts["manpages"])
	}
	var out bytes.Buffer
	p := &printer{w: &out}
	faults := strings.Join(p.negatives(texts, set), "\n")
	for _, want := range []string{"1 of CREDIT_CARD_NUMBER_(NO_KEYWORD) in minified", "does not judge: minified, CREDIT_CARD", "1 numbers with a check in 0.0 MB"} {
		if !strings.Contains(faults, want) {
			t.Errorf("the faults lack %q: %s", want, faults)
		}
	}
	for _, want := range []string{"| minified | 1 | 0.0 | 1 | ", "| manpages | 1 | 0.0 | 0 | 0.000 | 0 | 1 |", "| **all** | 4 | 0.0 | 1 | "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables lack %q", want)
		}
	}
	low, _, err := negatives(folder, lowConfidence)
	if err != nil {
		t.Fatal(err)
	}
	p.bareNegatives(texts, low)
	for _, want := range []string{"| dictionary | 1 | 35714.286 |", "US_DRUG_ENFORCEMENT_AGENCY_NUMBER"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables lack %q", want)
		}
	}
	if _, _, err := negatives(t.TempDir(), 0); err == nil || !strings.Contains(err.Error(), "build/negatives") {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestJudgements sees that every line of negatives.tsv is read, is of a
// detector, and gives a reason.
func TestJudgements(t *testing.T) {
	set := builtin(t)
	js := judgements()
	if lines := strings.Count(negativesTSV, "\n"); len(js) != lines || lines < 10 {
		t.Errorf("%d judgements in %d lines", len(js), lines)
	}
	for key, j := range js {
		_, id, _ := strings.Cut(key, "\t")
		if _, ok := set.Lookup(id); !ok || j.why == "" {
			t.Errorf("%q: no such detector, or no reason", key)
		}
	}
}

func TestStrict(t *testing.T) {
	set := builtin(t)
	for id, want := range map[string]bool{
		"CREDIT_CARD_NUMBER": true, "CREDIT_CARD_EXPIRATION": false, "GERMANY_BANK_ACCOUNT_NUMBER": true,
		"BRAZIL_CPF_NUMBER": true, "USA_PASSPORT_NUMBER": false, "EMAIL_ADDRESS": false,
	} {
		i, ok := set.Lookup(id)
		if !ok || strict(set.Rule(i)) != want {
			t.Errorf("%s: there is %v, strict is not %v", id, ok, want)
		}
	}
}
