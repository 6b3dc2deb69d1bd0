package awskms_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine/keys/awskms"
	"github.com/sluice-dlp/sluice/quarantine/keys/keytest"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

const (
	id1 = "11111111-2222-3333-4444-555555555555"
	id2 = "66666666-7777-8888-9999-000000000000"
	mrk = "mrk-0123456789abcdef0123456789abcdef"
)

var origin = map[string]string{"sluice:bucket": "prod", "sluice:key": "jane-doe.csv"}

// TestMain keeps what the machine knows of AWS out of the tests.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_CA_BUNDLE": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_KMS": "",
	} {
		os.Setenv(name, value)
	}
	os.Exit(m.Run())
}

func open(t *testing.T, f *fakeKMS, key string) *awskms.Keys {
	t.Helper()
	k, err := awskms.Open(t.Context(), key, f.settings())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

func TestConformance(t *testing.T) {
	f := newFake(t)
	key := f.add(region, id1, nil)
	k := open(t, f, key)

	// The others see a KMS of their own, in which the same key fares badly.
	met := func(edit func(f *fakeKMS)) func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
		return func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
			f := newFake(t)
			f.add(region, id1, nil)
			k := open(t, f, key)
			edit(f)
			return k, k, nil
		}
	}
	notOpened := func(name string) func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
		return func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
			_, err := awskms.Open(t.Context(), name, f.settings())
			return nil, nil, err
		}
	}
	unfit := func(edit func(f *fakeKMS) (name string)) func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
		return func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
			f := newFake(t)
			f.add(region, id1, nil)
			return nil, nil, open(t, f, edit(f)).Check(t.Context(), awskms.Demands{})
		}
	}
	keytest.Run(t, keytest.Keys{
		Provider: awskms.Provider, Wrapper: k, Unwrapper: k, Stranger: stranger(t, key),
		Faults: []keytest.Fault{
			{Name: "denied", Open: met(func(f *fakeKMS) { f.deny("GenerateDataKey", "Decrypt") }), Says: []string{"denies kms:", key, "policy", "not authorized to perform"}},
			{Name: "disabled", Open: met(func(f *fakeKMS) { f.edit(key, map[string]any{"KeyState": "Disabled"}) }), Says: []string{key, "enable-key"}},
			{Name: "pending deletion", Open: met(func(f *fakeKMS) { f.edit(key, map[string]any{"KeyState": "PendingDeletion"}) }), Says: []string{key, "about to be deleted"}},
			{Name: "deleted", Open: met(func(f *fakeKMS) { delete(f.keys, key) }), Says: []string{key, "no key", "another Region"}},
			{Name: "wrong usage", Open: met(func(f *fakeKMS) { f.edit(key, map[string]any{"KeyUsage": "SIGN_VERIFY"}) }), Says: []string{key, "ENCRYPT_DECRYPT"}},
			{Name: "credentials", Open: met(func(f *fakeKMS) {
				no := refuse(400, "UnrecognizedClientException", "The security token included in the request is invalid.")
				f.next(no, no)
			}), Says: []string{"credentials"}},
			{Name: "no such key", Open: notOpened(id2), Says: []string{id2, region}},
			{Name: "no such alias", Open: notOpened("alias/none"), Says: []string{"alias/none", region}},
			{Name: "not a key", Open: notOpened("vault-key"), Says: []string{"vault-key", "alias/NAME"}},
			{Name: "in another Region", Open: unfit(func(f *fakeKMS) string { return strings.Replace(key, region, "us-east-1", 1) }), Says: []string{"us-east-1", "no key"}},
			{Name: "may not be looked up", Open: unfit(func(f *fakeKMS) string { f.deny("DescribeKey"); return key }), Says: []string{"kms:DescribeKey", key}},
		},
	})
}

// stranger is the same account without that key.
func stranger(t *testing.T, key string) *awskms.Keys {
	f := newFake(t)
	f.add(region, id2, nil)
	return open(t, f, strings.Replace(key, id1, id2, 1))
}

