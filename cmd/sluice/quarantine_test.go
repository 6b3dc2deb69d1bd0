package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/store"
)

func TestStretch(t *testing.T) {
	const size = 100
	for _, c := range []struct {
		text    string
		from, n int64 // n < 0: refused, by Set or by within
	}{
		{"0-0", 0, 1}, {"0-99", 0, 100}, {"0-100", 0, 100}, {"99-", 99, 1}, {"100-", 0, -1}, {"10-19", 10, 10},
		{"-1", 99, 1}, {"-100", 0, 100}, {"-1000", 0, 100}, {"-0", 100, 0}, {"5-4", 0, -1}, {"-", 0, -1}, {"", 0, -1}, {"7", 0, -1},
		{"a-b", 0, -1}, {"--5", 0, -1}, {"1-2-3", 0, -1}, {"9223372036854775808-", 0, -1}, {"0-9223372036854775807", 0, 100},
	} {
		var s stretch
		err := s.Set(c.text)
		var from, n int64
		if err == nil {
			if s.String() != c.text {
				t.Errorf("%q is written %q", c.text, s.String())
			}
			from, n, err = s.within(size)
		}
		switch {
		case (err != nil) != (c.n < 0):
			t.Errorf("%q: %v", c.text, err)
		case err == nil && (from != c.from || n != c.n):
			t.Errorf("%q begins at %d and has %d, want %d and %d", c.text, from, n, c.from, c.n)
		}
	}
}

