package seal_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/streamingaead/aesgcmhkdf"
)

// Sizes of the format, as the specification gives them.
const (
	segment      = 1 << 20
	tag          = 16
	streamHeader = 40
	trailer      = 40
	firstPlain   = segment - tag - streamHeader
	nextPlain    = segment - tag
)

// fixed is a provider with one data key and no secret.
type fixed struct {
	key   []byte
	given []byte // the slice that was last given out
	err   error
}

func newFixed() *fixed {
	f := &fixed{key: make([]byte, 32)}
	for i := range f.key {
		f.key[i] = byte(i)
	}
	return f
}

func (f *fixed) DataKey(context.Context, map[string]string) (seal.DataKey, error) {
	f.given = bytes.Clone(f.key)
	return seal.DataKey{Plain: f.given, Wrapped: []byte("wrapped"), Provider: "local", KeyID: "test"}, f.err
}

func (f *fixed) Unwrap(_ context.Context, k seal.DataKey, _ map[string]string) ([]byte, error) {
	if string(k.Wrapped) != "wrapped" || k.Provider != "local" || k.KeyID != "test" || k.Plain != nil {
		return nil, errors.New("fixed: cannot unwrap that")
	}
	f.given = bytes.Clone(f.key)
	return f.given, f.err
}

var options = seal.Options{
	Context:    map[string]string{"bucket": "in", "key": "a/b.csv", "version": "1"},
	Attributes: []byte(`{"contentType":"text/csv"}`),
	Created:    time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func sealed(t testing.TB, body []byte, o seal.Options) []byte {
	t.Helper()
	r, err := seal.NewReader(t.Context(), bytes.NewReader(body), o, newFixed())
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) ([]byte, error) {
	o, err := seal.Open(context.Background(), bytes.NewReader(b), newFixed())
	if err != nil {
		return nil, err
	}
	return io.ReadAll(o)
}

func openAt(b []byte) ([]byte, error) {
	o, err := seal.OpenAt(context.Background(), bytes.NewReader(b), int64(len(b)), newFixed())
	if err != nil {
		return nil, err
	}
	p, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err == nil && o.SHA256 != sumSHA256(p) {
		err = errors.New("SHA-256 differs")
	}
	return p, err
}

func sumSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func sumCRC64(b []byte) string {
	crc := crc64.Checksum(b, crc64.MakeTable(0x9a6c9329ac4bc9b5))
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, crc))
}

