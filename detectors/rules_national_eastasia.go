package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalEastAsia returns the rules for numbers of China, Hong Kong, Taiwan,
// Japan and Korea.
func nationalEastAsia() []Rule {
	return rules([]national{
		{
			id: "CHINA_RESIDENT_ID_NUMBER", name: "Chinese resident identity number", countries: "CN",
			form: "18 characters: six digits of the place, date of birth with four digits of the year, three of the serial, check character, in one run " +
				"or 6-8-4; 15 digits on cards of before 1999, without the century and the check, beside a keyword only (GB 11643-1999)",
			check: "ISO/IEC 7064 MOD 11-2; the province of GB/T 2260 and the date exist",
			alone: "99999999999999999X|999999 99999999 999X|999999-99999999-999X", near: "999999999999999",
			valid: validChinaID,
			keywords: "身份证; 身份证号; 居民身份证; 公民身份号码; resident identity; id card number; shenfenzheng; " +
				"身份证号码; 身份证件号; 证件号码; 证件号; 公民身份证; 身份號碼; 身份證; resident id; resident identity card; chinese id; prc id; china id; " +
				"identity card; id card no; id card; identity number; citizen id; sfzh; shenfenzhenghao",
		}, {
			id: "HONG_KONG_IDENTITY_CARD_NUMBER", name: "Hong Kong identity card (HKID)", countries: "HK",
			form: "one or two letters, six digits, and a check digit or A in round brackets; in others or none only beside a keyword (Registration of " +
				"Persons Regulations, Cap. 177A)",
			check: "letters as 10 to 35 and a missing first one as 36, times 9 to 2; with the check, 10 for A, the sum is a multiple of 11 (the department " +
				"does not publish it; its specimens have it); the digits not all zero",
			alone: "A999999(X)|AA999999(X)",
			near:  "A999999 (X)|AA999999 (X)|A999999[X]|AA999999[X]|A999999-X|AA999999-X|A999999X|AA999999X|A 999999 (X)|A 999999(X)",
			valid: validHKID,
			keywords: "hkid; hong kong identity card; identity card; 香港身份證; 身份證號碼; " +
				"hkid no; hkid number; hkid card; hkic; hk id; hk identity card; hong kong id; id card; id card no; id card number; identity card number; identity document; " +
				"香港身份證號碼; 香港永久性居民身份證; 身份證; 身分證號碼; 香港身份证; 身份证号码; 身份证; 證件號碼",
			dummies: []string{"A1234563", "Z6833655"}, // of specimen cards of the Immigration Department
		}, {
			id: "TAIWAN_NATIONAL_ID_NUMBER", name: "Taiwanese national id or resident certificate", countries: "TW",
			form: "a letter for the place, 1 or 2 (of residents 8 or 9, before 2021 A to D), eight digits (Household Registration Act)",
			check: "the letter as two digits, 10 to 35 in the order ABCDEFGHJKLMNPQRSTUVXYWZIO, the first times 1, the second times 9, the others times " +
				"8 to 1, and the check: the sum is a multiple of 10; the digits not all equal",
			near: "A999999999|AA99999999|A-999999999|A 999999999", valid: validTaiwanID,
			keywords: "身分證; 身分證字號; 國民身分證; 居留證; national id; arc number; " +
				"身份證字號; 身份證; 身分證號; 身分證統一編號; 國民身分證統一編號; 統一證號; 居留證號; 外僑居留證; 身分证; taiwan id; roc id; id card; " +
				"identity card; national identification; arc no; alien resident certificate; resident certificate",
			dummies: []string{"A123456789"},
		}, {
			id: "JAPAN_MY_NUMBER", name: "Japanese individual number (My Number)", countries: "JP",
			form: "12 digits, often in fours (Act 27 of 2013)",
			check: "from the right the eleven digits before the last times 2 3 4 5 6 7 2 3 4 5 6; eleven less the sum modulo 11, 0 if that is more " +
				"than 9 (Order of the Ministry of Internal Affairs and Communications 85 of 2014, article 5); not all equal",
			near: "9999~9999~9999", valid: validMyNumber,
			keywords: "my number; mynumber; individual number; マイナンバー; 個人番号; 個人識別番号; " +
				"マイナンバーカード; 個人番号カード; マイナ番号; 個人ナンバー; 社会保障・税番号; my number card; kojin bango; kojin bangou",
			dummies: []string{"123456789018"},
		}, {
			id: "JAPAN_CORPORATE_NUMBER", name: "Japanese corporate number", countries: "JP", severity: Rising,
			form: "13 digits, the check digit first, printed 1-4-4-4; behind T the number of who issues qualified invoices, people among them " +
				"(National Tax Agency)",
			check: "nine less the sum modulo 9 of the twelve digits, from the right times 1 and 2 in turn (Order of the Ministry of Finance 70 of " +
				"2014, article 2); the twelve not all equal",
			near:  "9999999999999|9-9999-9999-9999|9 9999 9999 9999|T9999999999999|T9-9999-9999-9999|T-9999999999999",
			valid: validCorporateJP,
			keywords: "法人番号; corporate number; " +
				"法人ナンバー; インボイス登録番号; 適格請求書発行事業者; 適格請求書; インボイス番号; houjin bango; houjin bangou; hojin bango; qualified invoice; jct number",
		}, {
			id: "SOUTH_KOREA_RESIDENT_REGISTRATION_NUMBER", name: "Korean resident or foreigner registration number", countries: "KR",
			form: "13 digits: date of birth, century and sex (1 2 of nationals and 5 6 of foreigners born in the 1900s, 3 4 and 7 8 from 2000 on, 9 0 " +
				"before 1900), serial, check digit, printed 6-7 (Resident Registration Act)",
			check: "twelve digits times 2 to 9 and 2 to 5, eleven less the sum modulo 11 and that modulo 10, for foreigners 13 less; numbers given " +
				"since October 2020 have none, so it adds confidence only; the date exists",
			alone: "999999-9999999", near: "9999999999999|999999 9999999|999999 - 9999999",
			valid: validRRN, sure: sureRRN,
			confidence: 55, // a field of dates and digits is not enough
			keywords: "주민등록번호; 주민번호; 외국인등록번호; rrn; resident registration; alien registration; " +
				"주민등록; 주민 등록 번호; 주민등록증; 외국인번호; 외국인등록증; 국내거소신고번호; resident registration number; resident registration no; rrn no; " +
				"rrn number; alien registration number; foreigner registration; korean id; jumin; jumin no; jumin number",
		},
	})
}

