package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// devices returns the rules for the numbers of mobile telephones and of the
// cards in them.
func devices() []Rule { return []Rule{imei(), imsi(), iccid()} }

// mobileNumbers is the family of these rules: a record names them side by side.
const mobileNumbers = "MOBILE"

func imei() Rule {
	return Rule{
		ID: "IMEI_NUMBER", Name: "serial number of a mobile telephone (IMEI)",
		Category: Personal, Severity: Rising, Priority: PriorityKeyword, Family: mobileNumbers,
		Form:        "15 digits, in one run or 2-6-6-1, beside a keyword (3GPP TS 23.003, 6.2); 16 digits, in one run or 2-6-6-2, with the software version in the place of the check digit (IMEISV).",
		Check:       "Luhn over all 15 digits (3GPP TS 23.003, annex B); the 16 of an IMEISV have none. Not all digits equal.",
		Forms:       []Form{{Pattern: "999999999999999"}, {Pattern: "99~999999~999999~9"}, {Pattern: "9999999999999999"}, {Pattern: "99~999999~999999~99"}},
		Valid:       validIMEI,
		Keywords:    wordList("imei; imei number; imei no; imei1; imei2; imeisv; device imei; equipment identity; mobile equipment identity; numéro imei; imei-nummer; número imei; numero imei; 国际移动设备识别码"),
		NeedKeyword: true,
	}
}

func validIMEI(v []byte) bool {
	return !allEqual(v) && (len(v) == 16 || checksum.Luhn(v))
}

func imsi() Rule {
	return Rule{
		ID: "IMSI_NUMBER", Name: "identity of a mobile subscriber (IMSI)",
		Category: Personal, Severity: Rising, Priority: PriorityKeyword, Family: mobileNumbers,
		Form:        "14 or 15 digits in one run, or country, network and subscriber joined, beside a keyword: the mobile country code, a network code of two or three digits and the subscriber's number (ITU-T E.212).",
		Check:       "The country code is assigned (ITU-T E.212, list of mobile country codes); what follows is not all zero.",
		Forms:       []Form{{Pattern: "999999999999999"}, {Pattern: "99999999999999"}, {Pattern: "999~99~9999999999"}, {Pattern: "999~999~999999999"}},
		Valid:       validIMSI,
		Keywords:    wordList("imsi; imsi number; imsi no; subscriber identity; international mobile subscriber identity; mobile subscriber identity; numéro imsi; imsi-nummer; número imsi"),
		NeedKeyword: true,
	}
}

func validIMSI(v []byte) bool {
	code := int(v[0]-'0')*100 + twoDigits(v, 1)
	return mobileCountries[code/64]>>(code%64)&1 != 0 && !allZero(v[3:]) && !allEqual(v)
}

// mobileCountries has a bit for each mobile country code that is assigned
// (ITU-T E.212, annex to the Operational Bulletin: geographic areas, and 901 for
// networks of no country).
var mobileCountries = func() (set [1000/64 + 1]uint64) {
	for _, r := range [...][2]int{
		{202, 202}, {204, 204}, {206, 206}, {208, 208}, {212, 214}, {216, 216}, {218, 221}, {222, 222}, {226, 226}, {228, 228}, {230, 232},
		{234, 235}, {238, 238}, {240, 240}, {242, 242}, {244, 244}, {246, 248}, {250, 250}, {255, 255}, {257, 257}, {259, 260}, {262, 262},
		{266, 266}, {268, 268}, {270, 270}, {272, 272}, {274, 274}, {276, 276}, {278, 278}, {280, 280}, {282, 284}, {286, 286}, {288, 290},
		{292, 295}, {297, 297}, {302, 302}, {308, 308}, {310, 316}, {330, 330}, {332, 332}, {334, 334}, {338, 338}, {340, 340}, {342, 342},
		{344, 344}, {346, 346}, {348, 348}, {350, 350}, {352, 352}, {354, 354}, {356, 356}, {358, 358}, {360, 360}, {362, 366}, {368, 368},
		{370, 370}, {372, 372}, {374, 374}, {376, 376}, {400, 402}, {404, 406}, {410, 410}, {412, 422}, {424, 432}, {434, 434}, {436, 438},
		{440, 441}, {450, 450}, {452, 452}, {454, 457}, {460, 461}, {466, 467}, {470, 470}, {472, 472}, {502, 502}, {505, 505}, {510, 510},
		{514, 515}, {520, 520}, {525, 525}, {528, 528}, {530, 530}, {536, 537}, {539, 555}, {602, 655}, {657, 659}, {702, 702}, {704, 704},
		{706, 706}, {708, 708}, {710, 710}, {712, 712}, {714, 714}, {716, 716}, {722, 722}, {724, 724}, {730, 730}, {732, 732}, {734, 734},
		{736, 736}, {738, 738}, {740, 740}, {742, 742}, {744, 744}, {746, 746}, {748, 748}, {750, 750}, {901, 901},
	} {
		for code := r[0]; code <= r[1]; code++ {
			set[code/64] |= 1 << (code % 64)
		}
	}
	return set
}()

func iccid() Rule {
	return Rule{
		ID: "MOBILE_SUBSCRIBER_ICCID", Name: "serial number of a SIM card (ICCID)",
		Category: Personal, Severity: Rising, Priority: PriorityKeyword, Family: mobileNumbers,
		Form:  "89 and 17 or 18 more digits, in one run or in fours, beside a keyword; the filler F may stand behind 19 (ITU-T E.118, ETSI TS 102 221).",
		Check: "Luhn over 19 digits; of 20 over all or over the first 19, behind which some print another digit. Not all zero behind 89.",
		Forms: []Form{
			{Pattern: "9999999999999999999"}, {Pattern: "99999999999999999999"}, {Pattern: "9999999999999999999F"}, {Pattern: "9999999999999999999f"},
			{Pattern: "9999~9999~9999~9999~999"}, {Pattern: "9999~9999~9999~9999~9999"},
		},
		Valid:       validICCID,
		Keywords:    wordList("iccid; iccid number; icc id; sim number; sim serial; sim serial number; sim card number; sim card; sim no; numéro de sim; carte sim; sim-karte; sim-kartennummer; tarjeta sim; simkaart"),
		NeedKeyword: true,
	}
}

func validICCID(v []byte) bool {
	if v[0] != '8' || v[1] != '9' || allZero(v[2:19]) {
		return false
	}
	return checksum.Luhn(v[:19]) || len(v) == 20 && isDigit(v[19]) && checksum.Luhn(v)
}
