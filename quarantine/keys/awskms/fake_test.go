package awskms_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sluice-dlp/sluice/internal/awsconf"
)

const (
	account = "111122223333"
	region  = "eu-central-1"
)

// fakeKMS speaks the JSON protocol of AWS KMS, as far as this package does, and
// keeps to the states of keys. The suite that it passes with this package passes
// against moto, too: see bench/lab.
type fakeKMS struct {
	*httptest.Server

	mu      sync.Mutex
	keys    map[string]*fakeKey // by ARN
	aliases map[string]string   // "REGION alias/NAME" to ARN
	denied  map[string]bool     // actions
	dryRun  bool                // whether it knows dry runs
	calls   []string            // "REGION Action KeyId"
	faults  []func(http.ResponseWriter, *request) bool
}

type fakeKey struct {
	gcm  cipher.AEAD
	meta map[string]any // of DescribeKey
}

// request is of any of the actions.
type request struct {
	action, region    string
	KeyId             string
	KeySpec           string
	CiphertextBlob    []byte
	EncryptionContext map[string]string
	DryRun            bool
}

func newFake(t *testing.T) *fakeKMS {
	f := &fakeKMS{keys: map[string]*fakeKey{}, aliases: map[string]string{}, denied: map[string]bool{}, dryRun: true}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeKMS) settings() awsconf.Settings {
	return awsconf.Settings{
		Endpoint: f.URL, Region: region, Attempts: 4, MaxBackoff: time.Millisecond,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "someone", SecretAccessKey: "secret"}, nil
		}),
	}
}

// add makes an enabled key of the customer, with edits to what describes it,
// and returns its ARN. Keys of the same "mrk-" id share their material.
func (f *fakeKMS) add(region, id string, edits map[string]any) string {
	arn := "arn:aws:kms:" + region + ":" + account + ":key/" + id
	material := []byte((id + strings.Repeat("k", 32))[:32])
	block, err := aes.NewCipher(material)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	meta := map[string]any{
		"AWSAccountId": account, "KeyId": id, "Arn": arn, "KeyManager": "CUSTOMER", "KeyState": "Enabled", "Enabled": true,
		"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS",
	}
	maps.Copy(meta, edits)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys[arn] = &fakeKey{gcm, meta}
	return arn
}

func (f *fakeKMS) alias(region, name, arn string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.aliases[region+" "+name] = arn
}

func (f *fakeKMS) edit(arn string, edits map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(f.keys[arn].meta, edits)
}

func (f *fakeKMS) deny(actions ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range actions {
		f.denied[a] = true
	}
}

// next has the next calls answered otherwise.
func (f *fakeKMS) next(faults ...func(http.ResponseWriter, *request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, faults...)
}

// only has the next calls answered otherwise, more of them than there are tries.
func (f *fakeKMS) only(fault func(http.ResponseWriter, *request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = slices.Repeat([]func(http.ResponseWriter, *request) bool{fault}, 10)
}

// made returns the calls since it was last asked.
func (f *fakeKMS) made() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func refuse(status int, code, message string) func(http.ResponseWriter, *request) bool {
	return func(w http.ResponseWriter, _ *request) bool {
		answer(w, status, map[string]string{"__type": code, "message": message})
		return true
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (f *fakeKMS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := new(request)
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, q) != nil {
		refuse(400, "SerializationException", "")(w, q)
		return
	}
	q.action = strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	if scope := strings.Split(r.Header.Get("Authorization"), "/"); len(scope) == 5 && scope[3] == "kms" {
		q.region = scope[2]
	} else {
		refuse(403, "MissingAuthenticationToken", "")(w, q)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf("%s %s %s", q.region, q.action, q.KeyId))
	if len(f.faults) > 0 {
		fault := f.faults[0]
		f.faults = f.faults[1:]
		if fault(w, q) {
			return
		}
	}
	if f.denied[q.action] {
		refuse(400, "AccessDeniedException", "User: someone is not authorized\nto perform: kms:"+q.action)(w, q)
		return
	}
	k := f.key(q)
	if k == nil {
		refuse(400, "NotFoundException", "Key '"+q.KeyId+"' does not exist")(w, q)
		return
	}
	switch q.action {
	case "DescribeKey":
		answer(w, 200, map[string]any{"KeyMetadata": k.meta})
	case "GenerateDataKey", "Decrypt":
		f.use(w, q, k)
	default:
		refuse(400, "UnknownOperationException", "")(w, q)
	}
}

func (f *fakeKMS) key(q *request) *fakeKey {
	prefix := "arn:aws:kms:" + q.region + ":" + account + ":"
	id, isARN := strings.CutPrefix(q.KeyId, prefix)
	if arn, ok := f.aliases[q.region+" "+id]; ok {
		return f.keys[arn]
	}
	if !isARN {
		return f.keys[prefix+"key/"+id]
	}
	return f.keys[q.KeyId]
}

func (f *fakeKMS) use(w http.ResponseWriter, q *request, k *fakeKey) {
	arn, id := k.meta["Arn"].(string), k.meta["KeyId"].(string)
	switch k.meta["KeyState"] {
	case "Enabled":
	case "Disabled":
		refuse(400, "DisabledException", arn+" is disabled.")(w, q)
		return
	default:
		refuse(400, "KMSInvalidStateException", fmt.Sprintf("%s is %v.", arn, k.meta["KeyState"]))(w, q)
		return
	}
	if k.meta["KeyUsage"] != "ENCRYPT_DECRYPT" || k.meta["KeySpec"] != "SYMMETRIC_DEFAULT" {
		refuse(400, "InvalidKeyUsageException", "")(w, q)
		return
	}
	aad, err := json.Marshal(q.EncryptionContext)
	if err != nil {
		panic(err)
	}
	if len(q.EncryptionContext) == 0 {
		aad = nil
	}
	if q.action == "GenerateDataKey" {
		if q.KeySpec != "AES_256" {
			refuse(400, "ValidationException", "")(w, q)
			return
		}
		if q.DryRun && f.dryRun {
			refuse(412, "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")(w, q)
			return
		}
		plain, nonce := make([]byte, 32), make([]byte, 12)
		rand.Read(plain)
		rand.Read(nonce)
		blob := append([]byte(fmt.Sprintf("%-40s", id)), nonce...)
		answer(w, 200, map[string]any{"KeyId": arn, "Plaintext": plain, "CiphertextBlob": k.gcm.Seal(blob, nonce, plain, aad)})
		return
	}
	if len(q.CiphertextBlob) < 40+12+16 {
		refuse(400, "InvalidCiphertextException", "")(w, q)
		return
	}
	owner, nonce, sealed := q.CiphertextBlob[:40], q.CiphertextBlob[40:52], q.CiphertextBlob[52:]
	if strings.TrimSpace(string(owner)) != id {
		refuse(400, "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")(w, q)
		return
	}
	plain, err := k.gcm.Open(nil, nonce, sealed, aad)
	if err != nil {
		refuse(400, "InvalidCiphertextException", "")(w, q)
		return
	}
	answer(w, 200, map[string]any{"KeyId": arn, "Plaintext": plain, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"})
}
