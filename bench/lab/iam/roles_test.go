package iam_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab/iam"
)

// role is a role at work: what the program does in it, and the documents that
// let it.
type role struct {
	name, mode string
	documents  []string
	steps      []step

	// tolerated are actions that the role has no right to and the program asks
	// for nevertheless, since it does as well without.
	tolerated []string

	// notByMoto are statements that moto does not miss: it asks for less than
	// AWS does, and takes conditions for true.
	notByMoto []string
}

var atWork = []role{
	{name: "scanner", mode: "sse-kms", documents: []string{"scanner"}, steps: scanning},
	{name: "mover", mode: "sse-kms", documents: []string{"mover", "mover-sse-kms"}, steps: theMover},
	{name: "restorer", mode: "sse-kms", documents: []string{"restorer", "restorer-sse-kms"}, steps: theRestorer},
	{name: "purger", mode: "sse-kms", documents: []string{"purger"}, steps: thePurger, tolerated: []string{"kms:Decrypt"}},
}

// run does all steps of r and returns what went wrong.
func (r role) run(t *testing.T, w *world) error {
	var failed []error
	for _, s := range r.steps {
		if err := s.do(t.Context(), w); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	if err := cloud.guard.Strange(); err != nil {
		t.Error(err)
	}
	return errors.Join(failed...)
}

// TestRoles has the program work in each role. It must get by with the policies
// of docs/iam, use each action that they name, and not do without any of their
// statements or any action of those.
func TestRoles(t *testing.T) {
	for _, r := range atWork {
		t.Run(r.name+"/"+r.mode, func(t *testing.T) {
			w := newWorld(t, r.mode, change{})
			if err := r.run(t, w); err != nil {
				t.Fatal(err)
			}
			_, refused := cloud.guard.Asked(w.names[r.name+"_arn"])
			if !slices.Equal(refused, r.tolerated) {
				t.Errorf("refused, and done without: %v, want %v", refused, r.tolerated)
			}
			used := cloud.guard.Used()
			for _, d := range r.documents {
				for _, s := range w.read(d, change{}, map[string]string{"source_bucket": "any"}).Statement {
					for _, action := range s.Action {
						if !used[iam.Grant{Policy: d, Sid: s.Sid, Action: action}] {
							t.Errorf("%s: %s is not used in %s", d, action, s.Sid)
						}
					}
					t.Run("without "+s.Sid, func(t *testing.T) { r.missed(t, change{policy: d, without: s.Sid}) })
				}
			}
		})
	}
}

// missed makes sure that the program cannot do without a statement.
func (r role) missed(t *testing.T, c change) {
	err := r.run(t, newWorld(t, r.mode, c))
	if err == nil {
		t.Fatalf("nothing fails without %s of %s", c.without, c.policy)
	}
	if !isDenied(err) {
		t.Errorf("fails for another reason: %v", err)
	}
}

// TestEveryPolicyIsAtWork makes sure that no file of docs/iam is left out here.
func TestEveryPolicyIsAtWork(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(docs, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var known []string
	for _, r := range atWork {
		known = append(known, r.documents...)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if !slices.Contains(known, name) {
			t.Errorf("%s is not proved", file)
		}
	}
}