// provinces are the first two digits of Chinese numbers (GB/T 2260).
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 "

// validChinaID judges 18 characters, or the 15 digits of old numbers.
func validChinaID(v []byte) bool {
	if !strings.Contains(provinces, " "+string(v[:2])+" ") {
		return false
	}
	if len(v) == 15 {
		return !allZero(v[2:6]) && born(v, 6, 19) && !allEqual(v[12:])
	}
	return isDay(value(v, 6, 4), value(v, 10, 2), value(v, 12, 2)) && (isDigit(v[17]) || v[17] == 'X') && checksum.Mod11_2(v)
}

func validHKID(v []byte) bool {
	sum := 36 * 9
	if len(v) == 9 {
		sum = letterValue(v[0]) * 9
		v = v[1:]
	}
	check := 10
	if v[7] != 'A' {
		check = digit(v, 7)
	}
	sum += letterValue(v[0])*8 + checksum.Weighted(v[1:7], 7, 6, 5, 4, 3, 2) + check
	return (isDigit(v[7]) || v[7] == 'A') && sum%11 == 0 && !allZero(v[1:7])
}

func validTaiwanID(v []byte) bool {
	const places = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
	first, second := 10+strings.IndexByte(places, v[0]), 0
	switch v[1] {
	case '1', '2', '8', '9':
		second = digit(v, 1)
	case 'A', 'B', 'C', 'D':
		second = strings.IndexByte(places, v[1])
	default:
		return false
	}
	sum := first/10 + first%10*9 + second*8 + checksum.Weighted(v[2:], 7, 6, 5, 4, 3, 2, 1, 1)
	return sum%10 == 0 && !allEqual(v[2:])
}

func validMyNumber(v []byte) bool {
	check := 11 - checksum.Weighted(v, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	if check > 9 {
		check = 0
	}
	return check == digit(v, 11) && !allEqual(v)
}

func validCorporateJP(v []byte) bool {
	if v[0] == 'T' {
		v = v[1:]
	}
	return 9-checksum.Weighted(v[1:], 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)%9 == digit(v, 0) && !allEqual(v[1:])
}

// validRRN takes those born in the 1800s for ones of the 1900s: the leap years
// are the same.
func validRRN(v []byte) bool {
	year := 1900 + value(v, 0, 2)
	switch v[6] {
	case '3', '4', '7', '8':
		year += 100
	}
	return isDay(year, value(v, 2, 2), value(v, 4, 2)) && !allEqual(v[7:])
}

// sureRRN takes the check digit of nationals for foreigners too: it is met.
func sureRRN(v []byte) bool {
	sum := checksum.Weighted(v, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5) % 11
	check := digit(v, 12)
	return (11-sum)%10 == check || '5' <= v[6] && v[6] <= '8' && (13-sum)%10 == check
}