func TestNames(t *testing.T) {
	f := newFake(t)
	key := f.add(region, id1, nil)
	f.alias(region, "alias/sluice/q_1", key)
	for _, name := range []string{id1, key, "alias/sluice/q_1", "arn:aws:kms:" + region + ":" + account + ":alias/sluice/q_1"} {
		k := open(t, f, name)
		d, err := k.DataKey(t.Context(), origin)
		if err != nil || d.KeyID != key || k.ARN() != key {
			t.Errorf("%s: key %q, %v", name, d.KeyID, err)
		}
	}
	f.made()
	for _, name := range []string{
		"", "alias/", "sluice", id1 + "x", key + "/", "arn:aws:s3:::bucket", "arn:aws:kms:" + region + ":1:key/" + id1,
		"arn:aws:kms:evil.example/:" + account + ":key/" + id1, "alias/a\n", " " + id1,
	} {
		if _, err := awskms.Open(t.Context(), name, f.settings()); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if calls := f.made(); len(calls) > 0 {
		t.Errorf("calls: %q", calls)
	}
}

func TestRegion(t *testing.T) {
	f := newFake(t)
	far := f.add("ap-south-1", id1, nil)
	k := open(t, f, far)
	if _, err := k.DataKey(t.Context(), origin); err != nil {
		t.Error(err)
	}
	for _, call := range f.made() {
		if !strings.HasPrefix(call, "ap-south-1 ") {
			t.Errorf("call %q", call)
		}
	}
	s := f.settings()
	s.Region = ""
	if _, err := awskms.Open(t.Context(), id1, s); !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "Region") {
		t.Errorf("no Region: %v", err)
	}
}

func TestCheck(t *testing.T) {
	day := float64(time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC).Unix())
	for _, tt := range []struct {
		name    string
		edits   map[string]any
		demands awskms.Demands
		says    []string // none: it passes
	}{
		{"good", nil, awskms.Demands{}, nil},
		{"rotating", map[string]any{"KeyState": "Updating"}, awskms.Demands{}, nil},
		{"disabled", map[string]any{"KeyState": "Disabled"}, awskms.Demands{}, []string{"disabled", "enable-key"}},
		{"pending deletion", map[string]any{"KeyState": "PendingDeletion", "DeletionDate": day}, awskms.Demands{}, []string{"2026-12-24", "cancel-key-deletion"}},
		{"pending deletion, no date", map[string]any{"KeyState": "PendingDeletion"}, awskms.Demands{}, []string{"deleted, and"}},
		{"pending deletion of the replica", map[string]any{"KeyState": "PendingReplicaDeletion"}, awskms.Demands{}, []string{"cancel-key-deletion"}},
		{"pending import", map[string]any{"KeyState": "PendingImport", "Origin": "EXTERNAL"}, awskms.Demands{}, []string{"import-key-material"}},
		{"unavailable", map[string]any{"KeyState": "Unavailable"}, awskms.Demands{}, []string{"connect-custom-key-store"}},
		{"creating", map[string]any{"KeyState": "Creating"}, awskms.Demands{}, []string{"again"}},
		{"a state of tomorrow", map[string]any{"KeyState": "Melting"}, awskms.Demands{}, []string{"Melting"}},
		{"no state", map[string]any{"KeyState": ""}, awskms.Demands{}, []string{"state"}},
		{"of AWS", map[string]any{"KeyManager": "AWS"}, awskms.Demands{}, []string{"managed by AWS", "of your own"}},
		{"of AWS, allowed", map[string]any{"KeyManager": "AWS"}, awskms.Demands{AWSManaged: true}, nil},
		{"of nobody", map[string]any{"KeyManager": ""}, awskms.Demands{}, []string{"of your own"}},
		{"signs", map[string]any{"KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_4096"}, awskms.Demands{}, []string{"RSA_4096", "SYMMETRIC_DEFAULT"}},
		{"encrypts with RSA", map[string]any{"KeySpec": "RSA_4096"}, awskms.Demands{}, []string{"RSA_4096"}},
		{"HMAC", map[string]any{"KeyUsage": "GENERATE_VERIFY_MAC", "KeySpec": "HMAC_256"}, awskms.Demands{}, []string{"HMAC_256"}},
		{"origin", nil, awskms.Demands{Origins: []string{"AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}}, []string{"AWS_KMS", "AWS_CLOUDHSM or EXTERNAL_KEY_STORE"}},
		{"origin of an HSM", map[string]any{"Origin": "AWS_CLOUDHSM"}, awskms.Demands{Origins: []string{"AWS_CLOUDHSM"}}, nil},
		{"no origin", map[string]any{"Origin": ""}, awskms.Demands{Origins: []string{"AWS_KMS"}}, []string{"origin"}},
		{"Region", nil, awskms.Demands{Region: "us-east-1"}, []string{"us-east-1", "Region"}},
		{"same Region", nil, awskms.Demands{Region: region}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			key := f.add(region, id1, tt.edits)
			err := open(t, f, key).Check(t.Context(), tt.demands)
			if (err == nil) != (tt.says == nil) {
				t.Fatalf("%v, want %q", err, tt.says)
			}
			for _, word := range tt.says {
				if !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), key) {
					t.Errorf("%q does not say %q, and of %s", err, word, key)
				}
			}
		})
	}
}

