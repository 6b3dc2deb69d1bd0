//go:build !rure || !cgo

package pattern

// Engine names the engine of this build.
const Engine = "regexp"

// Dense is the chance of a start from which on it is cheaper to let the engine
// look for starts than to try it at each.
const Dense = 0.2

type program = stdProgram

func compileProgram(expr string) (*program, error) { return compileStd(expr) }
