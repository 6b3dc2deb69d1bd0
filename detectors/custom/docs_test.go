package custom

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocsAreRight reads the examples of the documentation.
func TestDocsAreRight(t *testing.T) {
	block := regexp.MustCompile("(?s)```(yaml|json)\n(.*?)```")
	for page, want := range map[string]int{"custom-identifiers.md": 4, "allow-lists.md": 1} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		blocks := block.FindAllStringSubmatch(string(text), -1)
		if len(blocks) != want {
			t.Errorf("%s: %d examples, want %d", page, len(blocks), want)
		}
		for i, b := range blocks {
			dir := t.TempDir()
			if strings.HasPrefix(b[2], "validator:") {
				b[2] += "name: a\nregex: abc\n"
			}
			for name, content := range map[string]string{"rules": b[2], "test-accounts.txt": "x\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, err := Load(filepath.Join(dir, "rules"))
			if err != nil {
				t.Errorf("%s, example %d: %v", page, i+1, err)
				continue
			}
			for k := range f.Identifiers {
				if failures, err := f.Identifiers[k].Check(); err != nil || len(failures) > 0 {
					t.Errorf("%s, example %d: %v %v", page, i+1, failures, err)
				}
			}
		}
	}
}