// TestAliasMoves: what was checked is what is used.
func TestAliasMoves(t *testing.T) {
	f := newFake(t)
	first, second := f.add(region, id1, nil), f.add(region, id2, nil)
	f.alias(region, "alias/q", first)
	k := open(t, f, "alias/q")
	f.alias(region, "alias/q", second)
	d, err := k.DataKey(t.Context(), origin)
	if err != nil || d.KeyID != first {
		t.Errorf("%q, %v", d.KeyID, err)
	}

	// What the first key has sealed opens with the alias at the second.
	plain := bytes.Clone(d.Plain)
	d.Plain = nil
	if got, err := open(t, f, "alias/q").Unwrap(t.Context(), d, origin); err != nil || !bytes.Equal(got, plain) {
		t.Error(err)
	}
}

func TestThrottling(t *testing.T) {
	f := newFake(t)
	k := open(t, f, f.add(region, id1, nil))
	busy := refuse(400, "ThrottlingException", "Rate exceeded for "+origin["sluice:key"])
	f.next(busy, busy, refuse(500, "KMSInternalException", ""))
	d, err := k.DataKey(t.Context(), origin)
	if err != nil {
		t.Fatal(err)
	}
	d.Plain = nil
	if calls := f.made(); len(calls) != 4 {
		t.Errorf("%d calls: %q", len(calls), calls)
	}
	for code, word := range map[string]string{"ThrottlingException": "slow down", "KeyUnavailableException": "cannot reach", "DependencyTimeoutException": "cannot reach"} {
		status := 500
		if code == "ThrottlingException" {
			status = 400
		}
		for range 8 {
			f.next(refuse(status, code, ""))
		}
		_, err := k.Unwrap(t.Context(), d, origin)
		if err == nil || errors.Is(err, seal.ErrNoKey) || errors.Is(err, seal.ErrNotOpened) || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), "4 tries") {
			t.Errorf("%s: %v", code, err)
		}
		_, err = k.DataKey(t.Context(), origin)
		if err == nil || errors.Is(err, seal.ErrNoKey) {
			t.Errorf("%s: %v", code, err)
		}
		if calls := f.made(); len(calls) != 8 {
			t.Errorf("%s: %d calls", code, len(calls))
		}
	}
}

