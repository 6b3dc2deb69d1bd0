package custom

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dlp/sluice/detectors/checksum"
	"github.com/sluice-dlp/sluice/internal/wording"
)

// Validator checks the digits of a value. It is one of the named schemes, of
// which all but mod97 look at digits alone, or a weighted sum of letters and
// digits, A to Z standing for 10 to 35.
type Validator struct {
	scheme string

	// Of a weighted sum: the weights from the left, and the modulus. Without a
	// table the sum of all letters and digits is a multiple of the modulus. With
	// one, the last is the check character: the one that the table has for the
	// remainder of the sum of the others, '-' being none.
	weights []int
	modulus int
	table   string
}

// Limits of weighted sums.
const (
	maxWeights = 64
	maxWeight  = 1000
	maxModulus = 1000
)

var (
	schemes         = []string{"luhn", "mod97", "verhoeff", "mod11_10"}
	validatorFields = []string{"weights", "modulus", "map"}
)

// validator reads a name, or the weights of a sum.
func (r *reader) validator(at place, n *yaml.Node) *Validator {
	if n.Kind == yaml.ScalarNode {
		for _, s := range schemes {
			if n.Value == s {
				return &Validator{scheme: s}
			}
		}
		r.fail(at, n, "%q; it is %s, or an object with %s", wording.Shorten(n.Value), strings.Join(schemes, ", "), strings.Join(validatorFields, ", "))
		return nil
	}
	before := len(r.errs)
	v := new(Validator)
	r.fields(at, n, validatorFields, func(name string, value *yaml.Node) {
		switch name {
		case "weights":
			for _, w := range r.items(at, value, maxWeights) {
				v.weights = append(v.weights, int(r.number(at, w, 0, maxWeight)))
			}
		case "modulus":
			v.modulus = int(r.number(at, value, 2, maxModulus))
		case "map":
			v.table = r.text(at, value, 1, maxModulus)
		}
	})
	switch {
	case len(r.errs) > before:
	case len(v.weights) == 0 || v.modulus == 0:
		r.fail(at, n, "needs weights and a modulus")
	case v.table != "" && len(v.table) != v.modulus:
		r.fail(at, n, "map has %d characters for the %d remainders of the modulus", len(v.table), v.modulus)
	case strings.Trim(v.table, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		r.fail(at, n, "map may have digits, capital letters, and '-' for a remainder that no value has")
	}
	return v
}

// String says what is checked, in full: it tells validators apart.
func (v *Validator) String() string {
	switch {
	case v.scheme != "":
		return map[string]string{
			"luhn":     "Luhn (ISO/IEC 7812-1)",
			"mod97":    "ISO/IEC 7064 MOD 97-10",
			"verhoeff": "Verhoeff",
			"mod11_10": "ISO/IEC 7064 MOD 11,10",
		}[v.scheme]
	case v.table == "":
		return fmt.Sprintf("The sum with the weights %d is a multiple of %d", v.weights, v.modulus)
	}
	return fmt.Sprintf("The last character is that of %q for the sum of the others with the weights %d, modulo %d", v.table, v.weights, v.modulus)
}

// valid reports whether the check digits of value are right.
func (v *Validator) valid(value []byte) bool {
	var room [64]byte
	if v.scheme == "" {
		return v.weighted(alphanumeric(room[:0], value, true))
	}
	digits := alphanumeric(room[:0], value, v.scheme == "mod97")
	switch {
	case len(digits) < 2:
		return false
	case v.scheme == "luhn":
		return checksum.Luhn(digits)
	case v.scheme == "mod97":
		return checksum.Mod97(0, digits) == 1
	case v.scheme == "verhoeff":
		return checksum.Verhoeff(digits)
	}
	return checksum.Mod11_10(digits)
}

func (v *Validator) weighted(s []byte) bool {
	var check byte
	if v.table != "" && len(s) > 0 {
		check, s = s[len(s)-1], s[:len(s)-1]
	}
	if len(s) != len(v.weights) {
		return false
	}
	sum := 0
	for i, c := range s {
		n := int(c - '0')
		if c >= 'A' {
			n = int(c-'A') + 10
		}
		sum += n * v.weights[i]
	}
	if v.table == "" {
		return sum%v.modulus == 0
	}
	want := v.table[sum%v.modulus]
	return want != '-' && want == check
}

// alphanumeric appends the digits of value to dst, and with letters its ASCII
// letters too, in upper case.
func alphanumeric(dst, value []byte, letters bool) []byte {
	for _, c := range value {
		switch {
		case c-'0' < 10:
			dst = append(dst, c)
		case letters && c|0x20-'a' < 26:
			dst = append(dst, c&^0x20)
		}
	}
	return dst
}
