package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dlp/sluice/internal/wording"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/secret"
	"github.com/sluice-dlp/sluice/store"
)

// maxFile is how long a policy may be, in bytes.
const maxFile = 4 << 20

// What stands where a file says nothing.
const (
	defaultObjects       = 1000
	defaultBytes         = 100 << 30
	defaultConcurrency   = 8
	defaultCopyThreshold = 5 << 30 // CopyObject takes no more
	defaultLifetime      = 5 * time.Minute

	defaultDigestAbove = 20
	defaultDigestEvery = 15 * time.Minute
)

// Load reads a policy. The error has a line for each thing that is wrong.
func Load(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxFile)
	}
	return Parse(path, data)
}

// Parse reads the content of a policy. Files that it names are taken to lie in
// the directory of path, unless their paths are absolute.
func Parse(path string, data []byte) (*File, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s: not in UTF-8", path)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: there is nothing in it", path)
	case err != nil:
		return nil, syntaxError(path, err)
	}
	r := &reader{file: path}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		r.errs = append(r.errs, fmt.Errorf("%s: more than one document in it", path))
	}
	f := &File{Path: path, Secrets: Secrets{Lifetime: defaultLifetime}}
	node{doc.Content[0], r, ""}.object(
		field{"rules", func(n node) { f.readRules(n) }},
		field{"quarantine", func(n node) { f.Quarantine = n.quarantine() }},
		field{"notify", func(n node) { f.readChannels(n) }},
		into("secrets", &f.Secrets, node.secrets),
	)
	if len(r.errs) == 0 {
		f.checkWhole(r)
	}
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	f.noteShadows()
	return f, nil
}

// syntaxError puts an error of the YAML package, which may begin with a line,
// in the form of ours.
func syntaxError(path string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := lineFirst.FindStringSubmatch(text); m != nil {
		path, text = path+":"+m[1], text[len(m[0]):]
	}
	return fmt.Errorf("%s: %s", path, text)
}

var lineFirst = regexp.MustCompile(`^line (\d+): `)

// checkWhole checks what several parts say together.
func (f *File) checkWhole(r *reader) {
	names := make(map[string]int)
	for _, rule := range f.Rules {
		if rule.moves() && f.Quarantine.IsZero() {
			r.errs = append(r.errs, fmt.Errorf("%s:%d: rule %s: action %s, and there is no quarantine to go to: give quarantine with a vault and a key", f.Path, rule.Line, rule.Name, rule.Action))
		}
		if line := names[rule.Name]; line > 0 {
			r.errs = append(r.errs, fmt.Errorf("%s:%d: rule %s: there is one of this name in line %d", f.Path, rule.Line, rule.Name, line))
		}
		names[rule.Name] = rule.Line
	}
	clear(names)
	for _, c := range f.Channels {
		if line := names[c.Name]; line > 0 {
			r.errs = append(r.errs, fmt.Errorf("%s:%d: notify: %s: there is one of this name in line %d: give each a name", f.Path, c.Line, c.Name, line))
		}
		names[c.Name] = c.Line
	}
}

// moves reports whether the rule brings something into quarantine.
func (r *Rule) moves() bool {
	return r.Action != quarantine.DoNothing && r.Action != quarantine.DoTag
}

// noteShadows tells of rules that never match, as an earlier one takes all of theirs.
func (f *File) noteShadows() {
	for i := range f.Rules {
		for k := range i {
			if f.Rules[k].When.covers(&f.Rules[i].When) {
				f.Notes = append(f.Notes, fmt.Sprintf("%s:%d: rule %s never applies: rule %s before it takes all that it would", f.Path, f.Rules[i].Line, f.Rules[i].Name, f.Rules[k].Name))
				break
			}
		}
	}
}

// Resolve replaces the types in rules by the ids that they mean, since a type
// may also be a name for several detectors, and tells of those that ids does
// not know: a rule with only such types never matches.
func (f *File) Resolve(ids func(name string) ([]string, error)) (notes []string) {
	for i := range f.Rules {
		r := &f.Rules[i]
		var types []string
		for _, name := range r.When.Types {
			meant, err := ids(name)
			if err != nil {
				notes = append(notes, fmt.Sprintf("%s:%d: rule %s: types: %v", f.Path, r.Line, r.Name, err))
				meant = []string{name}
			}
			types = append(types, meant...)
		}
		r.When.Types = types
	}
	return notes
}

func (f *File) readRules(n node) {
	for i, item := range n.items() {
		f.Rules = append(f.Rules, item.rule(i+1))
	}
}