func TestCancelledWhileThrottled(t *testing.T) {
	f := newFake(t)
	s := f.settings()
	key := f.add(region, id1, nil)
	s.MaxBackoff = time.Hour
	k, err := awskms.Open(t.Context(), key, s)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	ctx, cancel := context.WithCancel(t.Context())
	f.next(func(w http.ResponseWriter, q *request) bool {
		cancel()
		return refuse(400, "ThrottlingException", "")(w, q)
	})
	if _, err := k.DataKey(ctx, origin); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestServerThatLies(t *testing.T) {
	f := newFake(t)
	key, other := f.add(region, id1, nil), f.add(region, id2, nil)
	k := open(t, f, key)
	d, err := k.DataKey(t.Context(), origin)
	if err != nil {
		t.Fatal(err)
	}
	d.Plain = nil
	say := func(v any) func(http.ResponseWriter, *request) bool {
		return func(w http.ResponseWriter, _ *request) bool { answer(w, 200, v); return true }
	}
	long, short, blob := make([]byte, 32), make([]byte, 16), make([]byte, 100)
	page := func(w http.ResponseWriter, _ *request) bool {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "<html>the proxy's\nlogin page</html>")
		return true
	}
	for name, lie := range map[string]func(http.ResponseWriter, *request) bool{
		"nothing":     say(map[string]any{}),
		"null":        say(nil),
		"another key": say(map[string]any{"KeyId": other, "Plaintext": long, "CiphertextBlob": blob}),
		"no key":      say(map[string]any{"Plaintext": long, "CiphertextBlob": blob}),
		"short":       say(map[string]any{"KeyId": key, "Plaintext": short, "CiphertextBlob": blob}),
		"no plain":    say(map[string]any{"KeyId": key, "CiphertextBlob": blob}),
		"page":        page,
	} {
		f.only(lie)
		if got, err := k.DataKey(t.Context(), origin); err == nil || got.Plain != nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("DataKey, %s: %v", name, err)
		}
		f.only(lie)
		if got, err := k.Unwrap(t.Context(), d, origin); err == nil || got != nil || errors.Is(err, seal.ErrNotOpened) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Unwrap, %s: %v", name, err)
		}
	}
	for name, blob := range map[string][]byte{"no wrapped key": nil, "a long wrapped key": make([]byte, 6145)} {
		f.only(say(map[string]any{"KeyId": key, "Plaintext": long, "CiphertextBlob": blob}))
		if got, err := k.DataKey(t.Context(), origin); err == nil || got.Plain != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, lie := range map[string]func(http.ResponseWriter, *request) bool{
		"nothing": say(map[string]any{}), "another key": say(map[string]any{"KeyMetadata": map[string]any{"Arn": other}}),
		"no key": say(map[string]any{"KeyMetadata": map[string]any{}}), "an alias": say(map[string]any{"KeyMetadata": map[string]any{"Arn": "arn:aws:kms:eu-central-1:111122223333:alias/q"}}),
		"page": page,
	} {
		f.only(lie)
		if err := k.Check(t.Context(), awskms.Demands{}); err == nil {
			t.Errorf("Check, %s: no error", name)
		}
		for _, key := range []string{id1, "alias/q"} {
			f.only(lie)
			if _, err := awskms.Open(t.Context(), key, f.settings()); err == nil && (key == id1 || name != "another key") {
				t.Errorf("Open of %s, %s: no error", key, name)
			}
		}
	}
}

// TestOtherAccounts: an object cannot make its reader ask a stranger's key.
func TestOtherAccounts(t *testing.T) {
	f := newFake(t)
	key := f.add(region, id1, nil)
	k := open(t, f, key)
	d, err := k.DataKey(t.Context(), origin)
	if err != nil {
		t.Fatal(err)
	}
	f.made()
	for _, id := range []string{
		strings.Replace(key, account, "999999999999", 1), strings.Replace(key, "arn:aws:", "arn:aws-cn:", 1), id1, "alias/q",
		strings.Replace(key, region, "example.com/", 1), key + "\n",
	} {
		if _, err := k.Unwrap(t.Context(), seal.DataKey{Wrapped: d.Wrapped, Provider: d.Provider, KeyID: id}, origin); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if calls := f.made(); len(calls) > 0 {
		t.Errorf("calls: %q", calls)
	}
}

// TestRegionsOfOneAccount: keys that were used before are asked where they are,
// and the replica of a key for several Regions does for the key.
func TestRegionsOfOneAccount(t *testing.T) {
	f := newFake(t)
	far, near := f.add("us-east-1", id2, nil), f.add(region, id1, nil)
	mrkFar, mrkNear := f.add("us-east-1", mrk, nil), f.add(region, mrk, nil)
	for _, tt := range []struct{ sealer, opener, asked string }{
		{far, near, "us-east-1 Decrypt " + far},
		{mrkFar, mrkNear, region + " Decrypt " + mrkNear},
		{mrkFar, near, "us-east-1 Decrypt " + mrkFar},
	} {
		d, err := open(t, f, tt.sealer).DataKey(t.Context(), origin)
		if err != nil {
			t.Fatal(err)
		}
		plain := bytes.Clone(d.Plain)
		d.Plain = nil
		k := open(t, f, tt.opener)
		f.made()
		got, err := k.Unwrap(t.Context(), d, origin)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s with %s: %v", tt.sealer, tt.opener, err)
		}
		if calls := f.made(); !slices.Equal(calls, []string{tt.asked}) {
			t.Errorf("calls: %q, want %q", calls, tt.asked)
		}
	}
}

