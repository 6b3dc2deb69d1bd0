//go:build pkcs11 && cgo

package pkcs11_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	p11 "github.com/miekg/pkcs11"

	"github.com/sluice-dlp/sluice/quarantine/keys/keytest"
	"github.com/sluice-dlp/sluice/quarantine/keys/pkcs11"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

const userPIN = "5678"

var (
	softHSM string // SoftHSM's module
	hsm     string // the one of testdata/hsm.c, in front of it
	control string // its file CONTROL
	logged  string // its file LOG
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pkcs11")
	if err == nil {
		err = setUp(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func setUp(dir string) error {
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			softHSM = path
		}
	}
	if softHSM == "" {
		return errors.New("these tests take SoftHSM: apt-get install softhsm2")
	}
	hsm, control, logged = filepath.Join(dir, "hsm.so"), filepath.Join(dir, "control"), filepath.Join(dir, "log")
	conf := filepath.Join(dir, "softhsm2.conf")
	for name, value := range map[string]string{"SOFTHSM2_CONF": conf, "MODULE": softHSM, "CONTROL": control, "LOG": logged} {
		os.Setenv(name, value)
	}
	if err := os.WriteFile(conf, []byte("directories.tokendir = "+dir+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		return err
	}
	headers, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
	if err != nil {
		return err
	}
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	out, err := exec.Command(cc, "-shared", "-fPIC", "-Wall", "-Werror", "-I"+strings.TrimSpace(string(headers)), "-o", hsm, "testdata/hsm.c", "-ldl", "-lpthread").CombinedOutput()
	if err != nil {
		return fmt.Errorf("testdata/hsm.c: %w: %s", err, out)
	}
	return nil
}

// tell has the module of testdata behave otherwise, until the test ends.
func tell(t *testing.T, words string) {
	t.Helper()
	if err := os.WriteFile(control, []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(control) })
}

// log returns what that module has noted since it was last asked.
func log(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(logged)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	os.Remove(logged)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

var tokens atomic.Int64

// newToken makes a token. It must come before a module is in use, which would not
// see it.
func newToken(t *testing.T) string {
	t.Helper()
	label := fmt.Sprintf("token-%d", tokens.Add(1))
	initToken(t, label)
	return label
}

func initToken(t *testing.T, label string) {
	t.Helper()
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", userPIN).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// admin does something with a token as its user.
func admin(t *testing.T, token string, do func(m *p11.Ctx, s p11.SessionHandle) error) {
	t.Helper()
	m := p11.New(softHSM)
	if m == nil {
		t.Fatal("SoftHSM cannot be loaded")
	}
	switch err := m.Initialize(); err {
	case nil:
		defer m.Destroy()
		defer m.Finalize()
	case p11.Error(p11.CKR_CRYPTOKI_ALREADY_INITIALIZED):
	default:
		t.Fatal(err)
	}
	slots, err := m.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range slots {
		if info, err := m.GetTokenInfo(slot); err != nil || info.Label != token {
			continue
		}
		s, err := m.OpenSession(slot, p11.CKF_SERIAL_SESSION|p11.CKF_RW_SESSION)
		if err != nil {
			t.Fatal(err)
		}
		defer m.CloseSession(s)
		if err := m.Login(s, p11.CKU_USER, userPIN); err != nil && err != p11.Error(p11.CKR_USER_ALREADY_LOGGED_IN) {
			t.Fatal(err)
		}
		if err := do(m, s); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("no token %q", token)
}

// newKey makes a key as docs/keys.md says, but for what is given.
func newKey(t *testing.T, token, label, id string, but ...*p11.Attribute) {
	t.Helper()
	attributes := []*p11.Attribute{
		p11.NewAttribute(p11.CKA_TOKEN, true), p11.NewAttribute(p11.CKA_PRIVATE, true), p11.NewAttribute(p11.CKA_VALUE_LEN, 32),
		p11.NewAttribute(p11.CKA_SENSITIVE, true), p11.NewAttribute(p11.CKA_EXTRACTABLE, false),
		p11.NewAttribute(p11.CKA_ENCRYPT, true), p11.NewAttribute(p11.CKA_DECRYPT, true),
		p11.NewAttribute(p11.CKA_LABEL, label), p11.NewAttribute(p11.CKA_ID, []byte(id)),
	}
	for _, a := range attributes {
		for _, b := range but {
			if a.Type == b.Type {
				a.Value = b.Value
			}
		}
	}
	admin(t, token, func(m *p11.Ctx, s p11.SessionHandle) error {
		_, err := m.GenerateKey(s, []*p11.Mechanism{p11.NewMechanism(p11.CKM_AES_KEY_GEN, nil)}, attributes)
		return err
	})
}

func destroyKey(t *testing.T, token, label string) {
	t.Helper()
	admin(t, token, func(m *p11.Ctx, s p11.SessionHandle) error {
		if err := m.FindObjectsInit(s, []*p11.Attribute{p11.NewAttribute(p11.CKA_LABEL, label)}); err != nil {
			return err
		}
		found, _, err := m.FindObjects(s, 1)
		if err := errors.Join(err, m.FindObjectsFinal(s)); err != nil || len(found) != 1 {
			return fmt.Errorf("%d keys, %w", len(found), err)
		}
		return m.DestroyObject(s, found[0])
	})
}

func pin(context.Context) (string, error) { return userPIN, nil }

func try(t *testing.T, module, token, rest string, pin pkcs11.PIN) (pkcs11.Keys, error) {
	k, err := pkcs11.Open(t.Context(), "pkcs11:token="+token+";"+rest+"?module-path="+module, pin)
	if err == nil {
		t.Cleanup(func() { k.Close() })
	}
	return k, err
}

func open(t *testing.T, module, token, rest string) pkcs11.Keys {
	t.Helper()
	k, err := try(t, module, token, rest, pin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// wrap makes a data key and returns it as a header would have it.
func wrap(t *testing.T, k pkcs11.Keys) (seal.DataKey, []byte) {
	t.Helper()
	d, err := k.DataKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := d.Plain
	d.Plain = nil
	return d, plain
}

func opens(t *testing.T, k pkcs11.Keys, d seal.DataKey, plain []byte) {
	t.Helper()
	if got, err := k.Unwrap(t.Context(), d, nil); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("unwrapped to %d bytes, %v", len(got), err)
	}
}

func TestConformance(t *testing.T) {
	token, other := newToken(t), newToken(t)
	newKey(t, token, "kek", "\x01")
	newKey(t, token, "doomed", "\x02")
	newKey(t, token, "twin", "\x03")
	newKey(t, token, "twin", "\x04")
	newKey(t, token, "small", "\x05", p11.NewAttribute(p11.CKA_VALUE_LEN, 16))
	newKey(t, token, "extractable", "\x06", p11.NewAttribute(p11.CKA_EXTRACTABLE, true))
	newKey(t, token, "readable", "\x07", p11.NewAttribute(p11.CKA_SENSITIVE, false), p11.NewAttribute(p11.CKA_EXTRACTABLE, true))
	newKey(t, token, "opens only", "\x08", p11.NewAttribute(p11.CKA_ENCRYPT, false))
	newKey(t, token, "seals only", "\x09", p11.NewAttribute(p11.CKA_DECRYPT, false))
	newKey(t, other, "kek", "\x01")
	notLibrary := filepath.Join(t.TempDir(), "text.so")
	if err := os.WriteFile(notLibrary, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}

	// SoftHSM itself, and as CloudHSM would do.
	for name, module := range map[string]string{"SoftHSM": softHSM, "HSM with its own IVs": hsm} {
		t.Run(name, func(t *testing.T) {
			k := open(t, module, token, "object=kek")
			fails := func(name, module, token, rest string, pin pkcs11.PIN, says ...string) keytest.Fault {
				return keytest.Fault{Name: name, Says: says, Open: func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
					_, err := try(t, module, token, rest, pin)
					return nil, nil, err
				}}
			}
			met := func(name, rest string, met func(k pkcs11.Keys) (seal.Wrapper, seal.Unwrapper), says ...string) keytest.Fault {
				return keytest.Fault{Name: name, Says: says, Open: func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
					w, u := met(open(t, module, token, rest))
					return w, u, nil
				}}
			}
			keytest.Run(t, keytest.Keys{
				Provider: pkcs11.Provider, Wrapper: k, Unwrapper: k, Stranger: open(t, module, other, "id=%01"),
				Faults: []keytest.Fault{
					fails("no module", "/none.so", token, "object=kek", pin, "/none.so", "cannot be loaded"),
					fails("not a module", notLibrary, token, "object=kek", pin, notLibrary),
					fails("no module named", "", token, "object=kek", pin, "module-path"),
					fails("no token", module, "none", "object=kek", pin, `"none"`, `only "token-`),
					fails("token of another number", module, token, "serial=1;object=kek", pin, token),
					fails("no key", module, token, "object=none", pin, "object=none"),
					fails("no key of both names", module, token, "object=kek;id=%02", pin, "id=%02"),
					fails("two keys", module, token, "object=twin", pin, "several", "id="),
					fails("128 bits", module, token, "object=small", pin, "256 bits"),
					fails("extractable", module, token, "object=extractable", pin, "not extractable"),
					fails("readable", module, token, "object=readable", pin, "sensitive"),
					met("may not encrypt", "object=opens%20only", func(k pkcs11.Keys) (seal.Wrapper, seal.Unwrapper) { return k, nil }, "encrypt"),
					met("may not decrypt", "object=seals%20only", func(k pkcs11.Keys) (seal.Wrapper, seal.Unwrapper) {
						if err := k.Check(t.Context()); err != nil {
							t.Errorf("check of a key that only seals: %v", err)
						}
						d, _ := wrap(t, k)
						return nil, always{k, d}
					}, "decrypt"),
				},
			})
			if err := k.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}

	t.Run("destroyed", func(t *testing.T) {
		k := open(t, softHSM, token, "object=doomed")
		d, _ := wrap(t, k)
		destroyKey(t, token, "doomed")
		for range 2 {
			_, wrapping := k.DataKey(t.Context(), nil)
			_, unwrapping := k.Unwrap(t.Context(), d, nil)
			for _, err := range []error{wrapping, unwrapping} {
				if !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "no AES key") {
					t.Error(err)
				}
			}
		}
	})
}

// always unwraps the same data key.
type always struct {
	seal.Unwrapper
	d seal.DataKey
}

func (a always) Unwrap(ctx context.Context, _ seal.DataKey, _ map[string]string) ([]byte, error) {
	return a.Unwrapper.Unwrap(ctx, a.d, nil)
}

func TestLogin(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	log(t)
	for name, wrong := range map[string]string{"wrong": "0000", "long": strings.Repeat("1", 1000)} {
		_, err := try(t, hsm, token, "object=kek", func(context.Context) (string, error) { return wrong, nil })
		if !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "PIN is wrong") || strings.Contains(err.Error(), wrong) {
			t.Errorf("%s PIN: %v", name, err)
		}
		if n := count(log(t), "login"); n != 1 {
			t.Errorf("%s PIN: given %d times", name, n)
		}
	}
	if _, err := try(t, hsm, token, "object=kek", func(context.Context) (string, error) { return "", nil }); !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "empty") {
		t.Errorf("empty PIN: %v", err)
	}
	none := errors.New("no such secret")
	if _, err := try(t, hsm, token, "object=kek", func(context.Context) (string, error) { return "", none }); !errors.Is(err, none) || errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a PIN that cannot be had: %v", err)
	}
	if n := count(log(t), "login"); n != 0 {
		t.Errorf("a PIN that cannot be had was given %d times", n)
	}
}

func count(lines []string, line string) (n int) {
	for _, l := range lines {
		if l == line {
			n++
		}
	}
	return n
}

// TestAway: a token that was away is found again, with its PIN, and what it has
// wrapped before can be unwrapped.
func TestAway(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	given := userPIN
	k, err := try(t, hsm, token, "object=kek", func(context.Context) (string, error) { return given, nil })
	if err != nil {
		t.Fatal(err)
	}
	d, plain := wrap(t, k)
	for range 3 {
		tell(t, "away")
		for range 3 {
			_, wrapping := k.DataKey(t.Context(), nil)
			got, unwrapping := k.Unwrap(t.Context(), d, nil)
			for _, err := range []error{wrapping, unwrapping} {
				if !errors.Is(err, seal.ErrNoKey) || errors.Is(err, seal.ErrNotOpened) {
					t.Errorf("away: %v", err)
				}
			}
			if got != nil {
				t.Error("a key from a token that is away")
			}
		}
		tell(t, "")
		opens(t, k, d, plain)
		d, plain = wrap(t, k)
	}

	// It is pulled in the middle of a call.
	tell(t, "gone")
	if _, err := k.Unwrap(t.Context(), d, nil); !errors.Is(err, seal.ErrNoKey) || errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("gone: %v", err)
	}
	tell(t, "")
	opens(t, k, d, plain)

	// It comes back with another PIN, which nobody has told us.
	tell(t, "away")
	if _, err := k.DataKey(t.Context(), nil); err == nil {
		t.Error("away, and no error")
	}
	tell(t, "")
	given = "9999"
	log(t)
	for range 5 {
		if _, err := k.Unwrap(t.Context(), d, nil); !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "PIN is wrong") {
			t.Error(err)
		}
	}
	if n := count(log(t), "login"); n != 1 {
		t.Errorf("a wrong PIN was given %d times", n)
	}
}

