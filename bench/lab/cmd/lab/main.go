// Command lab runs a local S3 server for trying sluice by hand and from
// scripts:
//
//	lab serve --dir DIR [--bucket NAME [--fill DIR]]
//
// It prints one line of JSON that says where the server is and who may use it,
// and runs until it is interrupted. The objects stay in DIR.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/sluice-dlp/sluice/bench/lab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

// ready is the line that tells a script how to go on.
type ready struct {
	Endpoint            string `json:"endpoint"`
	Region              string `json:"region"`
	Bucket              string `json:"bucket,omitempty"`
	AccessKey           string `json:"access_key"`
	SecretKey           string `json:"secret_key"`
	RestrictedAccessKey string `json:"restricted_access_key"`
	RestrictedSecretKey string `json:"restricted_secret_key"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] != "serve" {
		return errors.New("usage: lab serve --dir DIR [--bucket NAME [--fill DIR]]")
	}
	flags := flag.NewFlagSet("lab serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", "", "keep the objects below `DIR`")
	bucket := flags.String("bucket", "", "make a bucket of this `name`")
	fill := flags.String("fill", "", "put every file below `DIR` into the bucket, with its path as key")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch {
	case *dir == "":
		return errors.New("name a directory with --dir")
	case *fill != "" && *bucket == "":
		return errors.New("--fill needs --bucket")
	}
	if *fill != "" { // the gateway changes the working directory
		var err error
		if *fill, err = filepath.Abs(*fill); err != nil {
			return err
		}
	}
	return serve(ctx, *dir, *bucket, *fill, stdout)
}

func serve(ctx context.Context, dir, bucket, fill string, stdout io.Writer) (err error) {
	g, err := lab.StartGateway(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if bucket != "" {
		_, err := g.Client().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
		if err != nil && !isThere(err) {
			return fmt.Errorf("make bucket %s: %w", bucket, err)
		}
	}
	if fill != "" {
		if err := put(ctx, g.Client(), bucket, fill); err != nil {
			return err
		}
	}
	err = json.NewEncoder(stdout).Encode(ready{
		Endpoint:            g.Endpoint,
		Region:              lab.Region,
		Bucket:              bucket,
		AccessKey:           g.Root.AccessKey,
		SecretKey:           g.Root.SecretKey,
		RestrictedAccessKey: g.Restricted.AccessKey,
		RestrictedSecretKey: g.Restricted.SecretKey,
	})
	if err != nil {
		return err
	}
	return g.Wait(ctx)
}

// isThere says that the bucket was made by an earlier run over the same
// directory.
func isThere(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && (api.ErrorCode() == "BucketAlreadyExists" || api.ErrorCode() == "BucketAlreadyOwnedByYou")
}

// put uploads the regular files below dir.
func put(ctx context.Context, client *s3.Client, bucket, dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		key := filepath.ToSlash(rel)
		if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: f}); err != nil {
			return fmt.Errorf("put %s: %w", rel, err)
		}
		return nil
	})
}
