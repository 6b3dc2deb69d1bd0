// Package mem is a store in memory, for tests: buckets with and without
// versions that behave as those of S3, and where every call can be made to fail
// before or after it has had its effect.
package mem

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Op is a call that has hooks before and after it.
type Op string

const (
	Stat   Op = "stat"
	Put    Op = "put"
	Copy   Op = "copy"
	Tag    Op = "tag"
	Remove Op = "remove"
)

// Hooks are called where a real store could fail. An error that a hook returns
// is returned by the store as it is. A hook may change the bucket. Hooks of one
// bucket may be called from many goroutines at a time.
type Hooks struct {
	List func(next store.Object) error            // before an object is yielded
	Open func(o store.Object) error               // before an object is opened
	Read func(o store.Object, offset int64) error // before bytes are read at offset, and before the end is told

	// Before is called before op has any effect, with the object named in the
	// call: for Put and Copy the one to be written.
	Before func(op Op, o store.Object) error

	// After is called when op has succeeded: for Put and Copy with the object
	// written, else with the one named in the call. Its error means that it
	// happened and the answer was lost.
	After func(op Op, o store.Object) error
}

func (h Hooks) before(op Op, o store.Object) error {
	if h.Before == nil {
		return nil
	}
	return h.Before(op, o)
}

func (h Hooks) after(op Op, o store.Object) error {
	if h.After == nil {
		return nil
	}
	return h.After(op, o)
}

// Versioning is whether a bucket keeps versions.
type Versioning string

const (
	Off       Versioning = ""          // one object of a key, without a version id
	Enabled   Versioning = "Enabled"   // each write makes a version with an id of its own
	Suspended Versioning = "Suspended" // each write replaces the version "null"; others stay
)

// Bucket is one bucket. It is safe for concurrent use. The exported fields must
// be set before use.
type Bucket struct {
	Prefix     string // list only keys that begin with it
	StartAfter string // list only keys that sort after it
	Hooks      Hooks

	// Encryption of objects written without a demand for one.
	Encryption store.Encryption

	// DropsEncryption makes the bucket ignore such a demand without a word,
	// as some stores do.
	DropsEncryption bool

	name   string
	beside *buckets

	mu         sync.Mutex
	destroyed  bool
	versioning Versioning
	last       int                  // number of the version written last
	objects    map[string][]version // by key, oldest first
}

// buckets are those of one store, by name.
type buckets struct {
	mu     sync.Mutex
	byName map[string]*Bucket
}

// version is an object as it was written once, or a delete marker. Its
// VersionID is "null" where it has none of its own. What it points to is not
// changed, but replaced.
type version struct {
	store.Attributes
	body    []byte
	deleted bool // a delete marker
}

const null = "null"

// New returns an empty bucket with versions, in a store of its own.
func New(name string) *Bucket {
	return (&buckets{byName: make(map[string]*Bucket)}).add(name)
}

// Beside returns another empty bucket with versions in the same store: objects
// can be copied between the two.
func (b *Bucket) Beside(name string) *Bucket { return b.beside.add(name) }

func (bs *buckets) add(name string) *Bucket {
	b := &Bucket{name: name, beside: bs, versioning: Enabled, objects: make(map[string][]version)}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if bs.byName[name] != nil {
		panic("mem: two buckets of the name " + name)
	}
	bs.byName[name] = b
	return b
}

func (bs *buckets) get(name string) *Bucket {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	return bs.byName[name]
}

// SetVersioning changes what later writes do. A bucket that has had versions
// cannot be without them again, but an empty one can be made so.
func (b *Bucket) SetVersioning(v Versioning) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v == Off && len(b.objects) > 0 {
		panic("mem: the bucket has versions")
	}
	b.versioning = v
}

// Fill stores a copy of body as the newest version of key and returns its
// identity. No hook is called.
func (b *Bucket) Fill(key string, body []byte) store.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.write(key, slices.Clone(body), store.Write{})
}

// Hide removes key without naming a version, as S3 does it: it puts a delete
// marker on the key, if the bucket has versions. Those before it can still be
// opened by their id. No hook is called.
func (b *Bucket) Hide(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hide(key)
}