// TestRemoved takes a token away from SoftHSM itself, whose tokens are folders.
func TestRemoved(t *testing.T) {
	folders := func() map[string]bool {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(filepath.Dir(control), "*-*-*"))
		if err != nil {
			t.Fatal(err)
		}
		m := make(map[string]bool)
		for _, name := range found {
			m[name] = true
		}
		return m
	}
	before := folders()
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	after := folders()
	maps.DeleteFunc(after, func(name string, _ bool) bool { return before[name] })
	if len(after) != 1 {
		t.Fatalf("%d new folders", len(after))
	}
	k := open(t, softHSM, token, "object=kek")
	d, plain := wrap(t, k)
	for folder := range after {
		elsewhere := filepath.Join(t.TempDir(), "token")
		if err := os.Rename(folder, elsewhere); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := k.DataKey(t.Context(), nil); !errors.Is(err, seal.ErrNoKey) {
				t.Error(err)
			}
			if got, err := k.Unwrap(t.Context(), d, nil); !errors.Is(err, seal.ErrNoKey) || got != nil {
				t.Error(err)
			}
		}
		if err := os.Rename(elsewhere, folder); err != nil {
			t.Fatal(err)
		}
	}
	k.Close() // SoftHSM looks for tokens when it starts
	opens(t, open(t, softHSM, token, "object=kek"), d, plain)
}

