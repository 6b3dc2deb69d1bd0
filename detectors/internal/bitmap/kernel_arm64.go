//go:build !purego

package bitmap

var neon = Kernel{"neon", classifyNEON, runNEON}

// native asks for nothing: Go itself demands NEON of arm64.
func native() []*Kernel { return []*Kernel{&neon} }

//go:noescape
func classifyNEON(dst []uint64, stride int, text []byte, group *group)

//go:noescape
func runNEON(arena []uint64, codes []code, some []bool, words, zero int)
