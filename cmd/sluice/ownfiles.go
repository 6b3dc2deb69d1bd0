package main

import (
	"io"
	"io/fs"
	"os"
)

// filesAt describes those of the files that exist.
func filesAt(paths ...string) []fs.FileInfo {
	var files []fs.FileInfo
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil {
			files = append(files, info)
		}
	}
	return files
}

// filesBehind describes those of the writers that are regular files: where a
// shell redirects output to, too.
func filesBehind(ws ...io.Writer) []fs.FileInfo {
	var files []fs.FileInfo
	for _, w := range ws {
		f, ok := w.(*os.File)
		if !ok || f == nil {
			continue
		}
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	return files
}

// targetFiles describes the targets that are on this machine.
func targetFiles(targets []target) []fs.FileInfo {
	var paths []string
	for _, t := range targets {
		if t.path != "" {
			paths = append(paths, t.path)
		}
	}
	return filesAt(paths...)
}
