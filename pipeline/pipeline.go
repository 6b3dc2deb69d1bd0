// Package pipeline carries one run over many objects: it lists them, scans
// them with a pool of workers, and commits what happened to each to the
// ledger. It is the only package that starts goroutines, apart from drivers
// that read ahead.
package pipeline

import (
	"context"
	"io"

	"github.com/sluice-dlp/sluice/store"
)

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
