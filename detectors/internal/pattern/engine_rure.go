//go:build rure && cgo

package pattern

// Engine names the engine of this build.
const Engine = "rure"

// Dense is the chance of a start from which on it is cheaper to let the engine
// look for starts than to try it at each.
const Dense = 0.02

type program = rureProgram

func compileProgram(expr string) (*program, error) { return compileRure(expr) }
