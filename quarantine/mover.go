package quarantine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
)

// Mover carries moves on. It is safe for concurrent use, for different moves.
type Mover struct {
	Vault   Bucket
	Prefix  string // of all keys in the vault; "" or ending in a slash
	Journal Journal

	// Encryption that the store must apply to what lies in the vault, and say
	// that it does. For SSEKMS its KeyID is the ARN of the key.
	Encryption store.Encryption

	Wrapper   seal.Wrapper   // for Envelope
	Unwrapper seal.Unwrapper // for Restore of Envelope, and no more

	// Notice makes what DoMoveStub leaves behind. It must be the same for the
	// same move. Nil: a line of text that names the move.
	Notice func(Move) string

	Now func() time.Time // nil: time.Now
}

// Tags that are put on objects that stay in their bucket. A bucket policy can
// deny access by them (s3:ExistingObjectTag).
const (
	TagName    = "sluice-quarantine"
	TagFound   = "found"  // DoTag: something was found
	TagRefused = "denied" // the object ought to be in quarantine and the bucket does not let go of it
)

// metadataID is the name under which a notice carries the id of its move.
const metadataID = "sluice-move"

// Move carries m on to the end of its action and returns it as recorded last.
//
// After an error it stands in the state that it reached, with the reason; Move
// can be called again with it. Where nothing can be done any more, there is no
// error and the state says so: Changed, Gone or Kept. origin is the bucket of
// m.Object.
func (q *Mover) Move(ctx context.Context, origin Bucket, m Move) (Move, error) {
	if m.State == Kept || m.State == Verified && m.Open() {
		m.State = Copied // it may have stood still for long, and the copy may have gone
	}
	for m.Open() {
		next, err := q.step(ctx, origin, m)
		if err != nil {
			return q.failed(ctx, next, err)
		}
		if m, err = q.record(ctx, next); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (q *Mover) step(ctx context.Context, origin Bucket, m Move) (Move, error) {
	switch {
	case m.State == Planned && m.Action == DoTag:
		return q.tag(ctx, origin, m)
	case m.State == Planned:
		return q.copy(ctx, origin, m)
	case m.State == Copied:
		return q.verify(ctx, origin, m)
	}
	return q.remove(ctx, origin, m)
}

// record writes m, in the state that it has come to.
func (q *Mover) record(ctx context.Context, m Move) (Move, error) {
	m.Attempts = 0
	if m.State != Kept && m.State != Changed && m.State != Gone {
		m.Reason, m.Error = "", ""
	}
	m.ChangedAt = q.now()
	return m, q.Journal.Record(ctx, m)
}

// failed writes that m did not get on. Its state is where to try again. That
// somebody stopped the program is no failure of m.
func (q *Mover) failed(ctx context.Context, m Move, err error) (Move, error) {
	if ctx.Err() != nil {
		return m, err
	}
	m.Attempts++
	m.Reason, m.Error = store.Reason(err), err.Error()
	return m, errors.Join(err, q.Journal.Record(context.WithoutCancel(ctx), m))
}

func (q *Mover) now() time.Time {
	if q.Now != nil {
		return q.Now().UTC()
	}
	return time.Now().UTC()
}

// ended is m in a state from which nothing goes on, or err if it tells of none.
func ended(m Move, err error) (Move, error) {
	switch {
	case errors.Is(err, store.ErrChanged):
		m.State = Changed
	case errors.Is(err, store.ErrNotFound):
		m.State = Gone
	default:
		return m, err
	}
	m.Reason, m.Error = store.Reason(err), err.Error()
	return m, nil
}

func (q *Mover) tag(ctx context.Context, origin Bucket, m Move) (Move, error) {
	if err := origin.Tag(ctx, m.Object, map[string]string{TagName: TagFound}); err != nil {
		return ended(m, fmt.Errorf("tag: %w", err))
	}
	m.State = Tagged
	return m, nil
}

// copy brings the object into the vault. Done twice, the second copy takes the
// place of the first, which nobody recorded.
func (q *Mover) copy(ctx context.Context, origin Bucket, m Move) (Move, error) {
	before, err := origin.Stat(ctx, m.Object)
	if err != nil {
		return ended(m, fmt.Errorf("look at the object: %w", err))
	}
	if _, ours := before.Tags[TagName]; ours { // from when it was only tagged, or kept; it must not come back
		before.Tags = maps.Clone(before.Tags)
		delete(before.Tags, TagName)
	}
	c := m
	c.Before, c.CRC64 = before, before.CRC64NVME
	switch m.Mode {
	case SSEKMS:
		err = q.copyPlain(ctx, &c)
	case Envelope:
		err = q.copySealed(ctx, origin, &c)
	default:
		err = fmt.Errorf("no mode %q", m.Mode)
	}
	if err != nil {
		// The bytes may have been replaced meanwhile; whether or not, the state
		// of m tells that nothing usable is in the vault.
		return ended(m, sure(ctx, origin, m.Object, err))
	}
	c.State = Copied
	return c, nil
}

// copyPlain lets the store copy. What the object was and where it came from is
// written first, so that no copy is ever without it.
func (q *Mover) copyPlain(ctx context.Context, m *Move) error {
	note, err := noteOf(*m)
	if err != nil {
		return err
	}
	w := store.Write{Encryption: q.Encryption, Attributes: store.Attributes{ContentType: "application/json"}}
	if _, err := q.Vault.Put(ctx, q.key(*m, "manifest.json"), bytes.NewReader(note), w); err != nil {
		return fmt.Errorf("write the manifest: %w", notOrigin(err))
	}
	w.Attributes = m.Before
	w.Attributes.Class = "" // it may be one of an archive, out of which nothing can be read or brought back at once
	m.Vault, err = q.Vault.Copy(ctx, q.key(*m, "object"), m.Before.Object, w)
	if err != nil {
		return fmt.Errorf("copy into the vault: %w", err)
	}
	m.KeyID = q.Encryption.KeyID
	return nil
}

// copySealed seals the bytes on their way through this process.
func (q *Mover) copySealed(ctx context.Context, origin Bucket, m *Move) error {
	if q.Wrapper == nil {
		return errors.New("seal: no key provider")
	}
	body, _, err := origin.Open(ctx, m.Before.Object)
	if err != nil {
		return fmt.Errorf("read the object: %w", err)
	}
	defer body.Close()
	note, err := noteOf(*m)
	if err != nil {
		return err
	}
	source := &reading{r: body}
	sealed, err := seal.NewReader(ctx, source, seal.Options{Context: contextOf(*m), Attributes: note}, q.Wrapper)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	w := store.Write{Encryption: q.Encryption, Attributes: store.Attributes{ContentType: "application/octet-stream"}}
	if m.Vault, err = q.Vault.Put(ctx, q.key(*m, "sealed"), sealed, w); err != nil {
		if source.err != nil {
			return fmt.Errorf("read the object: %w", source.err)
		}
		return fmt.Errorf("write into the vault: %w", notOrigin(err))
	}
	sums := sealed.Sums()
	if sums.Length != m.Before.Size {
		return fmt.Errorf("read the object: %w: %d bytes where the store says %d", store.ErrCorrupt, sums.Length, m.Before.Size)
	}
	m.KeyID, m.SHA256, m.CRC64, m.Sealed = sums.KeyID, sums.SHA256, sums.CRC64, sums.SealedCRC64
	return nil
}

// reading remembers the error of a reader, so that it can be told from one of
// where the bytes go.
type reading struct {
	r   io.Reader
	err error
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// notOrigin keeps what the vault says about itself from being taken for news
// about the object.
func notOrigin(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrChanged) {
		return fmt.Errorf("%w: %v", store.ErrBroken, err)
	}
	return err
}

// sure asks the bucket of o whether o is gone or has changed, if err says so: it
// may be about an upload, or about something else in the vault.
func sure(ctx context.Context, origin Bucket, o store.Object, err error) error {
	if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrChanged) {
		return err
	}
	if _, now := origin.Stat(ctx, o); now != nil {
		return fmt.Errorf("look at the object: %w", now)
	}
	return notOrigin(err)
}

func (q *Mover) verify(ctx context.Context, origin Bucket, m Move) (Move, error) {
	if m.CRC64 == "" {
		sum, err := crcOf(ctx, origin, m.Before.Object)
		switch {
		case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrChanged):
			return q.last(ctx, m, fmt.Errorf("read the object: %w", err))
		case err != nil:
			return m, fmt.Errorf("read the object: %w", err)
		}
		m.CRC64 = sum
	}
	again := m
	again.State = Planned // a copy that is not right is made again
	if m.Before.CRC64NVME != "" && m.CRC64 != m.Before.CRC64NVME {
		return again, fmt.Errorf("%w: what was read of the object has another CRC64NVME than the store holds", store.ErrCorrupt)
	}
	switch err := q.Check(ctx, m); {
	case errors.Is(err, store.ErrCorrupt), errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrChanged):
		return again, notOrigin(err)
	case err != nil:
		return m, err
	}
	m.State = Verified
	return m, nil
}