// Edit changes what the bucket keeps with the version that o names, which must
// be there: to lock it, or to take its checksum away. No hook is called.
func (b *Bucket) Edit(o store.Object, edit func(*store.Attributes)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, err := b.find(o)
	if err != nil {
		panic("mem: edit: " + err.Error())
	}
	kept := clone(b.objects[o.Key][i].Attributes)
	edit(&kept)
	b.objects[o.Key][i].Attributes = kept
}

// Versions returns the versions of key, oldest first, without the delete
// markers. No hook is called.
func (b *Bucket) Versions(key string) []store.Attributes {
	b.mu.Lock()
	defer b.mu.Unlock()
	var got []store.Attributes
	for _, v := range b.objects[key] {
		if !v.deleted {
			got = append(got, b.outside(v))
		}
	}
	return got
}

// Destroy removes the bucket with all that is in it.
func (b *Bucket) Destroy() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.destroyed = true
	clear(b.objects)
}

// write adds a version, or replaces the one without an id. b.mu is held, and
// body belongs to the bucket from now on.
func (b *Bucket) write(key string, body []byte, w store.Write) store.Object {
	b.last++
	kept := clone(w.Attributes)
	kept.Object = store.Object{
		Bucket: b.name, Key: key, Size: int64(len(body)), Modified: time.Now().UTC(), Class: class(w.Attributes.Class),
	}
	sum := store.NewCRC64NVME()
	sum.Write(body)
	kept.CRC64NVME = store.CRC64NVME(sum)
	kept.Lock = store.Lock{}
	kept.Encryption = b.Encryption
	if w.Encryption.Algorithm != "" && !b.DropsEncryption {
		kept.Encryption = w.Encryption
	}
	kept.ETag = etag(body, kept.Encryption, b.last)
	return b.outside(b.add(key, version{Attributes: kept, body: body})).Object
}

// etag is the MD5 of the bytes, but not of what a KMS key encrypts: there S3
// gives another one to each copy.
func etag(body []byte, e store.Encryption, number int) string {
	h := md5.New()
	h.Write(body)
	if e.Algorithm != "" && e.Algorithm != "AES256" {
		fmt.Fprint(h, number)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func class(c string) string {
	if c == "STANDARD" {
		return ""
	}
	return c
}

// add makes v the newest version of key. b.mu is held.
func (b *Bucket) add(key string, v version) version {
	v.VersionID = null
	if b.versioning == Enabled {
		v.VersionID = strconv.Itoa(b.last)
	} else {
		b.drop(key, null)
	}
	b.objects[key] = append(b.objects[key], v)
	return v
}

// hide removes key without naming a version and returns the id of the delete
// marker, if that leaves one. b.mu is held.
func (b *Bucket) hide(key string) string {
	if b.versioning == Off {
		b.drop(key, null)
		return ""
	}
	b.last++
	return b.add(key, version{deleted: true}).VersionID
}

// drop removes the version of key with that id, if there is one. b.mu is held.
func (b *Bucket) drop(key, id string) {
	b.objects[key] = slices.DeleteFunc(b.objects[key], func(v version) bool { return v.VersionID == id })
	if len(b.objects[key]) == 0 {
		delete(b.objects, key)
	}
}

// find returns the place of the version that o names by its id, or of the
// newest one if that still has the ETag of o. b.mu is held.
func (b *Bucket) find(o store.Object) (int, error) {
	versions := b.objects[o.Key]
	i := len(versions) - 1
	if o.VersionID != "" {
		i = slices.IndexFunc(versions, func(v version) bool { return v.VersionID == o.VersionID })
	}
	switch {
	case b.destroyed:
		return 0, store.ErrNoBucket
	case o.Bucket != "" && o.Bucket != b.name:
		return 0, fmt.Errorf("%w: it is not in bucket %s", store.ErrNotFound, b.name)
	case i < 0 || versions[i].deleted:
		return 0, store.ErrNotFound
	case o.ETag != "" && o.ETag != versions[i].ETag:
		return 0, store.ErrChanged
	}
	return i, nil
}

// outside returns what the bucket tells of v. b.mu is held.
func (b *Bucket) outside(v version) store.Attributes {
	a := clone(v.Attributes)
	if b.versioning == Off {
		a.VersionID = ""
	}
	return a
}

func clone(a store.Attributes) store.Attributes {
	a.Metadata, a.Tags = maps.Clone(a.Metadata), maps.Clone(a.Tags)
	return a
}
