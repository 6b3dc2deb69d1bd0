//go:build (amd64 || arm64) && !purego

package literal

import (
	"maps"
	"slices"
	"testing"
)

// TestKernelsComputeTheirTables compares what kernels mark with what their
// tables say of each place, bit for bit: a filter that lets too much through
// would find the same strings, slowly.
func TestKernelsComputeTheirTables(t *testing.T) {
	for _, k := range kernels() {
		for seed := range uint64(60) {
			r := newRandom(seed)
			list := r.list(1+r.IntN(2*fewHeads), 1+r.IntN(4), 8)
			fold := r.IntN(2) == 0
			if fold {
				for i := range list {
					list[i] = lowerASCII(list[i])
				}
			}
			h, _ := newHeads(list, fold)
			everywhere, chosen := k.filters(list, fold, h)
			text := r.text(64*r.IntN(5)+r.IntN(70), list)
			where := r.where(len(text), 3)
			checkTables(t, k.name, everywhere, text, nil)
			checkTables(t, k.name, chosen, text, where)
		}
	}
}

func checkTables(t *testing.T, kernel string, f filter, text []byte, where []uint64) {
	t.Helper()
	s, ok := f.(*simd)
	if !ok {
		return // not of tables
	}
	lookUp := s.lookUp()
	got := make([]uint64, (len(text)+63)/64)
	s.mark(got, text, 0, len(text), where)
	want := make([]uint64, len(got))
	padded := append(slices.Clone(text), make([]byte, 7)...)
	for i := range text {
		if where != nil && where[i/64]>>(i%64)&1 == 0 {
			continue
		}
		if lookUp([8]byte(padded[i:])) != 0 {
			want[i/64] |= 1 << (i % 64)
		}
	}
	if rest := len(text) % 64; rest > 0 {
		got[len(got)-1] &= 1<<rest - 1
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s marks %x in %d bytes, its tables %x", kernel, got, len(text), want)
	}
}

// TestDealBuckets has each head in one bucket, with none of another length,
// and no bucket empty that could have some.
func TestDealBuckets(t *testing.T) {
	for seed := range uint64(100) {
		r := newRandom(seed)
		list := r.list(1+r.IntN(100), 1+r.IntN(4), 9)
		want := make(map[string]int)
		for _, s := range list {
			want[s[:min(len(s), headLen)]] = 1
		}
		got := make(map[string]int)
		empty := 0
		for _, heads := range dealBuckets(list) {
			for _, head := range heads {
				got[head]++
				if len(head) != len(heads[0]) {
					t.Errorf("a bucket has heads of %d and %d bytes", len(head), len(heads[0]))
				}
			}
			if len(heads) == 0 {
				empty++
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("buckets have %v, not %v", got, want)
		}
		if empty > max(0, buckets-len(want)) {
			t.Errorf("%d buckets are empty with %d heads", empty, len(want))
		}
	}
}