// spec is docs/design/sealed-object.md once more, of plain parts: what stands
// in head, under dataKey, with the randomness that Tink chose.
func spec(t testing.TB, head, dataKey, salt, prefix, attributes, body []byte) []byte {
	t.Helper()
	derive := func(secret, salt []byte, info string) []byte {
		k, err := hkdf.Key(sha256.New, secret, salt, info, 32)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	key := derive(derive(dataKey, nil, "sluice sealed object 1: stream"), salt, string(head))
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	plain := binary.BigEndian.AppendUint32(nil, uint32(len(attributes)))
	plain = append(append(append(plain, attributes...), body...), sum[:]...)
	plain = binary.BigEndian.AppendUint64(plain, uint64(len(body)))

	out := append(append(append(bytes.Clone(head), streamHeader), salt...), prefix...)
	for i, room := 0, firstPlain; ; i, room = i+1, nextPlain {
		n := min(room, len(plain))
		nonce := binary.BigEndian.AppendUint32(bytes.Clone(prefix), uint32(i))
		if n == len(plain) {
			return gcm.Seal(out, append(nonce, 1), plain, nil)
		}
		out = gcm.Seal(out, append(nonce, 0), plain[:n], nil)
		plain = plain[n:]
	}
}

func headLength(b []byte) int { return 12 + int(binary.BigEndian.Uint32(b[8:])) }

// TestFormat seals bodies whose parts end before, at and behind the edges of
// segments, and compares with the specification, byte for byte.
func TestFormat(t *testing.T) {
	edge := firstPlain - 4 - len(options.Attributes) // the body that fills the first segment
	sizes := []int{0, 1, 2, 1000, chunk - 1, chunk, chunk + 1}
	for _, d := range []int{-trailer - 1, -trailer, -trailer + 1, -1, 0, 1} {
		sizes = append(sizes, edge+d, edge+nextPlain+d, edge+2*nextPlain+d)
	}
	all := random(edge + 2*nextPlain + 1)
	for _, size := range sizes {
		body := all[:size]
		r, err := seal.NewReader(t.Context(), iotest.OneByteReader(bytes.NewReader(body)), options, newFixed())
		if size > 3*chunk {
			r, err = seal.NewReader(t.Context(), iotest.HalfReader(bytes.NewReader(body)), options, newFixed())
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(iotest.HalfReader(r))
		if err != nil {
			t.Fatal(err)
		}
		n := headLength(got)
		want := spec(t, got[:n], newFixed().key, got[n+1:n+33], got[n+33:n+40], options.Attributes, body)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: the sealed object differs from the specification", size)
		}
		if got, want := r.Sums(), (seal.Sums{
			Length: int64(size), SHA256: sumSHA256(body), CRC64: sumCRC64(body),
			SealedLength: int64(len(want)), SealedCRC64: sumCRC64(want), KeyID: "test",
		}); got != want {
			t.Errorf("%d bytes: sums %+v, want %+v", size, got, want)
		}
		for name, f := range map[string]func([]byte) ([]byte, error){"Open": open, "OpenAt": openAt} {
			if plain, err := f(got); err != nil || !bytes.Equal(plain, body) {
				t.Errorf("%s of %d bytes: %d bytes, %v", name, size, len(plain), err)
			}
		}
	}
}

const chunk = 64 << 10

func TestNewReaderIsAReader(t *testing.T) {
	body := random(2*segment + 12345)
	want := sealed(t, body, options)
	o, err := seal.Open(t.Context(), bytes.NewReader(want), newFixed())
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(o, body); err != nil {
		t.Error(err)
	}
	if string(o.Attributes) != string(options.Attributes) || o.Header.Context["key"] != "a/b.csv" {
		t.Errorf("opened %+v", o.Header)
	}
	at, err := seal.OpenAt(t.Context(), bytes.NewReader(want), int64(len(want)), newFixed())
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(io.NewSectionReader(at, 0, at.Size()), body); err != nil {
		t.Error(err)
	}
}

// TestTink lets Tink's own keyset read the stream, so that the parameters are
// those of its template.
func TestTink(t *testing.T) {
	body := random(segment + 99)
	b := sealed(t, body, options)
	head := b[:headLength(b)]
	stream, err := hkdf.Key(sha256.New, newFixed().key, nil, "sluice sealed object 1: stream", 32)
	if err != nil {
		t.Fatal(err)
	}
	template, err := keyset.NewHandle(streamingaead.AES256GCMHKDF1MBKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	entry, err := template.Primary()
	if err != nil {
		t.Fatal(err)
	}
	params := entry.Key().Parameters().(*aesgcmhkdf.Parameters)
	k, err := aesgcmhkdf.NewKey(params, secretdata.NewBytesFromData(stream, insecuresecretdataaccess.Token{}))
	if err != nil {
		t.Fatal(err)
	}
	m := keyset.NewManager()
	id, err := m.AddKey(k)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	h, err := m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	p, err := streamingaead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.NewDecryptingReader(bytes.NewReader(b[len(head):]), head)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := plain[4+len(options.Attributes) : len(plain)-trailer]; !bytes.Equal(got, body) {
		t.Error("Tink reads another body")
	}
}

// TestReadAt compares with reading from front to back, at random places and at
// the edges of segments, from several goroutines.
func TestReadAt(t *testing.T) {
	body := random(3*segment + 777)
	b := sealed(t, body, options)
	o, err := seal.OpenAt(t.Context(), bytes.NewReader(b), int64(len(b)), newFixed())
	if err != nil {
		t.Fatal(err)
	}
	if o.Size() != int64(len(body)) || string(o.Attributes) != string(options.Attributes) {
		t.Fatalf("size %d, attributes %q", o.Size(), o.Attributes)
	}
	edge := firstPlain - 4 - len(options.Attributes)
	check := func(off, n int) {
		p := make([]byte, n)
		got, err := o.ReadAt(p, int64(off))
		want := body[min(off, len(body)):min(off+n, len(body))]
		if got != len(want) || !bytes.Equal(p[:got], want) {
			t.Errorf("ReadAt(%d bytes at %d): %d bytes or other ones", n, off, got)
		}
		if short := off+n > len(body) || off >= len(body); short != (err == io.EOF) || !short && err != nil {
			t.Errorf("ReadAt(%d bytes at %d): %v", n, off, err)
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 0))
			for range 100 {
				check(r.IntN(len(body)+10), r.IntN(2000))
			}
			for _, e := range []int{0, edge, edge + nextPlain, edge + 2*nextPlain, len(body)} {
				for d := -2; d <= 2; d++ {
					check(max(e+d, 0), g)
				}
			}
			check(0, len(body))
			check(10, segment+5)
		})
	}
	wg.Wait()
	if _, err := o.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("at -1: %v", err)
	}
}