func TestIDIn(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	for key, want := range map[string]string{
		"a/b/" + id + "/sealed": id, id + "/object": id, "a/" + id: "", id: "", "sealed": "", "/" + id + "/sealed": id,
		"a/" + strings.ToUpper(id[:31]) + "g/sealed": "", "a/" + id[1:] + "/sealed": "", "": "",
	} {
		if got := idIn(key); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

// TestWithin: what only begins with the same letters is not in quarantine.
func TestWithin(t *testing.T) {
	places := []policy.Location{{Bucket: "vault", Prefix: "q/"}, {Bucket: "whole"}}
	for name, want := range map[string]bool{"vault q/x": true, "vault q": false, "vault qq/x": false, "vault2 q/x": false, "whole x": true, "b q/x": false} {
		bucket, key, _ := strings.Cut(name, " ")
		if got := within(places, store.Object{Bucket: bucket, Key: key}); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestRefuses: what has begun is finished as it was begun, or not at all.
func TestRefuses(t *testing.T) {
	a := &acting{custody: &custody{policy: &policy.File{Quarantine: policy.Quarantine{Vault: policy.Location{Bucket: "vault", Prefix: "q/"}, Mode: quarantine.Envelope}}}}
	places := []policy.Location{a.policy.Quarantine.Vault}
	id := strings.Repeat("a", 32)
	for _, c := range []struct {
		state   quarantine.State
		action  quarantine.Action
		mode    quarantine.Mode
		bucket  string
		vault   string
		refused bool
	}{
		{quarantine.Planned, quarantine.DoMove, quarantine.Envelope, "b", "", false},
		{quarantine.Planned, quarantine.DoMove, quarantine.SSEKMS, "b", "", true},
		{quarantine.Planned, quarantine.DoMove, quarantine.Envelope, "vault", "", true},
		{quarantine.Planned, quarantine.DoTag, "", "b", "", false},
		{quarantine.Copied, quarantine.DoMove, quarantine.Envelope, "b", "vault", false},
		{quarantine.Copied, quarantine.DoMove, quarantine.Envelope, "b", "other", true},
		{quarantine.Copied, quarantine.DoMove, quarantine.SSEKMS, "b", "vault", true}, // its encryption would not be looked at
		{quarantine.Kept, quarantine.DoMove, quarantine.SSEKMS, "b", "vault", true},
	} {
		m := quarantine.Move{ID: id, State: c.state, Action: c.action, Mode: c.mode, Object: store.Object{Bucket: c.bucket, Key: "q/k"}}
		if c.vault != "" {
			m.Vault = store.Object{Bucket: c.vault, Key: "q/" + id + "/object"}
		}
		if err := a.refuses(m, places); (err != nil) != c.refused {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestDeaf: output that fails ends no move.
func TestDeaf(t *testing.T) {
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "l.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out := full(0)
	lines, err := newMoveLines(&out, true, export.Names{})
	if err != nil {
		t.Fatal(err)
	}
	j := &liveJournal{Journal: pipeline.Journal{Ledger: l, Silent: true}, lines: lines}
	for i, s := range []quarantine.State{quarantine.Copied, quarantine.Removed, quarantine.Removed, quarantine.Kept} {
		m := quarantine.Move{ID: fmt.Sprintf("%032x", i), Object: store.Object{Bucket: "b", Key: fmt.Sprint(i), Size: 10}, Action: quarantine.DoMove, State: s}
		if err := j.Record(t.Context(), m); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	failed := quarantine.Move{ID: fmt.Sprintf("%032x", 9), Object: store.Object{Bucket: "b", Key: "f", Size: 10}, Action: quarantine.DoMove, State: quarantine.Planned, Attempts: 1}
	if err := j.Record(t.Context(), failed); err != nil {
		t.Error(err)
	}
	if s := j.state(); j.deaf == nil || s.ended() != 3 || s.Ended[quarantine.Removed] != 2 || s.Done != 30 || s.Failed != 1 {
		t.Errorf("deaf %v, state %+v", j.deaf, s)
	}
}

// TestUndecided: that tags are denied is about the object; that nothing can be
// read at all, or that somebody stops it, is not.
func TestUndecided(t *testing.T) {
	broken := errors.New("no answer")
	p := &planner{undecided: make(map[string]int64)}
	if p.exitCode() != pipeline.ExitClean {
		t.Error("incomplete before anything failed")
	}
	for range 3 * tooMany {
		if err := p.failed(t.Context(), store.ErrDenied); !errors.Is(err, pipeline.ErrUndecided) {
			t.Fatal(err)
		}
	}
	for range 2 {
		for range tooMany - 1 {
			if err := p.failed(t.Context(), broken); !errors.Is(err, pipeline.ErrUndecided) {
				t.Fatal(err)
			}
		}
		p.failed(t.Context(), store.ErrDenied) // the store answers
	}
	if p.undecided[store.ReasonDenied] != 3*tooMany+2 || p.undecided[store.ReasonBroken] != 2*(tooMany-1) || p.exitCode() != pipeline.ExitIncomplete {
		t.Errorf("%v, exit code %d", p.undecided, p.exitCode())
	}
	for range tooMany - 1 {
		p.failed(t.Context(), broken)
	}
	if err := p.failed(t.Context(), broken); errors.Is(err, pipeline.ErrUndecided) || !errors.Is(err, broken) {
		t.Errorf("%d in a row: %v", tooMany, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := p.failed(stopped, stopped.Err()); errors.Is(err, pipeline.ErrUndecided) {
		t.Errorf("stopped: %v", err)
	}
}

func TestActExitCode(t *testing.T) {
	for _, c := range []struct {
		done pipeline.Done
		kept int64
		err  error
		want int
	}{
		{pipeline.Done{}, 0, nil, 0},
		{pipeline.Done{}, 1, nil, 3}, // by an earlier run
		{pipeline.Done{Due: 2, Ended: map[quarantine.State]int64{quarantine.Removed: 1, quarantine.Gone: 1}}, 0, nil, 0},
		{pipeline.Done{Due: 2, Ended: map[quarantine.State]int64{quarantine.Removed: 1, quarantine.Kept: 1}}, 1, nil, 3},
		{pipeline.Done{Due: 1, Ended: map[quarantine.State]int64{quarantine.Changed: 1}}, 0, nil, 3},
		{pipeline.Done{Due: 1, Failed: map[string]int64{store.ReasonDenied: 1}}, 0, nil, 3},
		{pipeline.Done{Due: 1}, 0, errors.New("stopped"), 3},
	} {
		if got := actExitCode(c.done, c.kept, c.err); got != c.want {
			t.Errorf("%+v: %d, want %d", c.done, got, c.want)
		}
	}
}

// TestTeller: what failed and was told in the end is no failure, nor is an outbox
// that failed for a while; what was given up by an earlier command is still told of.
func TestTeller(t *testing.T) {
	var out strings.Builder
	tell := &teller{w: &out, ledger: "l.db", failing: make(map[string]error), dispatcher: &notify.Dispatcher{Channels: []notify.Channel{{Name: "c"}}}}
	tell.report(notify.Attempt{Channel: "c", Err: errors.New("the ledger is busy")})
	tell.report(notify.Attempt{Channel: "c", Key: "a", Err: errors.New("503")})
	tell.report(notify.Attempt{Channel: "c", Key: "a"})
	if code := tell.tellLeft(map[string]notify.Left{"c": {}}); code != pipeline.ExitClean || out.Len() > 0 {
		t.Errorf("exit code %d: %s", code, &out)
	}
	if code := tell.tellLeft(map[string]notify.Left{"c": {Dead: 2}}); code != pipeline.ExitClean || !strings.Contains(out.String(), "given up, now or earlier: 2 messages") {
		t.Errorf("exit code %d: %s", code, &out)
	}
	tell.report(notify.Attempt{Channel: "c", Key: "b", Err: errors.New("503")})
	if code := tell.tellLeft(map[string]notify.Left{"c": {Due: 1}}); code != pipeline.ExitIncomplete || !strings.Contains(out.String(), "NOT TOLD: 1 message ") {
		t.Errorf("exit code %d: %s", code, &out)
	}
}

// TestWhyNow: what is told of a move that could not be undone is not what failed some
// time before.
func TestWhyNow(t *testing.T) {
	var out strings.Builder
	lines, err := newMoveLines(&out, false, export.Names{})
	if err != nil {
		t.Fatal(err)
	}
	d := &undo{undoOptions: &undoOptions{}, lines: lines, named: true}
	d.suits = func(quarantine.Move) error { return errors.New("there is nothing to restore") }
	m := quarantine.Move{ID: strings.Repeat("a", 32), State: quarantine.Kept, Reason: store.ReasonLocked, Error: "remove: a lock forbids it"}
	if err := d.move(t.Context(), m); err != nil || !strings.Contains(out.String(), "nothing to restore") || strings.Contains(out.String(), "lock") {
		t.Errorf("%v: %s", err, &out)
	}
}
