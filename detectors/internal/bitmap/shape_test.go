package bitmap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var shapes = []string{
	`[0-9]{3}-[0-9]{2}-[0-9]{4}`,
	`[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]`,
	`:.{0,4}:.{0,4}:`,
	`:..:..:..:..:`,
	`@[0-9A-Za-z\x80-\xff]`,
	`[2-6][0-9]{3}[ .-](?:[0-9]{4}|[0-9]{3}|[0-9]{6})[ .-][0-9]{3}`,
	`(?i)gb[0-9]{2}(?: ?[0-9a-z]{4}){2,5}`,
	`a?b?c`,
	`a(?:b|cd|)e{0,3}`,
	`\+(?:1[ -]?)?\(?[0-9]{3}`,
	`[^0-9a-z]x`,
	`a{64}b`,
	`(?:ab|a)(?:bc|c)`,
	`a{1,9}.{0,60}b`,
	`[A-Z][a-z]{1,11} [A-Z][a-z]`, // two capitalised words, as in names
}

func parse(t testing.TB, expr string) *Shape {
	t.Helper()
	s, err := ParseShape(expr)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShapes compares all shapes in one program with trying them position by
// position.
func TestShapes(t *testing.T) {
	b := NewBuilder()
	var out []Node
	var list []*Shape
	for _, expr := range shapes {
		list = append(list, parse(t, expr))
		out = append(out, b.Shape(list[len(list)-1]))
	}
	p := b.Build(append(out, Nowhere)...)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, k := range Kernels() {
		a := NewArena(p, k, 9000)
		for i := range 300 {
			text := shapeText(rng, rng.IntN(300))
			if i%50 == 0 {
				text = shapeText(rng, 8000+rng.IntN(900))
			}
			a.Run(text)
			for n, s := range list {
				checkPlane(t, fmt.Sprintf("%s: %s in %d bytes", k.Name, s.expr, len(text)), a, n, len(text), func(i int) bool { return s.At(text, i) })
			}
			checkPlane(t, k.Name+": nowhere", a, len(list), len(text), func(int) bool { return false })
		}
	}
}

// checkPlane compares plane n of a with want, position by position.
func checkPlane(t *testing.T, what string, a *Arena, n, size int, want func(i int) bool) {
	t.Helper()
	plane, some := a.Plane(n)
	for i := range size {
		got := plane[i/Block]>>(i%Block)&1 != 0
		if got != want(i) {
			t.Fatalf("%s: bit %d is %v", what, i, got)
		}
		if got && !some {
			t.Fatalf("%s: bit %d, but none is said to be", what, i)
		}
	}
}

// shapeText is made of what shapes are about.
func shapeText(rng *rand.Rand, n int) []byte {
	pieces := []string{"123-45-6789", "10.0.0.1", "1.2.3.4", "::1:", ":00:11:22:33:44", "a@b", "@\xff", "4111 1111 1111", "GB82 WEST 1234 5698 ", "abc", "ace", "aeee",
		"+1 (212", "+212", "-x", "\x80x", strings.Repeat("a", 60), "Jane Doe", "Mr X", "ab", "abbc", "b", "0", " ", "\x00"}
	var b []byte
	for len(b) < n {
		b = append(b, pieces[rng.IntN(len(pieces))]...)
		if rng.IntN(4) == 0 {
			b = append(b, byte(rng.Uint32()))
		}
	}
	return b[:n]
}

func TestParseShapeRefuses(t *testing.T) {
	for expr, why := range map[string]string{
		`a*`: "not bounded", `a+`: "not bounded", `a{2,}`: "no end", `.a`: "any byte", `a.`: "any byte", ``: "everywhere", `a?`: "everywhere",
		`é`: "not ASCII", `[à-ü]`: "some of the bytes", `\ba`: "no question about bytes", `a{129}`: "128", `(`: "missing",
	} {
		if _, err := ParseShape(expr); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("shape `%s`: error %v does not say %q", expr, err, why)
		}
	}
}

