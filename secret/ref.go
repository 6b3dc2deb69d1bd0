// Package secret keeps passwords, keys and URLs that are credentials out of
// configuration files, command lines, logs and errors.
//
// A configuration names a secret by a [Ref]. A [Resolver] fetches it when it is
// needed, and again when it was refused, since secrets are changed while
// programs run. What it gives is a [Value], which prints as [Redacted] whichever way it is printed.
package secret

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Kinds of places where a secret stands.
const (
	Env            = "env"            // an environment variable
	File           = "file"           // a file, without the line break at its end
	SecretsManager = "secretsmanager" // AWS Secrets Manager
)

// plain is the kind of a secret that stands where its place should.
const plain = "plain"

// Ref tells where a secret stands. It is none itself, unless [Plain] made it, and may be
// printed in either case. The zero Ref is no secret.
type Ref struct {
	kind  string
	place string
	key   string // of the JSON object that the secret is; "" for all of it

	written Value // if kind is plain: out of reach of whatever prints fields
}

// Forms are the forms of a reference, for help texts and errors.
const Forms = "secretsmanager:ARN[#json-key], env:NAME or file:PATH"

var errForm = errors.New("write " + Forms)

var (
	envName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretARN = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$`)
)

// Parse reads a reference. "" is the zero Ref. The error does not repeat s,
// which may be the secret itself by mistake.
func Parse(s string) (Ref, error) {
	if s == "" {
		return Ref{}, nil
	}
	kind, place, _ := strings.Cut(s, ":")
	r := Ref{kind: kind, place: place}
	switch kind {
	case Env:
		if !envName.MatchString(place) {
			return Ref{}, errors.New("env: takes the name of an environment variable: letters, digits and underscores")
		}
	case File:
		if place == "" {
			return Ref{}, errors.New("file: takes a path")
		}
	case SecretsManager:
		var keyed bool
		if r.place, r.key, keyed = strings.Cut(place, "#"); keyed && r.key == "" {
			return Ref{}, errors.New("secretsmanager: has '#' and no key of the JSON object behind it")
		}
		if !secretARN.MatchString(r.place) {
			return Ref{}, errors.New("secretsmanager: takes the ARN of a secret: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
		}
	default:
		return Ref{}, errForm
	}
	return r, nil
}

// Plain makes a Ref of a secret that stands in the configuration itself, for
// values that are harmless in some places, such as URLs of one's own hosts.
func Plain(s string) Ref {
	if s == "" {
		return Ref{}
	}
	return Ref{kind: plain, written: NewValue([]byte(s))}
}

// ParseOrPlain reads a reference, or takes s as it stands if it has not the
// beginning of one.
func ParseOrPlain(s string) (Ref, error) {
	r, err := Parse(s)
	if errors.Is(err, errForm) {
		return Plain(s), nil
	}
	return r, err
}

// In is r with the path of a file taken from dir, if it is not absolute.
func (r Ref) In(dir string) Ref {
	if r.kind == File && !filepath.IsAbs(r.place) {
		r.place = filepath.Join(dir, r.place)
	}
	return r
}

// IsZero reports whether r is no secret.
func (r Ref) IsZero() bool { return r.kind == "" }

// PlainText returns what [Plain] was given, and whether r was made by it.
func (r Ref) PlainText() (string, bool) { return r.written.Text(), r.kind == plain }

// String is the reference as it was written, or [Redacted].
func (r Ref) String() string {
	switch {
	case r.IsZero():
		return ""
	case r.kind == plain:
		return Redacted
	case r.key != "":
		return r.kind + ":" + r.place + "#" + r.key
	}
	return r.kind + ":" + r.place
}

// GoString is String, so that %#v does not show what is in r.
func (r Ref) GoString() string { return fmt.Sprintf("secret.Ref(%q)", r.String()) }

// MarshalText is String.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
