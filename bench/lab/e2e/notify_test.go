package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify/webhook"
)

// receiver takes messages of a webhook.
type receiver struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	status int // to answer with; 0: 200
	bodies []string
	kinds  map[string]int
	ids    map[string]bool
}

const signingKey = "a key for signing, of enough bytes"

// hook starts a receiver, and writes a policy's notify section that names it.
func (c *custody) hook() *receiver {
	c.Helper()
	r := &receiver{t: c.T, kinds: make(map[string]int), ids: make(map[string]bool)}
	r.Server = httptest.NewServer(r)
	c.Cleanup(r.Close)
	f, err := os.OpenFile(filepath.Join(c.home, "policy.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		c.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "notify:\n  - {name: soc, type: webhook, url: %s, secret: \"file:signing.key\", digest: {above: 5, every: 1m}}\n", r.URL); err != nil {
		c.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.home, "signing.key"), []byte(signingKey), 0o600); err != nil {
		c.Fatal(err)
	}
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	if r.status != 0 {
		w.WriteHeader(r.status)
		return
	}
	id, err := webhook.Verifier{Secrets: [][]byte{[]byte(signingKey)}}.Verify(req.Header, body, time.Now())
	if err != nil {
		r.t.Error(err)
	}
	var m struct{ Kind string }
	if err := json.Unmarshal(body, &m); err != nil {
		r.t.Error(err)
	}
	if r.ids[id] {
		r.t.Errorf("message %s came twice", m.Kind)
	}
	r.ids[id] = true
	r.kinds[m.Kind]++
	r.bodies = append(r.bodies, string(body))
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// got returns how many messages of each kind came since it was last asked.
func (r *receiver) got() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	kinds := r.kinds
	r.kinds = make(map[string]int)
	return kinds
}

func (r *receiver) wants(want map[string]int) {
	r.t.Helper()
	if got := r.got(); fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("messages %v, want %v", got, want)
	}
}

// TestTold follows what people are told from the first finding to the return of an
// object, and with a receiver that is down.
func TestTold(t *testing.T) {
	c := newCustody(t, "move")
	r := c.hook()
	if out := c.quarantineless(clean, "notify", "test", "--policy", "policy.yaml"); !strings.Contains(out, "soc: taken") {
		t.Errorf("notify test says\n%s", out)
	}
	r.wants(map[string]int{"test": 1})
	c.putLetters("", 2)
	c.scan(found, "--notify", "policy.yaml")
	r.wants(map[string]int{"detected": 2, "swept": 1})
	c.scan(found, "--act", "policy.yaml", "--yes")
	r.wants(map[string]int{"started": 1, "succeeded": 2, "swept": 1})
	for _, m := range c.moves() {
		undo := func(body string) bool { return strings.Contains(body, "sluice quarantine restore "+m.ID) }
		if !slices.ContainsFunc(r.bodies, undo) {
			t.Errorf("nobody is told how to bring %s back", m.Object.Key)
		}
	}
	c.quarantine(clean, "restore", "--all", "--yes")
	r.wants(map[string]int{"restored": 2})

	// Many are few messages: as many as are told one by one, and digests.
	c.putLetters("many", 9)
	c.scan(found, "--act", "policy.yaml", "--yes")
	if got := r.got(); got["detected"] != 1 || got["succeeded"] < 1 || got["succeeded"] > 7 {
		t.Errorf("of nine objects there are messages %v", got)
	}

	// A receiver that refuses: it is said, kept, and told later.
	r.answer(http.StatusNotFound)
	c.putLetters("down", 1)
	if out := c.scan(incomplete, "--act", "policy.yaml", "--yes"); !strings.Contains(out, "NOT TOLD") {
		t.Errorf("says\n%s", out)
	}
	if len(c.moves()["down000.txt"].Vault.Key) == 0 {
		t.Error("what could not be told was not done")
	}
	if out := c.quarantineless(clean, "notify", "list", "--ledger", c.ledger, "--state", "dead"); strings.Count(out, "dead") != 4 {
		t.Errorf("notify list says\n%s", out)
	}
	r.answer(0)
	c.quarantineless(clean, "notify", "retry", "--ledger", c.ledger, "--policy", "policy.yaml")
	r.wants(map[string]int{"detected": 1, "started": 1, "succeeded": 1, "swept": 1})
	if out := c.quarantineless(clean, "notify", "list", "--ledger", c.ledger, "--json"); strings.Contains(out, `"state":"dead"`) || strings.Count(out, `"state":"sent"`) < 10 {
		t.Errorf("notify list says\n%s", out)
	}
	c.silent()
	for _, body := range r.bodies {
		if strings.Contains(body, "@shop.example") {
			t.Error("a value stands in a message")
		}
	}
}

// TestToldAfterKill kills a run before it could tell: the next command does.
func TestToldAfterKill(t *testing.T) {
	c := newCustody(t, "move")
	r := c.hook()
	c.putLetters("", 1)
	c.scan(found, "--notify", "policy.yaml")
	r.got()
	c.quarantine(clean, "plan")
	r.answer(http.StatusServiceUnavailable) // is tried again
	cmd, _, _ := c.command(c.quarantineArgs("run", "--yes")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for c.moves()["000.txt"].State != "removed" {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	r.answer(0)
	c.quarantineless(clean, "notify", "retry", "--ledger", c.ledger, "--policy", "policy.yaml")
	r.wants(map[string]int{"started": 1, "succeeded": 1})
}

// quarantineless runs any command and returns all that it says.
func (c *custody) quarantineless(code int, args ...string) string {
	c.Helper()
	cmd, stdout, stderr := c.command(args...)
	c.exits(cmd, code, stderr)
	c.said.WriteString(stdout.String() + stderr.String())
	return stdout.String() + stderr.String()
}
