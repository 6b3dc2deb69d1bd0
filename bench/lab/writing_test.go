package lab_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
	"github.com/sluice-dlp/sluice/store/storetest"
)

var _ quarantine.Bucket = (*s3.Bucket)(nil)

// server is one that buckets can be written to.
type server struct {
	endpoint string
	user     lab.User
	client   *awss3.Client
}

func versity() server { return server{gateway.Endpoint, gateway.Root, gateway.Client()} }

// sharedMoto starts the moto_server that all tests of buckets share.
var sharedMoto = sync.OnceValues(func() (*lab.Moto, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := lab.StartMoto(ctx)
	if err == nil {
		atEnd = append(atEnd, m.Close)
	}
	return m, err
})

func moto(t *testing.T) server {
	t.Helper()
	m, err := sharedMoto()
	if err != nil {
		t.Fatal(err)
	}
	return server{m.Endpoint, m.User, awss3.New(awss3.Options{
		BaseEndpoint: &m.Endpoint, UsePathStyle: true, Region: lab.Region, Credentials: m.User.Credentials(),
	})}
}

// bucket makes an empty bucket that can lock objects if lock is set.
func (s server) bucket(t *testing.T, lock bool) string {
	t.Helper()
	name := fmt.Sprintf("bucket-%d", buckets.Add(1))
	in := &awss3.CreateBucketInput{Bucket: &name}
	if lock {
		in.ObjectLockEnabledForBucket = &lock
	}
	if _, err := s.client.CreateBucket(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return name
}

func (s server) version(t *testing.T, bucket string, status types.BucketVersioningStatus) {
	t.Helper()
	_, err := s.client.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// config is for writing and copying in as small parts as servers take.
func (s server) config(bucket string) s3.Config {
	return s3.Config{
		Bucket:         bucket,
		Endpoint:       s.endpoint,
		PathStyle:      true,
		Credentials:    s.user.Credentials(),
		UploadPart:     5 << 20,
		UploadBuffers:  15 << 20,
		CopyThreshold:  6 << 20,
		CopyPart:       5 << 20,
		RangeThreshold: 4 << 20,
		PartSize:       1 << 20,
		Attempts:       3,
		MaxBackoff:     20 * time.Millisecond,
	}
}

// noParts makes sure that no upload was left unfinished.
func (s server) noParts(t *testing.T, bucket string) {
	t.Helper()
	out, err := s.client.ListMultipartUploads(context.WithoutCancel(t.Context()), &awss3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil {
		t.Error(err)
		return
	}
	for _, u := range out.Uploads {
		t.Errorf("the upload of %q is not finished", aws.ToString(u.Key))
	}
}

func (s server) writable(t *testing.T) storetest.Writable {
	name := s.bucket(t, false)
	t.Cleanup(func() { s.noParts(t, name) })
	return storetest.Writable{
		Writer:  open(t, s.config(name)),
		Name:    name,
		Version: func(t *testing.T, v storetest.Versioning) { s.version(t, name, types.BucketVersioningStatus(v)) },
	}
}

func TestWritingVersity(t *testing.T) {
	storetest.RunWriting(t, func(t *testing.T) storetest.Writable {
		b := versity().writable(t)
		b.LosesNull, b.MarkerExists = true, true
		b.Refuses = func(key string) bool {
			return path.Clean(key) != key || strings.HasPrefix(key, "/") || strings.ContainsAny(key, "\x07\n\t")
		}
		return b
	})
}

func TestWritingMoto(t *testing.T) {
	s := moto(t)
	storetest.RunWriting(t, func(t *testing.T) storetest.Writable {
		b := s.writable(t)
		b.LosesNull = true
		b.Refuses = func(key string) bool { return strings.ContainsAny(key, "\x07\n") }
		return b
	})
}

// TestHeld is about locks, which a bucket has from its beginning.
func TestHeld(t *testing.T) {
	for name, s := range map[string]server{"versity": versity(), "moto": moto(t)} {
		t.Run(name, func(t *testing.T) {
			bucket := s.bucket(t, true)
			b := open(t, s.config(bucket))
			o, err := b.Put(t.Context(), "key", strings.NewReader("body"), store.Write{})
			if err != nil {
				t.Fatal(err)
			}
			hold := func(status types.ObjectLockLegalHoldStatus) {
				_, err := s.client.PutObjectLegalHold(t.Context(), &awss3.PutObjectLegalHoldInput{
					Bucket: &bucket, Key: &o.Key, VersionId: &o.VersionID, LegalHold: &types.ObjectLockLegalHold{Status: status},
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			hold(types.ObjectLockLegalHoldStatusOn)
			if a, err := b.Stat(t.Context(), o); err != nil || !a.Lock.Hold {
				t.Errorf("Stat = %+v, %v, want a hold", a.Lock, err)
			}
			for _, how := range []store.Removal{store.RemoveVersion, store.RemoveCopies} {
				if _, err := b.Remove(t.Context(), o, how); !errors.Is(err, store.ErrLocked) {
					t.Errorf("Remove %s = %v, want ErrLocked", how, err)
				}
			}
			hold(types.ObjectLockLegalHoldStatusOff)
			if _, err := b.Remove(t.Context(), o, store.RemoveVersion); err != nil {
				t.Errorf("Remove after the hold = %v", err)
			}
		})
	}
}
