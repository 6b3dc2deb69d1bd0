// Package keytest is the suite that every key provider passes.
package keytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// Keys are what [Run] tests. Wrapper and Unwrapper may be one value.
type Keys struct {
	Provider  string // what the data keys must say
	Wrapper   seal.Wrapper
	Unwrapper seal.Unwrapper

	// Stranger is of the same provider and has not the key of Wrapper.
	Stranger seal.Unwrapper

	// Joined says that the names and values of a context are one string to a
	// stand-in for the real service, without the borders between them.
	Joined bool

	Faults []Fault
}

// Fault is one way in which the key cannot be used.
type Fault struct {
	Name string

	// Open is where the fault is met, or else in what it returns: in all that
	// is not nil. It unwraps what the Wrapper of Keys has wrapped.
	Open func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error)

	// Says is what the error must tell, such as the right that is missing.
	Says []string
}

// origin is a context as the mover makes it.
var origin = map[string]string{
	"bucket": "prod-exports", "key": "2026/11/a b+c&<d>=%é漢🔒.csv", "version": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
	"etag": `"9b2cf535f27731c974343645a3985328-2"`, "run": "0192f0c1-7ac3-7e1a-9c55-2f6f0a5a9d10",
}

// Run tests keys, in subtests of t. It makes some thousand calls.
func Run(t *testing.T, k Keys) {
	t.Run("contexts", k.contexts)
	t.Run("context is bound", k.bound)
	t.Run("tampering", k.tampering)
	t.Run("distinct", k.distinct)
	t.Run("whose memory", k.memory)
	t.Run("concurrency", k.concurrency)
	t.Run("cancelled", k.cancelled)
	t.Run("stranger", k.stranger)
	t.Run("sealing", k.sealing)
	for _, f := range k.Faults {
		t.Run(f.Name, func(t *testing.T) { k.fault(t, f) })
	}
}

// wrap makes a data key, checks it, and returns it as a header would have it.
func (k Keys) wrap(t *testing.T, context map[string]string) (d seal.DataKey, plain []byte) {
	t.Helper()
	d, err := k.Wrapper.DataKey(t.Context(), context)
	if err != nil {
		t.Fatal(err)
	}
	switch plain = d.Plain; {
	case len(plain) != 32 || bytes.Equal(plain, make([]byte, 32)):
		t.Fatalf("a key of %d bytes, or of zeros", len(plain))
	case len(d.Wrapped) == 0 || bytes.Contains(d.Wrapped, plain[:8]):
		t.Fatal("the wrapped key is empty, or holds the plain one")
	case d.Provider != k.Provider || d.KeyID == "":
		t.Fatalf("a key of %q, %q", d.Provider, d.KeyID)
	}
	d.Plain = nil
	return d, plain
}

// opens checks that d is the wrapped form of plain.
func (k Keys) opens(t *testing.T, d seal.DataKey, context map[string]string, plain []byte) {
	t.Helper()
	got, err := k.Unwrapper.Unwrap(t.Context(), d, context)
	if err != nil {
		t.Error(err)
	} else if !bytes.Equal(got, plain) {
		t.Error("unwrapped to another key")
	}
}

// refused checks that u does not open d, and says so as one of want.
func refused(t *testing.T, what string, u seal.Unwrapper, d seal.DataKey, context map[string]string, want ...error) error {
	t.Helper()
	got, err := u.Unwrap(t.Context(), d, context)
	if got != nil || !slices.ContainsFunc(want, func(e error) bool { return errors.Is(err, e) }) {
		t.Errorf("%s: %d bytes and error %v; want none and %v", what, len(got), err, want)
	}
	oneLine(t, err)
	return err
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("an error of several lines: %q", err)
	}
}

func (k Keys) contexts(t *testing.T) {
	for name, context := range map[string]map[string]string{
		"none":     nil,
		"empty":    {},
		"one":      {"bucket": "a"},
		"no value": {"bucket": "a", "etag": ""},
		"as moved": origin,
		"long":     {"key": strings.Repeat("k", 1024), "bucket": "b"},
	} {
		t.Run(name, func(t *testing.T) {
			given := maps.Clone(context)
			d, plain := k.wrap(t, given)
			if !maps.Equal(given, context) {
				t.Error("the context was changed")
			}
			clear(given) // it is the caller's again
			k.opens(t, d, context, plain)
		})
	}
	d, plain := k.wrap(t, nil)
	k.opens(t, d, map[string]string{}, plain)
}

func (k Keys) bound(t *testing.T) {
	d, plain := k.wrap(t, origin)
	with := func(edit func(map[string]string)) map[string]string {
		c := maps.Clone(origin)
		edit(c)
		return c
	}
	contexts := map[string]map[string]string{
		"no context":  nil,
		"one less":    with(func(c map[string]string) { delete(c, "version") }),
		"one more":    with(func(c map[string]string) { c["x"] = "y" }),
		"other value": with(func(c map[string]string) { c["bucket"] += "x" }),
		"other case":  with(func(c map[string]string) { c["bucket"] = strings.ToUpper(c["bucket"]) }),
		"other name":  with(func(c map[string]string) { c["Bucket"] = c["bucket"]; delete(c, "bucket") }),
		"two swapped": with(func(c map[string]string) { c["bucket"], c["key"] = c["key"], c["bucket"] }),
	}
	if !k.Joined {
		contexts["moved border"] = with(func(c map[string]string) { c["bucketp"] = c["bucket"][1:]; delete(c, "bucket") })
	}
	for what, context := range contexts {
		refused(t, what, k.Unwrapper, d, context, seal.ErrNotOpened)
	}
	k.opens(t, d, origin, plain)
}

