//go:build !rure

package main

// rureEngines has none without the build tag rure.
func rureEngines([]pattern, int, int) []engine { return nil }
