package bitmap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestKernels(t *testing.T) {
	var names []string
	for _, k := range Kernels() {
		names = append(names, k.Name)
	}
	if i := slices.Index(names, "portable"); i != len(names)-1 {
		t.Errorf("portable stands at %d of %v", i, names)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(Kernels()) {
		t.Error("two kernels have one name")
	}
}

// set is a class said once more, as the table that the tests compare with.
type set [256]bool

func (s *set) class() Class {
	var ascii []byte
	for b := range 0x80 {
		if s[b] {
			ascii = append(ascii, byte(b))
		}
	}
	return Bytes(string(ascii)).Or(Class{High: s[0x80]})
}

func (s *set) add(bytes string) {
	for _, b := range []byte(bytes) {
		s[b] = true
		for h := 0x80; h < 256 && b >= 0x80; h++ {
			s[h] = true
		}
	}
}

// randomSets returns n sets, of few, half or most of the bytes.
func randomSets(rng *rand.Rand, n int) []set {
	sets := make([]set, n)
	for i := range sets {
		of := []int{1, 16, 32, 63}[rng.IntN(4)]
		for b := range 0x81 {
			if rng.IntN(64) < of {
				sets[i].add(string([]byte{byte(b)}))
			}
		}
	}
	return sets
}

func randomText(rng *rand.Rand, n int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(rng.Uint32())
		if rng.IntN(2) == 0 {
			text[i] &= 0x7f
		}
	}
	return text
}

func classes(sets []set) *Classes {
	var list []Class
	for i := range sets {
		list = append(list, sets[i].class())
	}
	return NewClasses(list)
}

// checkClassify compares all kernels with the tables, and what they leave
// alone with what was there before. The stride exceeds the words of text by
// spare.
func checkClassify(t *testing.T, text []byte, sets []set, spare int) {
	t.Helper()
	const before = 3 // words of dst that do not belong to Classify
	words, cs := Words(len(text)), classes(sets)
	stride := words + spare
	leftovers := make([]uint64, before+stride*len(sets)+before)
	for i := range leftovers {
		leftovers[i] = 0x9e3779b97f4a7c15 * uint64(i+1)
	}
	want := slices.Clone(leftovers)
	for c := range sets {
		plane := want[before+c*stride:][:words]
		clear(plane)
		for i, b := range text {
			if sets[c][b] {
				plane[i/64] |= 1 << (i % 64)
			}
		}
	}
	for _, k := range Kernels() {
		got := slices.Clone(leftovers)
		k.Classify(got[before:], stride, text, cs)
		if i := firstDifference(got, want); i >= 0 {
			t.Fatalf("%s: %d bytes, %d classes, stride %d: word %d of class %d is %#x, want %#x", k.Name,
				len(text), len(sets), stride, (i-before)%max(stride, 1), (i-before)/max(stride, 1), got[i], want[i])
		}
	}
}

func firstDifference(a, b []uint64) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// TestClassifyEachByte has each byte at each place of a block, alone in a
// class and alone not in one.
func TestClassifyEachByte(t *testing.T) {
	text := make([]byte, 256)
	for b := range 256 {
		for i := range text {
			text[i] = byte(i + b)
		}
		only := set{}
		only.add(string([]byte{byte(b)}))
		but := set{}
		for i := range but {
			but[i] = !only[i]
		}
		checkClassify(t, text, []set{only, but, {}}, 0)
	}
}

func TestClassifyNumbersOfClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range MaxClasses + 1 {
		for _, size := range []int{0, 1, 63, 64, 65, 511, 512, 513, 1024, 1500, 8704} {
			checkClassify(t, randomText(rng, size), randomSets(rng, n), rng.IntN(9))
		}
	}
}

func TestClassifyLengthsAndAlignments(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sets := randomSets(rng, MaxClasses)
	text := randomText(rng, 64+200)
	for n := range 201 {
		for at := range 64 {
			checkClassify(t, text[at:at+n], sets[:1+(n+at)%MaxClasses], n%3)
		}
	}
}

func TestClassifyRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 150 {
		text := randomText(rng, rng.IntN(9100))
		at := min(rng.IntN(64), len(text))
		checkClassify(t, text[at:], randomSets(rng, rng.IntN(MaxClasses+1)), rng.IntN(9))
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte("call +1 212 555 0100 or mail a@b.example"), "0123456789", "+@", uint8(0), uint8(2))
	f.Add([]byte(strings.Repeat("0aZ:", 17)), "aZ", ":\x80", uint8(1), uint8(9))
	f.Add([]byte("\x7f\x80\xb0\xb9\xe1\xfa\xff"), "\x80", "\x00\x7f", uint8(3), uint8(16))
	f.Add([]byte(strings.Repeat("5105-1051 0510/5100é", 70)), "-/ ", "", uint8(17), uint8(8))
	f.Fuzz(func(t *testing.T, text []byte, odd, even string, at, n uint8) {
		sets := make([]set, int(n)%(MaxClasses+1))
		for c := range sets {
			bytes := even
			if c%2 == 1 {
				bytes = odd
			}
			sets[c].add(bytes[min(c/2, len(bytes)):])
		}
		checkClassify(t, text[min(int(at), len(text)):], sets, int(at)%9)
	})
}

// op is an operation of programs, and on the bits of a, b and dst.
type op struct {
	name string
	code opcode
	bit  func(a, b, dst bool) bool
}

var ops = []op{
	{"And", opAnd, func(a, b, _ bool) bool { return a && b }},
	{"AndNot", opAndNot, func(a, b, _ bool) bool { return a && !b }},
	{"Or", opOr, func(a, b, _ bool) bool { return a || b }},
	{"AndOr", opAndOr, func(a, b, dst bool) bool { return dst || a && b }},
}

// program is o alone, of planes that are said to have bits.
func (o op) program(dst, a, b, shift int) (codes []code, some []bool) {
	return []code{{int32(dst), int32(a), int32(b + shift>>6), 3, 0, 1, int32(shift & 63), o.code, 2}}, []bool{true, true, true, false}
}

// run has k do o, and tells whether a bit of dst is set.
func (o op) run(k *Kernel, arena []uint64, dst, a, b, words, shift int) bool {
	codes, some := o.program(dst, a, b, shift)
	k.run(arena, codes, some, words, 0)
	return some[3]
}

// spareWords is how many words the arenas of tests have before their planes;
// behind them they have what those of programs have.
const spareWords = before

func bit(plane []uint64, p int) bool { return plane[p/64]>>(p%64)&1 != 0 }

// byBits is what o leaves in words words of dst, bit for bit.
func byBits(o op, arena []uint64, dst, a, b, words, shift int) []uint64 {
	want := make([]uint64, words)
	for p := range 64 * words {
		if o.bit(bit(arena, 64*a+p), bit(arena, 64*b+p+shift), bit(arena, 64*dst+p)) {
			want[p/64] |= 1 << (p % 64)
		}
	}
	return want
}

// checkOp runs o by all kernels on copies of arena and compares what they
// leave in dst with the first words of want, and what is not theirs to write
// with what was there.
func checkOp(t *testing.T, o op, arena, want []uint64, dst, a, b, words, shift int) {
	t.Helper()
	want = want[:words]
	wantAny := slices.ContainsFunc(want, func(w uint64) bool { return w != 0 })
	for _, k := range Kernels() {
		got := slices.Clone(arena)
		any := o.run(k, got, dst, a, b, words, shift)
		what := fmt.Sprintf("%s: %s of %d words, shift %d, dst %d, a %d, b %d", k.Name, o.name, words, shift, dst, a, b)
		if i := firstDifference(got[dst:dst+words], want); i >= 0 {
			t.Fatalf("%s: word %d is %#x, want %#x", what, i, got[dst+i], want[i])
		}
		if any != wantAny {
			t.Fatalf("%s: any is %v", what, any)
		}
		if !slices.Equal(got[:dst], arena[:dst]) || !slices.Equal(got[dst+words:], arena[dst+words:]) {
			t.Fatalf("%s: wrote outside of dst", what)
		}
	}
}

// randomArena is an arena of n planes of the given stride. Its words are
// empty, sparse, dense or full, so that results often have no bit.
func randomArena(rng *rand.Rand, n, stride int) []uint64 {
	arena := make([]uint64, spareWords+n*stride+behind)
	for i := range arena {
		switch rng.IntN(8) {
		case 0:
			arena[i] = rng.Uint64()
		case 1:
			arena[i] = ^uint64(0)
		case 2, 3:
			arena[i] = 1 << rng.IntN(64)
		}
	}
	return arena
}

