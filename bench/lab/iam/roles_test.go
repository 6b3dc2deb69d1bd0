package iam_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab/iam"
	"github.com/sluice-dlp/sluice/store/s3"
)

// role is a role at work: what the program does in it, and what lets it.
type role struct {
	name, mode string
	steps      []step

	documents []string            // of docs/iam that are attached to it
	partly    bool                // some of their actions are only used in the other mode
	others    map[string][]string // documents of keys and the like, and their statements that let it

	// tolerated are actions that the role has no right to and the program asks
	// for nevertheless, since it does as well without.
	tolerated []string

	// byMoto are statements that moto alone would miss, too. It asks for no
	// more: neither for ListBucket of what is not there, nor for the object that is
	// copied, its tags, or what S3 does with keys.
	byMoto []string
}

var atWork = []role{
	{name: "scanner", mode: "sse-kms", steps: scanning, documents: []string{"scanner"},
		others: map[string][]string{"trust": {"AssumeWithExternalId"}},
		byMoto: []string{"FindObjects", "ReadObjects"}},
	{name: "mover", mode: "sse-kms", steps: theMover, documents: []string{"mover", "mover-sse-kms"},
		others: map[string][]string{"vault-key": {"AdministerWithoutUse", "MoverEncrypts", "MoverVerifiesThroughVault"}},
		byMoto: []string{
			"ReadObjects", "ReadTags", "FindVersions", "RemoveUnchanged", "RemoveVersions", "MarkObjects", "LeaveNotices",
			"WriteToVault", "VerifyInVault", "RemoveProbes", "LookAtKey",
		}},
	{name: "mover", mode: "envelope", steps: theMover, documents: []string{"mover", "mover-envelope"},
		others: map[string][]string{"vault-key": {"AdministerWithoutUse", "MoverEncrypts"}},
		byMoto: []string{"SealObjects", "LookAtKey"}},
	{name: "restorer", mode: "sse-kms", steps: theRestorer, documents: []string{"restorer", "restorer-sse-kms"},
		others: map[string][]string{"vault-key": {"RestorerDecrypts"}},
		byMoto: []string{"ReadVault", "LookAtObjects", "AbortParts", "RemoveNotices", "RemoveMarkers"}},
	{name: "restorer", mode: "envelope", steps: theRestorer, documents: []string{"restorer", "restorer-envelope"},
		others: map[string][]string{"vault-key": {"RestorerDecrypts"}},
		byMoto: []string{"OpenSealed"}},
	{name: "purger", mode: "sse-kms", steps: thePurger, documents: []string{"purger"},
		byMoto: []string{"PurgeVersions"}},
	{name: "purger", mode: "envelope", steps: thePurger, documents: []string{"purger"}, partly: true},
	{name: "notifier", mode: "sse-kms", steps: theNotifier, documents: []string{"notifier"},
		byMoto: []string{"PublishToTopic", "PutEvents", "FetchSecrets"}},
}

// run does the steps of r, and returns what went wrong: with the first of them
// or, if all are to be tried, with any.
func (r role) run(t *testing.T, w *world, all bool) error {
	var failed []error
	for _, s := range r.steps {
		err := s.do(t.Context(), w)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
		if err != nil && !all {
			break
		}
	}
	if err := cloud.guard.Strange(); err != nil {
		t.Error(err)
	}
	return errors.Join(failed...)
}

