package secret

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:teams/hook-a1B2c3"

func TestParse(t *testing.T) {
	for _, s := range []string{"", "env:HOOK", "file:/run/secrets/x", "file:a:b", "secretsmanager:" + arn, "secretsmanager:" + arn + "#url",
		"secretsmanager:arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:x"} {
		r, err := Parse(s)
		if err != nil || r.String() != s || r.IsZero() != (s == "") {
			t.Errorf("%q: %q, %v", s, r, err)
		}
	}
	for _, s := range []string{"hunter2hunter2", "env:", "env:A B", "env:1A", "file:", "secretsmanager:", "secretsmanager:teams", "secretsmanager:" + arn + "#",
		"secretsmanager:arn:aws:s3:::bucket", "https://example.com/hunter2", "ENV:HOOK"} {
		r, err := Parse(s)
		if err == nil || !r.IsZero() {
			t.Errorf("%q is read as %q", s, r)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats what may be the secret: %v", err)
		}
	}
}

func TestParseOrPlain(t *testing.T) {
	r, err := ParseOrPlain("https://example.com/hook")
	if text, ok := r.PlainText(); err != nil || !ok || text != "https://example.com/hook" {
		t.Errorf("%q, %v, %v", text, ok, err)
	}
	if r, err := ParseOrPlain("env:HOOK"); err != nil || r.String() != "env:HOOK" {
		t.Errorf("%v, %v", r, err)
	}
	if r, err := ParseOrPlain("env:not a name"); err == nil {
		t.Errorf("a reference with an error is read as %v", r)
	}
}

// TestNothingPrintsSecrets prints a Value and a Ref that holds one in all ways
// that come to mind, alone and inside other types.
func TestNothingPrintsSecrets(t *testing.T) {
	const s = "hunter2-hunter2"
	type holder struct {
		V Value
		R Ref
		v Value
		r Ref
		p *Value
	}
	v := NewValue([]byte(s))
	h := holder{v, Plain(s), v, Plain(s), &v}
	for _, x := range []any{v, &v, Plain(s), h, &h, []any{h}, map[string]holder{"a": h}, fmt.Errorf("x: %v", v)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			if out := fmt.Sprintf(verb, x); leaks(out, s) {
				t.Errorf("%s of %T shows the secret", verb, x)
			}
		}
		out, err := json.Marshal(x)
		if err != nil || leaks(string(out), s) {
			t.Errorf("JSON of %T shows the secret, or fails: %v", x, err)
		}
	}
	if v.Text() != s || h.R.String() != Redacted {
		t.Error("the secret is not what it was")
	}
	v.Wipe()
	if string(h.v.Bytes()) != strings.Repeat("\x00", len(s)) {
		t.Error("a copy of a wiped value still holds it")
	}
	Value{}.Wipe()
}

func leaks(out, s string) bool {
	return strings.Contains(out, s) || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", s)) || strings.Contains(out, strings.Trim(fmt.Sprint([]byte(s)), "[]"))
}
