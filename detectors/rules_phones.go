package detectors

import (
	"bytes"
	"fmt"
)

// phoneNumbers is the family of the rules for the telephone numbers of
// countries: in national form those of several look alike.
const phoneNumbers = "PHONE"

// countryPhone is what a country's rule for telephone numbers is made of.
type countryPhone struct {
	id, name, country string
	code              int    // of ITU-T E.164, two digits
	first             string // digits that a national form, or 00, begins with; "" if that is any
	form              string // national form, for the documentation
	least, most       int    // digits of the national form, with a leading 0
	bare              bool   // numbers without 0 may stand in one run
	keywords          []string
}

// countryPhones returns the rules for the countries that have one with Macie,
// save the United States and Canada.
func countryPhones() []Rule {
	var rules []Rule
	for _, c := range phoneCountries() {
		rules = append(rules, c.rule())
	}
	return rules
}

// phoneCountries are these countries, those first whose national forms say more.
func phoneCountries() []countryPhone {
	return []countryPhone{
		{
			id: "FRANCE_PHONE_NUMBER", name: "France", country: "FR", code: 33, first: "0", least: 10, most: 10,
			form: "0 and nine digits of which the first is not 0 (ARCEP, plan national de numérotation)",
			keywords: wordList(
				maciePhoneWords,
				"téléphone; tél; tél.; portable; numéro de téléphone; n° de téléphone; téléphone fixe; télécopie; coordonnées",
			),
		},
		{
			id: "SPAIN_PHONE_NUMBER", name: "Spain", country: "ES", code: 34, first: "06789", least: 9, most: 9, bare: true,
			form: "nine digits from 6 to 9 on (CNMC, plan nacional de numeración telefónica)",
			keywords: wordList(
				maciePhoneWords,
				"teléfono; tlf; tfno; móvil; número de teléfono; celular; tel.; teléfono fijo; teléfono móvil; telèfon; mòbil",
			),
		},
		{
			id: "BRAZIL_PHONE_NUMBER", name: "Brazil", country: "BR", code: 55, least: 10, most: 12, bare: true,
			form: "area code of two digits without 0 and 8 digits from 2 to 5 on or 9 digits from 9 on, in one run only the latter; 0800 and seven digits (Anatel, Resolução 749/2022)",
			keywords: wordList(
				maciePhoneWords,
				"cel; celular; fone; móvel; número residencial; telefone",
				"telemóvel; número de telefone; telefone celular; telefone fixo; whatsapp; zap; contato",
			),
		},
		{
			id: "UK_PHONE_NUMBER", name: "United Kingdom", country: "GB", code: 44, first: "0", least: 10, most: 11,
			form: "0 and ten digits, or nine that begin with 1 or 800 (Ofcom, National Telephone Numbering Plan)",
			keywords: wordList(
				maciePhoneWords,
				"landline; mob; phone no; contact number; mobile number; mobile no; telephone no; tel no; daytime phone; home phone; work phone",
			),
		},
		{
			id: "ITALY_PHONE_NUMBER", name: "Italy", country: "IT", code: 39, first: "038", least: 8, most: 11, bare: true,
			form: "8 to 11 digits that begin with 0 and another digit, 9 or 10 that begin with 3, 9 that begin with 800 (AGCOM, delibera 8/15/CIR)",
			keywords: wordList(
				maciePhoneWords,
				"telefono; numero di telefono; cellulare; cell.; recapito; tel.; recapito telefonico; numero di cellulare; numero verde",
			),
		},
		{
			id: "GERMANY_PHONE_NUMBER", name: "Germany", country: "DE", code: 49, first: "0", least: 8, most: 12,
			form: "8 to 12 digits that begin with 02 to 09, or 11 or 12 that begin with 015, 016, 017 (Bundesnetzagentur, Nummernplan Rufnummern)",
			keywords: wordList(
				maciePhoneWords,
				"telefon; telefonnummer; tel.-nr.; handy; handynummer; mobil; mobilnummer; rufnummer; festnetz; tel.; fon; telefax; telefon-nr; tel-nr; durchwahl",
			),
		},
	}
}

// maciePhoneWords are the keywords of all these countries in Macie's list.
const maciePhoneWords = "cell; contact; fax; fax number; mobile; phone; phone number; tel; telephone; telephone number"

