package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner"
)

// negatives.tsv says of each kind of negative text, or of all ("*"), and each
// type that is found there, whether it is genuine or false, and why.
//
//go:embed negatives.tsv
var negativesTSV string

// judgement is what became of the findings of one type in one kind of text.
type judgement struct {
	genuine bool
	why     string
}

// judgements gives them by kind and type joined by a tab.
func judgements() map[string]judgement {
	js := make(map[string]judgement)
	for line := range strings.Lines(negativesTSV) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 4 {
			js[f[0]+"\t"+f[1]] = judgement{genuine: f[2] == "genuine", why: f[3]}
		}
	}
	return js
}

// Of the types of [strict] none may be found in texts of these kinds, and in
// all texts together at most one in ten megabytes.
const (
	spotless     = "dictionary minified unicode"
	strictPerMB  = 0.1
	megabyte     = 1e6
	allTexts     = "*"
	bankAccounts = "_BANK_ACCOUNT_NUMBER"
)

// strict reports whether a value of the rule proves itself by a check, so that
// chance hardly makes one: cards, accounts, numbers of a country's people and
// firms with a check digit.
func strict(r *detectors.Rule) bool {
	return strings.HasPrefix(r.ID, "CREDIT_CARD_NUMBER") || strings.HasSuffix(r.ID, bankAccounts) ||
		len(r.Countries) > 0 && !strings.HasPrefix(r.Check, "none") && !strings.Contains(r.ID, "PHONE")
}

// text is what was searched and found in the negative texts of one kind.
type text struct {
	files, gaps int
	bytes       int64
	counts      map[string]int64 // by rule
}

func (t *text) megabytes() float64 { return float64(t.bytes) / megabyte }

// negatives scans the files below folder, of which the first element of the
// path is the kind, with the default selection, for matches of at least so much
// confidence; 0 is the default.
func negatives(folder string, least int) (map[string]*text, *detectors.Set, error) {
	rules, err := detectors.Select(detectors.Builtin(), []string{detectors.Default})
	if err != nil {
		return nil, nil, err
	}
	set, err := detectors.Compile(rules, detectors.Options{MinConfidence: least})
	if err != nil {
		return nil, nil, err
	}
	sc, err := scanner.New(scanner.Config{Set: set, MaxPerRule: 1})
	if err != nil {
		return nil, nil, err
	}
	texts := make(map[string]*text)
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		kind, _, within := strings.Cut(filepath.ToSlash(name), "/")
		if !within {
			return nil
		}
		if texts[kind] == nil {
			texts[kind] = &text{counts: make(map[string]int64)}
		}
		return texts[kind].add(sc, path)
	})
	if err == nil && len(texts) == 0 {
		err = fmt.Errorf("no texts in %s: build/negatives fetches them", folder)
	}
	return texts, set, err
}

// add scans one file.
func (t *text) add(sc *scanner.Scanner, path string) error {
	stored, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var discard []corpus.Span
	cov, err := scan(sc, bytes.NewReader(stored), &discard)
	if err != nil {
		return err
	}
	t.files++
	t.bytes += cov.BytesSearched
	t.gaps += int(cov.GapCount())
	for id, n := range cov.Counts {
		t.counts[id] += n
	}
	return nil
}

// negatives prints the tables and returns what is against the rules of
// [strict], and what nothing judges or is judged and not there.
func (p *printer) negatives(texts map[string]*text, set *detectors.Set) (faults []string) {
	js := judgements()
	used := make(map[string]bool)
	judge := func(kind, id string) judgement {
		for _, key := range []string{kind + "\t" + id, allTexts + "\t" + id} {
			if j, ok := js[key]; ok {
				used[key] = true
				return j
			}
		}
		faults = append(faults, "bench/quality/negatives.tsv does not judge: "+kind+", "+id)
		return judgement{}
	}
	p.printf("## Texts without personal data\n\n"+
		"Packages at fixed versions (`build/negatives`), members unpacked, the default selection at its thresholds. MB are 10⁶ bytes searched. "+
		"Numbers with a check are cards, accounts, and numbers of one country that have a check digit or a like rule: none of them may be found in "+
		"%s, and no more than one in 10 MB of all. What is genuine, a mail address of an author say, is listed apart below.\n\n"+
		"| kind | files | MB | false | false/MB | numbers with a check | genuine |\n|---|--:|--:|--:|--:|--:|--:|\n", strings.ReplaceAll(spotless, " ", ", "))
	type sum struct{ files, falses, strict, genuine int64 }
	var all sum
	var whole float64
	for _, kind := range sorted(texts) {
		t, s := texts[kind], sum{files: int64(texts[kind].files)}
		for _, id := range sorted(t.counts) {
			i, _ := set.Lookup(id)
			switch r := set.Rule(i); {
			case judge(kind, id).genuine:
				s.genuine += t.counts[id]
				continue
			case strict(r):
				s.strict += t.counts[id]
				if slices.Contains(strings.Fields(spotless), kind) {
					faults = append(faults, fmt.Sprintf("%d of %s in %s", t.counts[id], id, kind))
				}
			}
			s.falses += t.counts[id]
		}
		p.printf("| %s | %d | %.1f | %d | %.3f | %d | %d |\n", kind, s.files, t.megabytes(), s.falses, float64(s.falses)/t.megabytes(), s.strict, s.genuine)
		all = sum{all.files + s.files, all.falses + s.falses, all.strict + s.strict, all.genuine + s.genuine}
		whole += t.megabytes()
	}
	p.printf("| **all** | %d | %.1f | %d | %.3f | %d | %d |\n", all.files, whole, all.falses, float64(all.falses)/whole, all.strict, all.genuine)
	if float64(all.strict) > strictPerMB*whole {
		faults = append(faults, fmt.Sprintf("%d numbers with a check in %.1f MB of negative texts", all.strict, whole))
	}
	p.findings(texts, judge, whole)
	for _, key := range sorted(js) {
		if kind, _, _ := strings.Cut(key, "\t"); !used[key] && (kind == allTexts || texts[kind] != nil) {
			faults = append(faults, "bench/quality/negatives.tsv judges what is not there: "+strings.ReplaceAll(key, "\t", ", "))
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// findings lists what was found: first by type over all kinds, then each with
// the reason.
func (p *printer) findings(texts map[string]*text, judge func(kind, id string) judgement, whole float64) {
	falses := make(map[string]int64)
	var lines [2][]string // false, genuine
	for _, kind := range sorted(texts) {
		t := texts[kind]
		for _, id := range sorted(t.counts) {
			j, n := judge(kind, id), t.counts[id]
			line := fmt.Sprintf("| %s | %s | %d | %.3f | %s |\n", id, kind, n, float64(n)/t.megabytes(), j.why)
			if j.genuine {
				lines[1] = append(lines[1], line)
			} else {
				lines[0] = append(lines[0], line)
				falses[id] += n
			}
		}
	}
	p.printf("\nFalse findings by type, per MB of all texts; types that are not here have none.\n\n| type | false | false/MB |\n|---|--:|--:|\n")
	ids := sorted(falses)
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(falses[b], falses[a]) })
	for _, id := range ids {
		p.printf("| %s | %d | %.3f |\n", id, falses[id], float64(falses[id])/whole)
	}
	for i, head := range []string{"False, and why", "Genuine, and what they are"} {
		slices.Sort(lines[i])
		p.printf("\n### %s\n\n| type | kind | found | per MB | |\n|---|---|--:|--:|---|\n%s", head, strings.Join(lines[i], ""))
	}
	p.printf("\n")
}
