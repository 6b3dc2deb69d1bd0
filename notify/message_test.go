package notify_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/notify"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct {
		in      string
		longest int
		want    string
	}{
		{"", 10, ""},
		{"exports/a b.csv", 100, "exports/a b.csv"},
		{"Zürich 東京 😀", 100, "Zürich 東京 😀"},
		{"a\nb\r\tc\x00\x1b\x7f", 100, `a\nb\r\tc\x00\x1b\x7f`},
		{"a\u202eb\u200b\u2028\u00a0\ufeff", 100, `a\u202eb\u200b\u2028\u00a0\ufeff`},
		{"\U000e0041", 100, `\U000e0041`},
		{"a\xff\xc3(", 100, `a\xff\xc3(`},
		{"\ufffd", 100, "\ufffd"},
		{"0123456789abc", 10, "012345…abc"},
		{"ééééééééééééé", 10, "éééééé…ééé"},
		{strings.Repeat("x", 1<<20) + "end", 10, "xxxxxx…end"},
	} {
		if got := notify.Clean(tt.in, tt.longest); got != tt.want {
			t.Errorf("%.40q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\u202e\xff\n", 5)
	f.Fuzz(func(t *testing.T, s string, longest int) {
		longest = 3 + max(longest, -longest)%1000
		got := notify.Clean(s, longest)
		if n := utf8.RuneCountInString(got); n > longest || !utf8.ValidString(got) {
			t.Fatalf("%d characters of %d, valid %v", n, longest, utf8.ValidString(got))
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("not printable: %q", got)
		}
		if again := notify.Clean(got, longest); again != got {
			t.Fatalf("cleaned twice: %q, %q", got, again)
		}
	})
}

func TestRender(t *testing.T) {
	e := notify.Event{
		Kind: notify.Detected, Severity: "High", Bucket: "b", Name: "k", Size: 1 << 20, Counts: map[string]int64{"A": 1, "B": 2000}, Time: time.Unix(0, 0), Run: 7, Detail: "in words",
	}
	for _, tt := range []struct {
		kind        notify.Kind
		action      string
		title, text string
	}{
		{notify.Detected, "", "Sensitive data found in s3://b/k", "2001 values in an object of 1.0 MiB. in words."},
		{notify.Succeeded, "move", "Moved to quarantine: s3://b/k", "in words."},
		{notify.Succeeded, "tag", "Tagged: s3://b/k", "in words."},
		{notify.Succeeded, "something", "Done: s3://b/k", "in words."},
		{notify.Failed, "move", "Remediation failed: s3://b/k", "No object was removed before its copy was verified. Somebody must look. in words."},
		{notify.Restored, "", "Restored: s3://b/k", "in words."},
		{notify.Purged, "", "Purged from quarantine: s3://b/k", "It cannot be restored from there any more. in words."},
		{notify.Started, "", "Remediation begins", "in words."},
		{notify.Swept, "", "Scan ended", "in words."},
		{"other", "", "other: s3://b/k", "in words."},
	} {
		e.Kind, e.Action = tt.kind, tt.action
		m := notify.Render(e, "")
		if m.Title != tt.title || m.Text != tt.text {
			t.Errorf("%s: %q, %q; want %q, %q", tt.kind, m.Title, m.Text, tt.title, tt.text)
		}
	}
	m := notify.Render(e, "https://x/{bucket}?k={name}&v={version}&r={run}&m={move}")
	text := m.PlainText()
	for _, want := range []string{"Found: B 2000, A 1", "Size: 1.0 MiB", "Run: 7", "Time: 1970-01-01T00:00:00Z", "https://x/b?k=k&v=&r=7&m="} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

// TestDirectory: a file of a directory is not said to be in a bucket.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	if m := notify.Render(notify.Event{Kind: notify.Detected, Bucket: dir, Name: "k"}, ""); strings.Contains(m.Title, "s3://") || !strings.HasSuffix(m.Title, "/k") {
		t.Errorf("%q", m.Title)
	}
}

// TestJSONFits holds the size of what programs get against limits, for the worst
// that a message can hold.
func TestJSONFits(t *testing.T) {
	odd := strings.Repeat("\u202e😀\"\\<\x00", 3000)
	counts := make(map[string]int64)
	for i := range 5000 {
		counts[fmt.Sprint("CUSTOM_", i, odd[:100])] = int64(i)
	}
	one := notify.Render(notify.Event{Key: odd, Kind: notify.Failed, Bucket: odd, Name: odd, VersionID: odd, Where: odd, Reason: odd, Detail: odd, Undo: odd, Counts: counts, Move: odd, Action: odd},
		"https://x/{name}")
	many, err := notify.RenderDigest(odd, notify.Failed, func(yield func(notify.Event, error) bool) {
		for i := range 50_000 {
			if !yield(notify.Event{Bucket: fmt.Sprint(i, odd[:200]), Reason: fmt.Sprint(i % 9000), Name: odd, Counts: counts, Severity: "Low"}, nil) {
				return
			}
			counts = nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := many.Digest.ByBucket[""]; n != 50_000-10 {
		t.Errorf("%d in other buckets", n)
	}
	for _, m := range []notify.Message{one, many} {
		for _, limit := range []int{16 << 10, 32 << 10, 256 << 10} {
			text := m.JSON(limit)
			var p struct {
				Cut     bool
				ID, Key string
			}
			if err := json.Unmarshal(text, &p); err != nil || len(text) > limit || !p.Cut || p.ID != m.ID() {
				t.Errorf("%d bytes of %d, cut %v, %v", len(text), limit, p.Cut, err)
			}
		}
		if small := notify.Render(notify.Event{Key: "k", Kind: notify.Test}, ""); strings.Contains(string(small.JSON(16<<10)), `"cut"`) {
			t.Error("a short one is cut")
		}
	}
}
