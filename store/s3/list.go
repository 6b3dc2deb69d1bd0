package s3

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-dlp/sluice/store"
)

// Limits of the search for prefixes to list side by side.
const (
	shardsPerLister = 4   // look deeper until there are so many shards
	widest          = 128 // a level with more prefixes is listed as one: they are probably small
)

// List yields the objects of the bucket. Up to 1,000 of them it takes one
// request. A larger bucket is divided at the slashes of its keys into shards
// that are listed side by side; shards are disjoint prefixes, so each key is
// yielded once whatever order the store lists in. The order is that of the
// answers' arrival.
func (b *Bucket) List(ctx context.Context, yield func(store.Object) error) error {
	root := shard{prefix: b.cfg.Prefix}
	if after := b.cfg.StartAfter; after != "" {
		var some bool
		if root, some = root.startAfter(after); !some {
			return nil
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &lister{src: b, pages: make(chan []store.Object, b.cfg.ListConcurrency)}
	done := make(chan error, 1)
	go func() {
		done <- l.run(ctx, root)
		close(l.pages)
	}()
	var stopped error
	for page := range l.pages {
		for i := 0; i < len(page) && stopped == nil; i++ {
			if stopped = yield(page[i]); stopped != nil {
				cancel()
			}
		}
	}
	if err := <-done; stopped == nil {
		return err
	}
	return stopped
}

// shard is a part of the key space: the keys that begin with prefix and, if
// after is set, sort after it. after, if set, begins with prefix.
type shard struct{ prefix, after string }

// startAfter narrows a shard without a start to the keys that sort after
// key. It reports false if none can.
func (s shard) startAfter(key string) (shard, bool) {
	switch {
	case strings.HasPrefix(key, s.prefix):
		return shard{s.prefix, key}, true
	case key < s.prefix:
		return s, true
	}
	return shard{}, false
}

// within returns the shards of s for the prefixes that the store found in it.
// The prefix in which s.after lies is added, since stores disagree on whether
// a listing that starts inside a prefix names it.
func (s shard) within(prefixes []string) []shard {
	var shards []shard
	first := s.prefix
	if i := strings.IndexByte(s.after[min(len(s.prefix), len(s.after)):], '/'); i >= 0 {
		first = s.after[:len(s.prefix)+i+1]
		shards = append(shards, shard{first, s.after})
	}
	for _, p := range prefixes {
		if p == first {
			continue
		}
		if sub, some := (shard{prefix: p}).startAfter(s.after); some {
			shards = append(shards, sub)
		}
	}
	return shards
}

// lister runs one listing and sends what it finds to pages.
type lister struct {
	src   *Bucket
	pages chan []store.Object
}

// run looks for shards, a level of slashes at a time, until there are enough
// to keep all listers busy, and lists them.
func (l *lister) run(ctx context.Context, root shard) error {
	enough := shardsPerLister * l.src.cfg.ListConcurrency
	level := []shard{root}
	var whole []rest
	for len(level) > 0 && len(level)+len(whole) < enough {
		probes := make([]probe, len(level))
		err := l.each(ctx, len(level), func(ctx context.Context, i int) (err error) {
			probes[i], err = l.divide(ctx, level[i])
			return err
		})
		if err != nil {
			return err
		}
		level = nil
		for _, p := range probes {
			level = append(level, p.parts...)
			if p.rest != nil {
				whole = append(whole, *p.rest)
			}
		}
	}
	for _, s := range level {
		whole = append(whole, rest{shard: s})
	}
	return l.each(ctx, len(whole), func(ctx context.Context, i int) error { return l.list(ctx, whole[i]) })
}

// each calls f with 0 … n-1, ListConcurrency calls at a time.
func (l *lister) each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(l.src.cfg.ListConcurrency)
	for i := range n {
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return f(ctx, i)
		})
	}
	return g.Wait()
}

// probe is the answer to whether a shard can be divided: into parts, or not
// at all, then rest is what is still to be listed of it. Neither means that the
// shard is done.
type probe struct {
	parts []shard
	rest  *rest
}

// rest is a shard, or what follows a page of it.
type rest struct {
	shard shard
	token *string
}

// divide lists s if it is one page. Otherwise it lists the objects of the
// level of s and returns the shards below, or the first page of s and the rest
// where there is no level below or a very wide one.
func (l *lister) divide(ctx context.Context, s shard) (probe, error) {
	flat, err := l.src.listPage(ctx, l.src.listInput(s))
	if err != nil {
		return probe{}, err
	}
	if flat.next == nil {
		return probe{}, l.send(ctx, s, flat)
	}
	in := l.src.listInput(s)
	in.Delimiter = aws.String("/")
	level, err := l.src.listPage(ctx, in)
	if err != nil {
		return probe{}, err
	}
	if level.next != nil || len(level.prefixes) == 0 || len(level.prefixes) > widest {
		return probe{rest: &rest{s, flat.next}}, l.send(ctx, s, flat)
	}
	return probe{parts: s.within(level.prefixes)}, l.send(ctx, s, level)
}

