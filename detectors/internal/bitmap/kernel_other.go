//go:build purego || !(amd64 || arm64)

package bitmap

func native() []*Kernel { return nil }
