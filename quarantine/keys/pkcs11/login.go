//go:build pkcs11 && cgo

package pkcs11

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	p11 "github.com/miekg/pkcs11"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// login is one time of being logged in to a token. Handles are good for as long.
type login struct {
	slot     uint
	anchor   p11.SessionHandle // does nothing: with the last session of a process its login ends
	id       string            // of the key that wraps
	sessions int               // that there may be

	idle    []p11.SessionHandle         // guarded by keys.mu, as is
	handles map[string]p11.ObjectHandle // by URI
}

// use calls do with a session of its own and the key of that id. When the token
// was lost, it logs in once more, and calls do once more.
func (k *keys) use(ctx context.Context, id string, do func(p11.SessionHandle, p11.ObjectHandle) error) error {
	select {
	case k.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-k.room }()
	for again := false; ; again = true {
		if err := ctx.Err(); err != nil {
			return err
		}
		l, err := k.loggedIn(ctx)
		if err != nil {
			return err
		}
		err = k.call(l, id, do)
		if !isLost(err) {
			return err
		}
		k.lose(l)
		if again {
			return err
		}
	}
}

func (k *keys) loggedIn(ctx context.Context) (*login, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fatal != nil {
		return nil, k.fatal
	}
	if k.login != nil {
		return k.login, nil
	}
	l, err := k.logIn(ctx)
	if err == nil && l.id != k.id {
		l.end(k.module)
		err = fmt.Errorf("%w: the token came back with %s in the place of %s", seal.ErrNoKey, l.id, k.id)
	}
	if err != nil {
		return nil, err
	}
	k.login = l
	return l, nil
}

// lose gives a login up, unless somebody has done so before.
func (k *keys) lose(l *login) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.login == l {
		l.end(k.module)
		k.login = nil
	}
}

// end closes what nobody is using.
func (l *login) end(m *p11.Ctx) {
	for _, s := range append(l.idle, l.anchor) {
		m.CloseSession(s)
	}
	l.idle = nil
}

// call runs do. A session in which something went wrong is not used again: the
// operation may be unfinished.
func (k *keys) call(l *login, id string, do func(p11.SessionHandle, p11.ObjectHandle) error) error {
	s, err := k.session(l)
	if err != nil {
		return err
	}
	key, err := k.handle(l, s, id)
	if err == nil {
		err = do(s, key)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil && k.login == l {
		l.idle = append(l.idle, s)
	} else {
		k.module.CloseSession(s)
	}
	return err
}

func (k *keys) session(l *login) (p11.SessionHandle, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(l.idle); n > 0 {
		s := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return s, nil
	}
	s, err := k.open(l.slot)
	return s, failure("open a session", err)
}

// open asks for a session that may write, because CloudHSM has no others.
func (k *keys) open(slot uint) (p11.SessionHandle, error) {
	return k.module.OpenSession(slot, p11.CKF_SERIAL_SESSION|p11.CKF_RW_SESSION)
}

// handle finds the key of a URI, once in a login.
func (k *keys) handle(l *login, s p11.SessionHandle, id string) (p11.ObjectHandle, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if h, ok := l.handles[id]; ok {
		return h, nil
	}
	u, err := parseURI(id)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", seal.ErrNoKey, err)
	}
	h, found, err := k.find(s, u)
	if err != nil {
		return 0, err
	}
	if found != id {
		return 0, fmt.Errorf("%w: the object names %.120q, and the HSM has it as %s", seal.ErrNoKey, id, found)
	}
	l.handles[id] = h
	return h, nil
}

