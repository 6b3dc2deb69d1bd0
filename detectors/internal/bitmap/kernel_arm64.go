//go:build !purego

package bitmap

var neon = Kernel{"neon", classifyNEON, andNEON, andNotNEON, orNEON, andOrPortable, nil}

// native asks for nothing: Go itself demands NEON of arm64.
func native() []*Kernel { return []*Kernel{&neon} }

//go:noescape
func classifyNEON(dst []uint64, stride int, text []byte, group *group)

//go:noescape
func andNEON(dst, a, b []uint64, s uint64) bool

//go:noescape
func andNotNEON(dst, a, b []uint64, s uint64) bool

//go:noescape
func orNEON(dst, a, b []uint64, s uint64) bool
