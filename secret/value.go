package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted stands for a secret wherever one would be printed.
const Redacted = "[secret]"

// Value is a secret. Printing, marshalling and logging it give [Redacted]. The
// zero Value is an empty one.
type Value struct {
	// A closure keeps the bytes from whatever follows fields and pointers, as
	// fmt does with those that are not exported.
	bytes *func() []byte
}

// NewValue makes a Value of b, which belongs to it from then on.
func NewValue(b []byte) Value {
	bytes := func() []byte { return b }
	return Value{&bytes}
}

// Bytes are the secret itself. They belong to v, and are zero after Wipe.
func (v Value) Bytes() []byte {
	if v.bytes == nil {
		return nil
	}
	return (*v.bytes)()
}

// Text is the secret as a string, of which nothing can be overwritten: for
// interfaces that take no bytes.
func (v Value) Text() string { return string(v.Bytes()) }

// Wipe overwrites the secret with zeros. Copies of v are of the same bytes.
func (v Value) Wipe() { clear(v.Bytes()) }

func (v Value) String() string               { return Redacted }
func (v Value) GoString() string             { return Redacted }
func (v Value) Format(f fmt.State, _ rune)   { io.WriteString(f, Redacted) }
func (v Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
func (v Value) LogValue() slog.Value         { return slog.StringValue(Redacted) }
