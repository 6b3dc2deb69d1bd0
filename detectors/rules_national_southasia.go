package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalSouthAsia returns the rules for numbers of South and Southeast Asia.
func nationalSouthAsia() []Rule {
	return rules([]national{
		{
			id: "INDIA_GST_NUMBER", name: "Indian goods and services tax number (GSTIN)", countries: "IN",
			form:  "15 characters: state, the PAN of the holder, a character, Z, a check character (Central Goods and Services Tax Rules 2017)",
			check: "base 36 values times 1 and 2 in turn, quotient and remainder by 36 added, what is missing to a multiple of 36; the state and the kind of holder exist",
			alone: "99AAAAA9999AXZX", valid: validGSTIN, severity: Rising,
			keywords: "gstin; gst number; gst no; gst in; goods and services tax; gst id; gst registration",
		}, {
			id: "INDIA_VOTER_ID_NUMBER", name: "Indian voter id (EPIC)", countries: "IN",
			form:  "three letters and seven digits (Election Commission of India)",
			check: "Luhn over the digits on newer cards; not all equal",
			near:  "AAA9999999|AAA 9999999|AAA/9999999", sure: func(v []byte) bool { return checksum.Luhn(v[3:]) },
			valid:    func(v []byte) bool { return !allEqual(v[3:]) },
			keywords: "voter id; voter id card; voter card; epic; epic no; epic number; election card; elector photo identity card; मतदाता; मतदाता पहचान पत्र",
		}, {
			id: "PAKISTAN_CNIC_NUMBER", name: "Pakistani identity card (CNIC)", countries: "PK",
			form:  "13 digits, printed 5-7-1, the first 1 to 7, the last 1 to 9 (National Database and Registration Authority)",
			check: "none is public; not all equal",
			near:  "99999-9999999-9|9999999999999",
			valid: func(v []byte) bool {
				return '1' <= v[0] && v[0] <= '7' && v[12] != '0' && !allEqual(v[5:12])
			},
			keywords: "cnic; cnic no; cnic number; nicop; nic no; identity card; id card; شناختی کارڈ; قومی شناختی کارڈ; computerised national identity card",
		}, {
			id: "SRI_LANKA_NIC_NUMBER", name: "Sri Lankan identity card", countries: "LK",
			form:  "9 digits, year and day of birth first, and V or X; since 2016 12 digits (Registration of Persons Act)",
			check: "none is public; the day is below 867, the year of 12 digits one of birth",
			near:  "999999999A|999999999999|999999999 A", valid: validSriLanka,
			keywords: "nic; nic no; nic number; national identity card; sri lankan id; ජාතික හැඳුනුම්පත; தேசிய அடையாள அட்டை",
		}, {
			id: "SINGAPORE_NRIC_FIN_NUMBER", name: "Singaporean NRIC or FIN", countries: "SG",
			form:  "S, T, F, G or M, seven digits, a check letter (National Registration Act)",
			check: "weights 2 7 6 5 4 3 2, four more for T and G, three for M, modulo 11 chooses from JZIHGFEDCBA, of F and G from XWUTRQPNMLK, of M from XWUTRQPNJLK",
			alone: "A9999999A", valid: validNRIC,
			keywords: "nric; nric no; nric number; fin; fin no; nric/fin; identity card; ic number; ic no; singpass; singapore id",
		}, {
			id: "MALAYSIA_NRIC_NUMBER", name: "Malaysian identity card (MyKad)", countries: "MY",
			form:  "12 digits: date of birth, place, serial and sex, printed 6-2-4 (National Registration Regulations 1990)",
			check: "none exists; the date and the place exist",
			near:  "999999-99-9999|999999999999|999999 99 9999", valid: validMyKad,
			keywords: "mykad; mykad no; kad pengenalan; no. kad pengenalan; no kad pengenalan; nombor kad pengenalan; nric; no ic; ic number; ic no; no. kp; no kp; identity card",
		}, {
			id: "THAILAND_NATIONAL_ID_NUMBER", name: "Thai citizen number", countries: "TH",
			form:  "13 digits, the first 1 to 8, printed 1-4-5-2-1 (Civil Registration Act 1991)",
			check: "weights 13 to 2: eleven less the sum modulo 11, modulo 10",
			alone: "9-9999-99999-99-9", near: "9999999999999|9 9999 99999 99 9", valid: validThai,
			keywords: "เลขประจำตัวประชาชน; บัตรประชาชน; เลขบัตรประชาชน; หมายเลขบัตรประชาชน; เลขที่บัตรประชาชน; thai id; thai id card; citizen id; national id; id card",
		}, {
			id: "INDONESIA_NIK_NUMBER", name: "Indonesian population number (NIK)", countries: "ID",
			form:  "16 digits: province, regency and district, date of birth (day plus 40 for women), serial (Undang-Undang 24/2013)",
			check: "none exists; the province and the date exist, the serial is not 0000",
			near:  "9999999999999999|9999 9999 9999 9999|999999 999999 9999|999999-999999-9999", valid: validNIK,
			keywords: "nik; ktp; e-ktp; nomor induk kependudukan; nomor ktp; no ktp; no. ktp; no nik; nomor nik; indonesian id",
		}, {
			id: "INDONESIA_NPWP_NUMBER", name: "Indonesian tax number (NPWP)", countries: "ID",
			form:  "15 digits, printed 2.3.3.1-3.3, since 2024 also behind a 0 (Peraturan Menteri Keuangan 112/2022)",
			check: "Luhn over the first nine digits; not all equal",
			alone: "99.999.999.9-999.999", near: "999999999999999|0999999999999999", valid: validNPWP,
			keywords: "npwp; no npwp; no. npwp; nomor npwp; nomor pokok wajib pajak; indonesian tax number",
		}, {
			id: "PHILIPPINES_ID_NUMBERS", name: "Philippine numbers: PhilSys, TIN, SSS, PhilHealth", countries: "PH",
			form:  "PhilSys 16 or 12 digits in fours, TIN 3-3-3 and a branch, SSS 2-7-1, PhilHealth 2-9-1 (Republic Act 11055 and others)",
			check: "none is public; not all equal",
			near:  "9999-9999-9999-9999|9999-9999-9999|999-999-999-999|999-999-999-99999|999-999-999|99-9999999-9|99-999999999-9|999999999999|999999999",
			valid: func(v []byte) bool { return !allEqual(v) && string(v) != "123456789" },
			keywords: "philsys; philid; philsys number; psn; pcn; tin no; tin number; tin id; sss number; sss no; umid; philhealth; philhealth no; philippine id; " +
				"philippine identification; pagibig",
		}, {
			id: "VIETNAM_CITIZEN_ID_NUMBER", name: "Vietnamese citizen number (CCCD, CMND)", countries: "VN",
			form:  "12 digits: province, century and sex 0 to 9, year of birth, serial; of old 9 digits (Luật Căn cước 2023)",
			check: "none exists; the province is 001 to 096; not all equal",
			near:  "999999999999|999999999|999 999 999 999", valid: validCCCD,
			keywords: "cccd; cmnd; căn cước công dân; căn cước; số căn cước; thẻ căn cước; chứng minh nhân dân; chứng minh thư; số cmnd; số cccd; vietnamese id",
		}, {
			id: "VIETNAM_TAX_NUMBER", name: "Vietnamese tax number (mã số thuế)", countries: "VN",
			form:  "10 digits, of a branch with a hyphen and three more (Thông tư 105/2020/TT-BTC)",
			check: "weights 31 29 23 19 17 13 7 5 3: ten less the sum modulo 11; not all equal",
			near:  "9999999999|9999999999-999", valid: validMST, severity: Rising,
			keywords: "mã số thuế; mst; mã số doanh nghiệp; tax code; vietnamese tax code; ma so thue",
		},
	})
}

