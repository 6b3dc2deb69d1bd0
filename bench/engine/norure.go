//go:build !rure

package main

func rureEngines([]pattern, int) []engine { return nil }
