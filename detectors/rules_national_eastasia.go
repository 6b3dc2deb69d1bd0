package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalEastAsia returns the rules for numbers that China, Hong Kong, Japan,
// Korea and Taiwan give to people and to who does business.
func nationalEastAsia() []Rule {
	return []Rule{
		chinaResidentID(),
		hongKongID(),
		japanMyNumber(),
		japanCorporate(),
		southKoreaRRN(),
		taiwanNationalID(),
	}
}

// pair is the number that the two digits at v[i] write.
func pair(v []byte, i int) int { return int(v[i]-'0')*10 + int(v[i+1]-'0') }

func chinaResidentID() Rule {
	return Rule{
		ID:        "CHINA_RESIDENT_ID_NUMBER",
		Name:      "Chinese resident identity number",
		Category:  Personal,
		Countries: []string{"CN"},
		Severity:  AlwaysHigh,
		Form: "six digits of the place, eight of the date of birth, three of the serial and a check character; before 1999 15 digits without " +
			"century and check (GB 11643). That ends in X, or in groups of 6-8-4, it stands for itself; otherwise it needs a keyword",
		Check: "ISO/IEC 7064 MOD 11-2; a province of GB/T 2260 and a day that exists",
		Forms: []Form{
			{Pattern: "99999999999999999A"},
			{Pattern: "999999 99999999 999X"},
			{Pattern: "999999-99999999-999X"},
			{Pattern: "999999999999999999", NeedKeyword: true},
			{Pattern: "999999999999999", NeedKeyword: true},
		},
		Valid: validChinaID,
		Keywords: wordList(
			"身份证; 身份证号; 居民身份证; 公民身份号码; resident identity; id card number; shenfenzheng",
			"身份证号码; 身份证件号; 证件号码; 证件号; 公民身份证; 身份號碼; 身份證; resident id; resident identity card; chinese id; prc id; china id",
			"identity card; id card no; id card; identity number; sfzh; shenfenzhenghao",
		),
		Priority: PriorityCheck,
	}
}

// validChinaID judges 18 characters, or the 15 digits of old numbers.
func validChinaID(v []byte) bool {
	if !isProvinceCN(pair(v, 0)) || allZero(v[2:6]) {
		return false
	}
	if len(v) == 15 {
		return isDay(1900+pair(v, 6), pair(v, 8), pair(v, 10)) && !allZero(v[12:])
	}
	year := pair(v, 6)*100 + pair(v, 8)
	return isDay(year, pair(v, 10), pair(v, 12)) && (isDigit(v[17]) || v[17] == 'X') && checksum.Mod11_2(v)
}

// isProvinceCN knows the divisions of GB/T 2260, and 91 for those abroad.
func isProvinceCN(n int) bool {
	switch n / 10 {
	case 1:
		return 11 <= n && n <= 15
	case 2:
		return 21 <= n && n <= 23
	case 3:
		return 31 <= n && n <= 37
	case 4:
		return 41 <= n && n <= 46
	case 5:
		return 50 <= n && n <= 54
	case 6:
		return 61 <= n && n <= 65
	}
	return n == 71 || n == 81 || n == 82 || n == 83 || n == 91
}

func hongKongID() Rule {
	return Rule{
		ID:        "HONG_KONG_IDENTITY_CARD_NUMBER",
		Name:      "Hong Kong identity card number (HKID)",
		Category:  Personal,
		Countries: []string{"HK"},
		Severity:  AlwaysHigh,
		Form:      "one or two letters, six digits and a check digit or A, mostly in round or square brackets (Immigration Department)",
		Check: "letters as 10 to 35, 36 for a first one that is missing, times 9 to 2; with the check, 10 for A, the sum is a multiple of 11 " +
			"(the department does not publish it; its specimens have it); the digits not all zero",
		Forms: []Form{
			{Pattern: "A999999(X)"},
			{Pattern: "AA999999(X)"},
			{Pattern: "A999999 (X)"},
			{Pattern: "AA999999 (X)"},
			{Pattern: "A999999[X]"},
			{Pattern: "AA999999[X]"},
			{Pattern: "A999999-X"},
			{Pattern: "AA999999-X"},
			{Pattern: "A999999X"},
			{Pattern: "AA999999X"},
			{Pattern: "A 999999 (X)"},
			{Pattern: "A 999999(X)"},
		},
		Valid: validHKID,
		Keywords: wordList(
			"hkid; hong kong identity card; identity card; 香港身份證; 身份證號碼",
			"hkid no; hkid number; hkid card; hkic; hk id; hk identity card; hong kong id; id card no; id card number; identity card number; identity document",
			"香港身份證號碼; 香港永久性居民身份證; 身份證; 身分證號碼; 香港身份证; 身份证号码; 身份证; 證件號碼",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"A1234563", "Z6833655"}, // of specimen cards of the Immigration Department
	}
}

