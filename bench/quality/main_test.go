package main

import (
	"bytes"
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
`
	if err := os.WriteFile(filepath.Join(folder, "mine.jsonl"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	unexplained, err := run(&out, folder, corpus.Config{Seed: 1, Objects: 12})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| EMAIL | mine | 1 | 1 | 0 | 1.000 | 0.500 | 1/2 | 1/2 |\n",
		"- **mine, EMAIL, missed (1)**: . Rows 2\n",
		"- **mine, EMAIL, form (1)**: . Rows 4\n",
		"## Synthetic corpus",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	if want := []string{"mine, EMAIL, missed", "mine, EMAIL, form"}; !slices.Equal(unexplained, want) {
		t.Errorf("unexplained are %v, want %v", unexplained, want)
	}
	for _, secret := range []string{"jane", "nothing", "SHOE_SIZE"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the output shows %q", secret)
		}
	}
	if _, err := run(io.Discard, t.TempDir(), corpus.Config{}); err == nil || !strings.Contains(err.Error(), "-sets") {
		t.Errorf("an empty folder: %v", err)
	}
}
