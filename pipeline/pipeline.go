// Package pipeline carries one run over many objects: it lists them, scans
// them with a pool of workers, and commits what happened to each to the
// ledger. It is the only package that starts goroutines, apart from drivers
// that read ahead.
//
// One goroutine lists, a pool reads and scans, and the goroutine that called
// [Run.Do] commits:
//
//	list ──(bounded channel)──▶ workers ──(bounded channel)──▶ commit
//
// Every object that is listed and passes the filter ends in exactly one row of
// the ledger, whatever happens to it, unless the run is stopped before its turn;
// then it is counted as unread, and the next run with the same ledger reads it.
package pipeline

import (
	"context"
	"io"

	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// Scanner finds what is to be found in one stream; [scanner.Scanner] does.
type Scanner interface {
	// Scan reads r to its end and calls yield for each finding, on the
	// caller's goroutine. The error is one of r, of ctx or of yield; what was
	// found and covered until then stands. Scan is called from many goroutines.
	Scan(ctx context.Context, r io.Reader, yield func(scanner.Finding) error) (scanner.Coverage, error)
}

// Source is a store as a run needs it. Drivers in store/… implement it.
type Source interface {
	// List calls yield for each object, in any order, on the goroutine that
	// called List, and returns the first error of yield or of the store. An
	// object is yielded once.
	List(ctx context.Context, yield func(store.Object) error) error

	// Open starts reading the version that o names; with an empty ETag and
	// VersionID it reads the current one. It returns the identity of what is
	// read, as the store answered it. Errors of Open and of the reader wrap
	// the sentinels of package store; a reader that returns store.ErrChanged
	// has given bytes of the old version only. Open may be called from many
	// goroutines; the reader is used by one, and its Close frees everything
	// at any moment.
	Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error)
}
