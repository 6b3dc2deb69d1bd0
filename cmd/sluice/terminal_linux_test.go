package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline"
)

// TestOpenToTerminal: what is in quarantine does not go to a terminal by mistake.
func TestOpenToTerminal(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "policy.yaml")
	text := "rules: [{action: copy}]\nquarantine: {vault: \"s3://vault/\", mode: envelope, key: \"local:none.key\"}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ flag, want string }{{"--policy=" + file, "is a terminal"}, {"--terminal", "none.key"}} {
		var said bytes.Buffer
		code := run(t.Context(), []string{"quarantine", "open", file, "--policy", file, "-o", "-", c.flag}, strings.NewReader(""), terminal, &said)
		if code != pipeline.ExitUsage || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: exit code %d\n%s", c.flag, code, &said)
		}
	}
}
