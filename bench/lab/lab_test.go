package lab_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"testing"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/store/s3"
	"github.com/sluice-dlp/sluice/store/storetest"
)

// gateway is the one that all tests share: a process can run only one.
var gateway *lab.Gateway

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lab")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	gateway, err = lab.StartGateway(context.Background(), dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer gateway.Close()
	defer func() {
		for _, end := range atEnd {
			end()
		}
	}()
	return m.Run()
}

// atEnd ends what tests have started for those after them.
var atEnd []func() error

var buckets atomic.Int64

// newBucket makes an empty bucket for one test.
func newBucket(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("bucket-%d", buckets.Add(1))
	if _, err := gateway.Client().CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return name
}

// config is for small objects read as if they were large ones.
func config(bucket string) s3.Config {
	return s3.Config{
		Bucket:         bucket,
		Endpoint:       gateway.Endpoint,
		PathStyle:      true,
		Credentials:    gateway.Root.Credentials(),
		RangeThreshold: 1 << 20,
		PartSize:       512 << 10,
		ReadAhead:      2 << 20,
	}
}

func open(t *testing.T, cfg s3.Config) *s3.Bucket {
	t.Helper()
	src, err := s3.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Bucket { return conformanceBucket(t, newBucket(t)) })
}

func conformanceBucket(t *testing.T, name string) storetest.Bucket {
	client := gateway.Client()
	return storetest.Bucket{
		Name: name,
		Put: func(key string, body []byte) error {
			_, err := client.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &name, Key: &key, Body: bytes.NewReader(body)})
			return err
		},
		Delete: func(key string) error {
			_, err := client.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: &name, Key: &key})
			return err
		},
		Source: func(t *testing.T, prefix, after string) storetest.Source {
			cfg := config(name)
			cfg.Prefix, cfg.StartAfter = prefix, after
			return open(t, cfg)
		},
		Remove: func() error { return gateway.RemoveBucket(t.Context(), name) },
		// The gateway keeps objects in files, and answers a listing in XML
		// even where that cannot hold the key.
		Refuses: func(key string) bool {
			return path.Clean(key) != key || strings.HasPrefix(key, "/") || strings.ContainsAny(key, "\x07\n\t")
		},
	}
}