func TestShapeBegins(t *testing.T) {
	digits := Bytes("0123456789")
	for expr, want := range map[string]bool{`[0-9]a`: true, `a[0-9]`: false, `a?[0-9]`: true, `(?:a|b0)c`: false, `(?:a|0)c`: true, `[a-z0-9]`: true, `x{0,2}7`: true, `x{1,2}7`: false} {
		if got := parse(t, expr).Begins(digits); got != want {
			t.Errorf("shape `%s` begins with a digit: %v", expr, got)
		}
	}
}

// TestPrograms runs random programs against the same operations bit by bit.
func TestPrograms(t *testing.T) {
	shifts := []int{-64, -8, -2, -1, 0, 0, 1, 1, 2, 3, 5, 8, 16, 63, 64, 65, 72}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		b := NewBuilder()
		classes := []Class{Bytes("0123456789"), Bytes("abcdef"), Bytes("abcdef0123456789"), Bytes(" "), Bytes("-."), Bytes(" -."), {High: true}, {}}
		nodes := []Node{Nowhere}
		at := []func(w []byte, i int) bool{func([]byte, int) bool { return false }}
		for _, c := range classes {
			nodes = append(nodes, b.Class(c))
			at = append(at, func(w []byte, i int) bool { return i >= 0 && i < len(w) && c.Has(w[i]) })
		}
		for range 25 {
			x, y, shift, op := rng.IntN(len(nodes)), rng.IntN(len(nodes)), shifts[rng.IntN(len(shifts))], rng.IntN(3)
			p, q := at[x], at[y]
			switch op {
			case 0:
				nodes = append(nodes, b.And(nodes[x], nodes[y], shift))
				at = append(at, func(w []byte, i int) bool { return p(w, i) && q(w, i+shift) })
			case 1:
				nodes = append(nodes, b.AndNot(nodes[x], nodes[y], shift))
				at = append(at, func(w []byte, i int) bool { return p(w, i) && !q(w, i+shift) })
			default:
				if nodes[x] == Nowhere {
					continue
				}
				nodes = append(nodes, b.Or(nodes[x], nodes[y], shift))
				at = append(at, func(w []byte, i int) bool { return p(w, i) || q(w, i+shift) })
			}
		}
		out := []int{rng.IntN(len(nodes)), rng.IntN(len(nodes)), len(nodes) - 1}
		p := b.Build(nodes[out[0]], nodes[out[1]], nodes[out[2]])
		var arenas []*Arena
		for _, k := range Kernels() {
			arenas = append(arenas, NewArena(p, k, 400))
		}
		for range 10 {
			text := []byte(strings.Repeat("0a -.\xffz", 60))
			rng.Shuffle(len(text), func(i, j int) { text[i], text[j] = text[j], text[i] })
			text = text[:rng.IntN(400)]
			checkCodes(t, rng, p, text)
			for _, a := range arenas {
				a.Run(text)
				for n, o := range out {
					checkPlane(t, fmt.Sprintf("%s, %d bytes", a.kernel.Name, len(text)), a, n, len(text), func(i int) bool { return at[o](text, i) })
				}
			}
		}
	}
}

// checkCodes runs p by all kernels, code by code: each leaves the same words,
// and says the same of which planes have bits. Some that have are said to have
// none.
func checkCodes(t *testing.T, rng *rand.Rand, p *Program, text []byte) {
	t.Helper()
	a := NewArena(p, &portable, len(text))
	codes, zero := a.codes, int(a.at(0)-head)
	a.codes = nil
	a.Run(text)
	words := (head + a.used + tail + 7) &^ 7
	for i := range codes {
		for _, n := range []int32{codes[i].na, codes[i].nb, codes[i].sum} {
			a.some[n] = a.some[n] && rng.IntN(8) > 0
		}
		before, someBefore := slices.Clone(a.words), slices.Clone(a.some)
		portable.run(a.words, codes[i:i+1], a.some, words, zero)
		for _, k := range Kernels() {
			got, some := slices.Clone(before), slices.Clone(someBefore)
			k.run(got, codes[i:i+1], some, words, zero)
			if n := firstDifference(got, a.words); n >= 0 {
				t.Fatalf("%s: code %d of %d bytes, %+v: word %d is %#x, want %#x", k.Name, i, len(text), codes[i], n, got[n], a.words[n])
			}
			if !slices.Equal(some, a.some) {
				t.Fatalf("%s: code %d of %d bytes, %+v: the planes that have bits are not those", k.Name, i, len(text), codes[i])
			}
		}
	}
}