func validHKID(v []byte) bool {
	sum := 36 * 9
	if len(v) == 9 {
		sum = (int(v[0]-'A') + 10) * 9
		v = v[1:]
	}
	check := 10
	if v[7] != 'A' {
		check = int(v[7] - '0')
	}
	sum += (int(v[0]-'A')+10)*8 + checksum.Weighted(v[1:7], 7, 6, 5, 4, 3, 2) + check
	return (isDigit(v[7]) || v[7] == 'A') && sum%11 == 0 && !allZero(v[1:7])
}

func japanMyNumber() Rule {
	return Rule{
		ID:        "JAPAN_MY_NUMBER",
		Name:      "Japanese individual number (My Number)",
		Category:  Personal,
		Countries: []string{"JP"},
		Severity:  AlwaysHigh,
		Form:      "12 digits, printed 4-4-4 (番号法)",
		Check: "from the right the eleven digits before the last times 2 3 4 5 6 7 2 3 4 5 6; eleven less the sum modulo 11, 0 if that is more " +
			"than 9 (Order of the Ministry of Internal Affairs and Communications 85 of 2014, article 5); not all equal",
		Forms: []Form{{Pattern: "9999~9999~9999"}},
		Valid: validMyNumber,
		Keywords: wordList(
			"my number; mynumber; individual number; マイナンバー; 個人番号; 個人識別番号",
			"マイナンバーカード; 個人番号カード; マイナ番号; 個人ナンバー; 社会保障・税番号; my number card; kojin bango; kojin bangou",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"123456789018"},
	}
}