func TestOps(t *testing.T) {
	const most, stride = 144, 152
	const dst, a, b = spareWords, spareWords + stride, spareWords + 2*stride
	rng := rand.New(rand.NewPCG(2, 1))
	for shift := -64; shift <= 64; shift++ {
		arena := randomArena(rng, 3, stride)
		for _, o := range ops {
			want := byBits(o, arena, dst, a, b, most, shift)
			for words := 8; words <= most; words += 8 {
				checkOp(t, o, arena, want, dst, a, b, words, shift)
			}
		}
	}
}

// TestOpsAny has one bit at most in the result, at any place and just behind
// the end.
func TestOpsAny(t *testing.T) {
	const words, stride = 24, 32
	const dst, a, b = spareWords, spareWords + stride, spareWords + 2*stride
	for _, shift := range []int{-64, -63, -1, 0, 1, 63, 64} {
		for p := range 64 * stride {
			arena := make([]uint64, spareWords+3*stride+behind)
			arena[a+p/64] = 1 << (p % 64)
			if q := 64*b + p + shift; q%2 == 0 {
				arena[q/64] |= 1 << (q % 64)
			}
			for _, o := range ops {
				checkOp(t, o, arena, byBits(o, arena, dst, a, b, words, shift), dst, a, b, words, shift)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	text, cs := randomText(rng, 1000), classes(randomSets(rng, MaxClasses))
	arena := randomArena(rng, MaxClasses, 16)
	codes, some := ops[0].program(spareWords, spareWords+16, spareWords+32, -3)
	for _, k := range Kernels() {
		if n := testing.AllocsPerRun(10, func() {
			k.Classify(arena[spareWords:], 16, text, cs)
			k.run(arena, codes, some, 16, 0)
		}); n != 0 {
			t.Errorf("%s: %v allocations", k.Name, n)
		}
	}
}

func FuzzOps(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, uint8(3), int8(-9), uint8(0))
	f.Add([]byte(strings.Repeat("\x00\x00\x00\x01\x80\xff", 400)), uint8(17), int8(64), uint8(1))
	f.Add([]byte(strings.Repeat("\xff", 999)), uint8(40), int8(-64), uint8(2))
	f.Add([]byte{}, uint8(0), int8(0), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, words uint8, shift int8, which uint8) {
		n, by, o := int(words)/8*8+8, max(-64, min(int(shift), 64)), ops[which%4]
		stride := n + 8
		arena := make([]uint64, spareWords+3*stride+behind)
		for i, b := range data[:min(len(data), 8*len(arena))] {
			arena[i/8] |= uint64(b) << (i % 8 * 8)
		}
		dst, a, b := spareWords, spareWords+stride, spareWords+2*stride
		checkOp(t, o, arena, byBits(o, arena, dst, a, b, n, by), dst, a, b, n, by)
	})
}

// BenchmarkClassify is one strip of text that stands in the first-level
// cache with its planes.
func BenchmarkClassify(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 1))
	text := randomText(rng, 8192+512)
	for _, k := range Kernels() {
		for _, n := range []int{1, 8, 16} {
			cs := classes(randomSets(rng, n))
			dst := make([]uint64, n*Words(len(text)))
			b.Run(fmt.Sprintf("%s/classes=%d", k.Name, n), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					k.Classify(dst, Words(len(text)), text, cs)
				}
			})
		}
	}
}

// BenchmarkClassifyMemory goes through 64 MiB, strip by strip.
func BenchmarkClassifyMemory(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 2))
	text := make([]byte, 64<<20)
	for i := range text {
		text[i] = byte(i * 7)
	}
	const strip = 8192
	for _, k := range Kernels() {
		cs := classes(randomSets(rng, 8))
		dst := make([]uint64, 8*Words(strip))
		b.Run(k.Name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for at := 0; at < len(text); at += strip {
					k.Classify(dst, Words(strip), text[at:at+strip], cs)
				}
			}
		})
	}
}

func BenchmarkOps(b *testing.B) {
	const words = 136
	const dst, x, y = spareWords, spareWords + words, spareWords + 2*words
	arena := randomArena(rand.New(rand.NewPCG(3, 3)), 3, words)
	for _, k := range Kernels() {
		for _, o := range ops {
			for _, shift := range []int{0, 5, 8} {
				b.Run(fmt.Sprintf("%s/%s/shift=%d", k.Name, o.name, shift), func(b *testing.B) {
					codes, some := o.program(dst, x, y, shift)
					for b.Loop() {
						k.run(arena, codes, some, words, 0)
					}
				})
			}
		}
	}
}