// TestRights: a host that seals has no right to open, and one that opens has no
// other.
func TestRights(t *testing.T) {
	f := newFake(t)
	key := f.add(region, id1, nil)
	f.deny("Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo")
	k := open(t, f, key)
	if err := k.Check(t.Context(), awskms.Demands{}); err != nil {
		t.Error(err)
	}
	body := strings.Repeat("Nothing to see here.\n", 100)
	r, err := seal.NewReader(t.Context(), strings.NewReader(body), seal.Options{Context: origin}, k)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := seal.ReadHeader(bytes.NewReader(sealed)); err != nil || h.KeyID != key || r.Sums().SealedCRC64 == "" {
		t.Errorf("header with key %q, %v", h.KeyID, err)
	}
	if _, err := seal.Open(t.Context(), bytes.NewReader(sealed), k); !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "kms:Decrypt") {
		t.Errorf("opened without the right to: %v", err)
	}
	f.denied = map[string]bool{"GenerateDataKey": true, "DescribeKey": true}
	o, err := seal.Open(t.Context(), bytes.NewReader(sealed), open(t, f, key))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(o); err != nil || string(got) != body {
		t.Error(err)
	}
	if calls, want := f.made(), []string{"DescribeKey", "GenerateDataKey", "Decrypt", "Decrypt"}; !slices.EqualFunc(calls, want, func(call, action string) bool { return call == region+" "+action+" "+key }) {
		t.Errorf("calls: %q", calls)
	}
}

func TestTry(t *testing.T) {
	for _, dryRun := range []bool{true, false} { // moto knows none
		f := newFake(t)
		f.dryRun = dryRun
		key := f.add(region, id1, nil)
		k := open(t, f, key)
		if err := k.Try(t.Context(), origin); err != nil {
			t.Error(err)
		}
		f.deny("GenerateDataKey")
		if err := k.Try(t.Context(), origin); !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "kms:GenerateDataKey") {
			t.Error(err)
		}
	}
}

// TestErrorsNameNoObject: object keys may be personal data, and KMS may cite
// them.
func TestErrorsNameNoObject(t *testing.T) {
	f := newFake(t)
	key := f.add(region, id1, nil)
	k := open(t, f, key)
	d, err := k.DataKey(t.Context(), origin)
	if err != nil {
		t.Fatal(err)
	}
	d.Plain = nil
	for _, code := range []string{"ValidationException", "NotFoundException", "DisabledException", "KMSInvalidStateException", "InvalidCiphertextException", "IncorrectKeyException", "NewException"} {
		cite := refuse(400, code, "context "+origin["sluice:key"])
		f.next(cite, cite)
		_, wrap := k.DataKey(t.Context(), origin)
		_, unwrap := k.Unwrap(t.Context(), d, origin)
		for _, err := range []error{wrap, unwrap} {
			if err == nil || strings.Contains(err.Error(), "jane") {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

func TestNoCredentials(t *testing.T) {
	f := newFake(t)
	s := f.settings()
	s.Credentials = nil
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
	}
	var none *awsconf.CredentialsError
	if _, err := awskms.Open(t.Context(), id1, s); !errors.As(err, &none) {
		t.Error(err)
	}
}
