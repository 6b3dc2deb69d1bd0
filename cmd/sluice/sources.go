package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/dir"
	"github.com/sluice-dlp/sluice/store/s3"
)

// s3Options are the flags about reaching S3.
type s3Options struct {
	s3.Config
}

func (o *s3Options) flags(f *pflag.FlagSet) {
	o.connectionFlags(f)
	f.BoolVar(&o.Anonymous, "no-sign-request", false, "sign nothing: for public buckets")
	f.StringVar(&o.StartAfter, "start-after", "", "list only keys that sort after this `KEY`")
}

// connectionFlags say as whom and how to speak to the store.
func (o *s3Options) connectionFlags(f *pflag.FlagSet) {
	f.StringVar(&o.Profile, "profile", "", "AWS profile `NAME` of the shared configuration files")
	f.StringVar(&o.Region, "region", "", "AWS `REGION`, where the bucket does not tell it")
	f.StringVar(&o.RoleARN, "role-arn", "", "assume this role (`ARN`)")
	f.StringVar(&o.ExternalID, "external-id", "", "external `ID` that the role demands")
	f.StringVar(&o.Endpoint, "endpoint-url", "", "`URL` of an S3-compatible store")
	f.BoolVar(&o.PathStyle, "path-style", false, "name the bucket in the path; many S3-compatible stores need it")
	f.BoolVar(&o.AllowPlainHTTP, "insecure-http", false, "allow an http:// endpoint that is not on loopback")
	f.StringVar(&o.CABundle, "ca-bundle", "", "PEM `FILE` of certificates to trust besides those of the system")
	f.BoolVar(&o.RequesterPays, "request-payer", false, "agree to pay for requests to requester-pays buckets")
	f.StringVar(&o.BucketOwner, "expected-bucket-owner", "", "account `ID` that must own the bucket")
	f.DurationVar(&o.Progress, "progress-timeout", 30*time.Second, "ask again for a read that has brought no byte for so long")
}

// target is one argument of scan: s3://bucket/prefix, or a path.
type target struct {
	arg            string // as given
	bucket, prefix string // of an S3 target
	path, real     string // of any other: absolute, and without symbolic links
}

func parseTarget(arg string) (target, error) {
	t := target{arg: arg}
	rest, isS3 := strings.CutPrefix(arg, "s3://")
	if !isS3 {
		return t.local()
	}
	t.bucket, t.prefix, _ = strings.Cut(rest, "/")
	if t.bucket == "" {
		return t, withHint(fmt.Errorf("%s names no bucket", arg), "write s3://bucket or s3://bucket/prefix")
	}
	return t, nil
}

// local finds the file or directory that t names.
func (t target) local() (target, error) {
	if scheme, _, ok := strings.Cut(t.arg, "://"); ok {
		return t, withHint(fmt.Errorf("%s: sluice reads s3://bucket[/prefix] and local paths, not %s://", t.arg, scheme), "sluice scan --help")
	}
	if t.arg == "" {
		return t, withHint(errors.New("a target is empty"), "write a path or s3://bucket[/prefix]; '.' is this directory")
	}
	var err error
	if t.path, err = filepath.Abs(t.arg); err == nil {
		t.real, err = filepath.EvalSymlinks(t.path)
	}
	if err != nil {
		return t, withHint(fmt.Errorf("target %s: %w", t.arg, err), "a bucket is written s3://bucket")
	}
	return t, nil
}

// holds reports whether everything in b is in t too.
func (t target) holds(b target) bool {
	if t.path == "" || b.path == "" {
		return t.path == b.path && t.bucket == b.bucket && strings.HasPrefix(b.prefix, t.prefix)
	}
	rel, err := filepath.Rel(t.real, b.real)
	return err == nil && filepath.IsLocal(rel)
}

// parseTargets refuses targets of which one holds another: its objects would
// be listed twice.
func parseTargets(args []string) ([]target, error) {
	var ts []target
	for _, arg := range args {
		t, err := parseTarget(arg)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	for i, a := range ts {
		for j, b := range ts {
			if i != j && a.holds(b) {
				return nil, withHint(fmt.Errorf("target %s is part of target %s", b.arg, a.arg), "name each bucket and prefix, file and directory once; s3://bucket/a holds all keys that begin with a")
			}
		}
	}
	return ts, nil
}

// source is one target opened.
type source struct {
	pipeline.Source
	bucket string                // that its objects carry: a directory's absolute path
	holds  func(key string) bool // whether the key belongs to the target
	local  bool
	close  func() error
}

// open returns the source that a target means, after making sure that it can
// be listed.
func (o *s3Options) open(ctx context.Context, t target) (source, error) {
	if t.path != "" {
		return o.openDir(t.path)
	}
	cfg := o.Config
	cfg.Bucket, cfg.Prefix = t.bucket, t.prefix
	src, err := s3.New(ctx, cfg)
	if err != nil {
		return source{}, err
	}
	if err := src.Check(ctx); err != nil {
		return source{}, errors.Join(err, src.Close())
	}
	hasPrefix := func(key string) bool { return strings.HasPrefix(key, t.prefix) }
	return source{src, t.bucket, hasPrefix, false, src.Close}, nil
}

func (o *s3Options) openDir(path string) (source, error) {
	src, err := dir.New(dir.Config{Path: path, StartAfter: o.StartAfter})
	if err != nil {
		return source{}, err
	}
	s := source{src, path, func(string) bool { return true }, true, func() error { return nil }}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		s.bucket = filepath.Dir(path)
		s.holds = func(key string) bool { return key == filepath.Base(path) }
	}
	return s, nil
}

// sources are several targets as one Source: listed one after the other, and
// opened by the one that an object belongs to.
type sources []source

// openSources opens all targets; on an error it closes what it opened.
func (o *s3Options) openSources(ctx context.Context, targets []target) (sources, error) {
	var all sources
	for _, t := range targets {
		s, err := o.open(ctx, t)
		if err != nil {
			return nil, errors.Join(err, all.Close())
		}
		all = append(all, s)
	}
	return all, nil
}

// List lists each target in turn. A target whose listing fails does not keep
// the others from being listed.
func (ss sources) List(ctx context.Context, yield func(store.Object) error) error {
	var errs []error
	for _, s := range ss {
		if err := s.List(ctx, yield); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// Open opens o in the target it was listed by.
func (ss sources) Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	s, ok := ss.of(o)
	if !ok {
		return nil, o, fmt.Errorf("bucket %s: %w", o.Bucket, store.ErrNoBucket)
	}
	return s.Open(ctx, o)
}

func (ss sources) of(o store.Object) (source, bool) {
	i := slices.IndexFunc(ss, func(s source) bool { return s.bucket == o.Bucket && s.holds(o.Key) })
	if i < 0 {
		return source{}, false
	}
	return ss[i], true
}

// among returns a function that tells whether an object is one of these files.
func (ss sources) among(files []fs.FileInfo) func(store.Object) bool {
	return func(o store.Object) bool {
		if s, ok := ss.of(o); !ok || !s.local {
			return false
		}
		info, err := os.Lstat(filepath.Join(o.Bucket, filepath.FromSlash(o.Key)))
		return err == nil && isAmong(files, info)
	}
}

func isAmong(files []fs.FileInfo, file fs.FileInfo) bool {
	return slices.ContainsFunc(files, func(f fs.FileInfo) bool { return os.SameFile(f, file) })
}

func (ss sources) Close() error {
	var errs []error
	for _, s := range ss {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}
