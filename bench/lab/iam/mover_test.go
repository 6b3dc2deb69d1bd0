package iam_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/keys/awskms"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// journal forgets: what is recorded is what Move returns.
type journal struct{}

func (journal) Record(context.Context, quarantine.Move) error { return nil }

var moves atomic.Int64

// plan returns a move that nothing was done for yet.
func (w *world) plan(o store.Object, action quarantine.Action, how store.Removal) quarantine.Move {
	return quarantine.Move{
		ID: fmt.Sprintf("%032x", moves.Add(1)), Object: o, Action: action, Mode: quarantine.Mode(w.mode), Removal: how, State: quarantine.Planned,
	}
}

// mover returns the program as it runs in a role, and a bucket as it sees it.
func (w *world) mover(role, bucket string) (*quarantine.Mover, quarantine.Bucket, error) {
	vault, err := w.open(w.vault, role)
	if err != nil {
		return nil, nil, err
	}
	origin, err := w.open(bucket, role)
	if err != nil {
		return nil, nil, err
	}
	q := &quarantine.Mover{Vault: vault, Prefix: prefix, Journal: journal{}, Encryption: w.encryption()}
	if w.mode == "envelope" && role != "purger" {
		key, err := w.openKey(w.t.Context(), role)
		if err != nil {
			return nil, nil, err
		}
		q.Wrapper, q.Unwrapper = key, key
	}
	return q, origin, nil
}

// encryption is what is demanded of the vault.
func (w *world) encryption() store.Encryption {
	if w.mode == "sse-kms" {
		return store.Encryption{Algorithm: "aws:kms", KeyID: w.key}
	}
	return store.Encryption{}
}

// move puts o into quarantine, in the role of the mover.
func (w *world) move(ctx context.Context, m quarantine.Move, end quarantine.State) (quarantine.Move, error) {
	q, origin, err := w.mover("mover", m.Object.Bucket)
	if err != nil {
		return m, err
	}
	m, err = q.Move(ctx, origin, m)
	if err == nil && m.State != end {
		err = fmt.Errorf("ended as %s, want %s: %s", m.State, end, m.Error)
	}
	return m, err
}

func moving(name string, action quarantine.Action, end quarantine.State, how store.Removal, prepare func(w *world) store.Object) step {
	return step{name, func(ctx context.Context, w *world) error {
		_, err := w.move(ctx, w.plan(prepare(w), action, how), end)
		return err
	}}
}

func in(bucket func(w *world) string, key string, size int) func(w *world) store.Object {
	return func(w *world) store.Object { return w.put(bucket(w), key, size, "env=prod") }
}

func keptBucket(w *world) string  { return w.kept }
func plainBucket(w *world) string { return w.plain }

