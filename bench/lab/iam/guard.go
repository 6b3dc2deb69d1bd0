package iam

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/store"
)

// Account that moto is.
const Account = "123456789012"

// Guard passes requests on to a stand-in for AWS if policies allow all that
// they take, refuses them as AWS does otherwise, and notes what was asked for.
type Guard struct {
	Endpoint string // https
	Plain    string // http: whoever comes in by it does not use TLS
	CA       []byte // PEM of the certificate of Endpoint

	// The rights. They may be changed between requests, under Lock.
	sync.Mutex
	Of      map[string][]Policy      // of a principal, by its ARN
	On      map[string]Policy        // of a bucket, a key, or a role to assume, by its ARN
	Keys    map[string]string        // keys that topics and secrets are encrypted under, by their ARNs
	Passing bool                     // judge nothing; only note what was asked for
	Lose    func(*http.Request) bool // requests whose answer gets lost, which have done their work

	region string
	s3     *s3.Client
	kms    *kms.Client
	admin  string // access key of whoever may do everything

	sessions map[string]string // ARN of the role, by access key
	uploads  map[string]encryption
	asked    []asked
	used     map[Grant]bool
	strange  []error
	refused  int // by the stand-in
	servers  []*httptest.Server
}

type asked struct {
	principal string
	call      Call
	allowed   bool
}

// NewGuard starts a guard before the stand-in at endpoint. Whoever signs with
// the credentials of admin is not judged: tests prepare things so.
func NewGuard(endpoint, region string, admin aws.CredentialsProvider) (*Guard, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	who, err := admin.Retrieve(context.Background())
	if err != nil {
		return nil, err
	}
	g := &Guard{
		Of: map[string][]Policy{}, On: map[string]Policy{}, Keys: map[string]string{},
		region: region, admin: who.AccessKeyID,
		s3:       s3.New(s3.Options{BaseEndpoint: &endpoint, UsePathStyle: true, Region: region, Credentials: admin}),
		kms:      kms.New(kms.Options{BaseEndpoint: &endpoint, Region: region, Credentials: admin}),
		sessions: map[string]string{}, uploads: map[string]encryption{}, used: map[Grant]bool{},
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = u.Scheme, u.Host, r.In.Host // Host is signed
		},
		ModifyResponse: g.answered,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusInternalServerError)
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, proxy) })
	safe := httptest.NewUnstartedServer(handler)
	safe.TLS = &tls.Config{MinVersion: tls.VersionTLS10} // what a bucket's policy refuses must get that far
	safe.Config.ErrorLog = log.New(io.Discard, "", 0)
	safe.StartTLS()
	plain := httptest.NewServer(handler)
	g.servers = []*httptest.Server{safe, plain}
	g.Endpoint, g.Plain, g.CA = safe.URL, plain.URL, certificate(safe)
	return g, nil
}

// Close ends the guard.
func (g *Guard) Close() {
	for _, s := range g.servers {
		s.CloseClientConnections()
		s.Close()
	}
}

