//go:build rure && cgo

package pattern

// Engine names the engine of this build.
const Engine = "rure"

type program = rureProgram

func compileProgram(expr string) (*program, error) { return compileRure(expr) }
