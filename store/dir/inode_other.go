//go:build !unix

package dir

import "io/fs"

// inode returns 0: the file system does not number its files in a portable way.
func inode(fs.FileInfo) uint64 { return 0 }
