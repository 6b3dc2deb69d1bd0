package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalSoutheastAsia returns the rules for numbers of the states from
// Thailand to the Philippines.
func nationalSoutheastAsia() []Rule {
	return rules([]national{
		{
			id: "SINGAPORE_NRIC_FIN_NUMBER", name: "Singaporean NRIC or FIN", countries: "SG",
			form: "S or T, of foreigners F, G or M, seven digits and a check letter; that begins with a small letter, or in parts, only beside a " +
				"keyword, that begins with T also as a field of its own (National Registration Act)",
			check: "digits times 2 7 6 5 4 3 2, plus 4 for T and G, 3 for M, modulo 11, chooses from JZIHGFEDCBA for S and T, XWUTRQPNMLK for F and G, " +
				"XWUTRQPNJLK for M; the digits not all equal",
			alone: "S9999999A|T9999999A|F9999999A|G9999999A|M9999999A", near: "A9999999A|A 9999999 A|A-9999999-A|A9999999-A",
			valid: validNRIC,
			sure:  func(v []byte) bool { return v[0] != 'T' }, // T and the number of a bug is also the name of a test
			keywords: "nric; fin; nric/fin; identity card; ic number; ic no; singpass; " +
				"nric no; nric number; fin no; fin number; nric fin; foreign identification number; foreign identification no; singapore ic; singapore id; uinfin; " +
				"pink ic; 身份证; 身份证号码; kad pengenalan; அடையாள அட்டை",
			dummies: []string{"S1234567D"},
		}, {
			id: "MALAYSIA_NRIC_NUMBER", name: "Malaysian identity card (MyKad)", countries: "MY",
			form:  "12 digits: date of birth, two of the place, serial and sex, printed 6-2-4 (National Registration Regulations 1990)",
			check: "none exists; the date exists and the place is given (Jabatan Pendaftaran Negara)",
			near:  "999999~99~9999|999999/99/9999", valid: validMyKad,
			keywords: "mykad; kad pengenalan; no. kad pengenalan; nric; no ic; ic number; " +
				"no kad pengenalan; nombor kad pengenalan; ic no; no. ic; i/c no; ic num; no. k/p; no k/p; no kp; no. kp; k.p.; mykad no; mykid; mypr; mytentera; " +
				"malaysian ic; new ic; ic baru; no ic baru; nric no; nric number; identity card; 身份证; 身分證",
		}, {
			id: "THAILAND_NATIONAL_ID_NUMBER", name: "Thai citizen number", countries: "TH",
			form:  "13 digits, the first 1 to 8, printed 1-4-5-2-1 (Civil Registration Act 1991)",
			check: "the first twelve times 13 to 2, eleven less the sum modulo 11 and that modulo 10; not all equal",
			alone: "9-9999-99999-99-9", near: "9999999999999|9 9999 99999 99 9|9.9999.99999.99.9|9-99-9-999-99999-9",
			valid: validThaiID,
			keywords: "เลขประจำตัวประชาชน; บัตรประชาชน; thai id; citizen id; national id; " +
				"เลขบัตรประชาชน; เลขที่บัตรประชาชน; หมายเลขบัตรประชาชน; บัตรประจำตัวประชาชน; เลขที่บัตรประจำตัวประชาชน; รหัสประจำตัวประชาชน; เลขประจำตัว; ปชช; เลข 13 หลัก; " +
				"เลขประจำตัวผู้เสียภาษี; เลขประจำตัวผู้เสียภาษีอากร; thai national id; citizen id no; citizen number; national id no; national id number; thai id card; " +
				"thai identification; id card; population identification number",
			dummies: []string{"1234567890121"},
		}, {
			id: "INDONESIA_NIK_NUMBER", name: "Indonesian population number (NIK)", countries: "ID",
			form: "16 digits: province, regency and district of two each, date of birth as ddmmyy with the day of women plus 40, serial " +
				"(Undang-Undang 24/2013)",
			check: "none exists; the province and the date exist, the serial is not 0000",
			near:  "999999~999999~9999|99~99~99~999999~9999|99~9999~999999~9999|9999 9999 9999 9999", valid: validNIK,
			keywords: "nik; ktp; nomor induk kependudukan; nomor ktp; no ktp; " +
				"no nik; nomor nik; e-ktp; ektp; no. ktp; no. nik; induk kependudukan; kartu tanda penduduk; nomor identitas; identitas penduduk; indonesian id",
		}, {
			id: "INDONESIA_NPWP_NUMBER", name: "Indonesian tax number (NPWP)", countries: "ID",
			form: "15 digits, printed 2.3.3.1-3.3; since 2024 16, which are 0 and the 15, or the holder's NIK (Peraturan Menteri Keuangan 112/2022); " +
				"as printed it stands for itself",
			check: "Luhn over the first nine of the 15 digits, which are not all equal; that of the NIK",
			alone: "99.999.999.9-999.999",
			near: "99.999.999.9.999.999|99 999 999 9 999 999|999999999-999999|999999999999999|9999999999999999|9999 9999 9999 9999|" +
				"099.999.999.9-999.999",
			valid: validNPWP,
			keywords: "npwp; nomor pokok wajib pajak; " +
				"no npwp; nomor npwp; no. npwp; npwp no; npwp16; npwp15; npwpd; wajib pajak; pokok wajib pajak; indonesian tax number; indonesian tax id",
		}, {
			id: "PHILIPPINES_ID_NUMBERS", name: "Philippine number of PhilSys, TIN, SSS, UMID or PhilHealth", countries: "PH",
			form: "PhilSys card number 4-4-4-4 or 16 digits and number 4-4-4 (Republic Act 11055), taxpayer number 3-3-3 and a branch of three to " +
				"five (Bureau of Internal Revenue), SSS 2-7-1, UMID 4-7-1, PhilHealth 2-9-1; of 12 digits without hyphens only taxpayers of branch 000",
			check: "none is public; the first nine not all equal",
			near: "9999-9999-9999-9999|9999 9999 9999 9999|9999999999999999|9999-9999-9999|999-999-999|999-999-999-999|999-999-999-9999|999-999-999-99999|" +
				"999999999000|99-9999999-9|9999-9999999-9|99-999999999-9",
			valid: func(v []byte) bool { return !allEqual(v[:9]) },
			keywords: "philsys; philid; psn; pcn; tin; sss number; umid; philhealth; " +
				"philsys number; philsys card number; philsys id; philippine identification; philippine id; national id philippines; phil id; tin no; tin number; " +
				"bir tin; tin id; taxpayer identification number; sss; sss no; sss id; gsis; common reference number; pag-ibig; pagibig; philhealth no; philhealth number; " +
				"philhealth identification number; numero ng tin; pambansang id",
			dummies: []string{"123456789", "123456789000", "1234567890", "123456789012", "1234567890123456"},
		}, {
			id: "VIETNAM_CITIZEN_ID_NUMBER", name: "Vietnamese citizen number (CCCD, CMND)", countries: "VN",
			form:  "12 digits: province, century and sex 0 to 3, year of birth, serial; of old 9 digits (Luật Căn cước 2023)",
			check: "none exists; the province is 001 to 096, the year has been; not all equal",
			near:  "999999999999|999 999 999 999|999-999-999-999|9999 9999 9999|999~999~999", valid: validCCCD,
			keywords: "cccd; cmnd; căn cước công dân; số căn cước; chứng minh nhân dân; " +
				"số cccd; số cmnd; cccd số; cmnd số; cccd/cmnd; cmnd/cccd; căn cước; số căn cước công dân; thẻ căn cước; số chứng minh nhân dân; chứng minh thư; số cmt; " +
				"cmtnd; số định danh cá nhân; mã định danh; mã số thuế cá nhân; vietnamese id; citizen identity card; citizen identification",
			dummies: []string{"123456789", "012345678"},
		}, {
			id: "VIETNAM_TAX_NUMBER", name: "Vietnamese tax number (mã số thuế)", countries: "VN", severity: Rising,
			form:  "10 digits, of branches a hyphen and three more, not 000 (Thông tư 105/2020/TT-BTC)",
			check: "the first nine times 31 29 23 19 17 13 7 5 3, ten less the sum modulo 11, is the tenth; the third to ninth not all zero",
			near:  "9999999999|9999999999-999|9999999999 999|9999999999999", valid: validMST,
			keywords: "mã số thuế; mst; tax code; " +
				"mã số doanh nghiệp; mã số thuế doanh nghiệp; mã số thuế cá nhân; mã thuế; msdn; vietnamese tax code; vietnam tax id; vn tax id; vat code",
		},
	})
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

// validMyKad knows the places of states, of countries and regions, and of those
// born at sea or stateless.
func validMyKad(v []byte) bool {
	p := value(v, 6, 2)
	place := 1 <= p && p <= 16 || 21 <= p && p <= 68 || p == 71 || p == 72 || 74 <= p && p <= 79 || 82 <= p && p <= 93 || p >= 98
	return place && born(v, 0, 19, 20)
}

func validThaiID(v []byte) bool {
	check := (11 - checksum.Weighted(v, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 10
	return '1' <= v[0] && v[0] <= '8' && check == digit(v, 12) && !allEqual(v)
}

func validNIK(v []byte) bool {
	day := value(v, 6, 2)
	if day > 40 {
		day -= 40
	}
	return isProvinceID(value(v, 0, 2)) && bornIn(v, 10, value(v, 8, 2), day, 19, 20) && !allZero(v[12:])
}

// isProvinceID knows the codes of Kementerian Dalam Negeri, those of 2022 too.
func isProvinceID(p int) bool {
	return 11 <= p && p <= 19 || p == 21 || 31 <= p && p <= 36 || 51 <= p && p <= 53 || 61 <= p && p <= 65 || 71 <= p && p <= 76 ||
		p == 81 || p == 82 || 91 <= p && p <= 97
}

func validNPWP(v []byte) bool {
	if len(v) == 16 {
		if v[0] != '0' {
			return validNIK(v)
		}
		v = v[1:]
	}
	return checksum.Luhn(v[:9]) && !allEqual(v[:9])
}

func validCCCD(v []byte) bool {
	if len(v) == 9 {
		return !allEqual(v)
	}
	province, year := value(v, 0, 3), 1900+digit(v, 3)/2*100+value(v, 4, 2)
	return 1 <= province && province <= 96 && year <= lastYear
}

func validMST(v []byte) bool {
	if len(v) == 13 && allZero(v[10:]) || allZero(v[2:9]) {
		return false
	}
	return 10-checksum.Weighted(v, 31, 29, 23, 19, 17, 13, 7, 5, 3)%11 == digit(v, 9)
}
