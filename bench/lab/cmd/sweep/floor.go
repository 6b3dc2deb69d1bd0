package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-dlp/sluice/scanner/unpack"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// floorMode is the first argument of this program as a floor: a process of its
// own that reads a bucket as sluice does, with the same driver and as many
// objects at a time, and looks at nothing.
const floorMode = "floor"

// read is what a floor read.
type read struct {
	Objects int64 `json:"objects"`
	Text    int64 `json:"text"` // bytes, unpacked if it unpacks
}

// floor reads the bucket args[2] at the endpoint args[1], and unpacks it if
// args[0] says so.
func floor(ctx context.Context, args []string) error {
	take := download
	if args[0] == unpacked {
		take = unpackAll
	}
	src, err := s3.New(ctx, s3.Config{Bucket: args[2], Endpoint: args[1], PathStyle: true})
	if err != nil {
		return err
	}
	defer src.Close()
	var objects, text atomic.Int64
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(16, 4*runtime.GOMAXPROCS(0))) // the default of pipeline.Run.Workers
	err = src.List(ctx, func(o store.Object) error {
		group.Go(func() error {
			r, _, err := src.Open(groupCtx, o)
			if err != nil {
				return err
			}
			defer r.Close()
			n, err := take(groupCtx, r)
			objects.Add(1)
			text.Add(n)
			return err
		})
		return groupCtx.Err()
	})
	if gerr := group.Wait(); gerr != nil {
		err = gerr
	}
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(read{objects.Load(), text.Load()})
}

// Names of the floors.
const (
	downloaded = "floor: download"
	unpacked   = "floor: download and decompress"
)

func download(_ context.Context, r io.Reader) (int64, error) { return discard(r) }

func unpackAll(ctx context.Context, r io.Reader) (n int64, err error) {
	err = unpack.Walk(ctx, r, unpack.Limits{}, unpack.Visitor{
		Member: func(_ unpack.Member, r io.Reader) error {
			m, err := discard(r)
			n += m
			return err
		},
		Gap: func(unpack.Gap) {},
	})
	return n, err
}

// discard reads r in the pieces in which the scanner does. io.Discard would
// take 8 KiB at a time.
func discard(r io.Reader) (n int64, err error) {
	const piece = 256 << 10
	b := make([]byte, piece)
	for {
		m, err := r.Read(b)
		n += int64(m)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
