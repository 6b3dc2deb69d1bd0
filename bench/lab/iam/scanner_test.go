package iam_test

import (
	"context"
	"fmt"
	"io"

	"github.com/sluice-dlp/sluice/store"
)

// step is something that the program does in a role. It returns an error if it
// could not.
type step struct {
	name string
	do   func(context.Context, *world) error
}

var scanning = []step{
	{"list and read", func(ctx context.Context, w *world) error {
		for _, bucket := range []string{w.plain, w.kept} {
			w.put(bucket, "small", 1000, "")
			w.put(bucket, "large", 300<<10, "")
			b, err := w.open(bucket, "scanner")
			if err != nil {
				return err
			}
			if err := b.Check(ctx); err != nil {
				return err
			}
			n := 0
			err = b.List(ctx, func(o store.Object) error {
				n++
				r, _, err := b.Open(ctx, o)
				if err != nil {
					return err
				}
				defer r.Close()
				_, err = io.Copy(io.Discard, r)
				return err
			})
			if err != nil {
				return err
			}
			if n < 2 {
				return fmt.Errorf("%d objects", n)
			}
		}
		return nil
	}},
}