func (g *Guard) serve(w http.ResponseWriter, r *http.Request, proxy http.Handler) {
	if scope(r)[0] == g.admin {
		proxy.ServeHTTP(w, r)
		return
	}
	var body []byte
	if scope(r)[3] != "s3" || r.URL.Query().Has("tagging") {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	calls, err := g.calls(r, body)
	if err != nil {
		g.Lock()
		g.strange = append(g.strange, fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err))
		g.Unlock()
		http.Error(w, err.Error(), http.StatusNotImplemented)
		return
	}
	if refused := g.ask(g.principal(r), calls); refused != nil {
		refuse(w, r, g.principal(r), *refused)
		return
	}
	if scope(r)[3] == "s3" && r.URL.Query().Has("versions") {
		if err := g.withoutPrefix(r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	proxy.ServeHTTP(w, r)
}

// withoutPrefix takes the prefix out of a listing of versions, and has it signed anew:
// moto decodes the slash in it before it compares the signature. The program passes over
// keys that it has not asked for.
func (g *Guard) withoutPrefix(r *http.Request) error {
	who, err := g.s3.Options().Credentials.Retrieve(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	q.Del("prefix")
	r.URL.RawQuery = q.Encode()
	r.Header.Del("Authorization")
	r.Header.Del("X-Amz-Security-Token")
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).
		SignHTTP(r.Context(), who, r, r.Header.Get("X-Amz-Content-Sha256"), "s3", g.region, time.Now())
}

// principal returns the ARN of the role or user that signed r.
func (g *Guard) principal(r *http.Request) string {
	g.Lock()
	defer g.Unlock()
	return g.sessions[scope(r)[0]]
}

// Know tells whose an access key is. Those of roles that are assumed through the
// guard are known.
func (g *Guard) Know(accessKey, principal string) {
	g.Lock()
	defer g.Unlock()
	g.sessions[accessKey] = principal
}

// ask judges calls and returns the first that is not allowed.
func (g *Guard) ask(principal string, calls []Call) *Call {
	g.Lock()
	defer g.Unlock()
	for _, c := range calls {
		ok, by := g.judge(principal, c)
		g.asked = append(g.asked, asked{principal, c, ok})
		if !ok && !g.Passing {
			return &c
		}
		for _, grant := range by {
			g.used[grant] = true
		}
	}
	return nil
}

// May reports whether the principal may do c.
func (g *Guard) May(principal string, c Call) bool {
	g.Lock()
	defer g.Unlock()
	ok, _ := g.judge(principal, c)
	return ok
}

// judge decides as IAM does within one account: what any policy denies is
// denied; else a policy of the principal must allow it. A key has to allow it,
// too. A role that is to be assumed decides alone.
func (g *Guard) judge(principal string, c Call) (ok bool, by []Grant) {
	resource, _, isObject := strings.Cut(c.Resource, "/")
	if !isObject || !strings.HasPrefix(c.Resource, "arn:aws:s3:::") {
		resource = c.Resource
	}
	on, hasPolicy := g.On[resource]
	v := on.judge(principal, c)
	if v.denied {
		return false, []Grant{v.by}
	}
	service, _, _ := strings.Cut(c.Action, ":")
	switch {
	case service == "sts":
		return v.allowed, []Grant{v.by}
	case service == "kms" && hasPolicy && !v.allowed:
		return false, nil
	case service == "kms" && hasPolicy:
		by = append(by, v.by)
	}
	for _, p := range g.Of[principal] {
		switch v := p.judge(principal, c); {
		case v.denied:
			return false, []Grant{v.by}
		case v.allowed:
			ok = true
			by = append(by, v.by)
		}
	}
	return ok, by
}

// Reset forgets what was asked for so far.
func (g *Guard) Reset() {
	g.Lock()
	defer g.Unlock()
	g.asked, g.used, g.strange, g.refused = nil, map[Grant]bool{}, nil, 0
}

// Used returns what allowed the calls of which all were allowed.
func (g *Guard) Used() map[Grant]bool {
	g.Lock()
	defer g.Unlock()
	used := make(map[Grant]bool, len(g.used))
	for grant := range g.used {
		used[grant] = true
	}
	return used
}

// Asked returns the actions that the principal wanted, and those of them that
// were refused at least once, sorted.
func (g *Guard) Asked(principal string) (all, refused []string) {
	g.Lock()
	defer g.Unlock()
	for _, a := range g.asked {
		if a.principal != principal {
			continue
		}
		all = append(all, a.call.Action)
		if !a.allowed {
			refused = append(refused, a.call.Action)
		}
	}
	slices.Sort(all)
	slices.Sort(refused)
	return slices.Compact(all), slices.Compact(refused)
}

// Refused returns how many requests the stand-in itself has refused, HeadBucket
// aside.
func (g *Guard) Refused() int {
	g.Lock()
	defer g.Unlock()
	return g.refused
}

// Strange returns an error if there were requests of which the guard does not
// know what they take.
func (g *Guard) Strange() error {
	g.Lock()
	defer g.Unlock()
	return errors.Join(g.strange...)
}

// answered sees what the stand-in answers.
func (g *Guard) answered(resp *http.Response) error {
	r := resp.Request
	// Moto has an action of its own for HeadBucket, which AWS does not know.
	if resp.StatusCode == http.StatusForbidden && (r.Method != http.MethodHead || strings.Contains(strings.Trim(r.URL.Path, "/"), "/")) {
		g.Lock()
		g.refused++
		g.Unlock()
	}
	switch scope(r)[3] {
	case "sts":
		return g.assumed(resp)
	case "s3":
		if scope(r)[0] == g.admin {
			return nil
		}
		g.Lock()
		lost := g.Lose != nil && g.Lose(r)
		g.Unlock()
		if lost {
			return errors.New("lost")
		}
		// moto gives each object that it puts together of parts a version id.
		if resp.Header.Get("X-Amz-Version-Id") != "" && r.URL.Query().Has("uploadId") && !g.keepsVersions(r) {
			resp.Header.Del("X-Amz-Version-Id")
		}
		if err := g.addChecksum(resp); err != nil {
			return err
		}
		return g.hideMissing(resp)
	}
	return nil
}

func (g *Guard) keepsVersions(r *http.Request) bool {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	out, err := g.s3.GetBucketVersioning(r.Context(), &s3.GetBucketVersioningInput{Bucket: &bucket})
	return err == nil && out.Status != ""
}

// addChecksum adds what S3 knows of each object and moto does not.
func (g *Guard) addChecksum(resp *http.Response) error {
	const header = "X-Amz-Checksum-Crc64nvme"
	r := resp.Request
	if r.Method != http.MethodHead || resp.StatusCode != http.StatusOK || r.Header.Get("X-Amz-Checksum-Mode") == "" || resp.Header.Get(header) != "" {
		return nil
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	in := &s3.GetObjectInput{Bucket: &bucket, Key: &key}
	if v := r.URL.Query().Get("versionId"); v != "" {
		in.VersionId = &v
	}
	out, err := g.s3.GetObject(r.Context(), in)
	if err != nil {
		return err
	}
	defer out.Body.Close()
	sum := store.NewCRC64NVME()
	if _, err := io.Copy(sum, out.Body); err != nil {
		return err
	}
	resp.Header.Set(header, store.CRC64NVME(sum))
	resp.Header.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	return nil
}

// hideMissing answers as S3 does to those who ask for an object that is not there
// and may not list the bucket.
func (g *Guard) hideMissing(resp *http.Response) error {
	r := resp.Request
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if resp.StatusCode != http.StatusNotFound || key == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil
	}
	list := Call{"s3:ListBucket", arnOf(bucket, ""), transport(r)}
	if g.ask(g.principal(r), []Call{list}) == nil {
		return nil
	}
	resp.Body.Close()
	text := ""
	if r.Method == http.MethodGet {
		text = denial("AccessDenied", "Access Denied")
	}
	resp.StatusCode, resp.Status = http.StatusForbidden, "403 Forbidden"
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	resp.Header = http.Header{"Content-Type": {"application/xml"}, "Content-Length": {fmt.Sprint(len(text))}}
	return nil
}

// assumed notes whose the credentials are that STS hands out.
func (g *Guard) assumed(resp *http.Response) error {
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(text))
	if err != nil || resp.StatusCode != http.StatusOK {
		return err
	}
	var out struct {
		Key string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		ARN string `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	}
	if err := xml.Unmarshal(text, &out); err != nil {
		return err
	}
	role := strings.Split(out.ARN, "/") // arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION
	if len(role) == 3 && out.Key != "" {
		g.Know(out.Key, "arn:aws:iam::"+Account+":role/"+role[1])
	}
	return nil
}

// refuse answers that principal may not do c, in the words of the service that
// was asked.
func refuse(w http.ResponseWriter, r *http.Request, principal string, c Call) {
	message := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", principal, c.Action, c.Resource)
	switch scope(r)[3] {
	case "s3":
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		if r.Method != http.MethodHead {
			io.WriteString(w, denial("AccessDenied", message))
		}
	case "sns", "sts":
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusForbidden)
		code := map[string]string{"sns": "AuthorizationError", "sts": "AccessDenied"}[scope(r)[3]]
		io.WriteString(w, "<ErrorResponse>"+denial(code, message)+"</ErrorResponse>")
	default:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"AccessDeniedException","Message":%q,"message":%q}`, message, message)
	}
}

