//go:build !pkcs11

package main

import (
	"context"
	"errors"
)

func (*keyring) openPKCS11(context.Context) (keys, func(), error) {
	return nil, nil, withHint(errors.New("this sluice was built without PKCS#11"), "CGO_ENABLED=1 go build -tags pkcs11 ./cmd/sluice")
}