var theMover = []step{
	{"look at the key", func(ctx context.Context, w *world) error {
		key, err := w.openKey(ctx, "mover")
		if err != nil {
			return err
		}
		return key.Check(ctx, awskms.Demands{Region: lab.Region})
	}},
	probing("mover", func(w *world) string { return w.vault }, true),
	moving("version", quarantine.DoMove, quarantine.Removed, store.RemoveVersion, in(keptBucket, "version", 1000)),
	moving("marker", quarantine.DoMove, quarantine.Removed, store.RemoveMarker, in(keptBucket, "marker", 1000)),
	moving("copies", quarantine.DoMove, quarantine.Removed, store.RemoveCopies, func(w *world) store.Object {
		first := w.put(w.kept, "copies", 1000, "")
		return w.overwrite(w.kept, first.Key, 1000, "")
	}),
	moving("large", quarantine.DoMove, quarantine.Removed, store.RemoveVersion, in(keptBucket, "large", 150<<10)),
	moving("notice", quarantine.DoMoveStub, quarantine.Removed, store.RemoveVersion, in(plainBucket, "notice", 1000)),
	moving("notice over versions", quarantine.DoMoveStub, quarantine.Removed, store.RemoveVersion, in(keptBucket, "notice", 1000)),
	moving("tag", quarantine.DoTag, quarantine.Tagged, "", in(plainBucket, "tag", 1000)),
	moving("tag a version", quarantine.DoTag, quarantine.Tagged, "", in(keptBucket, "tag", 1000)),
	moving("gone", quarantine.DoMove, quarantine.Gone, store.RemoveVersion, func(w *world) store.Object {
		o := w.put(w.plain, "gone", 1000, "")
		w.remove(o)
		return o
	}),
	{"a copy that vanished", func(ctx context.Context, w *world) error {
		m, err := w.move(ctx, w.plan(w.put(w.plain, "vanished", 1000, ""), quarantine.DoCopy, ""), quarantine.Verified)
		if err != nil {
			return err
		}
		w.remove(m.Vault)
		q, _, err := w.mover("mover", w.plain)
		if err != nil {
			return err
		}
		if err := q.Check(ctx, m); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("want it to be missed: %w", err)
		}
		return nil
	}},
	{"a write whose answer is lost", func(ctx context.Context, w *world) error {
		vault, err := w.open(w.vault, "mover")
		if err != nil {
			return err
		}
		cloud.guard.Lock()
		cloud.guard.Lose = func(r *http.Request) bool { return r.Method == http.MethodPut }
		cloud.guard.Unlock()
		_, err = vault.Put(ctx, prefix+"lost", strings.NewReader("lost"), store.Write{})
		cloud.guard.Lock()
		cloud.guard.Lose = nil
		cloud.guard.Unlock()
		if err != nil {
			return fmt.Errorf("want it to be found: %w", err)
		}
		return nil
	}},
	breakingOff("mover", func(w *world) string { return w.vault }, prefix+"broken"),
}

// breakingOff is an upload whose parts are to be removed when there is no more
// to read.
func breakingOff(role string, bucket func(w *world) string, key string) step {
	return step{"an upload that breaks off", func(ctx context.Context, w *world) error {
		b, err := w.open(bucket(w), role)
		if err != nil {
			return err
		}
		broken := errors.New("broken")
		body := io.MultiReader(strings.NewReader(strings.Repeat("x", 150<<10)), failing{broken})
		if _, err := b.Put(ctx, key, body, store.Write{Absent: true}); !errors.Is(err, broken) || err.Error() != "put object: broken" {
			return fmt.Errorf("want it to be undone: %w", err)
		}
		return nil
	}}
}

// probing tries the store as is done before objects are trusted to it.
func probing(role string, bucket func(w *world) string, removes bool) step {
	return step{"probe the store", func(ctx context.Context, w *world) error {
		b, err := w.open(bucket(w), role)
		if err != nil {
			return err
		}
		d := s3.Demand{Remove: removes, Copy: w.mode == "sse-kms"}
		if bucket(w) == w.vault {
			d.Prefix, d.Encryption = prefix, w.encryption()
		}
		before := w.probes(bucket(w))
		if err := b.Probe(ctx, d); err != nil {
			return err
		}
		if w.probes(bucket(w)) > before {
			return fmt.Errorf("a probe is left: %w", store.ErrDenied)
		}
		return nil
	}}
}

// probes counts what is left of probes in a bucket.
func (w *world) probes(bucket string) (n int) {
	w.t.Helper()
	out, err := cloud.s3.ListObjectVersions(w.t.Context(), &awss3.ListObjectVersionsInput{Bucket: &bucket})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range out.Versions {
		if strings.Contains(*v.Key, "sluice-probe-") {
			n++
		}
	}
	return n
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// remove removes an object or a version for good.
func (w *world) remove(o store.Object) {
	w.t.Helper()
	in := &awss3.DeleteObjectInput{Bucket: &o.Bucket, Key: &o.Key}
	if o.VersionID != "" {
		in.VersionId = aws.String(o.VersionID)
	}
	if _, err := cloud.s3.DeleteObject(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}