// TestAwayMeanwhile takes the token away again and again from many that use it.
func TestAwayMeanwhile(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	k := open(t, hsm, token, "object=kek")
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var mu sync.Mutex
	done, away := 0, 0
	for range 12 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				d, err := k.DataKey(t.Context(), nil)
				if err == nil {
					plain := d.Plain
					d.Plain = nil
					var got []byte
					if got, err = k.Unwrap(t.Context(), d, nil); err == nil && !bytes.Equal(got, plain) {
						t.Error("unwrapped to another key")
					}
				}
				if err != nil && !errors.Is(err, seal.ErrNoKey) {
					t.Error(err)
				}
				mu.Lock()
				if err == nil {
					done++
				} else {
					away++
				}
				mu.Unlock()
			}
		})
	}
	reached := func(n *int) {
		mu.Lock()
		want := *n + 30
		mu.Unlock()
		for {
			mu.Lock()
			there := *n >= want
			mu.Unlock()
			if there || t.Failed() {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	for range 5 {
		reached(&done)
		tell(t, "away")
		reached(&away)
		tell(t, "")
	}
	reached(&done)
	close(stop)
	wg.Wait()
}

// TestSessions: sessions are few, are used again, and are given back.
func TestSessions(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	log(t)
	k, err := try(t, hsm, token, "object=kek", pin)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			for range 20 {
				d, plain := wrap(t, k)
				opens(t, k, d, plain)
			}
		})
	}
	wg.Wait()
	lines := log(t)
	most, n := 0, 0
	for _, line := range lines {
		if _, err := fmt.Sscanf(line, "sessions %d", &n); err == nil {
			most = max(most, n)
		}
	}
	if most < 2 || most > 9 || len(lines) > 12 || count(lines, "login") != 1 {
		t.Errorf("%d sessions at most, %d changes", most, len(lines))
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	if lines := log(t); lines[len(lines)-1] != "sessions 0" {
		t.Errorf("at the end: %q", lines)
	}
	if _, err := k.DataKey(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after closing: %v", err)
	}
}