// logIn finds the token, logs in and finds the key. Nobody else may be at
// it.
func (k *keys) logIn(ctx context.Context) (*login, error) {
	slot, info, err := k.token()
	if err != nil {
		return nil, err
	}
	// PINs may have to be fetched from afar, and no session needs to wait for it.
	pin, err := k.pin(ctx)
	if err != nil {
		return nil, fmt.Errorf("PIN of the token %q: %w", k.uri.token, err)
	}
	if pin == "" { // some modules would ask for it at a keyboard
		return nil, fmt.Errorf("%w: the PIN of the token %q is empty", seal.ErrNoKey, k.uri.token)
	}
	l := &login{slot: slot, sessions: maxSessions, handles: make(map[string]p11.ObjectHandle)}
	if n := info.MaxRwSessionCount; n > 1 && n != p11.CK_UNAVAILABLE_INFORMATION {
		l.sessions = min(maxSessions, int(n)-1)
	}
	if l.anchor, err = k.open(slot); err != nil {
		return nil, failure("open a session", err)
	}
	var h p11.ObjectHandle
	if err = k.present(l.anchor, pin); err == nil {
		h, l.id, err = k.find(l.anchor, k.uri)
	}
	if err != nil {
		l.end(k.module)
		return nil, err
	}
	l.handles[l.id] = h
	return l, nil
}

// token finds the slot of the token.
func (k *keys) token() (uint, p11.TokenInfo, error) {
	slots, err := k.module.GetSlotList(true)
	if err != nil {
		return 0, p11.TokenInfo{}, failure("list the tokens", err)
	}
	var found []uint
	var info p11.TokenInfo
	var labels []string
	for _, slot := range slots {
		t, err := k.module.GetTokenInfo(slot)
		if err != nil || t.Flags&p11.CKF_TOKEN_INITIALIZED == 0 {
			continue
		}
		label := strings.TrimRight(t.Label, "\x00 ")
		labels = append(labels, fmt.Sprintf("%q", label))
		if label == k.uri.token && (k.uri.serial == "" || strings.TrimRight(t.SerialNumber, "\x00 ") == k.uri.serial) {
			found, info = append(found, slot), t
		}
	}
	switch {
	case len(found) == 1:
		return found[0], info, nil
	case len(found) > 1:
		return 0, info, fmt.Errorf("%w: several tokens have the label %q: say which with serial=", seal.ErrNoKey, k.uri.token)
	case len(labels) == 0:
		return 0, info, fmt.Errorf("%w: no token is there: is the HSM plugged in, or its client running?", seal.ErrNoKey)
	}
	return 0, info, fmt.Errorf("%w: no token %q is there, only %.200s", seal.ErrNoKey, k.uri.token, strings.Join(labels, ", "))
}

// present gives the PIN, once.
func (k *keys) present(s p11.SessionHandle, pin string) error {
	err := k.module.Login(s, p11.CKU_USER, pin)
	reason := ""
	switch {
	case err == nil, is(err, p11.CKR_USER_ALREADY_LOGGED_IN):
		return nil
	case is(err, p11.CKR_PIN_INCORRECT), is(err, p11.CKR_PIN_INVALID), is(err, p11.CKR_PIN_LEN_RANGE):
		reason = "the PIN is wrong, and is not tried again, because few wrong ones lock a token"
	case is(err, p11.CKR_PIN_LOCKED):
		reason = "the PIN is locked: its security officer can set a new one"
	case is(err, p11.CKR_PIN_EXPIRED):
		reason = "the PIN has expired: set a new one"
	case is(err, p11.CKR_USER_PIN_NOT_INITIALIZED), is(err, p11.CKR_USER_TYPE_INVALID):
		reason = "it has no user yet: its security officer can make one"
	default:
		return failure("log in", err)
	}
	k.fatal = fmt.Errorf("%w: log in to the token %q: %s (%w)", seal.ErrNoKey, k.uri.token, reason, err)
	return k.fatal
}

