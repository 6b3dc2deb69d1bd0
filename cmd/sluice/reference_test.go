package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
)

func TestReference(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scores.tsv")
	rows := "id\tand so on\nCREDIT_CARD_NUMBER\t3\t1\t0\t4\t3\t0\t0\t0\t2\n"
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	measured, err := readFigures(file)
	if err != nil {
		t.Fatal(err)
	}
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := writeReference(&out, set, measured); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for i := range set.Len() {
		id := set.Rule(i).ID
		if n := strings.Count(page, "| [`"+id+"`](#"); n != 1 {
			t.Errorf("%s stands in %d rows", id, n)
		}
		if n := strings.Count(page, "\n## "+id+"\n"); n != 1 {
			t.Errorf("%s has %d headings", id, n)
		}
	}
	for _, want := range []string{
		" | 1.000 / 0.750 \\* |  |\n",
		"- **Measured.** Sets of others: precision 1.000, recall 0.750 of 4 labels. 3 of 4 values judged as the sets do. 2 false in the texts without personal data.\n",
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("the page has not one %q", want)
		}
	}
	at := func(s string) int { return strings.Index(page, "| [`"+s+"`]") }
	if at("GERMANY_BANK_ACCOUNT_NUMBER") > at("SPAIN_BANK_ACCOUNT_NUMBER") || at("CREDIT_CARD_NUMBER") > at("ALBANIA_BANK_ACCOUNT_NUMBER") {
		t.Error("the rows are not in the order of countries")
	}
	if _, err := readFigures(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
	if err := os.WriteFile(file, []byte("id\nCREDIT_CARD_NUMBER\tmany\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readFigures(file); err == nil {
		t.Error("a word is read as a number")
	}
}