func denial(code, message string) string {
	var b strings.Builder
	b.WriteString("<Error><Code>" + code + "</Code><Message>")
	xml.EscapeText(&b, []byte(message))
	b.WriteString("</Message></Error>")
	return b.String()
}

// certificate returns that of s in PEM.
func certificate(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

type objectName struct{ bucket, key, version string }

// encryption of an object under a KMS key; the zero value is none.
type encryption struct {
	key       string // ARN
	bucketKey bool
}

type looked struct {
	encryption encryption
	tags       map[string]string
}

// look finds out about an object what its rights depend on. There may be none.
func (g *Guard) look(o objectName) (looked, error) {
	var version *string
	if o.version != "" {
		version = &o.version
	}
	ctx := context.Background()
	h, err := g.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &o.bucket, Key: &o.key, VersionId: version})
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) && (resp.HTTPStatusCode() == 404 || resp.HTTPStatusCode() == 405 || resp.HTTPStatusCode() == 400) {
		return looked{}, nil
	}
	if err != nil {
		return looked{}, err
	}
	l := looked{tags: map[string]string{}}
	if strings.HasPrefix(string(h.ServerSideEncryption), "aws:kms") {
		l.encryption = encryption{aws.ToString(h.SSEKMSKeyId), aws.ToBool(h.BucketKeyEnabled)}
	}
	tags, err := g.s3.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &o.bucket, Key: &o.key, VersionId: version})
	if err != nil {
		return l, err
	}
	for _, t := range tags.TagSet {
		l.tags[*t.Key] = *t.Value
	}
	return l, nil
}

