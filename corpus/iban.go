package corpus

import (
	"fmt"
	"slices"
	"strings"
)

// account is the layout of a country's account numbers: its rule, the country
// code, and how the part behind the check digits is made, with the national
// check digits where the algorithm is public.
type account struct {
	rule, country string
	bban          func(r *random) string
	length        int // of the whole IBAN
}

// accounts are those of the SWIFT registry for some countries.
func accounts() []account {
	plain := func(letters, digits int) func(r *random) string {
		return func(r *random) string { return r.string(upper, letters) + r.digits(digits) }
	}
	return []account{
		{"GERMANY", "DE", plain(0, 18), 22},
		{"UK", "GB", plain(4, 14), 22},
		{"NETHERLANDS", "NL", plain(4, 10), 18},
		{"AUSTRIA", "AT", plain(0, 16), 20},
		{"SWITZERLAND", "CH", plain(0, 17), 21},
		{"DENMARK", "DK", plain(0, 14), 18},
		{"SWEDEN", "SE", plain(0, 20), 24},
		{"IRELAND", "IE", plain(4, 14), 22},
		{"LITHUANIA", "LT", plain(0, 16), 20},
		{"POLAND", "PL", plain(0, 24), 28},
		{"FINLAND", "FI", plain(0, 14), 18},
		{"FRANCE", "FR", frenchAccount, 27},
		{"SPAIN", "ES", spanishAccount, 24},
		{"ITALY", "IT", italianAccount, 27},
		{"BELGIUM", "BE", belgianAccount, 16},
	}
}

// frenchAccount ends in the RIB key: 97 minus the sum of 89 times the bank,
// 15 times the branch and 3 times the account, modulo 97.
func frenchAccount(r *random) string {
	bank, branch, acct := r.digits(5), r.digits(5), r.digits(11)
	return fmt.Sprintf("%s%s%s%02d", bank, branch, acct, 97-(89*mod97(bank)+15*mod97(branch)+3*mod97(acct))%97)
}

// spanishAccount has two control digits modulo 11 behind bank and branch.
func spanishAccount(r *random) string {
	bank, acct := r.digits(8), r.digits(10)
	control := func(d string) string {
		return string(mod11Digit(weighted(d, 1, 2, 4, 8, 5, 10, 9, 7, 3, 6), '1', '0'))
	}
	return bank + control("00"+bank) + control(acct) + acct
}

// italianAccount begins with the CIN letter.
func italianAccount(r *random) string {
	d := r.digits(22)
	return string(italianLetter(d)) + d
}

// belgianAccount ends in the first ten digits modulo 97, 97 for none.
func belgianAccount(r *random) string {
	d := r.digits(10)
	m := mod97(d)
	if m == 0 {
		m = 97
	}
	return fmt.Sprintf("%s%02d", d, m)
}

// iban values carry the rule of their country.
func iban() *identifier {
	all := accounts()
	return &identifier{
		rule: "IBAN",
		ruleFor: func(v string) string {
			return all[slices.IndexFunc(all, func(a account) bool { return a.country == v[:2] })].rule + "_BANK_ACCOUNT_NUMBER"
		},
		value: func(r *random) string {
			a := pick(r, all)
			b := a.bban(r)
			v := fmt.Sprintf("%s%02d%s", a.country, 98-mod97(b+a.country+"00"), b)
			if r.oneIn(2) {
				return v
			}
			return inFours(v)
		},
		valid: func(s string) bool {
			c := compact(s)
			return len(c) > 4 && mod97(c[4:]+c[:4]) == 1 && slices.ContainsFunc(all, func(a account) bool {
				return a.country == c[:2] && a.length == len(c)
			})
		},
		fields: []string{"iban", "IBAN", "account_iban"},
		phrases: slices.Concat(en("IBAN "), in("de", "Bankverbindung ", "IBAN "), in("fr", "compte bancaire "), in("es", "cuenta bancaria "),
			in("it", "conto corrente ")),
		bare: true,
	}
}

// inFours puts a space behind every four characters, as on paper.
func inFours(v string) string {
	var b strings.Builder
	for i, c := range v {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