func validMyNumber(v []byte) bool {
	check := 11 - checksum.Weighted(v, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	if check > 9 {
		check = 0
	}
	return check == int(v[11]-'0') && !allEqual(v)
}

func japanCorporate() Rule {
	return Rule{
		ID:        "JAPAN_CORPORATE_NUMBER",
		Name:      "Japanese corporate number",
		Category:  Personal,
		Countries: []string{"JP"},
		Severity:  Rising,
		Form: "13 digits, the first the check digit, printed 1-4-4-4; behind T the number of who issues qualified invoices, people among them " +
			"(National Tax Agency)",
		Check: "nine less the sum modulo 9 of the twelve digits, from the right times 1 and 2 in turn (Order of the Ministry of Finance 70 of " +
			"2014, article 2); the twelve not all zeros",
		Forms: []Form{
			{Pattern: "9999999999999"},
			{Pattern: "9-9999-9999-9999"},
			{Pattern: "9 9999 9999 9999"},
			{Pattern: "T9999999999999"},
			{Pattern: "T9-9999-9999-9999"},
			{Pattern: "T-9999999999999"},
		},
		Valid: validCorporateJP,
		Keywords: wordList(
			"法人番号; corporate number",
			"法人ナンバー; 会社法人等番号; インボイス登録番号; 適格請求書発行事業者; 適格請求書; インボイス番号; houjin bangou; hojin bango; qualified invoice; jct number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validCorporateJP(v []byte) bool {
	if v[0] == 'T' {
		v = v[1:]
	}
	sum := checksum.Weighted(v[1:], 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)
	return 9-sum%9 == int(v[0]-'0') && !allZero(v[1:])
}

func southKoreaRRN() Rule {
	return Rule{
		ID:        "SOUTH_KOREA_RESIDENT_REGISTRATION_NUMBER",
		Name:      "Korean resident or foreigner registration number",
		Category:  Personal,
		Countries: []string{"KR"},
		Severity:  AlwaysHigh,
		Form: "six digits of the date of birth and seven that begin with century and sex: 1 2 of nationals and 5 6 of foreigners born in the " +
			"1900s, 3 4 and 7 8 from 2000 on, 9 0 before 1900. With a hyphen and a right check digit it stands for itself, otherwise it needs a keyword",
		Check: "twelve digits times 2 to 9 and 2 to 5, eleven less the sum modulo 11 and that modulo 10, for foreigners 13 less; numbers given since " +
			"October 2020 have none (Ministry of the Interior and Safety), so it adds confidence only; a day that exists",
		Forms: []Form{
			{Pattern: "999999-9999999"},
			{Pattern: "9999999999999", NeedKeyword: true},
			{Pattern: "999999 9999999", NeedKeyword: true},
			{Pattern: "999999 - 9999999", NeedKeyword: true},
		},
		Valid:      validRRN,
		Sure:       sureRRN,
		Confidence: 55, // a field of dates and digits is not enough
		Keywords: wordList(
			"주민등록번호; 주민번호; 외국인등록번호; rrn; resident registration; alien registration",
			"주민등록; 주민 등록 번호; 주민등록증; 외국인번호; 외국인등록증; 국내거소신고번호; resident registration number; resident registration no; rrn no; rrn number",
			"alien registration number; foreigner registration; frn; jumin; jumin no; jumin number",
		),
		Priority: PriorityCheck,
	}
}

func validRRN(v []byte) bool {
	year := 1900 + pair(v, 0) // of the 1800s too, whose leap years are the same
	switch v[6] {
	case '3', '4', '7', '8':
		year += 100
	}
	return isDay(year, pair(v, 2), pair(v, 4)) && !allEqual(v[7:])
}

// sureRRN takes the check digit of nationals for foreigners too: it is met.
func sureRRN(v []byte) bool {
	sum := checksum.Weighted(v, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5) % 11
	check := int(v[12] - '0')
	return (11-sum)%10 == check || '5' <= v[6] && v[6] <= '8' && (13-sum)%10 == check
}

func taiwanNationalID() Rule {
	return Rule{
		ID:        "TAIWAN_NATIONAL_ID_NUMBER",
		Name:      "Taiwanese identity number",
		Category:  Personal,
		Countries: []string{"TW"},
		Severity:  AlwaysHigh,
		Form: "a letter and nine digits, the first 1 or 2, of foreign residents 8 or 9; before 2021 these had A to D in its place " +
			"(內政部戶政司)",
		Check: "the letter as two digits, 10 to 35 in the order ABCDEFGHJKLMNPQRSTUVXYWZIO, the first times 1, the second times 9, the others times 8 to 1, the check: " +
			"the sum is a multiple of 10",
		Forms: []Form{{Pattern: "A999999999"}, {Pattern: "AA99999999"}, {Pattern: "A-999999999"}, {Pattern: "A 999999999"}},
		Valid: validTaiwanID,
		Keywords: wordList(
			"身分證; 身分證字號; 國民身分證; 居留證; national id; arc number",
			"身份證字號; 身份證; 身分證號; 身分證統一編號; 國民身分證統一編號; 統一證號; 居留證號; 外僑居留證; 身分证; taiwan id; roc id; id card",
			"identity card; national identification; arc no; alien resident certificate; resident certificate",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"A123456789"},
	}
}

func validTaiwanID(v []byte) bool {
	first := letterTW(v[0])
	second := int(v[1] - '0')
	switch v[1] {
	case '1', '2', '8', '9':
	case 'A', 'B', 'C', 'D':
		second = letterTW(v[1]) % 10
	default:
		return false
	}
	sum := first/10 + first%10*9 + second*8 + checksum.Weighted(v[2:], 7, 6, 5, 4, 3, 2, 1, 1)
	return sum%10 == 0 && !allEqual(v[2:])
}

// letterTW is the number of the place that gave the identity number.
func letterTW(c byte) int { return 10 + strings.IndexByte("ABCDEFGHJKLMNPQRSTUVXYWZIO", c) }
