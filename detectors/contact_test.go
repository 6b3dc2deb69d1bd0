package detectors

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhole judges entire values, in the forms that a standard admits and a
// search does not look for.
func TestWhole(t *testing.T) {
	long := strings.Repeat("a", 64)
	tests := []struct {
		id             string
		valid, invalid []string
	}{
		{"EMAIL_ADDRESS",
			[]string{
				`"joe bloggs"@example.com`, `"joe@bloggs"@example.com`, `"foo\@bar"@example.com`, `joe@[127.0.0.1]`, `joe@[IPv6:::1]`,
				"te~st!#$@example.com", long + "@example.com", "a=b@example.com", "δοκιμή@example.com", "user@café.example", "x@xn--80ak6aa92e.xn--p1ai",
			},
			[]string{
				"", "@example.com", "joe@", "joe@example", ".joe@example.com", "joe.@example.com", "j..e@example.com", "joe b@example.com",
				"joe@[127.0.0.300]", "joe@[::1]", "joe@example.com.", "joe@-example.com", "joe@exa_mple.com", "joe@example.1", "a" + long + "@example.com",
				`"joe@example.com`, `"jo"e"@example.com`, "joe\u00a0b@example.com", "joe@ｅxample.com",
			}},
		{"IP_ADDRESS",
			[]string{"0.0.0.0", "1.2.3.4", "127.0.0.2", "255.255.255.255", "::", "::1", "1::8", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "fe80::1%eth0"},
			[]string{"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4/24", "1.2.3.4 ", ":::", "1::2::3", "12345::", "[::1]", "::1%", "1.2.3.4%eth0", "fe80::1%a%b"}},
		{"MAC_ADDRESS",
			[]string{"00:00:5e:00:53:01", "00-00-5E-00-53-01", "0000.5e00.5301", "00005e005301", "00 00 5e 00 53 01", "00:00:5e:00:53:01:02:03", "ff:ff:ff:ff:ff:ff"},
			[]string{"", "00:00:5e:00:53", "00:00-5e:00-53:01", "00:00:5e:00:53:0g", "0000:5e00:5301", "00:00:5e:00:53:01:02"}},
		{"PHONE_NUMBER",
			[]string{"2025550143", "12025550143", "+12025550143", "(202) 555-0143", "202 555 0143", "1-202-555-0143"},
			[]string{"", "202555014", "1025550143", "2021550143", "2115550143", "202-555-0143x", "+442079460123"}},
		{"PHONE_NUMBER_INTERNATIONAL",
			[]string{"+442079460123", "00442079460123", "+12025550143", "020 7946 0123", "(020) 7946-0123", "0412-345678", "12345"},
			[]string{"", "+", "1234", "12345678901234", "+44 207946", "12--34567", "555-CALL", "(12345", "12345-", "00000000", "+999123456789"}},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			rules, err := Select(Builtin(), []string{tt.id})
			if err != nil {
				t.Fatal(err)
			}
			s, err := Compile(rules, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range tt.valid {
				if !s.Valid(0, []byte(v)) {
					t.Errorf("valid value %d is refused", i)
				}
			}
			for i, v := range tt.invalid {
				if s.Valid(0, []byte(v)) {
					t.Errorf("invalid value %d is accepted", i)
				}
			}
		})
	}
}

// TestCountryCodes checks what E.164 says of the codes: none is the beginning
// of another one, and with the national number there are 15 digits at most.
func TestCountryCodes(t *testing.T) {
	n := 0
	for code, p := range plans {
		if p.lengths == 0 {
			continue
		}
		n++
		digits := fmt.Sprint(code)
		for k := 1; k < len(digits); k++ {
			if q, m := countryCode([]byte(digits[:k])); m > 0 {
				t.Errorf("code %d begins with the code %d", code, q.code)
			}
		}
		if got, m := countryCode([]byte(digits + "00")); m != len(digits) || got.code != code {
			t.Errorf("code %d is read as %d", code, got.code)
		}
		if len(digits)+p.longest() > 15 {
			t.Errorf("code %d has numbers of %d digits", code, p.longest())
		}
	}
	if n < 210 {
		t.Errorf("%d country codes", n)
	}
}

func TestPlaceholder(t *testing.T) {
	for i, v := range []string{"xxxxxxxxxxxxxxxx", "XXXXXXXX12345678", "abcdefghijklmnop", "0123456789abcdef", "aabbaabbaabbaabbaabb", "9876543210fedcba", "a1aaaaaaaab2"} {
		if !placeholder([]byte(v)) {
			t.Errorf("placeholder %d counts as drawn", i)
		}
	}
	for i, v := range []string{"Ex4mp1eT0kenV4lu3Ex4", "4b1d0c9f7e6a5d8c3b2a", "LALEMEL33243OLIB", "e039d02840a0b9379c", "kQe9fKq2Lm", "PWLPLJCCC7L3LJMP"} {
		if placeholder([]byte(v)) {
			t.Errorf("value %d counts as a placeholder", i)
		}
	}
}
