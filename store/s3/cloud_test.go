package s3_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
	"github.com/sluice-dlp/sluice/store/storetest"
)

var _ quarantine.Bucket = (*s3.Bucket)(nil)

// TestWriting runs the suite against a model of what Amazon documents. The
// servers of bench/lab are real, but have faults around the version "null".
func TestWriting(t *testing.T) {
	storetest.RunWriting(t, newCloud(t))
}

// newCloud starts a cloud and returns how to make buckets in it.
func newCloud(t *testing.T) func(t *testing.T) storetest.Writable {
	c := &cloud{buckets: make(map[string]*cloudBucket), uploads: make(map[string]*cloudUpload)}
	f := newFake(t, c.ServeHTTP)
	t.Cleanup(func() {
		if len(c.uploads) != 0 {
			t.Errorf("%d uploads are not finished", len(c.uploads))
		}
	})
	return func(t *testing.T) storetest.Writable {
		change := func(do func()) {
			c.mu.Lock()
			defer c.mu.Unlock()
			do()
		}
		b := &cloudBucket{versions: make(map[string][]*cloudVersion)}
		var name string
		change(func() {
			name = fmt.Sprint("bucket-", len(c.buckets)+1)
			c.buckets[name] = b
		})
		cfg := f.config()
		cfg.Bucket = name
		cfg.UploadPart, cfg.CopyPart, cfg.CopyThreshold = 5<<20, 5<<20, 6<<20
		return storetest.Writable{
			Writer:  open(t, cfg),
			Name:    name,
			Version: func(_ *testing.T, v storetest.Versioning) { change(func() { b.versioning = string(v) }) },
			Hold: func(t *testing.T, o store.Object) {
				change(func() { b.find(o.Key, o.VersionID).hold = true })
			},
		}
	}
}

type forgetful struct{}

func (forgetful) Record(context.Context, quarantine.Move) error { return nil }

// TestMoverSuspended moves out of a bucket whose versions are suspended, and
// back. What was removed is at no moment in neither place: the vault keeps it.
func TestMoverSuspended(t *testing.T) {
	bucket := newCloud(t)
	for _, tt := range []struct {
		name   string
		older  bool // there is an older version, with an id
		named  bool // the object itself has an id
		how    store.Removal
		marker string
	}{
		{"null", false, false, store.RemoveVersion, "null"},
		{"null over another", true, false, store.RemoveVersion, "null"},
		{"null, copies", true, false, store.RemoveCopies, "null"},
		{"null, hidden", false, false, store.RemoveMarker, "null"},
		{"with an id", true, true, store.RemoveVersion, ""},
		{"with an id, hidden", false, true, store.RemoveMarker, "null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			origin, vault := bucket(t), bucket(t)
			vault.Version(t, storetest.Enabled)
			origin.Version(t, storetest.Enabled)
			put := func(body string) store.Object {
				o, err := origin.Put(t.Context(), "key", strings.NewReader(body), store.Write{Attributes: store.Attributes{Tags: map[string]string{"a": "b"}}})
				if err != nil {
					t.Fatal(err)
				}
				a, err := origin.Stat(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				return a.Object
			}
			if tt.older {
				put("older")
			}
			if !tt.named {
				origin.Version(t, storetest.Suspended)
			}
			o := put("scanned")
			origin.Version(t, storetest.Suspended)

			q := &quarantine.Mover{Vault: vault, Journal: forgetful{}, Encryption: store.Encryption{Algorithm: "aws:kms", KeyID: "arn:aws:kms:eu-west-1:111122223333:key/k"}}
			m, err := q.Move(t.Context(), origin, quarantine.Move{
				ID: "000102030405060708090a0b0c0d0e0f", Object: o, Action: quarantine.DoMove, Mode: quarantine.SSEKMS, Removal: tt.how, State: quarantine.Planned,
			})
			if err != nil || m.State != quarantine.Removed || m.Marker != tt.marker {
				t.Fatalf("state %s, marker %q, %s, %v", m.State, m.Marker, m.Error, err)
			}
			if tt.older && tt.named { // which shows again, and nothing may be written over it
				if _, err := q.Restore(t.Context(), origin, m); !errors.Is(err, store.ErrExists) {
					t.Errorf("Restore = %v, want ErrExists", err)
				}
				return
			}
			if m, err = q.Restore(t.Context(), origin, m); err != nil || m.State != quarantine.Restored {
				t.Fatalf("state %s, %v", m.State, err)
			}
			r, _, err := origin.Open(t.Context(), store.Object{Key: "key", Size: -1})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if body, err := io.ReadAll(r); err != nil || string(body) != "scanned" {
				t.Errorf("%d bytes are back, %v", len(body), err)
			}
		})
	}
}

