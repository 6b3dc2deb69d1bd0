package corpus

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const cardNumber = "CREDIT_CARD_NUMBER"

// card issuers: prefix, length.
var issuers = []struct {
	prefix string
	length int
}{
	{"4", 16}, {"4", 16}, {"4", 16}, {"51", 16}, {"53", 16}, {"55", 16}, {"2221", 16}, {"2345", 16}, {"2719", 16},
	{"34", 15}, {"37", 15}, {"6011", 16}, {"65", 16}, {"3530", 16}, {"3566", 16}, {"36", 14}, {"62", 16},
}

// card numbers are computed: a random account under the issuer's prefix. The
// numbers that issuers publish for tests are left out, since scanners drop
// them; nearly all of those repeat a digit four times.
func card() *identifier {
	return &identifier{
		rule: cardNumber,
		value: func(r *random) string {
			for {
				i := pick(r, issuers)
				d := i.prefix + r.digits(i.length-len(i.prefix)-1)
				d += string(luhn(d))
				if !repeats(d, 4) {
					return groupCard(r, d)
				}
			}
		},
		valid: func(s string) bool {
			d := compact(s)
			return onlyDigits(d, len(d)) && isCard(d) && slices.ContainsFunc(issuers, func(i struct {
				prefix string
				length int
			}) bool {
				return len(d) == i.length && strings.HasPrefix(d, i.prefix)
			})
		},
		fields: []string{"card_number", "credit_card", "cardNumber", "payment_card_number"},
		phrases: slices.Concat(
			en("credit card ", "card number ", "Visa or Mastercard: ", "the card "),
			in("de", "Kreditkarte ", "Kreditkartennummer "), in("fr", "carte bancaire ", "numéro de carte "),
			in("es", "tarjeta de crédito ", "número de tarjeta "), in("it", "carta di credito "), in("pt", "cartão de crédito "),
		),
		bare: true,
	}
}

// repeats reports whether s holds n equal bytes in a row.
func repeats(s string, n int) bool {
	run := 1
	for i := 1; i < len(s); i++ {
		if s[i] != s[i-1] {
			run = 0
		}
		if run++; run >= n {
			return true
		}
	}
	return false
}

// groupCard writes a card number as it is embossed: 4-4-4-4, 4-6-5 or 4-6-4,
// with spaces, hyphens or nothing between.
func groupCard(r *random, d string) string {
	joiners := []string{"", " ", "-"}
	switch len(d) {
	case 16:
		return joined(r, joiners, d[:4], d[4:8], d[8:12], d[12:])
	default:
		return joined(r, joiners, d[:4], d[4:10], d[10:])
	}
}

func email() *identifier {
	domains := []string{"example.com", "example.org", "example.net", "mail.example.com", "corp.example.org", "eu.example.net"}
	return &identifier{
		rule: "EMAIL_ADDRESS",
		value: func(r *random) string {
			local := strings.ToLower(pick(r, givenNames)) + pick(r, []string{".", "_", "-", ""}) + strings.ToLower(pick(r, familyNames))
			switch r.below(4) {
			case 0:
				local += r.digits(2)
			case 1:
				local += "+" + pick(r, []string{"news", "shop", "travel"})
			}
			return local + "@" + pick(r, domains)
		},
		valid: func(s string) bool {
			local, domain, ok := strings.Cut(s, "@")
			return ok && local != "" && slices.Contains(domains, domain) &&
				strings.Trim(local, lower+decimal+"._+-") == ""
		},
		wrong: func(r *random) string {
			return strings.ToLower(pick(r, givenNames)) + "@" + pick(r, []string{"localhost", "db-primary", "example..com", "-", "buildhost"})
		},
		fields:  []string{"email", "user_email", "e_mail", "owner", "reply_to"},
		phrases: slices.Concat(en("e-mail ", "write to "), in("de", "E-Mail-Adresse "), in("fr", "courriel "), in("es", "correo electrónico "), in("it", "indirizzo email "), in("pt", "endereço de e-mail ")),
		bare:    true,
	}
}

// phone numbers of the North American plan, line 555-0100 to 555-0199, which
// the plan keeps for fiction.
func phone() *identifier {
	areas := []string{"202", "212", "312", "415", "512", "617", "702", "808", "303", "416", "514", "604"}
	formats := []string{"%s-555-01%s", "(%s) 555-01%s", "%s.555.01%s", "+1 %s-555-01%s", "+1 (%s) 555-01%s", "+1-%s-555-01%s", "%s 555 01%s"}
	return &identifier{
		rule: "PHONE_NUMBER",
		value: func(r *random) string {
			return fmt.Sprintf(pick(r, formats), pick(r, areas), r.digits(2))
		},
		valid: func(s string) bool {
			d := strings.TrimPrefix(compact(s), "1")
			return onlyDigits(d, 10) && d[3:8] == "55501" && slices.Contains(areas, d[:3])
		},
		wrong: func(r *random) string {
			// Beside the word, eight to eleven digits may be a number of some
			// country.
			return joined(r, []string{"-", "."}, pick(r, areas), "555", "01"+r.digits(4))
		},
		fields:  []string{"phone", "mobile", "home_phone", "phone_number", "workPhone"},
		phrases: slices.Concat(en("phone ", "mobile ", "call ", "telephone "), in("fr", "téléphone ")),
	}
}

