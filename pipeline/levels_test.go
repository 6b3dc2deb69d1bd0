package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store/mem"
)

// TestLevels: a rule with levels has no finding below the lowest, and what is
// on an allow list counts for none.
func TestLevels(t *testing.T) {
	rule := detectors.Rule{
		ID: "TICKET", Category: detectors.Custom, Pattern: `HD\d{4}`, MaxLen: 6, Priority: detectors.PriorityStrong,
		Levels: []detectors.Level{{From: 3, Severity: detectors.Low}, {From: 10, Severity: detectors.High}},
	}
	other := detectors.Rule{ID: "OTHER", Category: detectors.Custom, Pattern: `XY\d{4}`, MaxLen: 6, Priority: detectors.PriorityStrong, Severity: detectors.Rising}
	set, err := detectors.Compile([]detectors.Rule{rule, other}, detectors.Options{Allow: []detectors.AllowList{{Name: "known", Values: []string{"hd0000"}}}})
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scanner.New(scanner.Config{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	b := mem.New("b")
	b.Fill("none", []byte("HD0001 HD0002 HD0000 HD0000"))
	b.Fill("none but another", []byte("HD0001 XY0001"))
	b.Fill("low", []byte("HD0001 HD0002 HD0003"))
	b.Fill("high", []byte(strings.Repeat("HD0004 ", 10)))
	l := newLedger(t)
	sum := do(t, &pipeline.Run{Source: b, Scanner: sc, Rules: set, Ledger: l})
	got := rows(t, l, ledger.Filter{})
	for key, want := range map[string]struct {
		tickets  int64
		severity ledger.Severity
	}{
		"none":             {0, ledger.NoSeverity},
		"none but another": {0, ledger.Low},
		"low":              {3, ledger.Low},
		"high":             {10, ledger.High},
	} {
		row := got[key]
		if n, there := row.Coverage.Counts["TICKET"]; n != want.tickets || there != (n > 0) || row.Severity() != want.severity {
			t.Errorf("%s: %d values, severity %v; want %+v", key, n, row.Severity(), want)
		}
	}
	if sum.Stats.Values != 14 || sum.Stats.Allowed != 2 {
		t.Errorf("%d values, %d allowed; want 14, 2", sum.Stats.Values, sum.Stats.Allowed)
	}
	ids, err := l.Rules(t.Context())
	if err != nil || !slices.Equal(ids, []string{"OTHER", "TICKET"}) {
		t.Errorf("rules %q, %v", ids, err)
	}
	if n := len(findings(t, l.Reader, ledger.Filter{})); n != 14 {
		t.Errorf("%d findings, want 14", n)
	}
}
