package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/notify/webhook"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
)

const (
	vault      = "demo-vault"
	signingKey = "signs the messages of the demo"
)

// policy is what the demo does with objects. A real one names a KMS key.
const policy = `rules:
  - name: credentials
    when: {categories: [CREDENTIALS], min-severity: High}
    action: move+stub          # into the vault, and leave a notice
  - name: many-cards
    when: {types: [CREDIT_CARD_NUMBER], min-count: 50}
    action: move
quarantine:
  vault: s3://%s/
  mode: envelope               # sealed here: the store sees no bytes
  key: local:demo.key          # for demonstrations only
notify:
  - name: security-team
    type: webhook
    url: %s
    secret: file:signing.key
    digest: {above: 3, every: 1m}
`

// acted is what quarantine did.
type acted struct {
	moved    int
	restored quarantine.Move
	messages []message
}

// quarantine puts what was found into quarantine, looks at it, and brings one
// object back.
func (o *options) quarantine(ctx context.Context, g *lab.Gateway) (*acted, error) {
	inbox := newInbox()
	defer inbox.Close()
	if err := o.prepare(ctx, g, inbox.URL); err != nil {
		return nil, err
	}
	shared := []string{"--policy", filepath.Join(o.dir, "policy.yaml"), "--ledger", filepath.Join(o.dir, "sweep.db"), "--endpoint-url", g.Endpoint, "--path-style"}
	do := func(args ...string) error {
		return o.asRoot(ctx, g, append(append([]string{"quarantine"}, args...), shared...)...)
	}
	if err := do("plan"); err != nil {
		return nil, err
	}
	fmt.Println("\n   Nothing has been touched. What would be done, and then really:")
	if err := errors.Join(do("run"), do("run", "--yes", "--progress", "none")); err != nil {
		return nil, err
	}
	fmt.Println("\n   What lies in the vault is read again, decrypted, and compared with the record:")
	if err := do("verify", "--decrypt"); err != nil {
		return nil, err
	}
	moved, err := o.moves(ctx, quarantine.Removed)
	if err != nil || len(moved) == 0 {
		return nil, errors.Join(err, errors.New("nothing was moved"))
	}
	fmt.Println("\n   One object comes back, and is compared with what was put into the bucket:")
	if err := do("restore", moved[0].ID[:12], "--yes"); err != nil {
		return nil, err
	}
	return &acted{len(moved), moved[0], inbox.messages()}, nil
}

// prepare makes the vault, the key and the policy.
func (o *options) prepare(ctx context.Context, g *lab.Gateway, url string) error {
	if _, err := g.Client().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(vault)}); err != nil {
		return fmt.Errorf("create bucket: %w", err)
	}
	text := fmt.Sprintf(policy, vault, url)
	fmt.Printf("   %s says:\n\n", o.relative(filepath.Join(o.dir, "policy.yaml")))
	for line := range strings.Lines(text) {
		fmt.Print("      ", line)
	}
	fmt.Println()
	if err := errors.Join(
		os.WriteFile(filepath.Join(o.dir, "policy.yaml"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(o.dir, "signing.key"), []byte(signingKey), 0o600),
	); err != nil {
		return err
	}
	return o.asRoot(ctx, g, "quarantine", "key", filepath.Join(o.dir, "demo.key"))
}

// asRoot runs sluice as somebody who may move objects.
func (o *options) asRoot(ctx context.Context, g *lab.Gateway, args ...string) error {
	fmt.Printf("   $ %s %s\n", o.relative(o.sluice), strings.ReplaceAll(strings.Join(args, " "), o.top+"/", ""))
	cmd := exec.CommandContext(ctx, o.sluice, args...)
	cmd.Env = append(os.Environ(), g.Root.Env()...)
	cmd.Stdout, cmd.Stderr = &indented{w: os.Stdout}, io.Discard
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("sluice %s: %w\n%s", args[1], err, said.String())
	}
	return nil
}

// indented indents lines.
type indented struct {
	w     io.Writer
	begun bool // a line
}

func (i *indented) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if !i.begun {
			line = "     " + line
		}
		i.begun = !strings.HasSuffix(line, "\n")
		if _, err := io.WriteString(i.w, line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (o *options) moves(ctx context.Context, state quarantine.State) (all []quarantine.Move, err error) {
	r, err := ledger.OpenReader(ctx, filepath.Join(o.dir, "sweep.db"))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for m, err := range r.Moves(ctx, ledger.MoveFilter{States: []quarantine.State{state}}) {
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// check compares the restored object with the corpus, and looks for the others in
// their bucket.
func (a *acted) check(ctx context.Context, o *options, g *lab.Gateway, f *filled) error {
	key := a.restored.Object.Key
	out, err := g.Client().GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	got, want := sha256.New(), sha256.New()
	if _, err := io.Copy(got, out.Body); err != nil {
		return err
	}
	if _, err := f.objects[key].WriteTo(want); err != nil {
		return err
	}
	sum := hex.EncodeToString(got.Sum(nil))
	if sum != hex.EncodeToString(want.Sum(nil)) {
		return fmt.Errorf("%s came back with other bytes", key)
	}
	fmt.Printf("     the same bytes, SHA-256 %s…\n", sum[:16])
	left, err := o.moves(ctx, quarantine.Removed)
	if err != nil {
		return err
	}
	for _, m := range left {
		h, err := g.Client().HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: &m.Object.Key})
		if err == nil && h.Metadata["sluice-move"] != m.ID {
			return fmt.Errorf("%s is still in its bucket", m.Object.Key)
		}
	}
	kinds := make(map[string]int)
	for _, m := range a.messages {
		kinds[m.Kind]++
	}
	for _, kind := range []string{"detected", "started", "succeeded", "restored"} {
		if kinds[kind] == 0 {
			return fmt.Errorf("nobody was told of anything %s", kind)
		}
	}
	return nil
}

// message is what the receiver got.
type message struct {
	Kind, Title, Text, Undo string
	Facts                   []struct{ Name, Value string }
}

// inbox is a receiver of webhooks that believes only what is signed.
type inbox struct {
	*httptest.Server
	mu  sync.Mutex
	got []message
}

func newInbox() *inbox {
	i := new(inbox)
	i.Server = httptest.NewServer(i)
	return i
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		_, err = webhook.Verifier{Secrets: [][]byte{[]byte(signingKey)}}.Verify(r.Header, body, time.Now())
	}
	var m message
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		http.Error(w, "not believed", http.StatusBadRequest)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, m)
}

func (i *inbox) messages() []message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.got
}

func (a *acted) printMessages() {
	for _, m := range a.messages {
		fmt.Printf("     [%s] %s\n", m.Kind, m.Title)
		if m.Text != "" {
			fmt.Printf("        %s\n", m.Text)
		}
		if m.Undo != "" {
			fmt.Printf("        to undo: %s\n", m.Undo)
		}
	}
}
