package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// secret reads a key from where ref says: env:NAME or file:PATH. A key is
// never given as it stands, since command lines are seen by everyone on the
// host. An empty ref is no key.
func secret(ref string) ([]byte, error) {
	kind, name, _ := strings.Cut(ref, ":")
	var value []byte
	switch {
	case ref == "":
		return nil, nil
	case kind == "env" && name != "":
		value = []byte(os.Getenv(name))
	case kind == "file" && name != "":
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		value = bytes.TrimRight(b, "\r\n")
	default:
		return nil, errors.New("write env:NAME or file:PATH")
	}
	if len(value) < 16 {
		return nil, fmt.Errorf("%s holds %d bytes; a key has at least 16", ref, len(value))
	}
	return value, nil
}
