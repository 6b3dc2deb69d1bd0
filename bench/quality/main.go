// Quality measures the built-in detectors: on labelled sets written by others,
// on texts without personal data and on the synthetic corpus. It prints Markdown tables of precision, recall
// and agreement, and names the rows where the detectors and a set disagree by
// their ids, never by their content.
//
//	go run ./bench/quality -sets ../shared/eval -negatives "$(./build/negatives)"
package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner"
)

func main() {
	cfg := config{why: whyTSV}
	flag.StringVar(&cfg.sets, "sets", "../shared/eval", "folder of the sets, one .jsonl file each")
	flag.StringVar(&cfg.negatives, "negatives", "", "folder of texts without personal data, as build/negatives prints it; without one they are left out")
	flag.StringVar(&cfg.scores, "scores", "", "file to write the figures of each detector to, for docs/detectors.md")
	flag.IntVar(&cfg.corpus.Objects, "objects", 1000, "objects of the synthetic corpus")
	flag.Uint64Var(&cfg.corpus.Seed, "seed", 1, "seed of the synthetic corpus")
	flag.Parse()
	faults, err := run(os.Stdout, cfg)
	if err == nil && len(faults) > 0 {
		err = errors.New(strings.Join(faults, "\n"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

// config says what to measure.
type config struct {
	sets      string // folder
	why       string // reasons of disagreements, as in why.tsv
	negatives string // folder; "" for none
	scores    string // file to write; "" for none
	corpus    corpus.Config
}

// run measures and prints. It returns what must not be: disagreements that
// nothing explains, explanations of nothing, and too much that is false.
func run(w io.Writer, cfg config) (faults []string, err error) {
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{KeepDummies: true})
	if err != nil {
		return nil, err
	}
	lower, err := detectors.Compile(detectors.Builtin(), detectors.Options{KeepDummies: true, MinConfidence: lowConfidence})
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(cfg.sets, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no sets in %s: name their folder with -sets", cfg.sets)
	}
	q, low := newQuality(set), newQuality(lower)
	low.refuses = true
	scores, lowScores := make(map[string]eval.Score, len(files)), make(map[string]eval.Score, len(files))
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jsonl")
		if scores[name], err = q.set(f); err != nil {
			return nil, err
		}
		if lowScores[name], err = low.set(f); err != nil {
			return nil, err
		}
	}
	table, err := q.corpus(cfg.corpus)
	if err != nil {
		return nil, err
	}
	p := &printer{w: w, why: reasons(cfg.why), used: make(map[string]bool)}
	p.sets(scores)
	p.disagreements(scores)
	p.bareLabels(q, scores, lowScores)
	var texts map[string]*text
	if cfg.negatives != "" {
		var used *detectors.Set
		if texts, used, err = negatives(cfg.negatives, 0); err != nil {
			return nil, err
		}
		faults = append(faults, p.negatives(texts, used)...)
		bare, _, err := negatives(cfg.negatives, lowConfidence)
		if err != nil {
			return nil, err
		}
		p.bareNegatives(texts, bare)
	}
	p.corpus(cfg.corpus, table)
	for _, key := range p.unneeded(scores) {
		faults = append(faults, "bench/quality/why.tsv explains what is not there: "+key)
	}
	faults = append(p.unexplained, faults...)
	if p.err == nil && cfg.scores != "" {
		p.err = q.writeScores(cfg.scores, scores, table, texts)
	}
	return faults, p.err
}

//go:embed why.tsv
var whyTSV string

// reasons gives, for a set, type and kind of disagreement joined by tabs, why
// it remains.
func reasons(tsv string) map[string]string {
	why := make(map[string]string)
	for line := range strings.Lines(tsv) {
		if i := strings.LastIndexByte(line, '\t'); i >= 0 {
			why[line[:i]] = strings.TrimSpace(line[i+1:])
		}
	}
	return why
}

// quality runs the detectors.
type quality struct {
	rules  *detectors.Set
	byType map[string][]int // rule numbers by common type

	// refuses says that labels that fail the check of their type are counted
	// with those whose form is wrong.
	refuses bool
}

func newQuality(set *detectors.Set) *quality {
	q := &quality{rules: set, byType: make(map[string][]int)}
	for i := range set.Len() {
		for _, t := range eval.Types(set.Rule(i).ID) {
			q.byType[t] = append(q.byType[t], i)
		}
	}
	return q
}

// set scores one set.
func (q *quality) set(file string) (eval.Score, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	score := make(eval.Score)
	for row, err := range eval.Read(f) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if q.refuses {
			q.refuse(row)
		}
		score.Add(row, q.find(row.Content()))
		if row.Kind == eval.KindValue {
			score.AddForm(row, q.valid(row.Type, row.Value))
		}
	}
	// What no rule looks for says nothing about the rules.
	maps.DeleteFunc(score, func(typ string, _ *eval.Tally) bool { return q.byType[typ] == nil })
	return score, nil
}

// find searches text and returns what is found by common type.
func (q *quality) find(text string) []eval.Finding {
	var found []eval.Finding
	for _, m := range q.rules.Find(nil, []byte(text), 0, len(text)) {
		for _, t := range eval.Types(q.rules.Rule(m.Rule).ID) {
			found = append(found, eval.Finding{Type: t, Start: m.Start, End: m.End})
		}
	}
	return found
}

// valid reports whether the value is well formed for a rule of the type.
func (q *quality) valid(typ, value string) bool {
	v := []byte(value)
	return eval.Fits(typ, v) && slices.ContainsFunc(q.byType[typ], func(rule int) bool { return q.rules.Valid(rule, v) })
}

// corpus scores the synthetic corpus as the scanner sees it, every container
// opened.
func (q *quality) corpus(cfg corpus.Config) (corpus.Table, error) {
	sc, err := scanner.New(scanner.Config{Set: q.rules, MaxPerRule: math.MaxInt})
	if err != nil {
		return nil, err
	}
	scorer := corpus.NewScorer(scoredAs)
	for o := range corpus.Generate(cfg) {
		var stored bytes.Buffer
		if _, err := o.WriteTo(&stored); err != nil {
			return nil, err
		}
		var found corpus.Found
		cov, err := scan(sc, &stored, &found.Findings)
		if err != nil {
			return nil, fmt.Errorf("corpus object %s: %w", o.Key, err)
		}
		found.Counts = cov.Counts
		scorer.Add(o.Labels(), found)
	}
	return scorer.Table(), nil
}

// scan appends what is found in an object and returns what was read of it.
func scan(sc *scanner.Scanner, stored io.Reader, found *[]corpus.Span) (scanner.Coverage, error) {
	return sc.Scan(context.Background(), stored, func(f scanner.Finding) error {
		*found = append(*found, corpus.Span{
			Member: f.Location.Member, Rule: f.Rule, Offset: f.Location.Offset, Length: f.Location.Length,
		})
		return nil
	})
}

// scoredAs is the name under which a rule is scored on the corpus: rules that
// may own the same value go together.
func scoredAs(rule string) string {
	switch t := eval.Type(rule); t {
	case "CREDIT_CARD", "PHONE":
		return t
	}
	return rule
}

// printer writes Markdown and remembers the first error.
type printer struct {
	w           io.Writer
	err         error
	why         map[string]string
	unexplained []string // disagreements that why does not name
	used        map[string]bool
}

// unneeded returns the reasons that no disagreement of the sets asked for.
func (p *printer) unneeded(scores map[string]eval.Score) []string {
	var left []string
	for _, key := range sorted(p.why) {
		set, _, _ := strings.Cut(key, "\t")
		if (scores[set] != nil || set == "corpus") && !p.used[key] {
			left = append(left, strings.ReplaceAll(key, "\t", ", "))
		}
	}
	return left
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// sorted yields types and sets in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (p *printer) sets(scores map[string]eval.Score) {
	p.printf("# Quality\n\nMade by `make quality`. Published dummies are kept in this run (`--keep-dummies`), because the sets are full of them.\n\n")
	p.printf("## Sets written by others\n\n" +
		"Labels: found / missed / false findings. Values by search: a finding covers nine tenths of the value, without context. " +
		"Form: the value judged as a whole (`sluice detect --as`).\n\n" +
		"| type | set | found | missed | false | precision | recall | values by search | form agrees |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	types := make(map[string]bool)
	for _, s := range scores {
		for t := range s {
			types[t] = true
		}
	}
	var form, search eval.Values
	for _, typ := range sorted(types) {
		for _, name := range sorted(scores) {
			t := scores[name][typ]
			if t == nil {
				continue
			}
			p.printf("| %s | %s | %d | %d | %d | %s | %s | %s | %s |\n", typ, name, t.TP, t.FN, t.FP,
				ratio(t.TP, t.TP+t.FP), ratio(t.TP, t.TP+t.FN), agreement(t.Found), agreement(t.Form))
			form, search = plus(form, t.Form), plus(search, t.Found)
		}
	}
	p.printf("| **all** | | | | | | | %s | %s |\n\n", agreement(search), agreement(form))
}

func plus(a, b eval.Values) eval.Values {
	return eval.Values{TP: a.TP + b.TP, FN: a.FN + b.FN, FP: a.FP + b.FP, TN: a.TN + b.TN}
}

func ratio(part, whole int) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", float64(part)/float64(whole))
}

func agreement(v eval.Values) string {
	if v.Rows() == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", v.Agree(), v.Rows())
}

func (p *printer) disagreements(scores map[string]eval.Score) {
	p.printf("### What sluice and the sets disagree on, and why\n\n")
	for _, name := range sorted(scores) {
		for _, typ := range sorted(scores[name]) {
			t := scores[name][typ]
			p.rows(typ, name, "missed", t.Missed)
			p.rows(typ, name, "false", t.False)
			p.rows(typ, name, "form", t.WrongForm)
		}
	}
	p.printf("\n")
}

// rows lists row ids, the name of the set left out.
func (p *printer) rows(typ, name, what string, ids []string) {
	if len(ids) == 0 {
		return
	}
	short := make([]string, len(ids))
	for i, id := range ids {
		short[i] = cmp.Or(strings.TrimPrefix(id, name+"-"), id)
	}
	key := strings.Join([]string{name, typ, what}, "\t")
	why, ok := p.why[key]
	p.used[key] = true
	if !ok {
		p.unexplained = append(p.unexplained, "bench/quality/why.tsv does not explain: "+strings.ReplaceAll(key, "\t", ", "))
	}
	p.printf("- **%s, %s, %s (%d)**: %s. Rows %s\n", name, typ, what, len(ids), why, strings.Join(short, " "))
}

func (p *printer) corpus(cfg corpus.Config, table corpus.Table) {
	p.printf("## Synthetic corpus\n\nSeed %d, %d objects in all containers.\n\n", cfg.Seed, cfg.Objects)
	p.printf("| scored as | labels | missed | false | precision | recall |\n|---|--:|--:|--:|--:|--:|\n")
	for _, r := range append(slices.Clone(table), table.Total()) {
		p.printf("| %s | %d | %d | %d | %.4f | %.4f |\n", r.Type, r.TP+r.FN, r.FN, r.FP, r.Precision, r.Recall)
	}
	if total := table.Total(); total.FN+total.FP > 0 {
		p.printf("\n### What sluice and the corpus disagree on, and why\n\n")
	}
	for _, r := range table {
		p.count(r.Type, "missed", r.FN)
		p.count(r.Type, "false", r.FP)
	}
}

// count gives the reason for n disagreements with the corpus on a type.
func (p *printer) count(typ, what string, n int64) {
	if n == 0 {
		return
	}
	k := strings.Join([]string{"corpus", typ, what}, "\t")
	why, ok := p.why[k]
	p.used[k] = true
	if !ok {
		p.unexplained = append(p.unexplained, "bench/quality/why.tsv does not explain: "+strings.ReplaceAll(k, "\t", ", "))
	}
	p.printf("- **%s, %s (%d)**: %s.\n", typ, what, n, why)
}
