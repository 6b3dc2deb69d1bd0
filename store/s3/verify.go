package s3

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/store"
)

// checksum is what the store says about the bytes of a whole object.
type checksum struct {
	name string // "" if it says nothing that can be used
	want []byte
	hash func() hash.Hash
}

// checksumOf picks a checksum from the answer to a read of the whole object,
// the one that is cheapest to compute if there are several. Those of type
// COMPOSITE are checksums of the parts' checksums and cannot be compared
// without knowing the parts.
func checksumOf(out *s3.GetObjectOutput) checksum {
	if out.ChecksumType != types.ChecksumTypeComposite {
		for _, c := range []struct {
			name string
			want *string
			hash func() hash.Hash
		}{
			{"CRC32", out.ChecksumCRC32, func() hash.Hash { return crc32.NewIEEE() }},
			{"CRC32C", out.ChecksumCRC32C, func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
			{"CRC64NVME", out.ChecksumCRC64NVME, store.NewCRC64NVME},
			{"SHA256", out.ChecksumSHA256, sha256.New},
			{"SHA1", out.ChecksumSHA1, sha1.New},
		} {
			want, err := base64.StdEncoding.DecodeString(aws.ToString(c.want))
			if err == nil && len(want) > 0 && len(want) == c.hash().Size() {
				return checksum{c.name, want, c.hash}
			}
		}
	}
	if want := md5Of(out); want != nil {
		return checksum{"MD5", want, md5.New}
	}
	return checksum{}
}

// md5Of returns the MD5 of an object if its ETag is that: it is not for
// multipart uploads (which have a dash), objects encrypted with a KMS key or
// the customer's own, and directory buckets.
func md5Of(out *s3.GetObjectOutput) []byte {
	switch {
	case out.ServerSideEncryption != "" && out.ServerSideEncryption != types.ServerSideEncryptionAes256,
		aws.ToString(out.SSECustomerAlgorithm) != "",
		out.StorageClass == types.StorageClassExpressOnezone:
		return nil
	}
	sum, err := hex.DecodeString(strings.ToLower(unquote(aws.ToString(out.ETag))))
	if err != nil || len(sum) != md5.Size {
		return nil
	}
	return sum
}

// verified compares what is read with a checksum when it ends.
type verified struct {
	io.ReadCloser
	sum  checksum
	hash hash.Hash
}

func verify(r io.ReadCloser, c checksum) io.ReadCloser {
	if c.name == "" {
		return r
	}
	return &verified{r, c, c.hash()}
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	v.hash.Write(p[:n])
	if err == io.EOF && !bytes.Equal(v.hash.Sum(nil), v.sum.want) {
		return n, fmt.Errorf("read object: %w: %s differs", store.ErrCorrupt, v.sum.name)
	}
	return n, err
}