// find returns the one key of that name, and its URI.
func (k *keys) find(s p11.SessionHandle, u uri) (p11.ObjectHandle, string, error) {
	template := []*p11.Attribute{p11.NewAttribute(p11.CKA_CLASS, p11.CKO_SECRET_KEY), p11.NewAttribute(p11.CKA_KEY_TYPE, p11.CKK_AES)}
	if u.object != "" {
		template = append(template, p11.NewAttribute(p11.CKA_LABEL, u.object))
	}
	if u.id != "" {
		template = append(template, p11.NewAttribute(p11.CKA_ID, []byte(u.id)))
	}
	if err := k.module.FindObjectsInit(s, template); err != nil {
		return 0, "", failure("look for the key", err)
	}
	found, _, err := k.module.FindObjects(s, 2)
	if err := errors.Join(err, k.module.FindObjectsFinal(s)); err != nil {
		return 0, "", failure("look for the key", err)
	}
	switch {
	case len(found) == 0:
		return 0, "", fmt.Errorf("%w: the HSM has no AES key %s, or this user may not see it", seal.ErrNoKey, u)
	case len(found) > 1:
		return 0, "", fmt.Errorf("%w: the HSM has several AES keys %s: say which with id=", seal.ErrNoKey, u)
	}
	id, err := k.fit(s, found[0])
	return found[0], id, err
}

// fit tells whether a key is what it must be, and its URI.
func (k *keys) fit(s p11.SessionHandle, h p11.ObjectHandle) (string, error) {
	a, err := k.module.GetAttributeValue(s, h, []*p11.Attribute{
		p11.NewAttribute(p11.CKA_LABEL, nil), p11.NewAttribute(p11.CKA_ID, nil), p11.NewAttribute(p11.CKA_VALUE_LEN, nil),
		p11.NewAttribute(p11.CKA_EXTRACTABLE, nil), p11.NewAttribute(p11.CKA_SENSITIVE, nil),
	})
	if err != nil {
		return "", failure("look at the key", err)
	}
	u := uri{token: k.uri.token, object: string(a[0].Value), id: string(a[1].Value)}
	yes := []byte{1}
	switch {
	case !bytes.Equal(a[2].Value, p11.NewAttribute(p11.CKA_VALUE_LEN, keySize).Value):
		return "", fmt.Errorf("%w: %s is not a key of 256 bits", seal.ErrNoKey, u)
	case bytes.Equal(a[3].Value, yes) || !bytes.Equal(a[4].Value, yes):
		return "", fmt.Errorf("%w: %s can be taken out of the HSM: make one that is sensitive and not extractable", seal.ErrNoKey, u)
	}
	return u.String(), nil
}

// failure puts what the module says into a sentence. What somebody must change
// wraps [seal.ErrNoKey].
func failure(what string, err error) error {
	switch {
	case err == nil || errors.Is(err, seal.ErrNoKey):
		return err
	case is(err, p11.CKR_KEY_FUNCTION_NOT_PERMITTED), is(err, p11.CKR_KEY_TYPE_INCONSISTENT), is(err, p11.CKR_KEY_SIZE_RANGE):
		return fmt.Errorf("%w: the HSM does not let the key %s: it takes an AES key that may encrypt, and decrypt to open (%w)", seal.ErrNoKey, what, err)
	case is(err, p11.CKR_MECHANISM_INVALID):
		return fmt.Errorf("%w: the HSM has no AES-GCM (%w)", seal.ErrNoKey, err)
	case isLost(err):
		return fmt.Errorf("%w: the HSM cannot be reached to %s: is it plugged in, or its client running? (%w)", seal.ErrNoKey, what, err)
	}
	return fmt.Errorf("HSM, %s: %w", what, err)
}

// isLost reports whether a new login may help: the token was away, or somebody
// has closed the sessions. A buffer is too small when a token comes back while
// they are listed.
func isLost(err error) bool {
	var code p11.Error
	if !errors.As(err, &code) {
		return false
	}
	switch code {
	case p11.CKR_DEVICE_REMOVED, p11.CKR_DEVICE_ERROR, p11.CKR_TOKEN_NOT_PRESENT, p11.CKR_TOKEN_NOT_RECOGNIZED, p11.CKR_SLOT_ID_INVALID,
		p11.CKR_SESSION_HANDLE_INVALID, p11.CKR_SESSION_CLOSED, p11.CKR_USER_NOT_LOGGED_IN,
		p11.CKR_KEY_HANDLE_INVALID, p11.CKR_OBJECT_HANDLE_INVALID, p11.CKR_BUFFER_TOO_SMALL:
		return true
	}
	return false
}

func is(err error, code p11.Error) bool {
	var e p11.Error
	return errors.As(err, &e) && e == code
}
