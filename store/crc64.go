package store

import (
	"encoding/base64"
	"hash"

	"github.com/minio/crc64nvme"
)

// NewCRC64NVME returns the checksum that S3 gives to new objects by default:
// the CRC-64 of the NVM Express Command Set Specification 1.0d, 5.2.1.3.4,
// polynomial AD93D23594C93659 reflected.
func NewCRC64NVME() hash.Hash { return crc64nvme.New() }

// CRC64NVME writes the checksum as S3 does, in base64.
func CRC64NVME(sum hash.Hash) string { return base64.StdEncoding.EncodeToString(sum.Sum(nil)) }
