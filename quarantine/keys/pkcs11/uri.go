// Package pkcs11 wraps data keys in a hardware security module, under an AES
// key that never leaves it: AWS CloudHSM, or any other with a PKCS#11 module.
//
// The module is a library of C, so the package does its work in builds with the
// tag pkcs11 and cgo; in others [Open] says that it does not.
//
// A wrapped key is the 12 bytes of the IV that the HSM has used, and the 48
// bytes of AES-256-GCM. Its associated data is the SHA-256 of "sluice pkcs11 1",
// a zero byte, the key's id, a zero byte and [seal.ContextBytes].
//
// PKCS#11 has rights by keys and not by hosts: a host whose key object may
// decrypt can open what it seals.
package pkcs11

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// Provider is the name of this package in sealed objects.
const Provider = "pkcs11"

// Keys are one key of an HSM, which wraps, and the others of the same token,
// which unwrap. They are safe for concurrent use, but calls into an HSM cannot be
// cancelled once they are on their way.
type Keys interface {
	seal.Wrapper
	seal.Unwrapper

	// KeyID is the URI of the key that wraps, without the module.
	KeyID() string

	// Check makes a data key and throws it away. The first data key, here or
	// elsewhere, is also unwrapped, where the key may do that: an HSM that cannot is
	// found out before anything is lost. Errors wrap [seal.ErrNoKey], unless another try may
	// do.
	Check(ctx context.Context) error

	// Close ends the sessions. Nobody may be using the keys.
	io.Closer
}

// PIN fetches the PIN of a token when it is needed: to log in, and once more
// when a token was away. For CloudHSM it is USER:PASSWORD.
type PIN func(ctx context.Context) (string, error)

// uri is a PKCS#11 URI (RFC 7512) as far as it names one AES key.
type uri struct {
	module string // path of the library
	token  string
	serial string // of the token, where several have that label
	object string // label of the key
	id     string // of the key, any bytes
}

const syntax = "pkcs11:token=NAME;object=KEY?module-path=/path/of/library.so, with id=%01 instead of object or beside it"

// parseURI wants a token and a key, and takes nothing that it does not know.
func parseURI(s string) (uri, error) {
	var u uri
	path, ok := strings.CutPrefix(s, "pkcs11:")
	path, query, _ := strings.Cut(path, "?")
	if !ok {
		return u, errors.New("a PKCS#11 URI is " + syntax)
	}
	fields := map[string]*string{"token": &u.token, "serial": &u.serial, "object": &u.object, "id": &u.id}
	if err := parse(path, ";", fields); err != nil {
		return u, err
	}
	if err := parse(query, "&", map[string]*string{"module-path": &u.module}); err != nil {
		return u, err
	}
	if u.token == "" || u.object == "" && u.id == "" {
		return u, errors.New("the PKCS#11 URI names no token or no key: write " + syntax)
	}
	return u, nil
}

func parse(list, separator string, fields map[string]*string) error {
	for part := range strings.SplitSeq(list, separator) {
		name, value, _ := strings.Cut(part, "=")
		if name == "" {
			continue
		}
		field := fields[name]
		switch text, err := url.PathUnescape(value); {
		case strings.HasPrefix(name, "pin-"):
			return errors.New("a PKCS#11 URI with a PIN: it does not belong there")
		case name == "type" && value == "secret-key":
		case field == nil:
			return fmt.Errorf("the PKCS#11 URI says %.20q, which is not known: write %s", name, syntax)
		case err != nil || text == "" || *field != "":
			return fmt.Errorf("the PKCS#11 URI has no good value, or two, for %s", name)
		default:
			*field = text
		}
	}
	return nil
}

// String is the URI without the module, and without the serial number, which is
// another one in each HSM of a cluster. It is the same for the same key.
func (u uri) String() string {
	s := "pkcs11:token=" + escape(u.token)
	if u.object != "" {
		s += ";object=" + escape(u.object)
	}
	if u.id != "" {
		s += ";id="
		for i := range len(u.id) {
			s += "%" + strings.ToUpper(hex.EncodeToString([]byte{u.id[i]}))
		}
	}
	return s
}

func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
