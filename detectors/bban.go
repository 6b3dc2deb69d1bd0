package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// Five countries' account numbers are known without the first four characters
// of the IBAN, too. Macie has these under the same identifier.

// bban is the national form of a country's account numbers.
type bban struct {
	form, check string // sentences for the documentation
	forms       []Form
	valid       func(v []byte) bool
	keywords    []string
}

// national returns the rule r for IBANs with the national form b.
func (r Rule) national(b bban) Rule {
	whole := r.Valid
	code := r.Countries[0]
	r.Form += "; beside a keyword also " + b.form
	r.Check += "; " + b.check
	for _, f := range b.forms {
		f.NeedKeyword = true
		r.Forms = append(r.Forms, f)
	}
	r.Valid = func(v []byte) bool {
		if string(v[:2]) == code && isDigit(v[2]) && isDigit(v[3]) {
			return whole(v)
		}
		return b.valid(v)
	}
	r.Keywords = b.keywords
	return r
}

// nationalAccount returns the national form of the accounts of a country, by
// its code.
func nationalAccount(country string) (b bban, ok bool) {
	switch country {
	case "FR":
		return bban{
			form:  "the relevé d'identité bancaire: bank 5, branch 5, account 11 letters or digits, key 2",
			check: "RIB: 89 times the bank, 15 times the branch and 3 times the account, letters A-I, J-R and S-Z read as 1-9, 1-9 and 2-9, add up with the key to a multiple of 97 (CFONB)",
			forms: []Form{{Pattern: "99999~99999~XXXXXXXXXXX~99"}},
			valid: validRIB,
			keywords: wordList(
				"account code; account number; accountno#; accountnumber#; bban; code bancaire; compte bancaire; customer account id; customer account number; customer bank account id; iban; numéro de compte",
				"rib; relevé d'identité bancaire; n° de compte; no de compte; coordonnées bancaires; domiciliation",
			),
		}, true
	case "DE":
		return bban{
			form:  "Bankleitzahl of 8 digits and account of 10",
			check: "national form: the Bankleitzahl begins with 1 to 8 (Bundesbank, Merkblatt Bankleitzahlendatei); what Luhn and issuer make a card number is none",
			forms: []Form{{Pattern: "999999999999999999"}, {Pattern: "99999999~9999999999"}, {Pattern: "99999999/9999999999"}, {Pattern: "999 999 99 9999999999"}},
			valid: func(v []byte) bool {
				return '1' <= v[0] && v[0] <= '8' && !allZero(v[8:]) && !allEqual(v) && !goodCard(v, true)
			},
			keywords: wordList(
				"account code; account number; accountno#; accountnumber#; bankleitzahl; bban; customer account id; customer account number; customer bank account id; geheimzahl; iban; kartennummer",
				"kontonummer; kreditkartennummer; sepa",
				"blz; bankverbindung; konto-nr; kontonr; kto; kto-nr; girokonto",
			),
		}, true
	case "IT":
		return bban{
			form:  "the CIN, a letter, ABI 5, CAB 5 and account 12 letters or digits",
			check: "CIN: the places by the tables of the codice fiscale, modulo 26 (ABI, Circolare 14/1998)",
			forms: []Form{{Pattern: "A~99999~99999~XXXXXXXXXXXX"}},
			valid: validCIN,
			keywords: wordList(
				"account code; account number; accountno#; accountnumber#; bban; codice bancario; conto bancario; customer account id; customer account number; customer bank account id; iban; numero di conto",
				"coordinate bancarie; conto corrente; numero conto; c/c; cin abi cab",
			),
		}, true
	case "ES":
		return bban{
			form:  "the código cuenta cliente: bank 4, branch 4, control digits 2, account 10",
			check: "CCC: weights 1, 2, 4, 8, 5, 10, 9, 7, 3, 6 over 00 with bank and branch, and over the account; eleven less the sum modulo 11, 10 and 11 read as 1 and 0 (Consejo Superior Bancario)",
			forms: []Form{{Pattern: "9999~9999~99~9999999999"}},
			valid: validCCC,
			keywords: wordList(
				"account code; account number; accountno#; accountnumber#; bban; código cuenta; código cuenta bancaria; cuenta cliente id; customer account id; customer account number",
				"customer bank account id; iban; número cuenta bancaria cliente; número cuenta cliente",
				"ccc; código cuenta cliente; cuenta bancaria; número de cuenta; cuenta corriente; nº de cuenta; domiciliación; compte corrent; número de compte",
			),
		}, true
	case "GB":
		return bban{
			form:  "sort code of 6 digits in pairs and account of 8",
			check: "none for the national form: the modulus tables of Pay.UK are licensed; neither part is zero",
			forms: []Form{{Pattern: "99-99-99 99999999"}, {Pattern: "99-99-99-99999999"}, {Pattern: "99-99-99/99999999"}, {Pattern: "99 99 99 99999999"}, {Pattern: "999999 99999999"}},
			valid: func(v []byte) bool { return !allZero(v[:6]) && !allZero(v[6:]) && !allEqual(v) },
			keywords: wordList(
				"account code; account number; accountno#; accountnumber#; bban; customer account id; customer account number; customer bank account id; iban; sepa",
				"sort code; sort code and account number; account no; acct no; bank details; bank account",
			),
		}, true
	}
	return bban{}, false
}

// validRIB judges 23 characters. Letters are read in rows of nine, the last of
// which begins with S as 2.
func validRIB(v []byte) bool {
	var digits [23]byte
	for i, c := range v {
		switch {
		case c >= 'S':
			c = c - 'S' + '2'
		case c >= 'J':
			c = c - 'J' + '1'
		case c >= 'A':
			c = c - 'A' + '1'
		}
		digits[i] = c
	}
	bank, branch, account, key := checksum.Mod97(0, digits[:5]), checksum.Mod97(0, digits[5:10]), checksum.Mod97(0, digits[10:21]), checksum.Mod97(0, digits[21:])
	return (89*bank+15*branch+3*account+key)%97 == 0 && !allZero(v[:21])
}

// validCIN judges 23 characters: what the codice fiscale does with fifteen
// places, the CIN does with 22.
func validCIN(v []byte) bool { return checksum.CodiceFiscale(v[1:]) == v[0] && !allZero(v[1:11]) }

func validCCC(v []byte) bool {
	return cccDigit(v[:8], 2) == v[8] && cccDigit(v[10:], 0) == v[9] && !allZero(v)
}

// cccDigit is the control digit over v, which stands behind so many zeros.
func cccDigit(v []byte, zeros int) byte {
	weights := [...]int{1, 2, 4, 8, 5, 10, 9, 7, 3, 6}
	switch d := 11 - checksum.Weighted(v, weights[zeros:]...)%11; d {
	case 10:
		return '1'
	case 11:
		return '0'
	default:
		return '0' + byte(d)
	}
}
