//go:build !purego

package bitmap

import "golang.org/x/sys/cpu"

var avx512 = Kernel{"avx512", classifyAVX512, runAVX512}
var avx2 = Kernel{"avx2", classifyAVX2, runAVX2}

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
func runAVX512(arena []uint64, codes []code, some []bool, words, zero int)

//go:noescape
func classifyAVX2(dst []uint64, stride int, text []byte, group *group)

//go:noescape
func runAVX2(arena []uint64, codes []code, some []bool, words, zero int)
