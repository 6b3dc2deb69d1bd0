package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/corpus/eval"
)

// scoresHead names the columns of the figures of each detector, which
// docs/detectors.md shows: labels of the sets found, missed, and findings that
// are none; values of the sets judged as a whole, and as the set does; labels of
// the corpus found, missed, and findings that are none; findings in the negative
// texts that are not genuine. The numbers of a type count for each of its
// detectors.
const scoresHead = "id\tset_found\tset_missed\tset_false\tvalues\tvalues_agree\tcorpus_found\tcorpus_missed\tcorpus_false\tnegatives_false\n"

// writeScores writes a row for each detector of which something was measured.
func (q *quality) writeScores(file string, sets map[string]eval.Score, table corpus.Table, texts map[string]*text) error {
	var b bytes.Buffer
	b.WriteString(scoresHead)
	byType := make(map[string]corpus.Row, len(table))
	for _, r := range table {
		byType[r.Type] = r
	}
	js := judgements()
	for i := range q.rules.Len() {
		id := q.rules.Rule(i).ID
		tally := sumOf(sets, eval.Type(id))
		row, negative := byType[scoredAs(id)], int64(0)
		for kind, t := range texts {
			j, ok := js[kind+"\t"+id]
			if !ok {
				j = js[allTexts+"\t"+id]
			}
			if !j.genuine {
				negative += t.counts[id]
			}
		}
		if tally.TP+tally.FN+tally.FP+tally.Form.Rows() == 0 && row.TP+row.FN+row.FP+negative == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", id, tally.TP, tally.FN, tally.FP, tally.Form.Rows(), tally.Form.Agree(),
			row.TP, row.FN, row.FP, negative)
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// sumOf adds up what the sets say of a type.
func sumOf(sets map[string]eval.Score, typ string) (sum eval.Tally) {
	for _, s := range sets {
		if t := s[typ]; t != nil {
			sum.TP, sum.FN, sum.FP = sum.TP+t.TP, sum.FN+t.FN, sum.FP+t.FP
			sum.Form = plus(sum.Form, t.Form)
		}
	}
	return sum
}