func (n node) rule(number int) Rule {
	r := Rule{Name: n.nameOr(strconv.Itoa(number)), Line: n.Line, When: When{MinCount: 1}, Removal: store.RemoveVersion}
	n.path = "rule " + r.Name
	var removal *yaml.Node
	n.object(
		field{"name", func(node) {}},
		into("when", &r.When, node.when),
		into("action", &r.Action, one(quarantine.DoNothing, quarantine.DoTag, quarantine.DoCopy, quarantine.DoMove, quarantine.DoMoveStub)),
		field{"remove", func(n node) {
			removal = n.Node
			r.Removal = one(store.RemoveVersion, store.RemoveMarker, store.RemoveCopies)(n)
		}},
	)
	switch {
	case n.Kind != yaml.MappingNode:
	case !n.has("action"):
		n.fail("action is missing: none, tag, copy, move or move+stub")
	case removal != nil && r.Action != quarantine.DoMove && r.Action != quarantine.DoMoveStub && r.Action != "":
		n.in(removal, "remove").fail("action %s removes nothing", r.Action)
	}
	return r
}

// nameOr is the name that an object gives itself.
func (n node) nameOr(otherwise string) string {
	if n.Kind == yaml.MappingNode {
		for key, value := range n.pairs() {
			if key.Value == "name" && value.ShortTag() != "!!null" {
				if name := n.in(value, "name").text(); name != "" {
					return wording.Shorten(name)
				}
			}
		}
	}
	return otherwise
}

// has reports whether an object has a field with a value.
func (n node) has(name string) bool {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name && n.Content[i+1].ShortTag() != "!!null" {
			return true
		}
	}
	return false
}

func (n node) when() When {
	w := When{MinCount: 1}
	n.object(
		into("types", &w.Types, node.texts),
		into("categories", &w.Categories, some("CREDENTIALS", "FINANCIAL_INFORMATION", "PERSONAL_INFORMATION", "CUSTOM_IDENTIFIER")),
		into("min-severity", &w.MinSeverity, one(severities[:]...)),
		into("min-count", &w.MinCount, node.count),
		into("buckets", &w.Buckets, node.globs),
		into("prefixes", &w.Prefixes, node.texts),
		into("tags", &w.Tags, node.tags),
	)
	return w
}

func (n node) globs() []string {
	globs := n.texts()
	for _, g := range globs {
		if _, err := path.Match(g, ""); err != nil {
			n.fail("glob %q: a '[' without its ']', or an empty range", wording.Shorten(g))
		}
		if strings.HasPrefix(g, "s3://") {
			n.fail("%q: names of buckets stand without s3://", wording.Shorten(g))
		}
	}
	return globs
}

func (n node) tags() map[string]string {
	if n.Kind != yaml.MappingNode {
		n.fail("is %s, not an object of tags and their values", n.kind())
		return nil
	}
	if len(n.Content) == 0 {
		n.fail("is an empty object; leave it out")
	}
	tags := make(map[string]string)
	for key, value := range n.pairs() {
		if _, twice := tags[key.Value]; twice {
			n.in(key, key.Value).fail("is there twice")
		}
		tags[key.Value] = n.in(value, key.Value).scalar()
	}
	return tags
}

func (n node) quarantine() Quarantine {
	q := Quarantine{
		Mode: quarantine.SSEKMS, Fuse: Fuse{defaultObjects, defaultBytes},
		Concurrency: defaultConcurrency, CopyThreshold: defaultCopyThreshold,
	}
	before := len(n.r.errs)
	fields := []field{
		into("vault", &q.Vault, node.location),
		into("mode", &q.Mode, one(quarantine.SSEKMS, quarantine.Envelope)),
		into("key", &q.Key, node.key),
		into("pin", &q.PIN, node.secret),
		into("require-origin", &q.Origin, some("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")),
		into("allow-aws-managed-key", &q.AWSManagedKey, node.yes),
		field{"approval", func(n node) { q.Approval = one("required", "none")(n) == "required" }},
		field{"fuse", func(n node) {
			n.object(into("objects", &q.Fuse.Objects, unlimitedOr(node.count)), into("bytes", &q.Fuse.Bytes, unlimitedOr(node.size)))
		}},
		field{"concurrency", func(n node) {
			if q.Concurrency = int(n.count()); q.Concurrency > 1000 {
				n.fail("%d at a time; at most 1000", q.Concurrency)
			}
		}},
		into("rate", &q.Rate, node.rate),
		field{"copy-threshold", func(n node) {
			if q.CopyThreshold = n.size(); q.CopyThreshold < 5<<20 || q.CopyThreshold > defaultCopyThreshold {
				n.fail("%q: from 5MiB to 5GiB", n.Value)
			}
		}},
		into("kms-endpoint-url", &q.Connection.KMSEndpoint, node.endpoint),
		into("path-style", &q.Connection.PathStyle, node.yes),
	}
	n.object(append(fields, q.Connection.fields()...)...)
	if len(n.r.errs) == before {
		n.checkQuarantine(&q)
	}
	return q
}