func (k Keys) tampering(t *testing.T) {
	d, plain := k.wrap(t, origin)
	// What changes the name of the key may be told as a key that is not there.
	wrong := []error{seal.ErrNotOpened, seal.ErrNoKey}
	for i := range d.Wrapped {
		c := d
		c.Wrapped = bytes.Clone(d.Wrapped)
		c.Wrapped[i] ^= 1 << (i % 8)
		refused(t, fmt.Sprintf("bit of byte %d of %d", i, len(d.Wrapped)), k.Unwrapper, c, origin, wrong...)
	}
	for what, wrapped := range map[string][]byte{
		"nothing":   nil,
		"one byte":  d.Wrapped[:1],
		"cut short": d.Wrapped[:len(d.Wrapped)-1],
		"half":      d.Wrapped[:len(d.Wrapped)/2],
		"one more":  append(bytes.Clone(d.Wrapped), 0),
		"twice":     bytes.Repeat(d.Wrapped, 2),
		"too long":  bytes.Repeat([]byte{0}, 40<<10),
		"the plain": plain,
	} {
		c := d
		c.Wrapped = wrapped
		refused(t, what, k.Unwrapper, c, origin, wrong...)
	}
	other, _ := k.wrap(t, map[string]string{"bucket": "other"})
	other.KeyID = d.KeyID
	refused(t, "key of another object", k.Unwrapper, other, origin, seal.ErrNotOpened)
	for _, id := range []string{"", d.KeyID + "x", strings.Repeat("k", 4096), "\x00\n"} {
		c := d
		c.KeyID = id
		refused(t, fmt.Sprintf("key id %.20q", id), k.Unwrapper, c, origin, wrong...)
	}
	c := d
	c.Provider = "another"
	refused(t, "another provider", k.Unwrapper, c, origin, wrong...)
	k.opens(t, d, origin, plain)
}

func (k Keys) distinct(t *testing.T) {
	seen := make(map[string]bool)
	for range 100 {
		d, plain := k.wrap(t, origin)
		for _, s := range []string{string(plain), string(plain[:16]), string(d.Wrapped)} {
			if seen[s] {
				t.Fatal("the same key twice")
			}
			seen[s] = true
		}
	}
}

// memory makes sure that callers can overwrite what they were given and change
// what they gave, and that nobody else does.
func (k Keys) memory(t *testing.T) {
	d, plain := k.wrap(t, origin)
	want := bytes.Clone(plain)
	wrapped := bytes.Clone(d.Wrapped)
	next, nextPlain := k.wrap(t, origin)
	if !bytes.Equal(plain, want) {
		t.Error("the next key took the place of this one")
	}
	clear(plain)
	k.opens(t, d, origin, want)
	if !bytes.Equal(d.Wrapped, wrapped) {
		t.Error("unwrapping changed the wrapped key")
	}
	got, err := k.Unwrapper.Unwrap(t.Context(), d, origin)
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	k.opens(t, d, origin, want)
	clear(d.Wrapped)
	k.opens(t, next, origin, nextPlain)
}

func (k Keys) concurrency(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			context := map[string]string{"key": fmt.Sprint(i)}
			for range 8 {
				d, err := k.Wrapper.DataKey(t.Context(), context)
				if err != nil {
					t.Error(err)
					return
				}
				plain := d.Plain
				d.Plain = nil
				k.opens(t, d, context, plain)
				refused(t, "context of another", k.Unwrapper, d, map[string]string{"key": fmt.Sprint(i + 1)}, seal.ErrNotOpened)
			}
		})
	}
	wg.Wait()
}

func (k Keys) cancelled(t *testing.T) {
	d, plain := k.wrap(t, origin)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	made, err := k.Wrapper.DataKey(ctx, origin)
	if !errors.Is(err, context.Canceled) || made.Plain != nil {
		t.Errorf("DataKey: %d bytes, %v", len(made.Plain), err)
	}
	got, err := k.Unwrapper.Unwrap(ctx, d, origin)
	if !errors.Is(err, context.Canceled) || got != nil || errors.Is(err, seal.ErrNoKey) || errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("Unwrap: %d bytes, %v", len(got), err)
	}
	k.opens(t, d, origin, plain)
}

func (k Keys) stranger(t *testing.T) {
	d, _ := k.wrap(t, origin)
	refused(t, "a stranger", k.Stranger, d, origin, seal.ErrNoKey)
}

// sealing makes sure of the provider from the one end of an object to the other.
func (k Keys) sealing(t *testing.T) {
	body := bytes.Repeat([]byte("Nothing to see here.\n"), 1000)
	r, err := seal.NewReader(t.Context(), bytes.NewReader(body), seal.Options{Context: origin}, k.Wrapper)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	o, err := seal.Open(t.Context(), bytes.NewReader(sealed), k.Unwrapper)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, body) {
		t.Errorf("opened to %d bytes, %v", len(got), err)
	}
	if _, err := seal.Open(t.Context(), bytes.NewReader(sealed), k.Stranger); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a stranger opens it: %v", err)
	}
}

func (k Keys) fault(t *testing.T, f Fault) {
	d, _ := k.wrap(t, origin)
	w, u, err := f.Open(t)
	if err == nil && w == nil && u == nil {
		t.Fatal("nothing fails")
	}
	check := func(err error) {
		t.Helper()
		if !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("error %v, want %v", err, seal.ErrNoKey)
			return
		}
		oneLine(t, err)
		for _, word := range f.Says {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not say %q", err, word)
			}
		}
	}
	if err != nil {
		check(err)
	}
	if w != nil {
		made, err := w.DataKey(t.Context(), origin)
		if check(err); made.Plain != nil {
			t.Error("a key was given all the same")
		}
	}
	if u != nil {
		check(refused(t, "unwrap", u, d, origin, seal.ErrNoKey))
	}
}
