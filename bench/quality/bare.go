package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/corpus/eval"
)

// lowConfidence is the second threshold that is measured: values with a check
// digit and without the keyword they need count from it on.
const lowConfidence = 30

// wantedRecall is what we want of the labels of a set that are neither weak nor
// malformed.
const wantedRecall = 0.98

// bareLabels compares what is found of the labels of the sets by default and at
// lowConfidence, where that differs, and says what is missed at the lower one.
func (p *printer) bareLabels(q *quality, scores, low map[string]eval.Score) {
	p.printf("## At a lower threshold\n\n"+
		"Values with a check digit that need a keyword and have none count from `--min-confidence %d` on, by their layout and check alone. What that adds to the labels of the sets; types that are not here gain nothing.\n\n"+
		"| type | set | labels | recall | at %[1]d | precision | at %[1]d |\n|---|---|--:|--:|--:|--:|--:|\n", lowConfidence)
	var all, lowAll, checked eval.Tally
	var missed []string // rows of the second table
	for _, name := range sorted(scores) {
		for _, typ := range sorted(scores[name]) {
			t, l := scores[name][typ], low[name][typ]
			all.TP, all.FN, all.FP = all.TP+t.TP, all.FN+t.FN, all.FP+t.FP
			whole := eval.Tally{TP: l.TP + l.BadTP - t.BadTP, FN: l.FN + l.BadFN - t.BadFN, FP: l.FP}
			lowAll.TP, lowAll.FN, lowAll.FP = lowAll.TP+whole.TP, lowAll.FN+whole.FN, lowAll.FP+whole.FP
			if t.TP != whole.TP || t.FP != l.FP {
				p.bareRow(typ, name, t, &whole)
			}
			refused := l.BadTP + l.BadFN - t.BadTP - t.BadFN
			check := ""
			if q.hasCheck(typ) {
				check = "yes"
				checked.TP, checked.FN, checked.BadFN = checked.TP+l.TP, checked.FN+l.FN, checked.BadFN+refused
			}
			if whole.FN > 0 && float64(whole.TP) < wantedRecall*float64(whole.TP+whole.FN) {
				missed = append(missed, fmt.Sprintf("| %s | %s | %s | %d | %s | %d | %s | %s |\n", typ, name, check, whole.TP+whole.FN, ratio(whole.TP, whole.TP+whole.FN),
					refused, ratio(l.TP, l.TP+l.FN), p.why[strings.Join([]string{name, typ, "missed"}, "\t")]))
			}
		}
	}
	p.bareRow("**all types**", "", &all, &lowAll)
	p.printf("\nOf types whose values have a check digit or the like, %d of %d labels are found at %d, a recall of %s; %d more labels are refused by the check itself, so that they are no values of that type. "+
		"Types of which less than %.2f of the labels of a set are found, and why; the last recall is without the labels that their check refuses:\n\n"+
		"| type | set | check | labels | recall at %[3]d | refused by the check | recall of the rest | why |\n|---|---|---|--:|--:|--:|--:|---|\n",
		checked.TP, checked.TP+checked.FN, lowConfidence, ratio(checked.TP, checked.TP+checked.FN), checked.BadFN, wantedRecall)
	p.printf("%s\n", strings.Join(missed, ""))
}

// hasCheck reports whether values of the type have a check digit or the like.
func (q *quality) hasCheck(typ string) bool {
	return slices.ContainsFunc(q.byType[typ], func(i int) bool {
		r := q.rules.Rule(i)
		return q.rules.Bare(i) > 0 || strict(r) && !r.NeedKeyword
	})
}

// refuse marks the labels of row that are no values of their type by its check as
// of a wrong form.
func (q *quality) refuse(row *eval.Row) {
	for i := range row.Labels {
		l := &row.Labels[i]
		if l.FormOK == nil && q.hasCheck(l.Type) && l.Start >= 0 && l.Start <= l.End && l.End <= len(row.Text) {
			ok := q.valid(l.Type, row.Text[l.Start:l.End])
			l.FormOK = &ok
		}
	}
}

func (p *printer) bareRow(typ, set string, t, low *eval.Tally) {
	p.printf("| %s | %s | %d | %s | %s | %s | %s |\n", typ, set, t.TP+t.FN,
		ratio(t.TP, t.TP+t.FN), ratio(low.TP, low.TP+low.FN), ratio(t.TP, t.TP+t.FP), ratio(low.TP, low.TP+low.FP))
}

// bareNegatives says what lowConfidence adds to the findings in texts without
// personal data, of which nearly all are false.
func (p *printer) bareNegatives(texts, low map[string]*text) {
	p.printf("### At %d %% certain\n\nThe same texts, where values with a check digit count without their keyword: what is found more, which is chance.\n\n"+
		"| kind | more | more/MB |\n|---|--:|--:|\n", lowConfidence)
	more := make(map[string]int64)
	var all int64
	var whole float64
	for _, kind := range sorted(low) {
		var sum int64
		for id, n := range low[kind].counts {
			n -= texts[kind].counts[id]
			more[id] += n
			sum += n
		}
		all, whole = all+sum, whole+low[kind].megabytes()
		p.printf("| %s | %d | %.3f |\n", kind, sum, float64(sum)/low[kind].megabytes())
	}
	p.printf("| **all** | %d | %.3f |\n\nThose found most: ", all, float64(all)/whole)
	const most = 15
	ids := sorted(more)
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(more[b], more[a]) })
	for i, id := range ids[:min(most, len(ids))] {
		if i > 0 {
			p.printf(", ")
		}
		p.printf("%s", fmt.Sprintf("%s %.3f", id, float64(more[id])/whole))
	}
	p.printf(" per MB.\n\n")
}
