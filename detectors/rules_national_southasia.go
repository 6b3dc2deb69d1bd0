package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalSouthAsia returns the rules for numbers of South Asia, but for those
// in rules_national_asia.go.
func nationalSouthAsia() []Rule {
	return rules([]national{
		{
			id: "INDIA_GST_NUMBER", name: "Indian goods and services tax number (GSTIN)", countries: "IN", severity: Rising,
			form: "15 characters: state 01 to 38, 97 or 99, the permanent account number of the holder, a digit from 1 or a letter, Z, a check " +
				"character; in small letters beside a keyword only (Central Goods and Services Tax Rules 2017, rule 10)",
			check: "Luhn's formula in base 36; the kind of holder in the account number is one of ABCFGHJKLPT",
			alone: "99AAAAA9999AXZX", near: "99AAAAA9999AXAX", valid: validGSTIN,
			keywords: "gstin; gst number; gst no; " +
				"gst; gst in; gst id; gst#; gstn; gst registration; goods and services tax; जीएसटी; जीएसटीआईएन; जीएसटी नंबर",
		}, {
			id: "INDIA_VOTER_ID_NUMBER", name: "Indian voter number (EPIC)", countries: "IN",
			form:  "three letters and seven digits (Election Commission of India)",
			check: "Luhn over the digits, which older cards do not have, so it adds confidence only; the digits not all equal",
			near:  "AAA9999999|AAA 9999999|AAA-9999999|AAA/9999999",
			valid: func(v []byte) bool { return !allEqual(v[3:]) },
			sure:  func(v []byte) bool { return checksum.Luhn(v[3:]) },
			keywords: "voter id; epic; epic no; election card; मतदाता; " +
				"voter; voters; voter id card; voter card; voter no; voter number; epic number; epic id; election id; elector; electors photo identity card; " +
				"elector photo identity card; election commission; electoral photo identity card; electoral roll; " +
				"मतदाता पहचान पत्र; मतदाता पहचान; मतदाता कार्ड; वोटर आईडी; निर्वाचन",
			dummies: []string{"ABC1234567", "XYZ1234567"},
		}, {
			id: "PAKISTAN_CNIC_NUMBER", name: "Pakistani identity card (CNIC)", countries: "PK",
			form: "13 digits, printed 5-7-1, the first the province from 1 to 7, the last odd for men and even for women (National Database and " +
				"Registration Authority)",
			check: "none is public; the last is not 0, the middle seven not all equal",
			near:  "99999~9999999~9",
			valid: func(v []byte) bool { return '1' <= v[0] && v[0] <= '7' && v[12] != '0' && !allEqual(v[5:12]) },
			// A lone "nic" is a network card, beside times in milliseconds.
			keywords: "cnic; identity card; شناختی کارڈ; " +
				"cnic no; cnic number; cnic#; n.i.c.; nic no; nic number; nic card; nicop; snic; nadra; computerised national identity card; " +
				"computerized national identity card; national identity card; قومی شناختی کارڈ; شناختی کارڈ نمبر; شناختی نمبر; shanakhti card; shanakhti; pakistani id",
			dummies: []string{"1234512345671"},
		}, {
			id: "SRI_LANKA_NIC_NUMBER", name: "Sri Lankan identity card (NIC)", countries: "LK",
			form: "two digits of the year of birth, three of the day in it with 500 added for women, four of the serial, and V or X; since 2016 12 " +
				"digits, four of the year and five of the serial (Registration of Persons Act)",
			check: "none is public; a year of birth from 1910 or 1900 to 2020; that the year has the day adds confidence only",
			near:  "999999999A|999999999 A|999999999-A|999999999999|9999 999 99999|9999-999-99999",
			valid: validNICLK, sure: sureNICLK,
			keywords: "nic; national identity card; ජාතික හැඳුනුම්පත; " +
				"nic no; nic number; nic#; nic card; national id; national identity; identity card; identity card no; sri lankan id; lanka id; " +
				"හැඳුනුම්පත; හැඳුනුම්පත් අංකය; ජා.හැ.අ; தேசிய அடையாள அட்டை; அடையாள அட்டை; அடையாள அட்டை எண்",
		},
	})
}

func validGSTIN(v []byte) bool {
	state := value(v, 0, 2)
	return (1 <= state && state <= 38 || state == 97 || state == 99) && strings.IndexByte("ABCFGHJKLPT", v[5]) >= 0 &&
		v[12] != '0' && v[13] == 'Z' && checksum.Luhn36(v)
}

// validNICLK judges the old form with its letter, or the twelve digits of the
// new one.
func validNICLK(v []byte) bool {
	if len(v) == 10 {
		return (v[9] == 'V' || v[9] == 'X') && v[0] != '0' && !allEqual(v[:9])
	}
	year := value(v, 0, 4)
	return firstYear <= year && year <= 2020 && !allZero(v[4:])
}

func sureNICLK(v []byte) bool {
	day := value(v, len(v)-8, 3) // five digits, or four and a letter, are behind it
	if day > 500 {
		day -= 500
	}
	return 1 <= day && day <= 366
}
