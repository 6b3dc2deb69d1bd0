//go:build linux || darwin

package bitmap

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns at least n bytes with a page that nobody may touch right
// before and right behind them: a kernel that does so ends the test.
func guarded(t *testing.T, n int) []byte {
	t.Helper()
	page := os.Getpagesize()
	size := (n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Error(err)
		}
	})
	for _, guard := range [][]byte{m[:page], m[page+size:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return m[page:][:size:size]
}

// TestClassifyGuarded has texts that begin and that end where memory does.
func TestClassifyGuarded(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	sets := randomSets(rng, MaxClasses)
	text := guarded(t, 4096)
	copy(text, randomText(rng, len(text)))
	for n := range 1200 {
		checkClassify(t, text[:n], sets[:1+n%MaxClasses], 0)
		checkClassify(t, text[len(text)-n:], sets[:1+n%MaxClasses], 0)
	}
}

// TestOpsGuarded has arenas with the words before the first and behind the
// last plane that the package asks for, and no more.
func TestOpsGuarded(t *testing.T) {
	const stride = 24
	rng := rand.New(rand.NewPCG(4, 2))
	memory := guarded(t, 4096)
	for words := 8; words <= stride; words += 8 {
		for _, shift := range []int{-64, -9, -8, 0, 1, 8, 63, 64, 65, 120, MaxAhead - 1, MaxAhead} {
			arena := randomArena(rng, 4, stride)
			lowest := unsafe.Slice((*uint64)(unsafe.Pointer(&memory[0])), len(arena))
			highest := unsafe.Slice((*uint64)(unsafe.Pointer(&memory[len(memory)-8*len(arena)])), len(arena))
			for _, p := range [][3]int{{0, 1, 3}, {3, 1, 0}, {1, 0, 3}, {2, 3, 0}} {
				dst, a, b := spareWords+p[0]*stride, spareWords+p[1]*stride, spareWords+p[2]*stride
				for _, o := range ops {
					want := byBits(o, arena, dst, a, b, words, shift)
					for _, k := range Kernels() {
						for _, m := range [][]uint64{lowest, highest} {
							copy(m, arena)
							o.run(k, m, dst, a, b, words, shift)
							if i := firstDifference(m[dst:dst+words], want); i >= 0 {
								t.Fatalf("%s: %s of %d words, shift %d: word %d is wrong", k.Name, o.name, words, shift, i)
							}
						}
					}
				}
			}
		}
	}
}