// counting counts what is fetched.
type counting struct {
	io.ReaderAt
	n int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.n += len(p)
	return c.ReaderAt.ReadAt(p, off)
}

func TestReadAtFetchesLittle(t *testing.T) {
	b := sealed(t, random(8*segment), options)
	c := &counting{ReaderAt: bytes.NewReader(b)}
	o, err := seal.OpenAt(t.Context(), c, int64(len(b)), newFixed())
	if err != nil {
		t.Fatal(err)
	}
	for off := int64(4 * segment); off < 4*segment+1000; off += 100 {
		if _, err := o.ReadAt(make([]byte, 100), off); err != nil {
			t.Fatal(err)
		}
	}
	// Header, first and last segment, and the one or two around there.
	if c.n > 4*segment+4096 {
		t.Errorf("%d bytes were fetched to read 1000", c.n)
	}
}

// refused demands that nobody opens b: neither from front to back nor by parts.
func refused(t *testing.T, what string, b []byte) {
	t.Helper()
	for name, f := range map[string]func([]byte) ([]byte, error){"Open": open, "OpenAt": openAt} {
		_, err := f(b)
		if err == nil {
			t.Errorf("%s: %s gives no error", name, what)
		} else if !errors.Is(err, seal.ErrFormat) && !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, seal.ErrKey) &&
			err.Error() != "fixed: cannot unwrap that" {
			t.Errorf("%s: %s: %v", name, what, err)
		}
	}
}

func TestEveryBitCounts(t *testing.T) {
	b := sealed(t, []byte("some text"), options)
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			refused(t, "bit "+string('0'+rune(bit))+" of a byte flipped", b)
			b[i] ^= 1 << bit
		}
	}
	if _, err := open(b); err != nil {
		t.Fatal(err)
	}
}

func TestEveryCutIsSeen(t *testing.T) {
	b := sealed(t, []byte("some text"), options)
	for n := range b {
		refused(t, "an object cut short", b[:n])
	}
	refused(t, "an object with a byte more", append(bytes.Clone(b), 0))
	refused(t, "an object twice", append(bytes.Clone(b), b...))
}

func TestSegments(t *testing.T) {
	b := sealed(t, random(4*segment+100), options)
	n := headLength(b)
	part := func(i int) []byte { return b[min(n+i*segment, len(b)):min(n+(i+1)*segment, len(b))] }
	join := func(order ...int) []byte {
		out := bytes.Clone(b[:n])
		for _, i := range order {
			out = append(out, part(i)...)
		}
		return out
	}
	if !bytes.Equal(join(0, 1, 2, 3, 4), b) {
		t.Fatal("the parts are not the object")
	}
	for _, order := range [][]int{
		{0, 1, 2, 3}, {0}, {}, {1, 2, 3, 4}, {0, 2, 3, 4}, {0, 1, 2, 4}, {0, 1, 1, 2, 3, 4}, {0, 1, 2, 3, 3, 4},
		{0, 1, 2, 3, 4, 4}, {0, 2, 1, 3, 4}, {0, 1, 3, 2, 4}, {4}, {0, 4}, {0, 0, 1, 2, 3, 4},
	} {
		refused(t, "other segments", join(order...))
	}
	for _, cut := range []int{1, 15, 16, 17, 100 + trailer, segment - 1, segment, segment + 1, 2 * segment} {
		refused(t, "a cut", b[:len(b)-cut])
		refused(t, "zeros behind", append(bytes.Clone(b), make([]byte, cut)...))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		i := n + r.IntN(len(b)-n)
		b[i] ^= 0x10
		refused(t, "a bit of the body flipped", b)
		b[i] ^= 0x10
	}

	// A segment of another object under the same data key.
	other := sealed(t, random(4*segment+100), options)
	copy(b[n+segment:n+2*segment], other[n+segment:])
	refused(t, "a segment of another object", b)
}

