package pkcs11

import (
	"strings"
	"testing"
)

func TestURI(t *testing.T) {
	for _, tt := range []struct {
		text, again string
		want        uri
	}{
		{"pkcs11:token=a;object=b", "pkcs11:token=a;object=b", uri{token: "a", object: "b"}},
		{"pkcs11:object=b;token=a?module-path=/usr/lib/x.so", "pkcs11:token=a;object=b", uri{module: "/usr/lib/x.so", token: "a", object: "b"}},
		{"pkcs11:token=a;id=%01%fF;serial=123;type=secret-key", "pkcs11:token=a;id=%01%FF", uri{token: "a", serial: "123", id: "\x01\xff"}},
		{"pkcs11:token=my%20token;object=k%c3%a9y%3b;id=A", "pkcs11:token=my%20token;object=k%C3%A9y%3B;id=%41", uri{token: "my token", object: "kéy;", id: "A"}},
		{"pkcs11:token=a+b;object=c", "pkcs11:token=a%2Bb;object=c", uri{token: "a+b", object: "c"}},
	} {
		got, err := parseURI(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v", tt.text, got, err)
		}
		if got.String() != tt.again {
			t.Errorf("%s: again %s", tt.text, got)
		}
		again, err := parseURI(got.String())
		if want := (uri{token: got.token, object: got.object, id: got.id}); err != nil || again != want {
			t.Errorf("%s: %+v, %v", got, again, err)
		}
	}
	for text, says := range map[string]string{
		"":                                          "pkcs11:token=",
		"token=a;object=b":                          "pkcs11:token=",
		"pkcs11:":                                   "no key",
		"pkcs11:token=a":                            "no key",
		"pkcs11:object=a":                           "no token",
		"pkcs11:token=a;object=b;slot-id=3":         "slot-id",
		"pkcs11:token=a;object=b;type=private":      "type",
		"pkcs11:token=a;token=b;object=c":           "two",
		"pkcs11:token=;object=c":                    "token",
		"pkcs11:token=%zz;object=c":                 "token",
		"pkcs11:token=a;object=b?pin-value=1234":    "PIN",
		"pkcs11:token=a;object=b?pin-source=/a":     "PIN",
		"pkcs11:token=a;object=b?module-name=x":     "module-name",
		"pkcs11:token=a;object=b?module-path=":      "module-path",
		"pkcs11:token=a;object=b;module-path=/x.so": "module-path",
	} {
		_, err := parseURI(text)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// FuzzURI: what is understood is written in one way, which is understood the
// same.
func FuzzURI(f *testing.F) {
	f.Add("pkcs11:token=my%20token;object=k%c3%a9y%3b;id=%00A;serial=1?module-path=/x.so")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseURI(text)
		if err != nil {
			return
		}
		again, err := parseURI(u.String())
		if err != nil || again != (uri{token: u.token, object: u.object, id: u.id}) || again.String() != u.String() {
			t.Errorf("%q: %+v, %v", u, again, err)
		}
	})
}
