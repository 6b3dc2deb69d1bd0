package main

import (
	"bytes"
	"slices"
	"testing"
)

func TestTextsAreTheSameAgain(t *testing.T) {
	all := append(kinds(), badKinds()...)
	all = append(all, kind{"one line", oneLine})
	for _, k := range all {
		for _, size := range []int{20_000, 70_000} {
			a, b := k.text(size), k.text(size)
			if len(a.bytes) != size {
				t.Errorf("%s: %d bytes, want %d", k.name, len(a.bytes), size)
			}
			if !bytes.Equal(a.bytes, b.bytes) || !slices.Equal(a.ends, b.ends) {
				t.Errorf("%s: two texts of %d bytes differ", k.name, size)
			}
			if !slices.IsSorted(a.ends) || len(a.ends) > 0 && (a.ends[0] <= 0 || a.ends[len(a.ends)-1] > size) {
				t.Errorf("%s: ends of labels are not in order within %d bytes", k.name, size)
			}
		}
	}
}

func TestOneLineIsOne(t *testing.T) {
	if text, _ := oneLine(100_000); bytes.ContainsRune(text, '\n') {
		t.Error("there is a line end in it")
	}
}

// TestLines sees that values planted are values found, so that a row with all
// of them says what 100 % costs.
func TestLines(t *testing.T) {
	set, err := compile(kernels()[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range valueKinds() {
		for _, percent := range []int{0, 50, 100} {
			text, ends := lines(64<<10, percent, v.write)
			got := search(set.Find, set.Margin(), text)
			// One in thousands happens to be a published example, one card in two thousand
			// reads as a list of small numbers, and the last may be cut off.
			if got < len(ends)-2-len(ends)/800 || got > len(ends)+2 {
				t.Errorf("%s, %d %%: %d planted, %d found", v.name, percent, len(ends), got)
			}
			share := len(ends) * 100 / bytes.Count(text, []byte{'\n'})
			if share < percent-5 || share > percent+5 {
				t.Errorf("%s: %d %% of the lines are values, want %d", v.name, share, percent)
			}
		}
	}
}

func TestSearchDoesNotDependOnWindows(t *testing.T) {
	set, err := compile(kernels()[0])
	if err != nil {
		t.Fatal(err)
	}
	csv, ends := of("csv", "dense")(3 * window)
	whole := set.Find(nil, csv, 0, len(csv))
	if got := search(set.Find, set.Margin(), csv); got != len(whole) || got < len(ends)*9/10 {
		t.Errorf("%d matches in windows, %d in one go, %d planted", got, len(whole), len(ends))
	}
	cores, err := allowedCores()
	if err != nil {
		t.Fatal(err)
	}
	onTwo := &text{name: "csv", bytes: csv}
	if got, err := onCores(set, cores)(onTwo, len(csv)); err != nil || got.matches != len(whole) {
		t.Errorf("%d matches on %d cores, %v; want %d", got.matches, len(cores), err, len(whole))
	}
}
