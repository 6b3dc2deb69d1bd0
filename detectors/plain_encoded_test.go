package detectors

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors/vectors"
)

// plainDecode decodes base64 of which the padding may be missing.
func plainDecode(text string) (string, bool) {
	text = strings.TrimRight(text, "=")
	if len(text)%4 == 1 {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(text + strings.Repeat("=", (4-len(text)%4)%4))
	return string(b), err == nil
}

// plainUserPass is isEncodedUserPass as its description says it.
func plainUserPass(text string) bool {
	v, ok := plainDecode(text)
	user, password, colon := strings.Cut(v, ":")
	if !ok || len(text) < 8 || len(text) > maxAuth || !colon || user == "" || password == "" || !utf8.ValidString(v) {
		return false
	}
	return !regexp.MustCompile(`[\x00-\x1f\x7f]`).MatchString(v) && isUserPass([]byte(v))
}

// plainKey says whether text is a private key block in base64.
func plainKey(text string) bool {
	run := regexp.MustCompile(`^[A-Za-z0-9+/]*`).FindString(text)
	if len(run) < 120 {
		return false
	}
	v, _ := plainDecode(run[:64])
	return regexp.MustCompile(`^-----BEGIN [^-]*PRIVATE KEY( BLOCK)?-----`).MatchString(v)
}

// plainColumn counts the separators before the end of s in its last line.
func plainColumn(s string) int {
	return len(regexp.MustCompile(`[,;\t|\r]`).FindAllString(s[strings.LastIndexByte(s, '\n')+1:], -1))
}

// agreeEncoded compares the judges of what files encode with their plain forms.
func agreeEncoded(t *testing.T, s string) {
	text := strings.TrimRight(regexp.MustCompile(`^[A-Za-z0-9+/=]*`).FindString(s), "=")
	if got, want := isEncodedUserPass([]byte(text)), plainUserPass(text); got != want {
		t.Errorf("a user and password of %d characters: %v, plainly %v", len(text), got, want)
	}
	if strings.HasPrefix(s, encodedDashes) {
		if _, _, got := matchEncodedKey([]byte(s), 0); got != plainKey(s) {
			t.Errorf("a key of %d characters: %v, plainly %v", len(s), got, !got)
		}
	}
	if got, want := columnAt([]byte(s), true), plainColumn(s); got != want {
		t.Errorf("column %d, plainly %d", got, want)
	}
	if got, want := isUUID([]byte(s)), regexp.MustCompile(`\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z`).MatchString(s); got != want {
		t.Errorf("a UUID: %v, plainly %v", got, want)
	}
	for at := range s {
		if strings.HasPrefix(s[at:], "kind: Secret") {
			if start, end, ok := matchKubernetesSecret([]byte(s), at); ok && !plainManifest(s[start:end]) {
				t.Errorf("a manifest of %d bytes without kind and data", end-start)
			}
		}
	}
}

// plainManifest says whether s has a line with the kind and one that says data.
func plainManifest(s string) bool {
	return regexp.MustCompile(`(?m)^\s*kind: Secret\s*(#.*)?$`).MatchString(s) && regexp.MustCompile(`(?m)^\s*data:`).MatchString(s) && !regexp.MustCompile(`(?m)^---`).MatchString(s)
}

// encodedIDs are the rules of which the texts are taken.
func encodedIDs() []string {
	return []string{"PRIVATE_KEY_BASE64", "REGISTRY_AUTH", "KUBERNETES_SECRET", "PASSWORD_IN_TABLE"}
}

func TestEncodedSecretsArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	labels := []string{"PRIVATE KEY", "RSA PRIVATE KEY", "CERTIFICATE", "PGP PRIVATE KEY BLOCK", "PRIVATE KEYS", "PUBLIC KEY", "OPENSSH PRIVATE KEY"}
	keys, users := 0, 0
	for range 3000 {
		random := make([]byte, 20+rng.IntN(160))
		for i := range random {
			random[i] = byte(rng.Uint32())
		}
		body := base64.StdEncoding.EncodeToString(random)
		key := base64.StdEncoding.EncodeToString([]byte("-----BEGIN " + labels[rng.IntN(len(labels))] + "-----\n" + body))
		agreeEncoded(t, key)
		if plainKey(key) {
			keys++
		}
		pair := fmt.Sprintf("u%d%c%s", rng.IntN(1e4), ":;"[rng.IntN(2)], body[:rng.IntN(12)])
		if rng.IntN(5) == 0 {
			pair += string(random[:2])
		}
		pair = strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(pair)), "=")
		agreeEncoded(t, pair)
		if plainUserPass(pair) {
			users++
		}
	}
	if keys < 500 || users < 500 {
		t.Errorf("only %d keys and %d users: the texts are too wild", keys, users)
	}
}

func FuzzValidEncoded(f *testing.F) {
	for _, id := range encodedIDs() {
		for _, text := range vectors.MustOf(id).Texts() {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, s string) { agreeEncoded(t, s) })
}