// internationalPhone numbers are those that regulators keep for drama: Ofcom,
// ACMA, Arcep, the Bundesnetzagentur and PTS.
func internationalPhone() *identifier {
	ranges := []string{
		"+44 20 7946 0###", "+44 7700 900###", "+44 161 496 0###", "+61 2 5550 ####", "+61 2 7010 ####",
		"+33 1 99 00 ## ##", "+33 6 39 98 ## ##", "+49 30 23125 ###", "+49 89 99998 ###", "+46 8 465 004 ##", "+46 70 174 06 ##",
	}
	return &identifier{
		rule: "PHONE_NUMBER_INTERNATIONAL",
		value: func(r *random) string {
			s := fill(r, pick(r, ranges))
			switch r.below(4) {
			case 0:
				return strings.ReplaceAll(s, " ", "")
			case 1:
				return strings.ReplaceAll(s, " ", "-")
			}
			return s
		},
		valid: func(s string) bool {
			d := compact(s)
			return strings.HasPrefix(s, "+") && slices.ContainsFunc(ranges, func(form string) bool {
				prefix, _, _ := strings.Cut(form, "#")
				return len(d) == len(form)-strings.Count(form, " ")-1 && strings.HasPrefix(d, compact(prefix))
			})
		},
		wrong:   func(r *random) string { return "+999 " + r.digits(2) },
		fields:  []string{"phone", "mobile", "msisdn", "phone_number"},
		phrases: slices.Concat(en("phone ", "mobile "), in("de", "Telefon "), in("fr", "téléphone "), in("es", "teléfono "), in("it", "telefono ")),
		bare:    true,
	}
}

// fill replaces each '#' of form by a digit.
func fill(r *random, form string) string {
	b := []byte(form)
	for i, c := range b {
		if c == '#' {
			b[i] = decimal[r.below(10)]
		}
	}
	return string(b)
}

// ipAddress values are of the networks kept for documentation (RFC 5737 and
// RFC 3849).
func ipAddress() *identifier {
	nets := []string{"192.0.2.", "198.51.100.", "203.0.113."}
	return &identifier{
		rule: "IP_ADDRESS",
		value: func(r *random) string {
			if r.oneIn(4) {
				b := append([]byte{0x20, 0x01, 0x0d, 0xb8}, r.bytes(12)...)
				if r.oneIn(2) {
					clear(b[6:14])
				}
				return netip.AddrFrom16([16]byte(b)).String()
			}
			return pick(r, nets) + fmt.Sprint(r.between(1, 254))
		},
		valid: func(s string) bool {
			a, err := netip.ParseAddr(s)
			return err == nil && (netip.MustParsePrefix("2001:db8::/32").Contains(a) ||
				slices.ContainsFunc(nets, func(n string) bool { return strings.HasPrefix(s, n) }))
		},
		wrong:   func(r *random) string { return pick(r, nets) + fmt.Sprint(r.between(256, 999)) },
		fields:  []string{"client_ip", "remote_addr", "ip", "peer"},
		phrases: slices.Concat(en("IP address ", "from host "), in("de", "IP-Adresse "), in("fr", "adresse IP "), in("es", "dirección IP ")),
		bare:    true,
	}
}

// macAddress values are of the range kept for documentation (RFC 7042) or
// locally administered.
func macAddress() *identifier {
	return &identifier{
		rule: "MAC_ADDRESS",
		value: func(r *random) string {
			b := r.bytes(6)
			b[0] = b[0]&^3 | 2
			if r.oneIn(2) {
				copy(b, []byte{0, 0, 0x5e, 0, 0x53})
			}
			format := pick(r, []string{"%02x:%02x:%02x:%02x:%02x:%02x", "%02X-%02X-%02X-%02X-%02X-%02X", "%02X:%02X:%02X:%02X:%02X:%02X"})
			return fmt.Sprintf(format, b[0], b[1], b[2], b[3], b[4], b[5])
		},
		valid: func(s string) bool {
			c := compact(s)
			return len(c) == 12 && strings.Trim(c, decimal+"ABCDEF") == "" &&
				(strings.HasPrefix(c, "00005E0053") || strings.IndexByte("26AE", c[1]) >= 0)
		},
		wrong: func(r *random) string {
			return joined(r, []string{":", "-"}, "00", "00", "5e", r.string("ghxyz", 2), "53")
		},
		fields:  []string{"mac", "mac_address", "hwaddr", "bssid"},
		phrases: slices.Concat(en("MAC address "), in("de", "MAC-Adresse "), in("fr", "adresse MAC ")),
		bare:    true,
	}
}

func birthDate() *identifier {
	layouts := []string{"2006-01-02", "02/01/2006", "02-01-2006", "2006/01/02"}
	return &identifier{
		rule: "DATE_OF_BIRTH",
		value: func(r *random) string {
			return birthday(r).Format(pick(r, layouts))
		},
		valid: func(s string) bool {
			return slices.ContainsFunc(layouts, func(l string) bool {
				t, err := time.Parse(l, s)
				return err == nil && t.Year() >= 1930 && t.Year() <= 2005
			})
		},
		wrong: func(r *random) string {
			return fmt.Sprintf("%d-%d-%02d", r.between(1930, 2005), r.between(13, 19), r.between(1, 28))
		},
		fields: []string{"dob", "date_of_birth", "birthdate", "birthDate"},
		phrases: slices.Concat(en("date of birth ", "born on ", "DOB: "), in("de", "geboren am ", "Geburtsdatum "),
			in("fr", "date de naissance ", "né le "), in("es", "fecha de nacimiento ", "nacido el "), in("it", "data di nascita ", "nato il "), in("pt", "data de nascimento ", "nascido em ")),
	}
}

// birthday returns a day from 1930 to 2005.
func birthday(r *random) time.Time {
	return time.Date(r.between(1930, 2005), time.Month(r.between(1, 12)), r.between(1, 28), 0, 0, 0, 0, time.UTC)
}