// TestIVs: none is ever used twice, whoever makes them, and the one in the
// wrapped key is the one that was used.
func TestIVs(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	for _, module := range []string{softHSM, hsm} {
		k := open(t, module, token, "object=kek")
		seen := map[string]bool{string(make([]byte, 12)): true}
		for range 500 {
			d, plain := wrap(t, k)
			if iv := string(d.Wrapped[:12]); seen[iv] {
				t.Fatal("an IV of zeros, or twice the same")
			} else {
				seen[iv] = true
			}
			opens(t, k, d, plain)
		}
	}
	for word, says := range map[string]string{"no-iv": "takes no IV", "wrong-iv": "does not unwrap"} {
		tell(t, word)
		k := open(t, hsm, token, "object=kek")
		d, err := k.DataKey(t.Context(), nil)
		for _, err := range []error{err, k.Check(t.Context())} {
			if !errors.Is(err, seal.ErrNoKey) || d.Plain != nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", word, err)
			}
		}
	}
}

// TestRotation: with a new key named, what the old one has wrapped still opens.
func TestRotation(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek 2025", "\x01")
	newKey(t, token, "kek 2026", "\x02")
	before := open(t, softHSM, token, "id=%01")
	d, plain := wrap(t, before)
	if want := "pkcs11:token=" + token + ";object=kek%202025;id=%01"; d.KeyID != want || before.KeyID() != want {
		t.Errorf("key id %s, want %s", d.KeyID, want)
	}
	k := open(t, softHSM, token, "object=kek%202026")
	opens(t, k, d, plain)
	other := d
	other.KeyID = k.KeyID()
	if _, err := k.Unwrap(t.Context(), other, nil); !errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("opened with another key: %v", err)
	}
	for _, id := range []string{"pkcs11:token=" + token + ";id=%01", d.KeyID + "?module-path=" + softHSM, "pkcs11:token=x;object=kek%202025;id=%01"} {
		d.KeyID = id
		if _, err := k.Unwrap(t.Context(), d, nil); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("opened under the name %s: %v", id, err)
		}
	}
}