// TestRoles has the program work in each role. It must get by with the policies
// of docs/iam, use each action that they name, and not do without any of their
// statements. Moto's own enforcement is on all the time.
func TestRoles(t *testing.T) {
	for _, r := range atWork {
		t.Run(r.name+"/"+r.mode, func(t *testing.T) {
			w := newWorld(t, r.mode)
			if err := r.run(t, w, true); err != nil {
				t.Fatal(err)
			}
			_, refused := cloud.guard.Asked(w.names[r.name+"_arn"])
			if !slices.Equal(refused, r.tolerated) {
				t.Errorf("refused, and done without: %v, want %v", refused, r.tolerated)
			}
			if n := cloud.guard.Refused(); n > 0 {
				t.Errorf("moto itself has refused %d requests", n)
			}
			used := cloud.guard.Used()
			for _, d := range r.documents {
				for _, s := range w.read(d, change{}, map[string]string{"source_bucket": "any"}).Statement {
					for _, action := range s.Action {
						if !r.partly && !used[iam.Grant{Policy: d, Sid: s.Sid, Action: action}] {
							t.Errorf("%s: %s is not used in %s", d, action, s.Sid)
						}
					}
					r.missed(t, w, change{policy: d, without: s.Sid})
					if slices.Contains(r.byMoto, s.Sid) {
						r.missed(t, w, change{policy: d, without: s.Sid, moto: true})
					}
				}
			}
			for d, statements := range r.others {
				for _, sid := range statements {
					r.missed(t, w, change{policy: d, without: sid})
				}
			}
		})
	}
}

// missed makes sure that the program cannot do without a statement.
func (r role) missed(t *testing.T, w *world, c change) {
	name := "without " + c.without
	if c.moto {
		name += " at moto"
	}
	t.Run(name, func(t *testing.T) {
		changed := *w
		changed.t = t
		if c.policy == "trust" {
			changed.opened = map[string]*s3.Bucket{} // the role is assumed again
		}
		changed.apply(c)
		err := r.run(t, &changed, false)
		denied := isDenied(err) && changed.refused(r, c)
		if c.moto {
			denied = cloud.guard.Refused() > 0 // its answers are not always those of the service
			changed.apply(change{})            // and it does not forget
		}
		if err == nil {
			t.Fatalf("nothing fails without %s of %s", c.without, c.policy)
		}
		if !denied {
			t.Errorf("fails for another reason: %v", err)
		}
	})
}

// refused reports whether something was refused that the statement is about.
func (w *world) refused(r role, c change) bool {
	p := w.read(c.policy, change{}, map[string]string{"source_bucket": "any"})
	i := slices.IndexFunc(p.Statement, func(s iam.Statement) bool { return s.Sid == c.without })
	_, byRole := cloud.guard.Asked(w.names[r.name+"_arn"])
	_, byHost := cloud.guard.Asked(hostARN) // which assumes the role
	return slices.ContainsFunc(append(byRole, byHost...), func(action string) bool { return slices.Contains(p.Statement[i].Action, action) })
}

// TestEveryStatement makes sure that each statement of each file of docs/iam is
// left out in a test once.
func TestEveryStatement(t *testing.T) {
	proved := map[string]bool{}
	for _, r := range atWork {
		for _, d := range r.documents {
			proved[d] = true
		}
		for d, statements := range r.others {
			for _, sid := range statements {
				proved[d+" "+sid] = true
			}
		}
	}
	for _, a := range attacks {
		proved[a.policy+" "+a.sid] = true
	}
	files, err := filepath.Glob(filepath.Join(docs, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := iam.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, s := range p.Statement {
			if !proved[name] && !proved[name+" "+s.Sid] {
				t.Errorf("%s of %s is not proved", s.Sid, name)
			}
		}
	}
}

// TestReadme makes sure that docs/iam/README.md tells of all statements and of
// no other.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(docs, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(docs, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	_, tables, _ := strings.Cut(string(text), "## Each statement")
	tables, _, _ = strings.Cut(tables, "## What is proved")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := iam.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, s := range p.Statement {
			there[s.Sid] = true
			if !strings.Contains(tables, "`"+s.Sid+"`") {
				t.Errorf("README.md does not tell of %s in %s", s.Sid, filepath.Base(file))
			}
		}
	}
	for line := range strings.Lines(tables) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		if !strings.HasPrefix(first, "`") {
			continue
		}
		for i, name := range strings.Split(first, "`") {
			if i%2 == 1 && !there[name] {
				t.Errorf("README.md tells of %s, which is in no policy", name)
			}
		}
	}
}
