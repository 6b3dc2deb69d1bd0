package iam

import (
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// calls says what AWS asks for before it does what r wants, by the tables
// "Required permissions for Amazon S3 API operations" and "Using server-side
// encryption with AWS KMS keys" of the user guide of Amazon S3, and the Service
// Authorization Reference for the other services. A request that is not in here
// is an error: then it is not known what it takes.
func (g *Guard) calls(r *http.Request, body []byte) ([]Call, error) {
	switch service := scope(r)[3]; service {
	case "s3":
		return g.callsS3(r, body)
	case "kms":
		return g.callsKMS(r, body)
	case "secretsmanager":
		return g.callsSecrets(r, body)
	case "events":
		return callsEvents(r, body)
	case "sns":
		return g.callsSNS(body)
	case "sts":
		return callsSTS(body)
	default:
		return nil, fmt.Errorf("service %q is not modelled", service)
	}
}

// scope returns what a request is signed with: access key, date, Region, service.
func scope(r *http.Request) [5]string {
	var parts [5]string
	_, after, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	credential, _, _ := strings.Cut(after, ",")
	copy(parts[:], strings.Split(credential, "/"))
	return parts
}

func (g *Guard) callsS3(r *http.Request, body []byte) ([]Call, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	base := transport(r)
	if key == "" {
		action, ok := map[string]string{
			"HEAD": "s3:ListBucket", "GET": "s3:ListBucket", "GET versions": "s3:ListBucketVersions", "GET versioning": "s3:GetBucketVersioning",
		}[named(r.Method, q, "versions", "versioning", "acl", "policy", "encryption", "uploads", "location", "object-lock", "tagging", "publicAccessBlock")]
		if !ok || bucket == "" {
			return nil, fmt.Errorf("%s of bucket %s is not modelled", r.Method, bucket)
		}
		return []Call{{action, arnOf(bucket, ""), base}}, nil
	}
	o := objectName{bucket, key, q.Get("versionId")}
	switch what := named(r.Method, q, "uploads", "tagging", "partNumber", "uploadId", "acl", "retention", "legal-hold", "attributes", "restore", "select"); what {
	case "GET", "HEAD":
		return g.read(base, o, what == "GET" || r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED")
	case "GET tagging":
		return g.onObject(base, o, "s3:GetObjectTagging", "s3:GetObjectVersionTagging")
	case "PUT tagging":
		var in struct {
			Tags []struct{ Key, Value string } `xml:"TagSet>Tag"`
		}
		if err := xml.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		for _, t := range in.Tags {
			base["s3:RequestObjectTag/"+t.Key] = t.Value
		}
		return g.onObject(base, o, "s3:PutObjectTagging", "s3:PutObjectVersionTagging")
	case "DELETE":
		if v := r.Header.Get("If-Match"); v != "" {
			base["s3:if-match"] = v
		}
		calls, err := g.onObject(base, o, "s3:DeleteObject", "s3:DeleteObjectVersion")
		if r.Header.Get("If-Match") != "" {
			calls = append(calls, Call{"s3:GetObject", arnOf(bucket, key), base})
		}
		if strings.EqualFold(r.Header.Get("X-Amz-Bypass-Governance-Retention"), "true") {
			calls = append(calls, Call{"s3:BypassGovernanceRetention", arnOf(bucket, key), base})
		}
		return calls, err
	case "DELETE tagging":
		return g.onObject(base, o, "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging")
	case "DELETE uploadId":
		return []Call{{"s3:AbortMultipartUpload", arnOf(bucket, key), base}}, nil
	case "PUT", "POST uploads", "PUT partNumber", "POST uploadId":
		return g.write(r, base, o, what)
	default:
		return nil, fmt.Errorf("%s of an object is not modelled", what)
	}
}

// named returns the method and which of the names the query has.
func named(method string, q url.Values, names ...string) string {
	for _, name := range names {
		if q.Has(name) {
			return method + " " + name
		}
	}
	return method
}

// write is a PutObject, a CopyObject or a part of a multipart upload.
func (g *Guard) write(r *http.Request, base map[string]string, o objectName, what string) ([]Call, error) {
	h := r.Header
	to := Call{"s3:PutObject", arnOf(o.bucket, o.key), maps.Clone(base)}
	for _, name := range []string{"x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"} {
		if v := h.Get(name); v != "" {
			to.Context["s3:"+name] = v
		}
	}
	for name, header := range map[string]string{"s3:if-match": "If-Match", "s3:if-none-match": "If-None-Match"} {
		if v := h.Get(header); v != "" {
			to.Context[name] = v
		}
	}
	to.Context["s3:ObjectCreationOperation"] = strconv.FormatBool(what == "PUT" || what == "POST uploadId")
	calls := []Call{to}
	if h.Get("X-Amz-Tagging") != "" {
		calls = append(calls, Call{"s3:PutObjectTagging", to.Resource, base})
	}
	for _, name := range []string{"X-Amz-Acl", "X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Legal-Hold", "X-Amz-Grant-Read"} {
		if h.Get(name) != "" {
			return nil, fmt.Errorf("%s is not modelled", name)
		}
	}
	if source := h.Get("X-Amz-Copy-Source"); source != "" {
		from, err := copySource(source)
		if err != nil {
			return nil, err
		}
		if what == "PUT" && h.Get("X-Amz-Tagging-Directive") != "REPLACE" {
			return nil, fmt.Errorf("a copy of tags is not modelled")
		}
		read, err := g.read(base, from, true)
		if err != nil {
			return nil, err
		}
		calls = append(calls, read...)
	}
	e, err := g.encryption(o, h, what)
	if err != nil {
		return nil, err
	}
	switch {
	case e.key == "":
	case what == "PUT", what == "POST uploads":
		calls = append(calls, g.throughS3("kms:GenerateDataKey", o, e))
	case what == "PUT partNumber":
		calls = append(calls, g.throughS3("kms:GenerateDataKey", o, e), g.throughS3("kms:Decrypt", o, e))
	default:
		calls = append(calls, g.throughS3("kms:Decrypt", o, e))
	}
	return calls, nil
}

// read is a GetObject or a HeadObject. What S3 tells of the bytes it has to
// decrypt.
func (g *Guard) read(base map[string]string, o objectName, bytes bool) ([]Call, error) {
	calls, err := g.onObject(base, o, "s3:GetObject", "s3:GetObjectVersion")
	if err != nil || !bytes {
		return calls, err
	}
	is, err := g.look(o)
	if err == nil && is.encryption.key != "" {
		calls = append(calls, g.throughS3("kms:Decrypt", o, is.encryption))
	}
	return calls, err
}

// onObject is a call on an object, or on a version of it, which has a name of
// its own. Conditions can ask for the tags.
func (g *Guard) onObject(base map[string]string, o objectName, action, onVersion string) ([]Call, error) {
	if o.version != "" {
		action = onVersion
	}
	is, err := g.look(o)
	if err != nil {
		return nil, err
	}
	c := Call{action, arnOf(o.bucket, o.key), maps.Clone(base)}
	for name, value := range is.tags {
		c.Context["s3:ExistingObjectTag/"+name] = value
	}
	return []Call{c}, nil
}

// throughS3 is what S3 does with a key in the name of its caller.
func (g *Guard) throughS3(action string, o objectName, e encryption) Call {
	context := arnOf(o.bucket, o.key)
	if e.bucketKey {
		context = arnOf(o.bucket, "")
	}
	return Call{action, e.key, map[string]string{"kms:ViaService": "s3." + g.region + ".amazonaws.com", "kms:EncryptionContext:aws:s3:arn": context}}
}

// transport is what conditions ask about a connection.
func transport(r *http.Request) map[string]string {
	if r.TLS == nil {
		return map[string]string{"aws:SecureTransport": "false"}
	}
	version := map[uint16]string{tls.VersionTLS10: "1.0", tls.VersionTLS11: "1.1", tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"}[r.TLS.Version]
	return map[string]string{"aws:SecureTransport": "true", "s3:TlsVersion": version}
}

func arnOf(bucket, key string) string {
	if key == "" {
		return "arn:aws:s3:::" + bucket
	}
	return "arn:aws:s3:::" + bucket + "/" + key
}

func copySource(header string) (objectName, error) {
	path, query, _ := strings.Cut(header, "?")
	path, err := url.PathUnescape(strings.TrimPrefix(path, "/"))
	if err != nil {
		return objectName{}, err
	}
	q, err := url.ParseQuery(query)
	bucket, key, _ := strings.Cut(path, "/")
	return objectName{bucket, key, q.Get("versionId")}, err
}

func (g *Guard) callsKMS(r *http.Request, body []byte) ([]Call, error) {
	var in struct {
		KeyId             string
		EncryptionContext map[string]string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	action := target(r, "TrentService.")
	if !slices.Contains([]string{"GenerateDataKey", "Decrypt", "Encrypt", "DescribeKey"}, action) {
		return nil, fmt.Errorf("kms:%s is not modelled", action)
	}
	key, err := g.keyARN(in.KeyId)
	if err != nil {
		return nil, err
	}
	c := Call{"kms:" + action, key, transport(r)}
	for name, value := range in.EncryptionContext {
		c.Context["kms:EncryptionContext:"+name] = value
	}
	return []Call{c}, nil
}

// target returns the operation that a request in JSON names.
func target(r *http.Request, prefix string) string {
	return strings.TrimPrefix(r.Header.Get("X-Amz-Target"), prefix)
}

func (g *Guard) callsSecrets(r *http.Request, body []byte) ([]Call, error) {
	var in struct{ SecretId string }
	err := json.Unmarshal(body, &in)
	if op := target(r, "secretsmanager."); op != "GetSecretValue" {
		return nil, fmt.Errorf("secretsmanager:%s is not modelled", op)
	}
	return append([]Call{{"secretsmanager:GetSecretValue", in.SecretId, transport(r)}}, g.through("secretsmanager", in.SecretId, "kms:Decrypt")...), err
}

// through is what a service does with the key of one of its resources, if that
// has one, in the name of its caller.
func (g *Guard) through(service, resource string, actions ...string) (calls []Call) {
	g.Lock()
	defer g.Unlock()
	if key := g.Keys[resource]; key != "" {
		for _, action := range actions {
			calls = append(calls, Call{action, key, map[string]string{"kms:ViaService": service + "." + g.region + ".amazonaws.com"}})
		}
	}
	return calls
}

func callsEvents(r *http.Request, body []byte) ([]Call, error) {
	var in struct {
		Entries []struct{ EventBusName, Source string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if op := target(r, "AWSEvents."); op != "PutEvents" {
		return nil, fmt.Errorf("events:%s is not modelled", op)
	}
	var calls []Call
	for _, e := range in.Entries {
		bus := e.EventBusName
		if !strings.HasPrefix(bus, "arn:") {
			bus = fmt.Sprintf("arn:aws:events:%s:%s:event-bus/%s", scope(r)[2], Account, bus)
		}
		c := Call{"events:PutEvents", bus, transport(r)}
		c.Context["events:source"] = e.Source
		calls = append(calls, c)
	}
	return calls, nil
}

func (g *Guard) callsSNS(body []byte) ([]Call, error) {
	in, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if op := in.Get("Action"); op != "Publish" && op != "PublishBatch" {
		return nil, fmt.Errorf("sns:%s is not modelled", op)
	}
	topic := in.Get("TopicArn")
	calls := []Call{{"sns:Publish", topic, nil}}
	return append(calls, g.through("sns", topic, "kms:GenerateDataKey", "kms:Decrypt")...), nil
}

func callsSTS(body []byte) ([]Call, error) {
	in, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if op := in.Get("Action"); op != "AssumeRole" {
		return nil, fmt.Errorf("sts:%s is not modelled", op)
	}
	c := Call{"sts:AssumeRole", in.Get("RoleArn"), map[string]string{}}
	if in.Has("ExternalId") {
		c.Context["sts:ExternalId"] = in.Get("ExternalId")
	}
	return []Call{c}, nil
}
