package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalGermanic returns the rules for numbers of Germany, Austria and
// Switzerland.
func nationalGermanic() []Rule {
	return []Rule{
		germanyTaxID(),
	}
}

func germanyTaxID() Rule {
	return Rule{
		ID:        "GERMANY_TAX_IDENTIFICATION_NUMBER",
		Name:      "German tax identification number (Steuer-ID)",
		Category:  Personal,
		Countries: []string{"DE"},
		Severity:  AlwaysHigh,
		Form: "11 digits, printed 2-3-3-3, the first not 0; among the first ten exactly one digit occurs twice or three times and the " +
			"others at most once (§ 139b AO; Bundeszentralamt für Steuern)",
		Check: "ISO/IEC 7064 MOD 11,10",
		Forms: []Form{{Pattern: "99~999~999~999"}},
		Valid: validSteuerID,
		Keywords: wordList(
			"identifikationsnummer; steuer id; steueridentifikationsnummer; steuernummer; tax id; tax identification number; tax number",
			"idnr; id-nr; steuer-identifikationsnummer; steuer-idnr; steueridnr; steuerid; tin; tax-id; taxid; tax no; steuer nr; identnummer; steuerliche",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validSteuerID(v []byte) bool {
	var seen [10]int
	for _, c := range v[:10] {
		seen[c-'0']++
	}
	repeated := 0
	for _, n := range seen {
		switch {
		case n > 3:
			return false
		case n > 1:
			repeated++
		}
	}
	return v[0] != '0' && repeated == 1 && checksum.Mod11_10(v)
}
