//go:build !rure || !cgo

package pattern

// Engine names the engine of this build.
const Engine = "regexp"

type program = stdProgram

func compileProgram(expr string) (*program, error) { return compileStd(expr) }