// cloud is S3 as Amazon documents it, as far as the driver uses it.
type cloud struct {
	mu      sync.Mutex
	buckets map[string]*cloudBucket
	uploads map[string]*cloudUpload
	last    int // number of the version or upload made last
}

type cloudBucket struct {
	versioning string
	versions   map[string][]*cloudVersion // by key, oldest first
}

type cloudVersion struct {
	id       string
	marker   bool
	body     []byte
	kept     http.Header
	tags     url.Values
	etag     string // quoted
	modified time.Time
	hold     bool
}

type cloudUpload struct {
	kept  http.Header
	tags  url.Values
	parts map[int][]byte
}

func (b *cloudBucket) newest(key string) *cloudVersion {
	if all := b.versions[key]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// find returns the version of that id, the newest one for "", or nil.
func (b *cloudBucket) find(key, id string) *cloudVersion {
	if id == "" {
		return b.newest(key)
	}
	for _, v := range b.versions[key] {
		if v.id == id {
			return v
		}
	}
	return nil
}

func (b *cloudBucket) drop(key, id string) {
	b.versions[key] = slices.DeleteFunc(b.versions[key], func(v *cloudVersion) bool { return v.id == id })
	if len(b.versions[key]) == 0 {
		delete(b.versions, key)
	}
}

// add makes v the newest version, in place of "null" unless versions are kept.
func (c *cloud) add(b *cloudBucket, key string, v *cloudVersion) {
	v.id = "null"
	if b.versioning == "Enabled" {
		c.last++
		v.id = fmt.Sprint("v", c.last)
	} else {
		b.drop(key, "null")
	}
	v.modified = time.Now().UTC().Truncate(time.Second)
	b.versions[key] = append(b.versions[key], v)
}

func (b *cloudBucket) tell(w http.ResponseWriter, v *cloudVersion) {
	if b.versioning != "" {
		w.Header().Set("X-Amz-Version-Id", v.id)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<Error><Code>%s</Code></Error>`, code)
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if send := c.answer(w, r, body); send != nil {
		http.ServeContent(w, r, "", time.Time{}, send) // which may take as long as the client likes
	}
}

// answer returns what of the answer is still to be sent.
func (c *cloud) answer(w http.ResponseWriter, r *http.Request, body []byte) io.ReadSeeker {
	c.mu.Lock()
	defer c.mu.Unlock()
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	b := c.buckets[name]
	q := r.URL.Query()
	switch {
	case b == nil:
		refuse(w, 404, "NoSuchBucket")
	case key == "":
		b.about(w, q)
	case q.Has("tagging"):
		b.tagging(w, r, key, body)
	case q.Has("uploads"), q.Has("uploadId"):
		c.multipart(w, r, b, key, body)
	case r.Method == http.MethodPut:
		c.put(w, r, b, key, body)
	case r.Method == http.MethodDelete:
		c.delete(w, r, b, key)
	default:
		return b.get(w, r, key)
	}
	return nil
}

// about answers what is asked of the bucket.
func (b *cloudBucket) about(w http.ResponseWriter, q url.Values) {
	keys := slices.Sorted(maps.Keys(b.versions))
	keys = slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, q.Get("prefix")) })
	switch {
	case q.Has("versioning"):
		fmt.Fprintf(w, `<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>`, b.versioning)
	case q.Has("versions"):
		b.listVersions(w, q, keys)
	case q.Has("list-type"):
		fmt.Fprint(w, `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>`)
		var prefixes []string
		for _, key := range keys {
			v := b.newest(key)
			if v.marker || key <= q.Get("start-after") {
				continue
			}
			rest := strings.TrimPrefix(key, q.Get("prefix"))
			if group, _, ok := strings.Cut(rest, "/"); ok && q.Get("delimiter") == "/" {
				if p := q.Get("prefix") + group + "/"; !slices.Contains(prefixes, p) {
					prefixes = append(prefixes, p)
				}
				continue
			}
			fmt.Fprintf(w, `<Contents><Key>%s</Key><ETag>%s</ETag><Size>%d</Size></Contents>`, url.QueryEscape(key), v.etag, len(v.body))
		}
		for _, p := range prefixes {
			fmt.Fprintf(w, `<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>`, url.QueryEscape(p))
		}
		fmt.Fprint(w, `</ListBucketResult>`)
	}
}

// listVersions lists two at a time, newest first.
func (b *cloudBucket) listVersions(w http.ResponseWriter, q url.Values, keys []string) {
	const page = 2
	from, n := q.Get("version-id-marker"), 0
	fmt.Fprint(w, `<ListVersionsResult><EncodingType>url</EncodingType>`)
	defer fmt.Fprint(w, `</ListVersionsResult>`)
	for _, key := range keys {
		for _, v := range slices.Backward(b.versions[key]) {
			if key < q.Get("key-marker") || (key == q.Get("key-marker") && from != "") {
				if v.id == from {
					from = ""
				}
				continue
			}
			if n++; n > page {
				fmt.Fprint(w, `<IsTruncated>true</IsTruncated>`)
				return
			}
			name := "Version"
			if v.marker {
				name = "DeleteMarker"
			}
			fmt.Fprintf(w, `<%s><Key>%s</Key><VersionId>%s</VersionId><ETag>%s</ETag><Size>%d</Size></%[1]s>`, name, url.QueryEscape(key), v.id, v.etag, len(v.body))
			fmt.Fprintf(w, `<NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>%s</NextVersionIdMarker>`, url.QueryEscape(key), v.id)
		}
	}
	fmt.Fprint(w, `<IsTruncated>false</IsTruncated>`)
}

// named finds the version that a request is about, or answers that there is none.
func (b *cloudBucket) named(w http.ResponseWriter, key, id, ifMatch string) *cloudVersion {
	v := b.find(key, id)
	switch {
	case v == nil:
		refuse(w, 404, "NoSuchKey")
	case v.marker:
		w.Header().Set("X-Amz-Delete-Marker", "true")
		w.Header().Set("X-Amz-Version-Id", v.id)
		if id != "" {
			refuse(w, 405, "MethodNotAllowed")
		} else {
			refuse(w, 404, "NoSuchKey")
		}
	case ifMatch != "" && ifMatch != v.etag:
		refuse(w, 412, "PreconditionFailed")
	default:
		return v
	}
	return nil
}

func (b *cloudBucket) get(w http.ResponseWriter, r *http.Request, key string) io.ReadSeeker {
	v := b.named(w, key, r.URL.Query().Get("versionId"), r.Header.Get("If-Match"))
	if v == nil {
		return nil
	}
	maps.Copy(w.Header(), v.kept)
	b.tell(w, v)
	w.Header().Set("ETag", v.etag)
	if r.Header.Get("X-Amz-Checksum-Mode") != "" {
		w.Header().Set("X-Amz-Checksum-Crc64nvme", checksum(v.body))
		w.Header().Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	}
	if v.hold {
		w.Header().Set("X-Amz-Object-Lock-Legal-Hold", "ON")
	}
	w.Header().Set("Content-Type", cmp.Or(v.kept.Get("Content-Type"), "binary/octet-stream"))
	w.Header().Set("Last-Modified", v.modified.Format(http.TimeFormat))
	if r.Header.Get("Range") == "" { // net/http leaves it out beside a Content-Encoding
		w.Header().Set("Content-Length", fmt.Sprint(len(v.body)))
	}
	return bytes.NewReader(v.body)
}

func checksum(body []byte) string {
	sum := store.NewCRC64NVME()
	sum.Write(body)
	return store.CRC64NVME(sum)
}

// keptOf returns what of the headers of a request is kept with an object.
func keptOf(h http.Header) (http.Header, url.Values) {
	kept := make(http.Header)
	for name, values := range h {
		switch name {
		case "Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language", "Cache-Control", "Expires",
			"X-Amz-Website-Redirect-Location", "X-Amz-Storage-Class", "X-Amz-Server-Side-Encryption",
			"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled":
			kept[name] = values
		}
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			kept[name] = values
		}
	}
	tags, _ := url.ParseQuery(h.Get("X-Amz-Tagging"))
	return kept, tags
}

// free reports whether a key may be written, or answers that it may not.
func (b *cloudBucket) free(w http.ResponseWriter, r *http.Request, key string) bool {
	v := b.newest(key)
	if r.Header.Get("If-None-Match") == "*" && v != nil && !v.marker {
		refuse(w, 412, "PreconditionFailed")
		return false
	}
	return true
}

// source returns the bytes that a copy asks for.
func (c *cloud) source(w http.ResponseWriter, r *http.Request) []byte {
	name, query, _ := strings.Cut(r.Header.Get("X-Amz-Copy-Source"), "?")
	name, _ = url.PathUnescape(name)
	bucket, key, _ := strings.Cut(name, "/")
	q, _ := url.ParseQuery(query)
	b := c.buckets[bucket]
	if b == nil {
		refuse(w, 404, "NoSuchBucket")
		return nil
	}
	v := b.named(w, key, q.Get("versionId"), r.Header.Get("X-Amz-Copy-Source-If-Match"))
	if v == nil {
		return nil
	}
	if span := r.Header.Get("X-Amz-Copy-Source-Range"); span != "" {
		var from, last int
		fmt.Sscanf(span, "bytes=%d-%d", &from, &last)
		return v.body[from : last+1]
	}
	return v.body
}

func (c *cloud) put(w http.ResponseWriter, r *http.Request, b *cloudBucket, key string, body []byte) {
	copies := r.Header.Get("X-Amz-Copy-Source") != ""
	if copies {
		r.Header.Del("If-None-Match") // which S3 does not know there
		if body = c.source(w, r); body == nil {
			return
		}
	}
	switch sum := r.Header.Get("X-Amz-Checksum-Crc64nvme"); {
	case !b.free(w, r, key):
		return
	case sum != "" && sum != checksum(body):
		refuse(w, 400, "BadDigest")
		return
	}
	v := &cloudVersion{body: body, etag: fmt.Sprintf(`"%x"`, md5.Sum(body))}
	v.kept, v.tags = keptOf(r.Header)
	c.add(b, key, v)
	b.tell(w, v)
	w.Header().Set("ETag", v.etag)
	w.Header().Set("X-Amz-Checksum-Crc64nvme", checksum(body))
	if copies {
		fmt.Fprintf(w, `<CopyObjectResult><ETag>%s</ETag><ChecksumCRC64NVME>%s</ChecksumCRC64NVME></CopyObjectResult>`, v.etag, checksum(body))
	}
}

func (c *cloud) delete(w http.ResponseWriter, r *http.Request, b *cloudBucket, key string) {
	id, ifMatch := r.URL.Query().Get("versionId"), r.Header.Get("If-Match")
	v := b.find(key, id)
	switch {
	case id != "" && v != nil && v.hold:
		w.WriteHeader(403)
		fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message></Error>`)
		return
	case id != "":
		b.drop(key, id)
		w.Header().Set("X-Amz-Version-Id", id)
	case ifMatch != "" && b.named(w, key, "", ifMatch) == nil:
		return
	case b.versioning == "":
		b.drop(key, "null")
	default:
		marker := &cloudVersion{marker: true}
		c.add(b, key, marker)
		w.Header().Set("X-Amz-Delete-Marker", "true")
		w.Header().Set("X-Amz-Version-Id", marker.id)
	}
	w.WriteHeader(204)
}

