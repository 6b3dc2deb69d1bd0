package main

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
)

// filled is the bucket: every key, with the object of the corpus behind it, or
// nil for the one that is not of the corpus.
type filled struct {
	objects      map[string]*corpus.Object
	stored, text int64
}

// fill makes the bucket and puts the corpus into it.
func (o *options) fill(ctx context.Context, g *lab.Gateway) (*filled, error) {
	client := g.Client()
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		return nil, fmt.Errorf("create bucket: %w", err)
	}
	f := &filled{objects: make(map[string]*corpus.Object)}
	var stored atomic.Int64
	put := func(ctx context.Context, key string, body []byte) error {
		stored.Add(int64(len(body)))
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(body)})
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for obj := range corpus.Generate(o.corpus()) {
		f.objects[obj.Key] = &obj
		f.text += obj.TextBytes
		group.Go(func() error {
			var buf bytes.Buffer
			if _, err := obj.WriteTo(&buf); err != nil {
				return err
			}
			return put(groupCtx, obj.Key, buf.Bytes())
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("fill bucket: %w", err)
	}
	f.objects[denied] = nil
	if err := put(ctx, denied, []byte("nobody outside the board reads this\n")); err != nil {
		return nil, fmt.Errorf("fill bucket: %w", err)
	}
	f.stored = stored.Load()
	return f, allowAllBut(ctx, g, "private/")
}

// allowAllBut lets the restricted user list the bucket and read what is not
// below prefix.
func allowAllBut(ctx context.Context, g *lab.Gateway, prefix string) error {
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":[%[2]q]},"Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::%[1]s"},
		{"Effect":"Allow","Principal":{"AWS":[%[2]q]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::%[1]s/*"},
		{"Effect":"Deny","Principal":{"AWS":[%[2]q]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::%[1]s/%[3]s*"}]}`,
		bucket, g.Restricted.AccessKey, prefix)
	_, err := g.Client().PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String(bucket), Policy: &policy})
	if err != nil {
		return fmt.Errorf("set bucket policy: %w", err)
	}
	return nil
}
