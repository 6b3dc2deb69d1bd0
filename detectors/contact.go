package detectors

import "slices"

// Ways to reach a person.
func contact() []Rule {
	return slices.Concat([]Rule{emailAddress(), phoneNumber()}, countryPhones(), []Rule{phoneInternational(), phoneRun()})
}

func emailAddress() Rule {
	return Rule{
		ID: "EMAIL_ADDRESS", Name: "e-mail address",
		Category: Personal, Severity: Rising, Priority: PriorityStrong,
		Form: "A dot-atom local part of at most 64 bytes, '@', and a domain whose last label has two letters or more (RFC 5321, 4.1.2, and RFC 6531 for letters " +
			"beyond ASCII). In running text a local part has letters, digits and . _ + - ' ~ only; quoted local parts and address literals are well " +
			"formed but not searched for.",
		Check:  "A top-level domain of two letters is one that IANA lists; names of files, packages, units and remote repositories are refused.",
		Anchor: Anchor{Bytes: "@"},
		Match:  matchEmail,
		MaxLen: maxEmail,
		Whole:  isMailbox,
	}
}

func phoneNumber() Rule {
	return Rule{
		ID: "PHONE_NUMBER", Name: "phone number (US, Canada)",
		Category: Personal, Countries: []string{"US", "CA"}, Severity: Rising, Priority: PriorityShape + 1, Family: phoneNumbers,
		Form: "Ten digits of the North American numbering plan, 3-3-4 with spaces, dashes, dots or a parenthesised area code, with or without 1 or +1 before them. " +
			"With a country code +1, a parenthesis, dashes or dots a number stands for itself; with spaces, slashes or nothing it needs a keyword.",
		Check:  "Area code and exchange are 200 to 999 and do not end in 11 (NANPA, ATIS-0300055); not ten equal digits; in one run neither digits that count up or down nor a limit of 32-bit integers.",
		Anchor: Anchor{Shapes: []string{`[0-9]{3}[ .-][0-9]{3}.[0-9]{3}`, `[0-9]{3}\).[0-9]{2}`, `\+[1-9(]`}},
		Beside: []Run{{3, 3, ") -./", "23456789"}, {4, 4, ") -./", "1"}, {10, 10, "", "23456789"}, {11, 11, "", "1"}},
		Lead:   len("001-("),
		Match:  matchNANP,
		MaxLen: maxNANP,
		Weak:   weakNANP,
		Whole:  isNANP,
		Keywords: []string{
			"cell", "contact", "fax", "fax number", "mobile", "phone", "phone number", "tel", "telephone", "telephone number",
			"cell phone", "home phone", "work phone", "call", "text", "toll free", "téléphone", "cellulaire",
		},
	}
}

func phoneInternational() Rule {
	return Rule{
		ID: "PHONE_NUMBER_INTERNATIONAL", Name: "phone number (international)",
		Category: Personal, Severity: Rising, Priority: PriorityShape, // below the countries that have a rule of their own
		Form: "'+', a country code and the national number, digits in groups with single spaces, dashes, dots, slashes or parentheses between them (ITU-T E.123); " +
			"a trunk prefix in parentheses, (0), may stand after the country code. Beside a keyword also 00 for '+', and a national form: 8 to 11 digits in up to five such groups, or " +
			"9 to 11 in one that starts with 0.",
		Check: "The country code is assigned (ITU-T E.164, list of assigned codes), the national number has a length of that country's numbering plan and starts with 0 " +
			"only where plans have such numbers; +1 as for PHONE_NUMBER. Coordinates (ISO 6709), decimal fractions, ranges of years, digits that are all equal and, in a " +
			"national form, digits that count up or down or begin with three zeros are none. As a whole value 00 may stand for '+', and a national form of 5 to 13 digits counts too: its country is not known.",
		Anchor: Anchor{Shapes: []string{`\+[1-9(]`}},
		Beside: []Run{{1, 1, phoneNext, "0"}, {2, 7, phoneNext, ""}, {8, 8, "", ""}, {9, 15, "", "0"}},
		Lead:   len("("),
		Match:  matchPhone,
		MaxLen: maxE164,
		Weak:   weakPhone,
		Whole:  isPhone,
		Keywords: []string{
			"phone", "phone number", "tel", "telephone", "mobile", "mobile number", "cell", "fax", "call", "call me", "whatsapp",
			"téléphone", "portable", "telefon", "mobil", "handy", "teléfono", "celular", "móvil", "telefono", "cellulare", "telefone", "telemóvel",
			"telefoon", "телефон", "電話", "电话", "手机", "전화",
		},
	}
}
