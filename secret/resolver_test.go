package secret

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// service is a Fetcher whose secret changes.
type service struct {
	mu      sync.Mutex
	value   string
	err     error
	fetches int
	given   [][]byte
}

func (s *service) Fetch(ctx context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetches++
	if name != arn || s.err != nil {
		return nil, errors.Join(s.err, ctx.Err())
	}
	b := []byte(s.value)
	s.given = append(s.given, b)
	return b, nil
}

func ref(t *testing.T, s string) Ref {
	t.Helper()
	r, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get returns the secret, or "error: " and what is wrong.
func get(t *testing.T, r *Resolver, ref Ref) string {
	t.Helper()
	v, err := r.Get(t.Context(), ref)
	if err != nil {
		return "error: " + err.Error()
	}
	return v.Text()
}

func TestGet(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) Ref {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return ref(t, "file:"+path)
	}
	t.Setenv("SOME_KEY", "from the environment\n")
	t.Setenv("EMPTY_KEY", "")
	json := &service{value: `{"url": "https://example.com/é", "port": 5, "empty": ""}` + "\n"}
	var warnings []string
	r := &Resolver{SecretsManager: json, Warn: func(s string) { warnings = append(warnings, s) }}
	open := write("open", "x", 0o644)
	for _, c := range []struct {
		ref  Ref
		want string
	}{
		{Ref{}, ""},
		{Plain("as it stands\n"), "as it stands\n"},
		{ref(t, "env:SOME_KEY"), "from the environment\n"},
		{ref(t, "env:EMPTY_KEY"), "error: env:EMPTY_KEY: is empty"},
		{ref(t, "env:UNSET_KEY"), "error: env:UNSET_KEY: no such environment variable"},
		{write("a", "from a file\r\n", 0o600), "from a file"},
		{write("b", " two\nlines \n", 0o600), " two\nlines "},
		{write("empty", "\n", 0o600), "error: file:" + filepath.Join(dir, "empty") + ": is empty"},
		{write("full", strings.Repeat("x", maxSecret), 0o600), strings.Repeat("x", maxSecret)},
		{write("long", strings.Repeat("x", maxSecret+1), 0o600), "error: file:" + filepath.Join(dir, "long") + ": more than 65536 bytes"},
		{ref(t, "file:"+filepath.Join(dir, "none")), "error: file:" + filepath.Join(dir, "none") + ": no such file or directory"},
		{open, "x"}, {open, "x"},
		{ref(t, "secretsmanager:"+arn), strings.TrimSuffix(json.value, "\n")},
		{ref(t, "secretsmanager:"+arn+"#url"), "https://example.com/é"},
		{ref(t, "secretsmanager:"+arn+"#port"), "error: secretsmanager:" + arn + "#port: the value of the key is not a JSON text"},
		{ref(t, "secretsmanager:"+arn+"#user"), "error: secretsmanager:" + arn + "#user: the JSON object has no such key"},
		{ref(t, "secretsmanager:"+arn+"#empty"), "error: secretsmanager:" + arn + "#empty: is empty"},
	} {
		if got := get(t, r, c.ref); got != c.want {
			t.Errorf("%v: %.200q, want %.200q", c.ref, got, c.want)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "everybody") {
		t.Errorf("warnings %q, want one of the file that all may read", warnings)
	}
	if got := get(t, new(Resolver), ref(t, "secretsmanager:"+arn)); !strings.Contains(got, "not available") {
		t.Errorf("without a service: %q", got)
	}
}

func TestNoJSON(t *testing.T) {
	s := &service{value: "hunter2"}
	got := get(t, &Resolver{SecretsManager: s}, ref(t, "secretsmanager:"+arn+"#url"))
	if !strings.Contains(got, "no JSON object") || strings.Contains(got, "hunter2") {
		t.Errorf("%q", got)
	}
}

// TestRotation: a secret is fetched once in its lifetime, unless it is refused, and
// what is kept is overwritten when it is given up.
func TestRotation(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s := &service{value: `{"a": "one"}`}
	r := &Resolver{SecretsManager: s, Lifetime: time.Minute, now: func() time.Time { return now }}
	a := ref(t, "secretsmanager:"+arn+"#a")
	fetched := func(want string, fetches int) {
		t.Helper()
		if got := get(t, r, a); got != want || s.fetches != fetches {
			t.Errorf("%q after %d fetches, want %q after %d", got, s.fetches, want, fetches)
		}
	}
	fetched("one", 1)
	s.value = `{"a": "two"}`
	now = now.Add(59 * time.Second)
	fetched("one", 1)

	refused, err := r.Get(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	v, changed, err := r.Refresh(t.Context(), a, refused)
	if err != nil || !changed || v.Text() != "two" || s.fetches != 2 {
		t.Errorf("refused: %q, %v, %v after %d fetches", v.Text(), changed, err, s.fetches)
	}
	// Somebody else to whom the old one was refused gets the new one, without
	// another fetch.
	if v, changed, err := r.Refresh(t.Context(), a, refused); err != nil || !changed || v.Text() != "two" || s.fetches != 2 {
		t.Errorf("refused too: %q, %v, %v after %d fetches", v.Text(), changed, err, s.fetches)
	}
	if _, changed, err := r.Refresh(t.Context(), a, v); err != nil || changed || s.fetches != 3 {
		t.Errorf("refused though new: %v, %v after %d fetches", changed, err, s.fetches)
	}
	now = now.Add(time.Minute)
	fetched("two", 4)
	s.err = errors.New("throttled")
	fetched("two", 4)
	now = now.Add(time.Minute)
	if got := get(t, r, a); !strings.HasSuffix(got, "throttled") {
		t.Errorf("%q", got)
	}
	s.err = nil
	r.Close()
	for i, b := range s.given {
		if strings.Trim(string(b), "\x00") != "" {
			t.Errorf("what fetch %d gave still lies in memory", i+1)
		}
	}
	fetched("two", 6)
}

// TestOneFetchForMany: many that ask at the same time cost one fetch, and one
// that gives up waiting does not disturb the others.
func TestOneFetchForMany(t *testing.T) {
	s := &service{value: "x"}
	r := &Resolver{SecretsManager: s}
	whole := ref(t, "secretsmanager:"+arn)
	s.mu.Lock() // the service hangs
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if v, err := r.Get(t.Context(), whole); err != nil || v.Text() != "x" {
				t.Errorf("%q, %v", v.Text(), err)
			}
		})
	}
	for k := r.keptOf(arn); len(k.lock) == 0; {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Get(ctx, whole); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting without end: %v", err)
	}
	s.mu.Unlock()
	wg.Wait()
	if s.fetches != 1 {
		t.Errorf("%d fetches", s.fetches)
	}
}