// last ends a move whose object was taken away or replaced, as news says, before
// it could be compared with its copy: that is the last one.
func (q *Mover) last(ctx context.Context, m Move, news error) (Move, error) {
	got, err := q.inVault(ctx, m)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrChanged):
		m.Vault = store.Object{}
		return ended(m, news)
	case err != nil:
		return m, err
	}
	m.CRC64 = got.CRC64NVME
	end, err := ended(m, news)
	if end.State == Gone && q.compare(m, got) == nil {
		end.State = Removed
	}
	return end, err
}

// Check compares what lies in the vault with what is recorded of m: size,
// checksum, encryption and key, and for a copy its headers, metadata and tags. It takes
// no right to decrypt, unless the store holds no checksum of its own.
// store.ErrCorrupt says what differs.
func (q *Mover) Check(ctx context.Context, m Move) error {
	got, err := q.inVault(ctx, m)
	if err != nil {
		return err
	}
	return q.compare(m, got)
}

// inVault is what the vault has of m, with the checksum of its bytes.
func (q *Mover) inVault(ctx context.Context, m Move) (store.Attributes, error) {
	got, err := q.Vault.Stat(ctx, m.Vault)
	if err != nil {
		return got, fmt.Errorf("look into the vault: %w", err)
	}
	if got.CRC64NVME == "" {
		if got.CRC64NVME, err = crcOf(ctx, q.Vault, got.Object); err != nil {
			return got, fmt.Errorf("read from the vault, whose store holds no CRC64NVME: %w", err)
		}
	}
	return got, nil
}