// TestCutBehindItsOwnTrailer: who wrote the object has put what looks like a trailer
// before the end of a segment, and cuts off what was sealed behind it, but for no more
// than a tag is long.
func TestCutBehindItsOwnTrailer(t *testing.T) {
	for left := 1; left <= tag; left++ {
		first := firstPlain - 4 - len(options.Attributes) - (tag - left) // of the body, as what is left claims
		body := random(first + 5000)
		forged := body[first-trailer : first]
		copy(forged, sumOf(body[:first-trailer]))
		binary.BigEndian.PutUint64(forged[32:], uint64(first-trailer))
		b := sealed(t, body, options)
		if got, err := openAt(b); err != nil || !bytes.Equal(got, body) {
			t.Fatal(err)
		}
		refused(t, "a cut behind a trailer in the body", b[:headLength(b)+segment+left])
	}
}

func sumOf(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }

// TestOtherHeader puts the header of one object before the stream of another
// that was sealed under the same data key.
func TestOtherHeader(t *testing.T) {
	a := sealed(t, []byte("text"), options)
	o := options
	o.Context = map[string]string{"bucket": "in", "key": "another", "version": "1"}
	b := sealed(t, []byte("text"), o)
	refused(t, "another header", append(bytes.Clone(b[:headLength(b)]), a[headLength(a):]...))
}

// TestWrongKey: that another key was given is known before any byte is shown.
func TestWrongKey(t *testing.T) {
	b := sealed(t, []byte("text"), options)
	f := newFixed()
	f.key[31] ^= 1
	if _, err := seal.Open(t.Context(), bytes.NewReader(b), f); !errors.Is(err, seal.ErrKey) {
		t.Errorf("Open: %v", err)
	}
	if !bytes.Equal(f.given, make([]byte, 32)) {
		t.Error("the key was not overwritten")
	}
	if _, err := seal.OpenAt(t.Context(), bytes.NewReader(b), int64(len(b)), f); !errors.Is(err, seal.ErrKey) {
		t.Errorf("OpenAt: %v", err)
	}
	for _, n := range []int{0, 16, 31, 33, 64} {
		f.key = make([]byte, n)
		if _, err := seal.Open(t.Context(), bytes.NewReader(b), f); err == nil || errors.Is(err, seal.ErrDamaged) {
			t.Errorf("a key of %d bytes: %v", n, err)
		}
		if _, err := seal.NewReader(t.Context(), bytes.NewReader(nil), options, f); err == nil {
			t.Errorf("sealed under a key of %d bytes", n)
		}
	}
}

func TestKeysAreOverwritten(t *testing.T) {
	zero := make([]byte, 32)
	f := newFixed()
	if _, err := seal.NewReader(t.Context(), bytes.NewReader(nil), options, f); err != nil || !bytes.Equal(f.given, zero) {
		t.Errorf("NewReader: %v, %x", err, f.given)
	}
	b := sealed(t, []byte("text"), options)
	if _, err := seal.Open(t.Context(), bytes.NewReader(b), f); err != nil || !bytes.Equal(f.given, zero) {
		t.Errorf("Open: %v, %x", err, f.given)
	}
	if _, err := seal.OpenAt(t.Context(), bytes.NewReader(b), int64(len(b)), f); err != nil || !bytes.Equal(f.given, zero) {
		t.Errorf("OpenAt: %v, %x", err, f.given)
	}
	f.err = errors.New("denied")
	if _, err := seal.NewReader(t.Context(), bytes.NewReader(nil), options, f); err != f.err || !bytes.Equal(f.given, zero) {
		t.Errorf("NewReader: %v, %x", err, f.given)
	}
	if _, err := seal.Open(t.Context(), bytes.NewReader(b), f); err != f.err || !bytes.Equal(f.given, zero) {
		t.Errorf("Open: %v, %x", err, f.given)
	}
}

// rude gives bytes with its error, and the end of the bytes after it, as if
// nothing had happened.
type rude struct {
	body io.Reader
	left int
	err  error
}

func (r *rude) Read(p []byte) (int, error) {
	if r.err == nil {
		return 0, io.EOF
	}
	n, _ := r.body.Read(p[:min(len(p), r.left)])
	if r.left -= n; r.left == 0 {
		err := r.err
		r.err = nil
		return n, err
	}
	return n, nil
}

