package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

func TestServe(t *testing.T) {
	fill := t.TempDir()
	if err := os.WriteFile(filepath.Join(fill, "a file"), []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"serve", "--dir", t.TempDir(), "--bucket", "demo", "--fill", fill}, stdout, io.Discard)
		stdout.CloseWithError(err)
		done <- err
	}()
	var line ready
	if err := json.NewDecoder(out).Decode(&line); err != nil {
		t.Fatal(err)
	}
	src, err := s3.New(t.Context(), s3.Config{
		Bucket: line.Bucket, Endpoint: line.Endpoint, Region: line.Region, PathStyle: true,
		Credentials: lab.User{AccessKey: line.AccessKey, SecretKey: line.SecretKey}.Credentials(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var keys []string
	if err := src.List(t.Context(), func(o store.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	if strings.Join(keys, ",") != "a file" {
		t.Errorf("listed %q", keys)
	}
	src.Close() // the server waits for the connections when it stops
	cancel()
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"other"}, {"serve"}, {"serve", "--dir", "x", "--fill", "y"}, {"serve", "--unknown"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