// TestTwins: of two tokens with one label, none is guessed.
func TestTwins(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	var serial string
	admin(t, token, func(m *p11.Ctx, s p11.SessionHandle) error {
		info, err := m.GetSessionInfo(s)
		if err != nil {
			return err
		}
		about, err := m.GetTokenInfo(info.SlotID)
		serial = about.SerialNumber
		return err
	})
	initToken(t, token)
	if _, err := try(t, softHSM, token, "object=kek", pin); !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), "serial=") {
		t.Error(err)
	}
	d, plain := wrap(t, open(t, softHSM, token, "object=kek;serial="+serial))
	opens(t, open(t, softHSM, token, "object=kek;serial="+serial), d, plain)
}

// TestSealed is one object from end to end.
func TestSealed(t *testing.T) {
	token := newToken(t)
	newKey(t, token, "kek", "\x01")
	k := open(t, hsm, token, "object=kek")
	body := strings.Repeat("Nothing to see here.\n", 1000)
	r, err := seal.NewReader(t.Context(), strings.NewReader(body), seal.Options{Context: map[string]string{"sluice:key": "a"}}, k)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	k.Close()
	o, err := seal.Open(t.Context(), bytes.NewReader(sealed), open(t, softHSM, token, "object=kek"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(o); err != nil || string(got) != body {
		t.Error(err)
	}
}