func TestBodyFails(t *testing.T) {
	body := random(3 * segment)
	for _, n := range []int{1, 100, chunk, firstPlain - 4, segment, 2*segment + 5, 3 * segment} {
		for _, fault := range []error{errors.New("broken"), io.ErrUnexpectedEOF, context.Canceled} {
			r, err := seal.NewReader(t.Context(), &rude{bytes.NewReader(body), n, fault}, options, newFixed())
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != fault {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			if more, err := r.Read(make([]byte, 10)); more != 0 || err != fault {
				t.Errorf("the next Read gives %d bytes, %v", more, err)
			}
			if r.Sums() != (seal.Sums{}) {
				t.Errorf("sums of a broken body: %+v", r.Sums())
			}
			refused(t, "what was sealed of a broken body", b)
		}
	}
	r, err := seal.NewReader(t.Context(), idle{}, options, newFixed())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err != io.ErrNoProgress {
		t.Errorf("a body that gives nothing: %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestTransportFails: an error of the reader is no damage of the object.
func TestTransportFails(t *testing.T) {
	b := sealed(t, random(2*segment), options)
	for _, fault := range []error{errors.New("broken"), io.ErrUnexpectedEOF} {
		for _, n := range []int{0, 5, 50, headLength(b) - 1, headLength(b), headLength(b) + 20, headLength(b) + segment, len(b) - 1} {
			r := io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(fault))
			var o *seal.Opened
			o, err := seal.Open(t.Context(), r, newFixed())
			if err == nil {
				_, err = io.ReadAll(o)
				if _, again := o.Read(make([]byte, 1)); again != err {
					t.Errorf("the next Read: %v", again)
				}
			}
			if err != fault {
				t.Errorf("after %d bytes: %v, want %v", n, err, fault)
			}
		}
	}
	at, err := seal.OpenAt(t.Context(), bytes.NewReader(b), int64(len(b))+5, newFixed())
	if err != io.ErrUnexpectedEOF {
		t.Errorf("a source shorter than its size: %v, %v", at, err)
	}
}

// TestLyingTrailer: whoever has the key and seals a wrong sum is found out at the end.
func TestLyingTrailer(t *testing.T) {
	b := sealed(t, []byte("some text"), options)
	n := headLength(b)
	if again := spec(t, b[:n], newFixed().key, b[n+1:n+33], b[n+33:n+40], options.Attributes, []byte("some text")); !bytes.Equal(again, b) {
		t.Fatal("not the same object again")
	}
	lie := func(plain []byte) []byte {
		stream, _ := hkdf.Key(sha256.New, newFixed().key, nil, "sluice sealed object 1: stream", 32)
		k, _ := hkdf.Key(sha256.New, stream, b[n+1:n+33], string(b[:n]), 32)
		block, _ := aes.NewCipher(k)
		gcm, _ := cipher.NewGCM(block)
		nonce := append(bytes.Clone(b[n+33:n+40]), 0, 0, 0, 0, 1)
		return gcm.Seal(bytes.Clone(b[:n+40]), nonce, plain, nil)
	}
	sum := sha256.Sum256([]byte("text"))
	length := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	empty := []byte{0, 0, 0, 0}
	if p, err := open(lie(join(empty, []byte("text"), sum[:], length(4)))); err != nil || string(p) != "text" {
		t.Fatal(p, err)
	}
	refused(t, "a wrong length", lie(join(empty, []byte("text"), sum[:], length(5))))
	refused(t, "a huge length", lie(join(empty, []byte("text"), sum[:], length(1<<63+4))))
	refused(t, "no trailer", lie(join(empty, []byte("text"))))
	refused(t, "nothing", lie(nil))
	refused(t, "half a trailer", lie(join(empty, sum[:])))
	refused(t, "attributes longer than all", lie(join([]byte{0, 0, 1, 0}, []byte("text"), sum[:], length(4))))
	refused(t, "huge attributes", lie(join([]byte{255, 255, 255, 255}, []byte("text"), sum[:], length(4))))
	refused(t, "attributes that reach into the trailer", lie(join([]byte{0, 0, 0, 10}, []byte("text"), sum[:], length(4))))

	wrong := sum
	wrong[0] ^= 1
	if _, err := open(lie(join(empty, []byte("text"), wrong[:], length(4)))); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("a wrong SHA-256: %v", err)
	}
}

func TestAttributes(t *testing.T) {
	for _, n := range []int{0, 1, firstPlain - 5, firstPlain - 4, firstPlain - 3, seal.MaxAttributes} {
		o := options
		o.Attributes = random(n)
		b := sealed(t, []byte("text"), o)
		opened, err := seal.Open(t.Context(), bytes.NewReader(b), newFixed())
		if err != nil || !bytes.Equal(opened.Attributes, o.Attributes) {
			t.Errorf("Open: %d bytes of attributes: %v", n, err)
		}
		at, err := seal.OpenAt(t.Context(), bytes.NewReader(b), int64(len(b)), newFixed())
		if err != nil || !bytes.Equal(at.Attributes, o.Attributes) {
			t.Errorf("OpenAt: %d bytes of attributes: %v", n, err)
		}
	}
	o := options
	o.Attributes = make([]byte, seal.MaxAttributes+1)
	if _, err := seal.NewReader(t.Context(), bytes.NewReader(nil), o, newFixed()); err == nil {
		t.Error("too many attributes are taken")
	}
}

func TestContexts(t *testing.T) {
	for _, context := range []map[string]string{
		nil, {}, {"": ""}, {"key": "<&>\u2028\u2029\x00\x7f\"\\\t💧"}, {"b": "1", "a": "2", "é": "3", "💧": "4", "\uffff": "5"},
	} {
		o := options
		o.Context = context
		b := sealed(t, nil, o)
		h, err := seal.ReadHeader(bytes.NewReader(b))
		if err != nil || len(h.Context) != len(context) {
			t.Fatalf("%q: %v, %q", context, err, h.Context)
		}
		for name, value := range context {
			if h.Context[name] != value {
				t.Errorf("%q became %q", value, h.Context[name])
			}
		}
		if _, err := open(b); err != nil {
			t.Error(err)
		}
	}
	for _, context := range []map[string]string{{"key": "\xff"}, {"\xff": ""}, {"key": string(make([]byte, 64<<10))}} {
		o := options
		o.Context = context
		if _, err := seal.NewReader(t.Context(), bytes.NewReader(nil), o, newFixed()); err == nil {
			t.Errorf("a context of %d bytes is taken", len(context["key"]))
		}
	}
}

func TestContextBytes(t *testing.T) {
	seen := map[string]bool{}
	for _, context := range []map[string]string{
		{}, {"a": ""}, {"": "a"}, {"a": "b"}, {"ab": ""}, {"a": "b", "c": "d"}, {"a": `b","c":"d`}, {`a":"b","c`: "d"},
		{"a": "\u2028"}, {"a": `\u2028`}, {"a": "\x00"}, {"a": `\u0000`},
	} {
		b, err := seal.ContextBytes(context)
		if err != nil || seen[string(b)] {
			t.Errorf("%q: %q, %v", context, b, err)
		}
		seen[string(b)] = true
	}
	if b, err := seal.ContextBytes(nil); err != nil || string(b) != "{}" {
		t.Errorf("nil: %q, %v", b, err)
	}
	if _, err := seal.ContextBytes(map[string]string{"a": "\xff"}); err == nil {
		t.Error("a context that is not UTF-8 has bytes")
	}
}

func TestSumsOnlyAtTheEnd(t *testing.T) {
	r, err := seal.NewReader(t.Context(), bytes.NewReader([]byte("text")), options, newFixed())
	if err != nil {
		t.Fatal(err)
	}
	length := len(sealed(t, []byte("text"), options))
	for n := range length {
		if r.Sums() != (seal.Sums{}) {
			t.Fatalf("sums after %d of %d bytes", n, length)
		}
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if r.Sums().Length != 4 || r.Sums().KeyID != r.Header().KeyID {
		t.Errorf("sums %+v", r.Sums())
	}
}

// TestMemory seals and opens 128 MiB and counts all bytes that were allocated
// for it, freed or not.
func TestMemory(t *testing.T) {
	const size = 128 << 20
	before := allocated()
	r, err := seal.NewReader(t.Context(), io.LimitReader(zeros{}, size), options, newFixed())
	if err != nil {
		t.Fatal(err)
	}
	o, err := seal.Open(t.Context(), r, newFixed())
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, o, make([]byte, 1000))
	if err != nil || n != size {
		t.Fatal(n, err)
	}
	if used := allocated() - before; used > 16<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func BenchmarkSeal(b *testing.B) {
	b.SetBytes(256 << 20)
	for b.Loop() {
		r, err := seal.NewReader(b.Context(), io.LimitReader(zeros{}, 256<<20), options, newFixed())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 256<<10)); err != nil {
			b.Fatal(err)
		}
	}
}
