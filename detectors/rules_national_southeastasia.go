package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalSoutheastAsia returns the rules for numbers that the states from
// Thailand to the Philippines give to people and to who pays taxes.
func nationalSoutheastAsia() []Rule {
	return []Rule{
		indonesiaNIK(),
		indonesiaNPWP(),
		malaysiaNRIC(),
		philippinesID(),
		singaporeNRIC(),
		thailandID(),
		vietnamCitizenID(),
		vietnamTax(),
	}
}

func indonesiaNIK() Rule {
	return Rule{
		ID:        "INDONESIA_NIK_NUMBER",
		Name:      "Indonesian identity number (NIK)",
		Category:  Personal,
		Countries: []string{"ID"},
		Severity:  AlwaysHigh,
		Form: "16 digits: province, regency and district of two each, the date of birth as ddmmyy with the day of women plus 40, a serial of " +
			"four (Peraturan Pemerintah 37/2007, Direktorat Jenderal Kependudukan dan Pencatatan Sipil)",
		Check: "none exists; a province, a day that exists and a serial that is not 0000",
		Forms: []Form{{Pattern: "999999~999999~9999"}, {Pattern: "99~99~99~999999~9999"}, {Pattern: "99~9999~999999~9999"}, {Pattern: "9999 9999 9999 9999"}},
		Valid: validNIK,
		Keywords: wordList(
			"nik; ktp; nomor induk kependudukan; nomor ktp; no ktp",
			"no nik; nomor nik; e-ktp; ektp; no. ktp; no. nik; induk kependudukan; kartu tanda penduduk; nomor identitas; identitas penduduk; nik ktp",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validNIK(v []byte) bool {
	day := pair(v, 6)
	if day > 40 {
		day -= 40
	}
	return isProvinceID(pair(v, 0)) && isDayOf(pair(v, 10), 2, pair(v, 8), day) && !allZero(v[12:])
}

// isProvinceID knows the codes of Kementerian Dalam Negeri, those of 2022 too.
func isProvinceID(n int) bool {
	switch n / 10 {
	case 1:
		return 11 <= n
	case 3:
		return 31 <= n && n <= 36
	case 5:
		return 51 <= n && n <= 53
	case 6:
		return 61 <= n && n <= 65
	case 7:
		return 71 <= n && n <= 76
	case 9:
		return 91 <= n && n <= 97
	}
	return n == 21 || n == 81 || n == 82
}

func indonesiaNPWP() Rule {
	return Rule{
		ID:        "INDONESIA_NPWP_NUMBER",
		Name:      "Indonesian taxpayer number (NPWP)",
		Category:  Personal,
		Countries: []string{"ID"},
		Severity:  AlwaysHigh,
		Form: "15 digits, printed 99.999.999.9-999.999; since 2024 16, which are 0 and the 15, or the holder's NIK (Direktorat Jenderal Pajak, " +
			"PMK 112/PMK.03/2022)",
		Check: "Luhn over the first nine of the 15 digits, which are not all zeros; that of the NIK",
		Forms: []Form{
			{Pattern: "99.999.999.9-999.999"},
			{Pattern: "99.999.999.9.999.999"},
			{Pattern: "99 999 999 9 999 999"},
			{Pattern: "999999999-999999"},
			{Pattern: "999999999999999"},
			{Pattern: "9999999999999999"},
			{Pattern: "9999 9999 9999 9999"},
			{Pattern: "099.999.999.9-999.999"},
		},
		Valid: validNPWP,
		Keywords: wordList(
			"npwp; nomor pokok wajib pajak",
			"no npwp; nomor npwp; no. npwp; npwp no; npwp16; npwp15; npwpd; wajib pajak; pokok wajib pajak; indonesian tax id",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validNPWP(v []byte) bool {
	if len(v) == 16 {
		if v[0] != '0' {
			return validNIK(v)
		}
		v = v[1:]
	}
	return checksum.Luhn(v[:9]) && !allZero(v[:9])
}

func malaysiaNRIC() Rule {
	return Rule{
		ID:        "MALAYSIA_NRIC_NUMBER",
		Name:      "Malaysian identity card number (MyKad)",
		Category:  Personal,
		Countries: []string{"MY"},
		Severity:  AlwaysHigh,
		Form: "12 digits: the date of birth as yymmdd, two of the place of birth, four of the serial, printed 6-2-4 (Jabatan Pendaftaran Negara, " +
			"Kod Negeri)",
		Check: "none exists; a day that exists and a place that is given",
		Forms: []Form{{Pattern: "999999~99~9999"}, {Pattern: "999999/99/9999"}},
		Valid: func(v []byte) bool {
			return isDayOf(pair(v, 0), 2, pair(v, 2), pair(v, 4)) && isPlaceMY(pair(v, 6))
		},
		Keywords: wordList(
			"mykad; kad pengenalan; no. kad pengenalan; nric; no ic; ic number",
			"no kad pengenalan; nombor kad pengenalan; ic no; no. ic; i/c no; ic num; no. k/p; no k/p; no kp; nokp; no. kp; k.p.; mykad no; mykid; mypr; mytentera; malaysian ic",
			"new ic; ic baru; no ic baru; nric no; nric number; identity card; 身份证; 身分證",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

// isPlaceMY knows the codes of the states, of countries and regions, and of
// those born at sea or stateless.
func isPlaceMY(n int) bool {
	return n != 0 && !(17 <= n && n <= 20) && n != 69 && n != 70 && n != 73 && n != 80 && n != 81 && !(94 <= n && n <= 97)
}

func philippinesID() Rule {
	return Rule{
		ID:        "PHILIPPINES_ID_NUMBERS",
		Name:      "Philippine number of PhilSys, TIN, SSS, UMID or PhilHealth",
		Category:  Personal,
		Countries: []string{"PH"},
		Severity:  AlwaysHigh,
		Form: "PhilSys card number 4-4-4-4 or 16 digits and number 4-4-4 (Republic Act 11055), taxpayer number 3-3-3 and a branch of three to five " +
			"(Bureau of Internal Revenue), SSS 2-7-1, UMID 4-7-1, PhilHealth 2-9-1; of 12 digits without hyphens only taxpayers of branch 000",
		Check: "none is published; the first nine not all equal",
		Forms: []Form{
			{Pattern: "9999-9999-9999-9999"},
			{Pattern: "9999 9999 9999 9999"},
			{Pattern: "9999999999999999"},
			{Pattern: "9999-9999-9999"},
			{Pattern: "999-999-999"},
			{Pattern: "999-999-999-999"},
			{Pattern: "999-999-999-9999"},
			{Pattern: "999-999-999-99999"},
			{Pattern: "999999999000"},
			{Pattern: "99-9999999-9"},
			{Pattern: "9999-9999999-9"},
			{Pattern: "99-999999999-9"},
		},
		Valid: func(v []byte) bool { return !allEqual(v[:9]) },
		Keywords: wordList(
			"philsys; philid; psn; pcn; tin; sss number; umid; philhealth",
			"philsys number; philsys card number; philsys id; philippine identification; national id philippines; phil id; phil sys; tin no; tin number; bir tin; tin id",
			"taxpayer identification number; sss; sss no; sss id; gsis; common reference number; pag-ibig; pagibig; philhealth no; philhealth number",
			"philhealth identification number; numero ng tin; pambansang id",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"123456789", "123456789000", "1234567890", "123456789012", "1234567890123456"},
	}
}

func singaporeNRIC() Rule {
	return Rule{
		ID:        "SINGAPORE_NRIC_FIN_NUMBER",
		Name:      "Singaporean identity number (NRIC, FIN)",
		Category:  Personal,
		Countries: []string{"SG"},
		Severity:  AlwaysHigh,
		Form: "S or T, of foreigners F, G or M, seven digits and a check letter (Immigration & Checkpoints Authority); that begins with a small " +
			"letter, or in parts, only beside a keyword, that begins with T also as a field of its own",
		Check: "digits times 2 7 6 5 4 3 2, plus 4 for T and G, 3 for M, modulo 11, chooses from JZIHGFEDCBA for S and T, XWUTRQPNMLK for F and G, " +
			"XWUTRQPNJLK for M; the digits not all equal",
		Forms: []Form{
			{Pattern: "S9999999A"},
			{Pattern: "T9999999A"},
			{Pattern: "F9999999A"},
			{Pattern: "G9999999A"},
			{Pattern: "M9999999A"},
			{Pattern: "A9999999A", NeedKeyword: true},
			{Pattern: "A 9999999 A", NeedKeyword: true},
			{Pattern: "A-9999999-A", NeedKeyword: true},
			{Pattern: "A9999999-A", NeedKeyword: true},
		},
		Valid: validNRIC,
		Sure:  func(v []byte) bool { return v[0] != 'T' }, // T and the number of a bug is also the name of a test
		Keywords: wordList(
			"nric; fin; nric/fin; identity card; ic number; ic no; singpass",
			"nric no; nric number; fin no; fin number; nric fin; foreign identification number; foreign identification no; singapore ic; singapore id; uinfin; pink ic; 身份证; 身份证号码",
			"kad pengenalan; அடையாள அட்டை",
		),
		Priority: PriorityCheck,
		Dummies:  []string{"S1234567D"},
	}
}

func validNRIC(v []byte) bool {
	letters, sum := "JZIHGFEDCBA", checksum.Weighted(v[1:8], 2, 7, 6, 5, 4, 3, 2)
	switch v[0] {
	case 'S':
	case 'T':
		sum += 4
	case 'F':
		letters = "XWUTRQPNMLK"
	case 'G':
		letters = "XWUTRQPNMLK"
		sum += 4
	case 'M':
		letters = "XWUTRQPNJLK"
		sum += 3
	default:
		return false
	}
	return letters[sum%11] == v[8] && !allEqual(v[1:8])
}

func thailandID() Rule {
	return Rule{
		ID:        "THAILAND_NATIONAL_ID_NUMBER",
		Name:      "Thai citizen number",
		Category:  Personal,
		Countries: []string{"TH"},
		Severity:  AlwaysHigh,
		Form:      "13 digits, the first 1 to 8, printed 1-4-5-2-1 (กรมการปกครอง, Department of Provincial Administration)",
		Check:     "the first twelve times 13 to 2, eleven less the sum modulo 11 and that modulo 10; not all equal",
		Forms: []Form{
			{Pattern: "9~9999~99999~99~9"},
			{Pattern: "9-99-9-999-99999-9"}, // the parts that the number has
		},
		Valid: validThaiID,
		Keywords: wordList(
			"เลขประจำตัวประชาชน; บัตรประชาชน; thai id; citizen id; national id",
			"เลขบัตรประชาชน; เลขที่บัตรประชาชน; หมายเลขบัตรประชาชน; บัตรประจำตัวประชาชน; เลขที่บัตรประจำตัวประชาชน; รหัสประจำตัวประชาชน; เลขประจำตัว; ปชช; เลข 13 หลัก",
			"เลขประจำตัวผู้เสียภาษี; เลขประจำตัวผู้เสียภาษีอากร; thai national id; citizen id no; citizen number; national id no; national id number; thai id card; thai identification",
			"population identification number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"1234567890121"},
	}
}

func validThaiID(v []byte) bool {
	check := (11 - checksum.Weighted(v, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 10
	return '1' <= v[0] && v[0] <= '8' && check == int(v[12]-'0') && !allEqual(v)
}

func vietnamCitizenID() Rule {
	return Rule{
		ID:        "VIETNAM_CITIZEN_ID_NUMBER",
		Name:      "Vietnamese citizen number (CCCD, CMND)",
		Category:  Personal,
		Countries: []string{"VN"},
		Severity:  AlwaysHigh,
		Form: "12 digits: province 001 to 096, century and sex 0 to 3, two of the year of birth, six of the serial (Thông tư 59/2021/TT-BCA); " +
			"9 digits in cards before 2016",
		Check: "none exists; a province, and a year that has been; not all equal",
		Forms: []Form{
			{Pattern: "999999999999"},
			{Pattern: "999 999 999 999"},
			{Pattern: "999-999-999-999"},
			{Pattern: "9999 9999 9999"},
			{Pattern: "999~999~999"},
		},
		Valid: validVietnamID,
		Keywords: wordList(
			"cccd; cmnd; căn cước công dân; số căn cước; chứng minh nhân dân",
			"số cccd; số cmnd; cccd số; cmnd số; cccd/cmnd; cmnd/cccd; căn cước; số căn cước công dân; thẻ căn cước; số chứng minh nhân dân; chứng minh thư; số cmt; cmtnd",
			"số định danh cá nhân; mã định danh; mã số thuế cá nhân; vietnamese id; citizen identity card; citizen identification",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"123456789", "012345678"},
	}
}

func validVietnamID(v []byte) bool {
	if len(v) == 9 {
		return !allEqual(v)
	}
	province := int(v[0]-'0')*100 + pair(v, 1)
	year := 1900 + int(v[3]-'0')/2*100 + pair(v, 4)
	return 1 <= province && province <= 96 && year <= lastYear
}

func vietnamTax() Rule {
	return Rule{
		ID:        "VIETNAM_TAX_NUMBER",
		Name:      "Vietnamese tax number (MST)",
		Category:  Personal,
		Countries: []string{"VN"},
		Severity:  Rising,
		Form:      "10 digits, of branches a hyphen and three more, not 000 (Thông tư 105/2020/TT-BTC)",
		Check:     "the first nine times 31 29 23 19 17 13 7 5 3, ten less the sum modulo 11, is the tenth; the third to ninth not all zero",
		Forms:     []Form{{Pattern: "9999999999"}, {Pattern: "9999999999-999"}, {Pattern: "9999999999 999"}, {Pattern: "9999999999999"}},
		Valid:     validMST,
		Keywords: wordList(
			"mã số thuế; mst; tax code",
			"mã số doanh nghiệp; mã số thuế doanh nghiệp; mã số thuế cá nhân; mã thuế; số thuế; msdn; mst/cccd; mst cá nhân; vietnam tax id; vn tax id; vat code",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validMST(v []byte) bool {
	if len(v) == 13 && allZero(v[10:]) || allZero(v[2:9]) {
		return false
	}
	return 10-checksum.Weighted(v, 31, 29, 23, 19, 17, 13, 7, 5, 3)%11 == int(v[9]-'0')
}