func (q *Mover) compare(m Move, got store.Attributes) error {
	want := m.Before
	want.Encryption, want.CRC64NVME = q.Encryption, m.CRC64
	if m.Mode == Envelope {
		want = store.Attributes{Object: store.Object{Size: m.Vault.Size}, Encryption: q.Encryption, CRC64NVME: m.Sealed}
		got.ContentType = ""
	}
	if diff := difference(got, want); diff != "" {
		return fmt.Errorf("%w: %s of what lies in the vault is not as it should be", store.ErrCorrupt, diff)
	}
	return nil
}

// difference names what of got is not as wanted; "" if all is.
func difference(got, want store.Attributes) string {
	switch {
	case got.Size != want.Size:
		return "the size"
	case got.CRC64NVME != want.CRC64NVME:
		return "the checksum"
	case want.Encryption.Algorithm != "" && got.Encryption.Algorithm != want.Encryption.Algorithm:
		return "the encryption"
	case want.Encryption.KeyID != "" && got.Encryption.KeyID != want.Encryption.KeyID:
		return "the key"
	case got.ContentType != want.ContentType, got.ContentEncoding != want.ContentEncoding,
		got.ContentDisposition != want.ContentDisposition, got.ContentLanguage != want.ContentLanguage,
		got.CacheControl != want.CacheControl, got.Expires != want.Expires, got.Redirect != want.Redirect:
		return "a header"
	case !maps.Equal(got.Metadata, want.Metadata):
		return "the metadata"
	case !maps.Equal(got.Tags, want.Tags):
		return "a tag"
	}
	return ""
}

// crcOf reads a whole object for its CRC64NVME.
func crcOf(ctx context.Context, b Bucket, o store.Object) (string, error) {
	r, _, err := b.Open(ctx, o)
	if err != nil {
		return "", err
	}
	defer r.Close()
	sum := store.NewCRC64NVME()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return store.CRC64NVME(sum), nil
}