func (n node) checkQuarantine(q *Quarantine) {
	for _, required := range []string{"vault", "key"} {
		if !n.has(required) {
			n.fail("%s is missing", required)
			return
		}
	}
	if q.Key.Provider != AWSKMS && q.Mode != quarantine.Envelope {
		n.fail("key: a %s key needs mode: envelope; with mode: %s the store encrypts, and takes a KMS key", q.Key.Provider, q.Mode)
	}
	if strings.Contains(q.Key.ID, "alias/aws/") && !q.AWSManagedKey {
		n.fail("key: %s is a key that AWS manages: nobody can restrict who may use it. Name a key of your own, or say allow-aws-managed-key: true", q.Key.ID)
	}
	if len(q.Origin) > 0 && q.Key.Provider != AWSKMS {
		n.fail("require-origin is about KMS keys, and the key is of %s", q.Key.Provider)
	}
	if q.PIN.IsZero() != (q.Key.Provider != PKCS11) {
		n.fail("pin: a PKCS#11 key has one, and no other key")
	}
}

var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$`)

func (n node) location() Location {
	s := n.text()
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(s, "s3://"), "/")
	if s == "" {
		return Location{}
	}
	if !strings.HasPrefix(s, "s3://") || !bucketName.MatchString(bucket) {
		n.fail("%q; write s3://bucket or s3://bucket/prefix/", wording.Shorten(s))
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return Location{bucket, prefix}
}

var (
	kmsARN   = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key/[A-Za-z0-9-]+|alias/[A-Za-z0-9/_-]+)$`)
	kmsKey   = regexp.MustCompile(`^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32})$`)
	kmsAlias = regexp.MustCompile(`^alias/[A-Za-z0-9/_-]+$`)
)

func (n node) key() Key {
	s := n.text()
	kind, rest, _ := strings.Cut(s, ":")
	switch {
	case s == "":
	case kind == "pkcs11" && rest != "":
		if strings.Contains(rest, "pin-value=") {
			n.fail("a PIN does not belong here; give pin with a reference")
			return Key{}
		}
		return Key{PKCS11, s}
	case kind == "local" && rest != "":
		return Key{Local, n.beside(rest)}
	case kmsARN.MatchString(s), kmsKey.MatchString(s), kmsAlias.MatchString(s):
		return Key{AWSKMS, s}
	default:
		n.fail("%q; write the ARN, id or alias/NAME of a KMS key, pkcs11:… or local:PATH", wording.Shorten(s))
	}
	return Key{}
}

// beside is a path as it is meant in this file.
func (n node) beside(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(n.r.file), file)
}

// unlimitedOr reads the word unlimited as 0.
func unlimitedOr(read func(node) int64) func(node) int64 {
	return func(n node) int64 {
		if n.Value == "unlimited" {
			return 0
		}
		return read(n)
	}
}

func (n node) rate() float64 {
	v, err := strconv.ParseFloat(n.scalar(), 64)
	if n.Kind == yaml.ScalarNode && (err != nil || !(v > 0 && v < 1e6)) {
		n.fail("%q is no number of objects a second", wording.Shorten(n.Value))
	}
	return v
}

// fields of a connection, but for those that only some have.
func (c *Connection) fields() []field {
	return []field{
		into("profile", &c.Profile, node.text),
		into("region", &c.Region, node.text),
		into("role-arn", &c.RoleARN, node.role),
		into("external-id", &c.ExternalID, node.text),
		into("endpoint-url", &c.Endpoint, node.endpoint),
		into("ca-bundle", &c.CABundle, node.filePath),
		into("insecure-http", &c.InsecureHTTP, node.yes),
	}
}

func (n node) filePath() string {
	if s := n.text(); s != "" {
		return n.beside(s)
	}
	return ""
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/.+$`)

func (n node) role() string {
	s := n.text()
	if s != "" && !roleARN.MatchString(s) {
		n.fail("%q; write arn:aws:iam::ACCOUNT:role/NAME", wording.Shorten(s))
	}
	return s
}

func (n node) endpoint() string {
	s := n.text()
	if s != "" && !isURL(s) {
		n.fail("%q; write https://HOST[:PORT]", wording.Shorten(s))
	}
	return s
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}

// secret reads a reference to a secret. What stands there instead is not
// repeated.
func (n node) secret() secret.Ref {
	ref, err := secret.Parse(n.text())
	if err != nil {
		n.fail("%v; a secret does not stand in this file", err)
	}
	return ref.In(filepath.Dir(n.r.file))
}

func (n node) secrets() Secrets {
	s := Secrets{Lifetime: defaultLifetime}
	n.object(append(s.Connection.fields(), into("lifetime", &s.Lifetime, node.duration))...)
	return s
}