func validGSTIN(v []byte) bool {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	state := value(v, 0, 2)
	if !(1 <= state && state <= 38 || state == 97 || state == 99) || strings.IndexByte("ABCFGHJKLPT", v[5]) < 0 {
		return false
	}
	sum := 0
	for i, c := range v[:14] {
		x := strings.IndexByte(alphabet, c) * (1 + i%2)
		sum += x/36 + x%36
	}
	return alphabet[(36-sum%36)%36] == v[14]
}

func validSriLanka(v []byte) bool {
	if len(v) == 12 {
		year, day := value(v, 0, 4), value(v, 4, 3)
		return firstYear <= year && year <= lastYear && 1 <= day%500 && day <= 866
	}
	return (v[9] == 'V' || v[9] == 'X') && value(v, 2, 3) <= 866 && value(v, 2, 3) > 0
}

func validNRIC(v []byte) bool {
	sum, letters := checksum.Weighted(v[1:8], 2, 7, 6, 5, 4, 3, 2), ""
	switch v[0] {
	case 'S':
		letters = "JZIHGFEDCBA"
	case 'T':
		sum, letters = sum+4, "JZIHGFEDCBA"
	case 'F':
		letters = "XWUTRQPNMLK"
	case 'G':
		sum, letters = sum+4, "XWUTRQPNMLK"
	case 'M':
		sum, letters = sum+3, "XWUTRQPNJLK"
	default:
		return false
	}
	return letters[sum%11] == v[8] && !allEqual(v[1:8])
}

func validMyKad(v []byte) bool {
	p := value(v, 6, 2)
	place := 1 <= p && p <= 16 || 21 <= p && p <= 68 || p == 71 || p == 72 || 74 <= p && p <= 79 || 82 <= p && p <= 93 || p >= 98
	return place && born(v, 0, 19, 20)
}

func validThai(v []byte) bool {
	check := (11 - checksum.Weighted(v, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 10
	return '1' <= v[0] && v[0] <= '8' && check == digit(v, 12) && !allEqual(v[:12])
}

func validNIK(v []byte) bool {
	p := value(v, 0, 2)
	province := 11 <= p && p <= 19 || p == 21 || 31 <= p && p <= 36 || 51 <= p && p <= 53 || 61 <= p && p <= 65 || 71 <= p && p <= 76 ||
		p == 81 || p == 82 || 91 <= p && p <= 97
	day := value(v, 6, 2)
	if day > 40 {
		day -= 40
	}
	return province && bornIn(v, 10, value(v, 8, 2), day, 19, 20) && value(v, 12, 4) != 0
}

func validNPWP(v []byte) bool {
	v = v[len(v)-15:]
	return checksum.Luhn(v[:9]) && !allEqual(v[:9])
}

func validCCCD(v []byte) bool {
	if len(v) == 9 {
		return !allEqual(v) && string(v) != "123456789"
	}
	province := value(v, 0, 3)
	return 1 <= province && province <= 96 && !allEqual(v)
}

func validMST(v []byte) bool {
	return 10-checksum.Weighted(v[:9], 31, 29, 23, 19, 17, 13, 7, 5, 3)%11 == digit(v, 9) && !allEqual(v)
}