// TestShapeOf has shapes of wider classes: their planes have all positions at which
// the shapes match, and no others if they are said to be exact.
func TestShapeOf(t *testing.T) {
	digits, letters := Bytes("0123456789"), Bytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	wide := []Class{digits, digits.Or(letters)}
	exprs := append(slices.Clone(shapes), `[a-c]{20}-`, `a{70}`, `[0-9]{4}`)
	b := NewBuilder()
	var out []Node
	var list []*Shape
	var exact []bool
	for _, expr := range exprs {
		list = append(list, parse(t, expr))
		n, whole := b.ShapeOf(list[len(list)-1], wide)
		out, exact = append(out, n), append(exact, whole)
	}
	if i := len(exprs) - 1; exact[i-2] || exact[i-1] || !exact[i] {
		t.Errorf("exact: %v", exact)
	}
	a := NewArena(b.Build(out...), &portable, 400)
	rng := rand.New(rand.NewPCG(1, 5))
	for range 200 {
		text := append(shapeText(rng, rng.IntN(200)), "aaabbbcccaaabbbcccaa-7"...)
		text = append(text, strings.Repeat("a", rng.IntN(99))...)
		a.Run(text)
		for n, s := range list {
			checkPlane(t, s.expr, a, n, len(text), func(i int) bool {
				plane, _ := a.Plane(n)
				return s.At(text, i) || !exact[n] && bit(plane, i)
			})
		}
	}
}

// TestShapeSays compares what shapes say of all their matches with these.
func TestShapeSays(t *testing.T) {
	const n = 8
	letters := Bytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	leads := map[string]int{`a?b?c`: 1, `a(?:b|cd|)e{0,3}`: 1, `a{64}b`: 65, `(?:ab|a)(?:bc|c)`: 2, `a{1,9}.{0,60}b`: 1, `@[0-9A-Za-z\x80-\xff]`: 0, `[A-Z][a-z]{1,11} [A-Z][a-z]`: 2}
	fixed := map[string]int{`[0-9]{3}-[0-9]{2}-[0-9]{4}`: 11, `a{64}b`: 65, `a?b?c`: 0, `:..:..:..:..:`: 0, `[^0-9a-z]x`: 2}
	rng := rand.New(rand.NewPCG(1, 6))
	for _, expr := range shapes {
		s := parse(t, expr)
		if want, known := leads[expr]; known && s.Leads(letters) != want {
			t.Errorf("`%s` begins with %d letters, want %d", expr, s.Leads(letters), want)
		}
		if want, known := fixed[expr]; known && s.Fixed() != want {
			t.Errorf("`%s` has %d bytes, want %d", expr, s.Fixed(), want)
		}
		may, met := s.May(n), 0
		for range 300 {
			text := append(shapeText(rng, 70), strings.Repeat("a", 64)+"b"...)
			text = append(text, shapeText(rng, rng.IntN(90))...)
			for i := range text {
				if s.At(text, i) != s.matchesAt(text, i) {
					t.Fatalf("`%s` at %d of %q: %v, and by trying one way after the other not", expr, i, text, s.At(text, i))
				}
				for j := 0; s.At(text, i) && j < n && i+j < len(text); j++ {
					met++
					if !may[j][text[i+j]] {
						t.Fatalf("`%s` matches at %d of %q, but byte %d may not be so", expr, i, text, j)
					}
				}
			}
		}
		if met == 0 {
			t.Errorf("`%s` was not met", expr)
		}
		if slices.Equal(may[0][:], slices.Repeat([]bool{true}, 256)) {
			t.Errorf("`%s` may begin with anything", expr)
		}
	}
}