func (c countryPhone) rule() Rule {
	return Rule{
		ID: c.id, Name: "phone number (" + c.name + ")",
		Category: Personal, Countries: []string{c.country}, Severity: Rising, Priority: PriorityShape + 1, Family: phoneNumbers,
		Form: fmt.Sprintf("'+%d' and the national number as for PHONE_NUMBER_INTERNATIONAL, which stands for itself; beside a keyword also 00%d for it, and a national form: %s, "+
			"in groups with single spaces, dashes, dots, slashes or parentheses between them or in one run.", c.code, c.code, c.form),
		Check:    "The length is one of the country's numbering plan, the first digits of a national form are, too; not all digits equal. A national form is no count up or down.",
		Anchor:   Anchor{Shapes: []string{`\+[1-9(]`}},
		Beside:   []Run{{1, 1, phoneNext, "0"}, {2, 7, phoneNext, c.first}, {8, 15, "", c.first}},
		Lead:     len("("),
		Match:    c.match,
		MaxLen:   maxE164,
		Weak:     weakPhone,
		Whole:    c.whole,
		Keywords: c.keywords,
	}
}

// match measures the number whose '+' or 00, or the first digit of whose
// national form, stands at at.
func (c countryPhone) match(w []byte, at int) (start, end int, ok bool) {
	if w[at] == '+' {
		return c.abroad(w, at, at+1)
	}
	if len(w)-at > 2 && w[at] == '0' && w[at+1] == '0' {
		if start, end, ok = c.abroad(w, at, at+2); ok && !afterGroup(w, at) {
			return start, end, true
		}
		return 0, 0, false
	}
	start, end, ok = matchGroups(w, at, c.least, c.most, c.bare)
	if !ok {
		return 0, 0, false
	}
	if s, e, ok := matchNANP(w, at); ok && s <= start && e >= end && !weakNANP(w[s:e]) {
		return 0, 0, false // written as in North America
	}
	var buf [maxE164]byte
	return start, end, c.national(compact(buf[:0], w[start:end]), runOfDigits(w, at))
}

// abroad measures the number that starts at at, its country code at i.
func (c countryPhone) abroad(w []byte, at, i int) (start, end int, ok bool) {
	code := i
	if code < len(w) && w[code] == '(' {
		code++
	}
	if code+2 > len(w) || w[code] != byte('0'+c.code/10) || w[code+1] != byte('0'+c.code%10) {
		return 0, 0, false
	}
	return matchE164(w, at, i)
}

// whole reports whether the whole of v is a number of the country.
func (c countryPhone) whole(v []byte) bool {
	if len(v) > maxE164 {
		return false
	}
	at := 0
	if len(v) > 0 && v[0] == '(' {
		at = 1
	}
	if len(v) <= at || v[at] != '+' && !isDigit(v[at]) {
		return false
	}
	start, end, ok := c.match(v, at)
	return ok && start == 0 && end == len(v)
}

// national judges the digits of a national form; the first group has so many.
func (c countryPhone) national(v []byte, group int) bool {
	switch c.code {
	case 33:
		return v[0] == '0' && v[1] != '0' && (group == 2 || group == 4 || group == 10 || group == 1 && v[1] == '8')
	case 34:
		return v[0] >= '6'
	case 39:
		return isItalian(v)
	case 44:
		return isBritish(v)
	case 49:
		return isGerman(v)
	case 55:
		return isBrazilian(v, group)
	}
	return false
}

func isBrazilian(v []byte, group int) bool {
	if bytes.HasPrefix(v, []byte("0800")) {
		return len(v) == 11
	}
	if v[0] == '0' {
		v, group = v[1:], group-1
	}
	if len(v) < 10 || v[0] == '0' || v[1] == '0' {
		return false
	}
	if len(v) == 11 {
		return v[2] == '9' && (group == 2 || group == 11)
	}
	return len(v) == 10 && '2' <= v[2] && v[2] <= '5' && group == 2
}

func isBritish(v []byte) bool {
	if v[0] != '0' {
		return false
	}
	switch v[1] {
	case '1':
		return true
	case '8':
		return len(v) == 11 || bytes.HasPrefix(v, []byte("0800"))
	case '2', '3', '5', '7', '9':
		return len(v) == 11
	}
	return false
}

func isItalian(v []byte) bool {
	switch {
	case v[0] == '0':
		return v[1] != '0'
	case v[0] == '3':
		return (len(v) == 9 || len(v) == 10) && v[1] != '0'
	}
	return len(v) == 9 && bytes.HasPrefix(v, []byte("800"))
}

func isGerman(v []byte) bool {
	if v[0] != '0' {
		return false
	}
	if v[1] == '1' {
		return '5' <= v[2] && v[2] <= '7' && len(v) >= 11 || v[2] == '8' && len(v) == 12
	}
	return v[1] >= '2'
}
