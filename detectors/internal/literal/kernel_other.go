//go:build purego || !(amd64 || arm64)

package literal

func kernels() []kernel { return []kernel{{"portable", portableFilters}} }