// remove takes the object out of its bucket. It is only called with a copy that
// is verified, so whoever took it away, it is not lost.
func (q *Mover) remove(ctx context.Context, origin Bucket, m Move) (Move, error) {
	marker, err := origin.Remove(ctx, m.Before.Object, m.Removal)
	switch {
	case err == nil:
		m.Marker = marker
	case errors.Is(err, store.ErrNotFound): // removed before, and the answer was lost; or somebody else did
	case errors.Is(err, store.ErrChanged):
		stub, look := q.ownStub(ctx, origin, m)
		switch {
		case look != nil:
			return m, look
		case stub.Key == "":
			return ended(m, fmt.Errorf("remove: %w", err))
		}
		m.Stub, m.State = stub, Removed
		return m, nil
	case errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrDenied), errors.Is(err, store.ErrUnsafe):
		err = fmt.Errorf("remove: %w", err)
		if errors.Is(err, store.ErrDenied) {
			if _, look := origin.Stat(ctx, m.Before.Object); errors.Is(look, store.ErrDenied) {
				return m, err // it is not about the object: the credentials have ended
			}
		}
		m.State, m.Reason = Kept, store.Reason(err)
		if tagErr := origin.Tag(ctx, m.Before.Object, map[string]string{TagName: TagRefused}); tagErr != nil {
			err = fmt.Errorf("%w; tag it instead: %w", err, tagErr)
		}
		m.Error = err.Error()
		return m, nil
	default:
		return m, fmt.Errorf("remove: %w", err)
	}
	if m.Action == DoMoveStub {
		if m.Stub, err = q.leaveStub(ctx, origin, m); err != nil {
			return m, fmt.Errorf("leave a notice: %w", err)
		}
	}
	m.State = Removed
	return m, nil
}

// leaveStub writes the notice where the object was, unless something is there.
func (q *Mover) leaveStub(ctx context.Context, origin Bucket, m Move) (store.Object, error) {
	text := "This object was put into quarantine. Ask your security team for " + m.ID + ".\n"
	if q.Notice != nil {
		text = q.Notice(m)
	}
	stub, err := origin.Put(ctx, m.Object.Key, strings.NewReader(text), store.Write{Absent: true, Attributes: store.Attributes{
		ContentType: "text/plain; charset=utf-8", Metadata: map[string]string{metadataID: m.ID},
	}})
	if errors.Is(err, store.ErrExists) {
		return q.ownStub(ctx, origin, m)
	}
	return stub, err
}

// ownStub finds the notice that an earlier attempt left; the zero value if what
// is there is none of m.
func (q *Mover) ownStub(ctx context.Context, origin Bucket, m Move) (store.Object, error) {
	now, err := origin.Stat(ctx, store.Object{Bucket: m.Object.Bucket, Key: m.Object.Key, Size: -1})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Object{}, nil
	case err != nil:
		return store.Object{}, fmt.Errorf("look for the notice: %w", err)
	case now.Metadata[metadataID] != m.ID:
		return store.Object{}, nil
	}
	return now.Object, nil
}

// key names what lies in the vault. The object's own key may say too much, be
// too long, and be there from an earlier move: it stands in the manifest.
func (q *Mover) key(m Move, name string) string { return q.Prefix + m.ID + "/" + name }

// Manifest is what lies in the vault beside each object, or sealed with it: enough
// to bring it back without the ledger.
type Manifest struct {
	Move       string           `json:"move"`
	Source     store.Object     `json:"source"`
	Attributes store.Attributes `json:"attributes"`
	Found      Why              `json:"found"`
}

// noteOf writes the manifest of m. JSON has no bytes that are not UTF-8: what would
// come back as something else is an error.
func noteOf(m Move) ([]byte, error) {
	note, err := json.MarshalIndent(Manifest{Move: m.ID, Source: m.Object, Attributes: m.Before, Found: m.Why}, "", "  ")
	if err != nil {
		return nil, err
	}
	var again Manifest
	if err := json.Unmarshal(note, &again); err != nil {
		return nil, err
	}
	diff := difference(again.Attributes, m.Before)
	if again.Source.Key != m.Object.Key {
		diff = "the key"
	}
	if diff != "" {
		return nil, fmt.Errorf("%s of the object is no UTF-8, and would not come back as it is", diff)
	}
	return note, nil
}

// contextOf is the encryption context of a data key. It stands in the log of
// the key's owner, who should see what the key is used for.
func contextOf(m Move) map[string]string {
	c := map[string]string{"sluice:move": m.ID, "sluice:bucket": m.Object.Bucket, "sluice:key": m.Object.Key, "sluice:etag": m.Object.ETag}
	if m.Object.VersionID != "" {
		c["sluice:version"] = m.Object.VersionID
	}
	return c
}
