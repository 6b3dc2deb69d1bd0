package pipeline

import (
	"slices"
	"testing"

	"github.com/sluice-dlp/sluice/scanner"
)

func TestRoomKeepsNothingAndGivesCopies(t *testing.T) {
	var r room
	if got := r.trade(r.take()); got != nil {
		t.Errorf("%d findings out of none", len(got))
	}
	for range 3 { // whether or not the pool gives back what it got
		fs := r.take()
		if len(fs) != 0 {
			t.Fatalf("room has %d findings in it", len(fs))
		}
		for i := range 1000 {
			fs = append(fs, scanner.Finding{Rule: "R", Location: scanner.Location{Line: int64(i)}})
		}
		want := slices.Clone(fs)
		got := r.trade(fs)
		if i := slices.IndexFunc(fs, func(f scanner.Finding) bool { return f != scanner.Finding{} }); i >= 0 {
			t.Errorf("finding %d is still there", i)
		}
		again := append(r.take(), scanner.Finding{Rule: "of another object"})
		if !slices.Equal(got, want) {
			t.Error("findings are not those that were found")
		}
		if got := r.trade(again); len(got) != 1 {
			t.Errorf("%d findings, want 1", len(got))
		}
	}
	if got := r.trade(r.take()); got != nil {
		t.Errorf("%d findings out of none", len(got))
	}
}
