package detectors

// phoneRun is the rule for telephone numbers in one run of digits, as people
// and databases write those of countries that dial no 0 before them: nothing about
// the digits tells them from other numbers, so the words beside them do.
func phoneRun() Rule {
	return Rule{
		ID: "PHONE_NUMBER_NATIONAL", Name: "phone number (digits in one run)",
		Category: Personal, Severity: Rising, Priority: PriorityShape - 1, // whatever else it may be says more
		Form: "8 to 13 digits in one run, without '+' and without 0 before them: 8 that begin with 2 to 9 (Denmark, Hong Kong, Norway, Singapore), 9 or 10 (Chile, " +
			"Colombia, Czechia, Greece, India, Iran, Mexico, Peru, Poland, Portugal, Turkey, and others where the 0 is left out), 11 that begin with 13 to 19 (China) " +
			"or 8 (Russia), 11 to 13 that are a country code and a national number.",
		Check: "The length of a numbering plan, and of its first digits what is said above (ITU-T E.164, national numbering plans). No date, no digits that are all equal, " +
			"count up or down, or begin a 32-bit integer's limit.",
		Beside:      []Run{{8, 8, "", "23456789"}, {9, 9, "", "123456789"}, {10, 10, "", "23456789"}, {11, 13, "", "123456789"}},
		Match:       matchPhoneRun,
		MaxLen:      13,
		NeedKeyword: true,
		Keywords: wordList(
			"phone; phone number; phone no; phone nr; telephone; telephone number; tel; tel no; mobile number; mobile no; mobile phone; cell phone; cell number; msisdn; whatsapp",
			"contact number; contact no; landline; home phone; work phone",
			"telefon; telefonnummer; telefonnr; mobiltelefon; mobilnummer; mobilnr; mobil; handy; handynummer; tlf; gsm; puhelin; puhelinnumero; telefoon; telefoonnummer",
			"téléphone; telefono; teléfono; celular; móvil; cellulare; telefone; telemóvel; telemovel; fone; tel. komórkowy; numer telefonu; nr telefonu; komórka; telefonní číslo",
			"telefonszám; telefonas; tālrunis; telefon numarası; cep telefonu; cep; telepon; nomor telepon; nomor hp; no hp; ponsel; số điện thoại; điện thoại",
			"телефон; номер телефона; моб; мобильный; мобильный телефон; тел; τηλέφωνο; κινητό; τηλ",
			"手机; 手机号; 手机号码; 电话; 电话号码; 联系电话; 手機; 電話; 電話番号; 携帯; 携帯電話; 聯絡電話; 휴대폰; 전화; 전화번호; 연락처",
			"फ़ोन; फोन; मोबाइल; मोबाइल नंबर; ফোন; মোবাইল; โทร; โทรศัพท์; เบอร์โทร; هاتف; جوال; الهاتف; الجوال; موبايل; تلفن; موبایل; טלפון; נייד",
		),
	}
}

// matchPhoneRun measures the run of digits that starts at at.
func matchPhoneRun(w []byte, at int) (start, end int, ok bool) {
	n := runOfDigits(w, at)
	end = at + n
	v := w[at:end]
	if !startsNumber(w, at) || !endsNumber(w, end) || afterGroup(w, at) || afterSeparator(w, end) > 0 || isFiller(v) || isLimit(v) {
		return 0, 0, false
	}
	if at > 0 && (w[at-1] == '/' || w[at-1] == '-' || w[at-1] == '#') {
		return 0, 0, false // part of a path or name
	}
	return at, end, isPhoneRun(v)
}

// isPhoneRun judges the digits of v.
func isPhoneRun(v []byte) bool {
	one := v[0] == '1'
	switch n := len(v); {
	case v[0] == '0' || n < 8 || n > 13:
		return false
	case n == 8:
		return !one && !isDateRun(v)
	case n == 9:
		return true
	case n == 10: // seconds since 1970 begin with 1
		return !one
	case n == 11 && (one || v[0] == '8') && v[1] >= '3':
		return true
	case one: // North America has a rule of its own
		return false
	}
	plan, n := countryCode(v)
	return n > 0 && plan.has(len(v)-n) && (plan.zero || v[n] != '0')
}

// isDateRun reports whether eight digits are a day of our times, written in one
// of the three orders.
func isDateRun(v []byte) bool {
	day := func(year, month, day int) bool {
		y := value(v, year, 4)
		return 1900 <= y && y < 2100 && exists(y, value(v, month, 2), value(v, day, 2))
	}
	return day(0, 4, 6) || day(4, 2, 0) || day(4, 0, 2)
}
