package detectors

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// benchText makes about n bytes of one kind of text, of test numbers and
// common words.
func benchText(kind string, n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		words := []string{"the", "a", "report", "Window", "margin", "of", "and", "between", "river", "bank", "Section", "which", "reads", "store", "in", "to",
			"quick", "however", "system", "Object", "time", "number", "value", "account", "over", "lazily", "considered", "that", "is", "it", "was", "found"}
		return words[rng.IntN(len(words))]
	}
	hex := func(digits int) string { return fmt.Sprintf("%0*x", digits, rng.Uint64()>>(64-4*digits)) }
	line := map[string]func() string{
		"logs": func() string {
			return fmt.Sprintf("192.0.2.%d - - [23/Nov/2026:%02d:%02d:%02d +0000] \"GET /%s/%s/%d.html HTTP/1.1\" %d %d \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Gecko/2010%04d\"\n",
				rng.IntN(256), rng.IntN(24), rng.IntN(60), rng.IntN(60), word(), word(), rng.IntN(100000), 200+rng.IntN(300), rng.IntN(90000), rng.IntN(10000))
		},
		"csv": func() string {
			return fmt.Sprintf("%d,%s %s,%s.%s%d@example.com,4111 1111 1111 1111,219-09-%04d,(212) 555-01%02d,2026-%02d-%02d,%d.%02d\n",
				100000+rng.IntN(900000), word(), word(), word(), word(), rng.IntN(100), 1+rng.IntN(9998), rng.IntN(100), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(10000), rng.IntN(100))
		},
		"events": func() string {
			return fmt.Sprintf("{\"id\":\"%s-%s-4%s-a%s-%s\",\"ts\":17%011d,\"type\":\"%s\",\"lat\":%.6f,\"lon\":%.6f,\"user\":%d,\"ok\":true,\"msg\":\"%s %s %s\"}\n",
				hex(8), hex(4), hex(3), hex(3), hex(12), rng.IntN(1e11), word(), rng.Float64()*90, rng.Float64()*180, rng.IntN(1e6), word(), word(), word())
		},
		"prose": func() string {
			s := ""
			for range 12 {
				s += word() + " "
			}
			if rng.IntN(8) == 0 {
				s += fmt.Sprint(rng.IntN(3000))
			}
			return s + word() + ".\n"
		},
		"weak": func() string { return fmt.Sprintf("%09d ", rng.IntN(1e9)) },
	}[kind]
	b := make([]byte, 0, n+200)
	for len(b) < n {
		b = append(b, line()...)
	}
	return b
}

// benchSet searches text with s, again and again.
func benchSet(b *testing.B, s *Set, text []byte) {
	q := newSearch(s)
	var dst []Match
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		dst = q.run(dst[:0], text, 0, len(text))
	}
	kib := float64(len(text)) / 1024
	b.ReportMetric(float64(q.tried)/kib, "tried/KiB")
	b.ReportMetric(float64(len(dst))/kib, "matches/KiB")
}

var benchKinds = []string{"logs", "csv", "events", "prose", "weak"}

func BenchmarkFind(b *testing.B) {
	s := compileAll(b, Builtin())
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			text := benchText(kind, 1<<20)
			benchSet(b, s, text)
		})
	}
}

// BenchmarkFindBare is what it costs that values with a check digit count without
// their keyword.
func BenchmarkFindBare(b *testing.B) {
	for _, least := range []int{0, 30} {
		s, err := Compile(Builtin(), Options{MinConfidence: least})
		if err != nil {
			b.Fatal(err)
		}
		for _, kind := range benchKinds {
			b.Run(fmt.Sprintf("%s/least=%d", kind, least), func(b *testing.B) {
				benchSet(b, s, benchText(kind, 1<<20))
			})
		}
	}
}

// customPatterns are patterns as users write them.
var customPatterns = []struct{ name, expr string }{
	{"prefix", `EMP-\d{5}`},
	{"word", `(?i)\bcustomer[ _-]?id\W{0,5}\d{6,}`},
	{"domain", `[\w.+-]+@example\.com`},
	{"email", `[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`},
	{"digits", `\b\d{3}-\d{2}-\d{4}\b`},
	{"plate", `\b[A-Z]{2}\d{2}[A-Z]{3}\b`},
	{"grouped", `\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b`},
	{"vague", `[a-z]+\d[a-z]+`},
	{"windowed", `(?i)aws.{0,20}?(?:secret|key).{0,10}?['"= :]{1,5}[A-Za-z0-9/+]{40}\b`},
}

// BenchmarkPattern searches for patterns without an anchor, one at a time
// and all at once.
func BenchmarkPattern(b *testing.B) {
	var all []Rule
	for _, p := range customPatterns {
		all = append(all, Rule{ID: p.name, Pattern: p.expr, MaxLen: 256, Priority: 10})
	}
	for _, rules := range append(each(all), all) {
		name := rules[0].ID
		if len(rules) > 1 {
			name = "all"
		}
		s := compileAll(b, rules)
		for _, kind := range benchKinds[:4] {
			b.Run(name+"/"+kind, func(b *testing.B) {
				text := benchText(kind, 1<<18)
				benchSet(b, s, text)
			})
		}
	}
}

// BenchmarkFindSmall searches texts of a few hundred bytes.
func BenchmarkFindSmall(b *testing.B) {
	s := compileAll(b, Builtin())
	text := benchText("csv", 300)
	var dst []Match
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		dst = s.Find(dst[:0], text, 0, len(text))
	}
}

func BenchmarkFindNaive(b *testing.B) {
	s := compileAll(b, Builtin())
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			text := benchText(kind, 1<<13)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.FindNaive(nil, text, 0, len(text))
			}
		})
	}
}

// BenchmarkFindFile searches the files that SLUICE_BENCH_FILES names.
func BenchmarkFindFile(b *testing.B) {
	for file := range strings.FieldsSeq(os.Getenv("SLUICE_BENCH_FILES")) {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		for _, kernel := range Kernels() {
			s, err := Compile(Builtin(), Options{Kernel: kernel})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(filepath.Base(file)+"/"+kernel, func(b *testing.B) {
				benchSet(b, s, text)
			})
		}
	}
}

// BenchmarkFindRules searches with few rules, all, and twice as many: what a
// rule costs that is found nowhere.
func BenchmarkFindRules(b *testing.B) {
	all := Builtin()
	few := slices.DeleteFunc(slices.Clone(all), func(r Rule) bool { return strings.HasSuffix(r.ID, "_BANK_ACCOUNT_NUMBER") })
	many := slices.Clone(all)
	for i := 0; len(many) < 250; i++ {
		r, n := canadaSIN(), 6+i%9
		r.ID = fmt.Sprintf("EXTRA_%d", i)
		r.Forms = []Form{{Pattern: strings.Repeat("9", n)}, {Pattern: strings.Repeat("9", n/2) + "~" + strings.Repeat("9", n-n/2)}}
		r.Keywords = []string{fmt.Sprintf("extra%c%c number", 'a'+i%26, 'a'+i/26), fmt.Sprintf("no%c%cid", 'a'+i%26, 'a'+i/26)}
		many = append(many, r)
	}
	for _, kind := range benchKinds {
		text := benchText(kind, 1<<20)
		for _, rules := range [][]Rule{few, all, many} {
			b.Run(fmt.Sprintf("%s/rules=%d", kind, len(rules)), func(b *testing.B) {
				benchSet(b, compileAll(b, rules), text)
			})
		}
	}
}
