//go:build !rure

package main

// addRure notes that rure is not there.
func (ps *peers) addRure([]pattern, int, int) {
	ps.missing["rure"] = "needs `make rure` and the build tag rure"
}
