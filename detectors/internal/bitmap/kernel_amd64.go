//go:build !purego

package bitmap

import "golang.org/x/sys/cpu"

var avx512 = Kernel{"avx512", classifyAVX512, andAVX512, andNotAVX512, orAVX512, andOrPortable, runAVX512}
var avx2 = Kernel{"avx2", classifyAVX2, andAVX2, andNotAVX2, orAVX2, andOrPortable, runAVX2}

// native asks for what the operating system saves too, not only for what the
// processor has; package cpu looks at both.
func native() []*Kernel {
	var ks []*Kernel
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL &&
		x.HasAVX512VBMI && x.HasAVX512VBMI2 && x.HasAVX512GFNI {
		ks = append(ks, &avx512)
	}
	if x.HasAVX2 {
		ks = append(ks, &avx2)
	}
	return ks
}

//go:noescape
func classifyAVX512(dst []uint64, stride int, text []byte, group *group)

//go:noescape
func andAVX512(dst, a, b []uint64, s uint64) bool

//go:noescape
func andNotAVX512(dst, a, b []uint64, s uint64) bool

//go:noescape
func orAVX512(dst, a, b []uint64, s uint64) bool

//go:noescape
func runAVX512(arena []uint64, codes []code, some []bool, words, zero int)

//go:noescape
func classifyAVX2(dst []uint64, stride int, text []byte, group *group)

//go:noescape
func andAVX2(dst, a, b []uint64, s uint64) bool

//go:noescape
func andNotAVX2(dst, a, b []uint64, s uint64) bool

//go:noescape
func orAVX2(dst, a, b []uint64, s uint64) bool

//go:noescape
func runAVX2(arena []uint64, codes []code, some []bool, words, zero int)