// list lists what is left of a shard, page by page. Of the tokens it remembers
// one, a later one each time that twice as many pages have come (Brent, 1980): a
// store that leads in a circle meets it.
func (l *lister) list(ctx context.Context, r rest) error {
	met := ""
	for n := 1; ; n++ {
		in := l.src.listInput(r.shard)
		in.ContinuationToken = r.token
		p, err := l.src.listPage(ctx, in)
		if err != nil {
			return err
		}
		if err := l.send(ctx, r.shard, p); err != nil {
			return err
		}
		if p.next == nil {
			return nil
		}
		if *p.next == met {
			return fmt.Errorf("list bucket %s: %w: store repeats pages", l.src.cfg.Bucket, store.ErrBroken)
		}
		if r.token = p.next; n&(n-1) == 0 {
			met = *p.next
		}
	}
}

// send hands the objects of a page over, without those that the store should
// not have listed because they do not sort after the start.
func (l *lister) send(ctx context.Context, s shard, p page) error {
	objects := p.objects
	if s.after != "" {
		objects = slices.DeleteFunc(objects, func(o store.Object) bool { return o.Key <= s.after })
	}
	if len(objects) == 0 {
		return nil
	}
	select {
	case l.pages <- objects:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// page is one answer of the store.
type page struct {
	objects  []store.Object
	prefixes []string
	next     *string // token of the next page; nil if this is the last
}

func (b *Bucket) listInput(sh shard) *s3.ListObjectsV2Input {
	in := &s3.ListObjectsV2Input{
		Bucket: &b.cfg.Bucket,
		// Keys may hold characters that XML cannot.
		EncodingType:        types.EncodingTypeUrl,
		ExpectedBucketOwner: b.cfg.owner(),
		RequestPayer:        b.cfg.payer(),
	}
	if sh.prefix != "" {
		in.Prefix = &sh.prefix
	}
	if sh.after != "" {
		in.StartAfter = &sh.after
	}
	return in
}

// listPage asks for one page. It refuses an answer that does not fit the
// question, since that would repeat keys or leave some out.
func (b *Bucket) listPage(ctx context.Context, in *s3.ListObjectsV2Input) (page, error) {
	op := "list bucket " + b.cfg.Bucket
	out, err := b.client.ListObjectsV2(ctx, in)
	if err != nil {
		return page{}, explain(ctx, op, err)
	}
	decode := func(s string) (string, error) { return s, nil }
	if out.EncodingType == types.EncodingTypeUrl {
		decode = url.QueryUnescape
	}
	p := page{objects: make([]store.Object, 0, len(out.Contents))}
	for _, c := range out.Contents {
		key, err := decode(aws.ToString(c.Key))
		if err != nil || !strings.HasPrefix(key, aws.ToString(in.Prefix)) {
			return page{}, fmt.Errorf("%s: %w: store lists a key outside the prefix asked for, or encodes it wrongly", op, store.ErrBroken)
		}
		size := int64(-1)
		if c.Size != nil {
			size = *c.Size
		}
		p.objects = append(p.objects, object(b.cfg.Bucket, key, aws.ToString(c.ETag), size, c.LastModified, string(c.StorageClass)))
	}
	for _, c := range out.CommonPrefixes {
		prefix, err := decode(aws.ToString(c.Prefix))
		if err != nil || !strings.HasPrefix(prefix, aws.ToString(in.Prefix)) || len(prefix) == len(aws.ToString(in.Prefix)) {
			return page{}, fmt.Errorf("%s: %w: store lists a prefix outside the one asked for, or encodes it wrongly", op, store.ErrBroken)
		}
		p.prefixes = append(p.prefixes, prefix)
	}
	switch {
	case out.IsTruncated == nil: // the SDK takes an empty answer, and any other document, for a bucket with nothing in it
		return page{}, fmt.Errorf("%s: %w: store does not say whether there are more keys", op, store.ErrBroken)
	case *out.IsTruncated:
		if p.next = out.NextContinuationToken; aws.ToString(p.next) == "" {
			return page{}, fmt.Errorf("%s: %w: store says that there are more keys, but not how to ask for them", op, store.ErrBroken)
		}
	}
	return p, nil
}
