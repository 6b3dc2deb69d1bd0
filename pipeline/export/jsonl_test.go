package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// marshalled is r as package json writes it, with hidden characters escaped:
// what appendFinding must write.
func marshalled(t *testing.T, r any) string {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		t.Fatal(err)
	}
	return string(printable(bytes.TrimSpace(out.Bytes())))
}

// record gives each field a text of its own out of s.
func record(s string, n int64) FindingRecord {
	return Names{}.finding(ledger.Found{
		Object:   store.Object{Bucket: s + "a", Key: "b" + s, VersionID: s + "c" + s, ETag: "d" + s},
		LastRun:  n,
		RuleInfo: ledger.RuleInfo{Category: "e" + s, Severity: ledger.Severity(uint64(n) % 4)},
		Finding: scanner.Finding{
			Rule: "f" + s, Preview: s + "g", Digest: "h" + s,
			Location: scanner.Location{Member: s + "i", Offset: n, Length: -n, Line: n + 1, Column: n / 2},
		},
	})
}

func checkFinding(t *testing.T, r FindingRecord) {
	t.Helper()
	got, err := appendFinding([]byte("before"), &r)
	if want := "before" + marshalled(t, r); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestFindingIsWrittenAsPackageJSONWould(t *testing.T) {
	checkFinding(t, FindingRecord{})
	for r := rune(0); r <= utf8.MaxRune; r += 1 + r/0x3000*0x11 {
		s := fmt.Sprintf("x%cy%c", r, r)
		if got, want := string(appendString(nil, text(s))), marshalled(t, text(s)); got != want {
			t.Errorf("%U: %s, want %s", r, got, want)
		}
	}
	for i, s := range []string{"", `"`, `\`, "\\\"\n", "\xff", "<&>\u2028", "\u202e", "\U000e0041", "\x7f\u0080", "日本\xe6\x97", strings.Repeat("a", 1000)} {
		checkFinding(t, record(s, int64(i)<<(5*i)))
	}
}

func FuzzFinding(f *testing.F) {
	f.Add("key \"quoted\" \\ \x00\x1b\x7f \u2028 \u202e \xff …", int64(-1))
	f.Fuzz(func(t *testing.T, s string, n int64) { checkFinding(t, record(s, n)) })
}

func TestFindingIsWrittenWithoutAllocation(t *testing.T) {
	e := newJSONEncoder(io.Discard, appendFinding)
	r := record("logs/2024/app.log", 12345)
	if n := testing.AllocsPerRun(100, func() { _ = e.encode(r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFindings(b *testing.B) {
	w, err := NewFindingWriter(io.Discard, Options{Format: JSONLines})
	if err != nil {
		b.Fatal(err)
	}
	found := ledger.Found{
		Object:   store.Object{Bucket: "bucket", Key: "logs/2024/03/01/app-000017.log", ETag: "d41d8cd98f00b204e9800998ecf8427e"},
		RuleInfo: ledger.RuleInfo{Category: "FINANCIAL_INFORMATION", Severity: ledger.High},
		Finding: scanner.Finding{
			Rule: "CREDIT_CARD_NUMBER", Preview: "************0000", Digest: "000102030405060708090a0b0c0d0e0f",
			Location: scanner.Location{Offset: 1234567, Length: 16, Line: 12345, Column: 67},
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(found); err != nil {
			b.Fatal(err)
		}
	}
}