// encryption returns how an object will be encrypted that is written so.
func (g *Guard) encryption(o objectName, h http.Header, what string) (encryption, error) {
	name := o.bucket + "/" + o.key
	if what == "PUT partNumber" || what == "POST uploadId" {
		g.Lock()
		defer g.Unlock()
		return g.uploads[name], nil
	}
	var e encryption
	switch algorithm := h.Get("X-Amz-Server-Side-Encryption"); {
	case strings.HasPrefix(algorithm, "aws:kms"):
		e = encryption{h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), h.Get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled") == "true"}
	case algorithm == "":
		out, err := g.s3.GetBucketEncryption(context.Background(), &s3.GetBucketEncryptionInput{Bucket: &o.bucket})
		if err != nil {
			break // the bucket has none
		}
		rule := out.ServerSideEncryptionConfiguration.Rules[0]
		if d := rule.ApplyServerSideEncryptionByDefault; strings.HasPrefix(string(d.SSEAlgorithm), "aws:kms") {
			e = encryption{aws.ToString(d.KMSMasterKeyID), aws.ToBool(rule.BucketKeyEnabled)}
		}
	}
	if what == "POST uploads" {
		g.Lock()
		defer g.Unlock()
		g.uploads[name] = e
	}
	return e, nil
}

func (g *Guard) keyARN(id string) (string, error) {
	if id == "" {
		return "", errors.New("a key that is not named is not modelled")
	}
	if strings.HasPrefix(id, "arn:") && strings.Contains(id, ":key/") {
		return id, nil
	}
	out, err := g.kms.DescribeKey(context.Background(), &kms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		return "", err
	}
	return *out.KeyMetadata.Arn, nil
}
