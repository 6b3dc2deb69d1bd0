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
			form: "18 characters: region, date of birth with four digits of the year, serial, check character; 15 digits on cards of before 1999, without " +
				"the century and the check, beside a keyword only (GB 11643-1999)",
			check: "ISO/IEC 7064 MOD 11-2; the province and the date exist",
			alone: "99999999999999999X", near: "999999999999999",
			valid:    validChina,
			keywords: "身份证; 身份证号; 身份证号码; 居民身份证; 公民身份号码; 身份號碼; resident identity card; resident id; id card number; chinese id; shenfenzheng; citizen id",
		}, {
			id: "HONG_KONG_IDENTITY_CARD_NUMBER", name: "Hong Kong identity card", countries: "HK",
			form: "one or two letters, six digits, and a check character in brackets; without these only beside a keyword (Registration of Persons " +
				"Regulations, Cap. 177A)",
			check: "letters as 10 to 35 and a missing one as 36, weights 9 to 2, eleven less the sum modulo 11, ten as A",
			alone: "A999999(X)|AA999999(X)", near: "A999999X|AA999999X|A999999[X]|AA999999[X]|A999999-X|A999999 (X)|AA999999 (X)",
			valid:    validHKID,
			keywords: "hkid; hkid no; hkid number; hong kong identity card; hong kong id; identity card; id card; 香港身份證; 身份證號碼; 身份證; 身份证号码; 香港身份证",
		}, {
			id: "TAIWAN_NATIONAL_ID_NUMBER", name: "Taiwanese national id or resident certificate", countries: "TW",
			form: "a letter for the place, 1 or 2 (residents 8 or 9, of old A to D), eight digits (Household Registration Act)",
			check: "the number of the letter: its tens, nine times its units, then weights 8 to 1 and the last digit, a multiple of ten in all; not all " +
				"digits equal",
			near: "A999999999|AA99999999", valid: validTaiwan,
			keywords: "身分證; 身分證字號; 身份證字號; 國民身分證; 國民身分證統一編號; 居留證; 統一證號; national id; taiwan id; arc number; arc no; resident certificate",
		}, {
			id: "JAPAN_MY_NUMBER", name: "Japanese individual number (My Number)", countries: "JP",
			form:     "12 digits, often in fours (Act 27 of 2013)",
			check:    "from the right weights 2 to 7, 2 to 6: eleven less the sum modulo 11, of one and zero 0; not all equal",
			near:     "9999~9999~9999",
			valid:    validMyNumber,
			keywords: "my number; mynumber; individual number; マイナンバー; 個人番号; 個人識別番号; マイナンバーカード; kojin bango",
		}, {
			id: "JAPAN_CORPORATE_NUMBER", name: "Japanese corporate number", countries: "JP",
			form:     "13 digits, the check digit first (National Tax Agency)",
			check:    "from the right weights 1 and 2 in turn: nine less the sum modulo 9",
			near:     "9999999999999|9-9999-9999-9999",
			valid:    validCorporate,
			keywords: "法人番号; corporate number; houjin bango; hojin bango",
			severity: Rising,
		}, {
			id: "SOUTH_KOREA_RESIDENT_REGISTRATION_NUMBER", name: "Korean resident registration number", countries: "KR",
			form:  "13 digits: date of birth, century and sex 0 to 9 (5 to 8 foreigners), serial, check digit, printed 6-7 (Resident Registration Act)",
			check: "weights 2 to 9, 2 to 5: eleven (of foreigners thirteen) less the sum modulo 11, modulo 10; numbers given since October 2020 need not keep it; the date exists",
			alone: "999999-9999999", near: "9999999999999|999999 9999999",
			valid: validRRN, sure: checkRRN,
			keywords: "주민등록번호; 주민번호; 주민등록; 외국인등록번호; 외국인번호; rrn; resident registration number; resident registration; alien registration number; korean id; jumin",
		},
	})
}

// provinces are the first two digits of Chinese numbers (GB/T 2260).
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 "

func validChina(v []byte) bool {
	if !strings.Contains(provinces, " "+string(v[:2])+" ") {
		return false
	}
	if len(v) == 15 {
		return born(v, 6, 19) && !allEqual(v[12:])
	}
	sum := checksum.Weighted(v[:17], 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
	return isDay(value(v, 6, 4), value(v, 10, 2), value(v, 12, 2)) && "10X98765432"[sum%11] == v[17]
}

func validHKID(v []byte) bool {
	sum, weight := 0, 8
	switch {
	case isLetter(v[1]):
		sum, weight = 9*letterValue(v[0])+8*letterValue(v[1]), 7
		v = v[2:]
	default:
		sum, weight = 9*36+8*letterValue(v[0]), 7
		v = v[1:]
	}
	for i := range 6 {
		sum += digit(v, i) * (weight - i)
	}
	return "0123456789A"[(11-sum%11)%11] == v[6] && !allEqual(v[:6])
}

func validTaiwan(v []byte) bool {
	const letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
	place := 10 + strings.IndexByte(letters, v[0])
	second := 0
	switch {
	case isDigit(v[1]):
		if second = digit(v, 1); second != 1 && second != 2 && second != 8 && second != 9 {
			return false
		}
	case v[1] <= 'D':
		second = (10 + strings.IndexByte(letters, v[1])) % 10
	default:
		return false
	}
	sum := place/10 + place%10*9 + second*8 + checksum.Weighted(v[2:], 7, 6, 5, 4, 3, 2, 1, 1)
	return sum%10 == 0 && !allEqual(v[2:])
}

func validMyNumber(v []byte) bool {
	r := checksum.Weighted(v, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	check := 0
	if r > 1 {
		check = 11 - r
	}
	return check == digit(v, 11) && !allEqual(v)
}

func validCorporate(v []byte) bool {
	return 9-checksum.Weighted(v[1:], 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)%9 == digit(v, 0) && !allEqual(v[1:])
}

func validRRN(v []byte) bool {
	centuries := [...]int{18, 19, 19, 20, 20, 19, 19, 20, 20, 18}
	return born(v, 0, centuries[digit(v, 6)]) && !allEqual(v[7:])
}

func checkRRN(v []byte) bool {
	check := 11
	if '5' <= v[6] && v[6] <= '8' {
		check = 13
	}
	return (check-checksum.Weighted(v, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11)%10 == digit(v, 12)
}
