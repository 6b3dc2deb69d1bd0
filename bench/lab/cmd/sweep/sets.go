package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
)

// set is one kind of bucket. Its objects are those of a corpus that have the
// container and one of the densities.
type set struct {
	name      string
	container corpus.Container
	dense     bool // much to be found, instead of little
	small     bool // many objects of a few KiB, instead of some of MiB
}

func sets() []set {
	return []set{
		{"large plain", corpus.Plain, false, false},
		{"large plain, dense", corpus.Plain, true, false},
		{"large gzip", corpus.Gzip, false, false},
		{"large zstd", corpus.Zstd, false, false},
		{"large snappy", corpus.Snappy, false, false},
		{"small plain", corpus.Plain, false, true},
		{"small gzip", corpus.Gzip, false, true},
	}
}

// Text of an object on average. Objects differ by a factor of up to 64.
const (
	largeObject = 8 << 20
	smallObject = 4 << 10
)

// objects chooses the objects of s.
func (o *options) objects(s set) []corpus.Object {
	// Far more than are taken, which costs nothing until they are written:
	// the rarest container is one in nineteen, a density one in three, and five
	// kinds of text in eight are those of the rows.
	const plenty = 64
	kinds := []corpus.Kind{corpus.Logs, corpus.JSONLines, corpus.CSV, corpus.Prose, corpus.Code}
	cfg := corpus.Config{Seed: 1, Objects: plenty * o.small, Bytes: plenty * int64(o.small) * smallObject}
	if !s.small {
		cfg.Objects = plenty * max(10, int(o.bytes/largeObject))
		cfg.Bytes = int64(cfg.Objects) * largeObject
	}
	var objs []corpus.Object
	var text int64
	for obj := range corpus.Generate(cfg) {
		if obj.Container != s.container || !slices.Contains(kinds, obj.Kind) || (obj.Density == corpus.Dense) != s.dense || !s.small && obj.TextBytes > o.bytes/8 {
			continue
		}
		objs = append(objs, obj)
		text += obj.TextBytes
		if s.small && len(objs) == o.small || !s.small && text >= o.bytes {
			break
		}
	}
	return objs
}

// filled is what a bucket holds.
type filled struct {
	bucket   string
	objects  int
	stored   int64
	expected int64 // labels
}

// fill makes a bucket and puts the objects of s into it.
func (o *options) fill(ctx context.Context, g *lab.Gateway, s set) (filled, error) {
	f := filled{bucket: "bench"}
	if _, err := g.Client().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &f.bucket}); err != nil {
		return f, fmt.Errorf("create bucket: %w", err)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	var stored, expected atomic.Int64
	objs := o.objects(s)
	for _, obj := range objs {
		group.Go(func() error {
			var buf bytes.Buffer
			if _, err := obj.WriteTo(&buf); err != nil {
				return err
			}
			stored.Add(int64(buf.Len()))
			for range obj.Labels() {
				expected.Add(1)
			}
			_, err := g.Client().PutObject(groupCtx, &s3.PutObjectInput{Bucket: &f.bucket, Key: aws.String(obj.Key), Body: bytes.NewReader(buf.Bytes())})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return f, fmt.Errorf("fill bucket: %w", err)
	}
	f.objects, f.stored, f.expected = len(objs), stored.Load(), expected.Load()
	return f, nil
}