type tagSet struct {
	XMLName xml.Name                      `xml:"Tagging"`
	Tags    []struct{ Key, Value string } `xml:"TagSet>Tag"`
}

func (b *cloudBucket) tagging(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	v := b.named(w, key, r.URL.Query().Get("versionId"), "")
	var set tagSet
	switch {
	case v == nil:
	case r.Method == http.MethodPut:
		xml.Unmarshal(body, &set)
		v.tags = make(url.Values)
		for _, t := range set.Tags {
			v.tags.Set(t.Key, t.Value)
		}
	default:
		for name := range v.tags {
			set.Tags = append(set.Tags, struct{ Key, Value string }{name, v.tags.Get(name)})
		}
		xml.NewEncoder(w).Encode(set)
	}
}

func (c *cloud) multipart(w http.ResponseWriter, r *http.Request, b *cloudBucket, key string, body []byte) {
	q := r.URL.Query()
	id := q.Get("uploadId")
	u := c.uploads[id]
	switch {
	case q.Has("uploads"):
		c.last++
		u, id = &cloudUpload{parts: make(map[int][]byte)}, fmt.Sprint("u", c.last)
		u.kept, u.tags = keptOf(r.Header)
		c.uploads[id] = u
		fmt.Fprintf(w, `<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>`, id)
	case u == nil:
		refuse(w, 404, "NoSuchUpload")
	case r.Method == http.MethodDelete:
		delete(c.uploads, id)
		w.WriteHeader(204)
	case r.Method == http.MethodPut:
		number, _ := strconv.Atoi(q.Get("partNumber"))
		if r.Header.Get("X-Amz-Copy-Source") == "" {
			u.parts[number] = body
			w.Header().Set("ETag", `"part"`)
		} else if u.parts[number] = c.source(w, r); u.parts[number] != nil {
			fmt.Fprintf(w, `<CopyPartResult><ETag>"part"</ETag><ChecksumCRC64NVME>%s</ChecksumCRC64NVME></CopyPartResult>`, checksum(u.parts[number]))
		}
	case b.free(w, r, key):
		var whole []byte
		for _, number := range slices.Sorted(maps.Keys(u.parts)) {
			whole = append(whole, u.parts[number]...)
		}
		if sum := r.Header.Get("X-Amz-Checksum-Crc64nvme"); sum != "" && sum != checksum(whole) {
			refuse(w, 400, "BadDigest")
			return
		}
		delete(c.uploads, id)
		v := &cloudVersion{body: whole, kept: u.kept, tags: u.tags, etag: fmt.Sprintf(`"%x-%d"`, md5.Sum(whole), len(u.parts))}
		c.add(b, key, v)
		b.tell(w, v)
		fmt.Fprintf(w, `<CompleteMultipartUploadResult><ETag>%s</ETag><ChecksumCRC64NVME>%s</ChecksumCRC64NVME></CompleteMultipartUploadResult>`, v.etag, checksum(whole))
	}
}
