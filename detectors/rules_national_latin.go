package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalLatin returns the rules for numbers of South America.
func nationalLatin() []Rule {
	const cuit = "argentina taxpayer id; clave única de identificación tributaria; cuil; c.u.i.l; cuit; c.u.i.t; número de identificación fiscal; " +
		"número de contribuyente; unified labor identification code; cuit/cuil; cuil/cuit; nro cuit; nro. cuit; código único de identificación laboral"
	const nit = "nit; nit.; nit#; n.i.t.; número de identificación tributaria; nit no; nit número"
	return rules([]national{
		{
			id: "ARGENTINA_DNI_NUMBER", name: "Argentine identity card number (DNI)", countries: "AR",
			form:     "7 or 8 digits, mostly with dots (Ley 17.671)",
			check:    "none exists; not all equal, not 12345678",
			near:     "99.999.999|9.999.999|99999999|9999999|99 999 999",
			valid:    func(v []byte) bool { return !allEqual(v) && string(v) != "12345678" && string(v) != "1234567" },
			keywords: "dni; dni#; d.n.i.; documento nacional de identidad; nro dni; nro. dni; documento nro; dni argentino",
			family:   "DNI",
		}, {
			id: "ARGENTINA_TARJETA_SUBE", name: "Argentine transport card (SUBE)", countries: "AR",
			form:     "16 digits that begin with 6061 (Sistema Único de Boleto Electrónico)",
			check:    "Luhn",
			near:     "6061999999999999|6061 9999 9999 9999|6061-9999-9999-9999",
			valid:    func(v []byte) bool { return checksum.Luhn(v) && !allEqual(v[4:15]) },
			keywords: "sistema único de boleto electrónico; sube; tarjeta sube; nro sube; número de sube",
			severity: Severities{Medium, Medium, High},
		}, {
			id: "ARGENTINA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", name: "Argentine tax or labour number of a person (CUIT, CUIL)", countries: "AR",
			form:  "11 digits: 20, 23 to 27, eight digits, a check digit, printed 2-8-1 (AFIP, Resolución General 10/97)",
			check: "weights 5 4 3 2 7 6 5 4 3 2: eleven less the sum modulo 11, eleven standing for 0 and ten for 9",
			alone: "99-99999999-9", near: "99999999999|99 99999999 9|99.99999999.9",
			valid:    func(v []byte) bool { return v[0] == '2' && (v[1] == '0' || '3' <= v[1] && v[1] <= '7') && checkCUIT(v) },
			keywords: cuit,
		}, {
			id: "ARGENTINA_ORGANIZATION_TAX_IDENTIFICATION_NUMBER", name: "Argentine tax number of a firm (CUIT)", countries: "AR",
			form:  "11 digits: 30, 33, 34, of foreign firms 50, 51, 55, eight digits, a check digit, printed 2-8-1 (AFIP, Resolución General 10/97)",
			check: "weights 5 4 3 2 7 6 5 4 3 2: eleven less the sum modulo 11, eleven standing for 0 and ten for 9",
			alone: "99-99999999-9", near: "99999999999|99 99999999 9|99.99999999.9",
			valid: func(v []byte) bool {
				return strings.Contains(" 30 33 34 50 51 55 ", " "+string(v[:2])+" ") && checkCUIT(v)
			},
			keywords: cuit, severity: Severities{Medium, Medium, High},
		}, {
			id: "ARGENTINA_CBU_NUMBER", name: "Argentine bank account (CBU) or wallet (CVU)", countries: "AR",
			form:     "22 digits: bank and branch with a check digit, account with another; of a wallet 0000003 and on in place of the bank (Banco Central de la República Argentina, A 2622 and A 6510)",
			check:    "weights 7 1 3 9 7 1 3 and 3 9 7 1, repeated, each what is missing to a multiple of ten; bank and branch are not zeros",
			near:     "9999999999999999999999|99999999 99999999999999|99999999-99999999999999|9999999-9 9999999999999-9|9999 9999 9999 9999 9999 99",
			valid:    validCBU,
			category: Financial, keywords: "cbu; clave bancaria uniforme; cvu; clave virtual uniforme; nro cbu; cuenta cbu",
		}, {
			id: "BRAZIL_CNPJ_NUMBER", name: "Brazilian number of a firm (CNPJ)", countries: "BR",
			form:  "14 characters, printed 2.3.3/4-2; letters and digits since July 2026, but for the last two (Instrução Normativa RFB 2.229/2024)",
			check: "two digits by weights 5 to 2, 9 to 2 and 6 to 2, 9 to 2 of the codes less 48, eleven less the sum modulo 11, ten and eleven standing for 0; not all equal",
			alone: "XX.XXX.XXX/XXXX-99", near: "99999999999999|XXXXXXXXXXXX99|99999999/9999-99|99999999 9999-99|99.999.999 9999-99",
			valid:    validCNPJ,
			keywords: "cadastro de pessoa física; cadastro de pessoas físicas; cadastro nacional da pessoa jurídica; cnpj; cpf; cpf/cnpj; cnpj/mf; inscrição cnpj",
		}, {
			id: "BRAZIL_RG_NUMBER", name: "Brazilian identity card (RG)", countries: "BR",
			form:  "7 to 10 digits, of São Paulo 8 and a digit or X, mostly with dots and a hyphen, in Minas Gerais MG and 7 or 8 (Lei 7.116/1983)",
			check: "of nine characters that of São Paulo: weights 2 to 9, eleven less the sum modulo 11, ten as X and eleven as 0; other states have others; not four zeros in front, no power of two",
			near: "99.999.999-X|99999999-X|99999999X|9.999.999-9|9.999.999|99.999.999|9999999|99999999|9999999999|" +
				"MG-99.999.999|MG 99.999.999|MG99.999.999|MG-9.999.999|MG-99999999|MG99999999",
			sure:     checkRG,
			valid:    validRG,
			keywords: "registro geral; rg; identidade; carteira de identidade; r.g.; rg nº; rg no; número do rg; cédula de identidade; documento de identidade",
		}, {
			id: "BRAZIL_CEP_CODE", name: "Brazilian postal code (CEP)", countries: "BR",
			form:     "8 digits, printed 5-3 (Correios)",
			check:    "none exists; not all zero",
			near:     "99999-999|99.999-999|99999999",
			valid:    func(v []byte) bool { return value(v, 0, 5) >= 1000 && !allEqual(v) },
			keywords: "cep; código de endereçamento postal; codigo de endereçamento postal; código postal; codigo postal; cep nº",
			severity: Rising,
		}, {
			id: "CHILE_RUT_NUMBER", name: "Chilean number (RUT, RUN)", countries: "CL",
			form:  "7 or 8 digits and a check character, printed with dots and a hyphen (Decreto Ley 824, Servicio de Registro Civil)",
			check: "from the right weights 2 to 7, repeated: eleven less the sum modulo 11, eleven as 0 and ten as K; not all zero",
			near:  "99.999.999-X|9.999.999-X|99999999-X|9999999-X|99999999X|9999999X|99 999 999-X|CL 99.999.999-X|CL 9.999.999-X|CL 99999999-X|CL 9999999-X",
			valid: validRUT,
			keywords: "identidad número; nacional identidad; national unique role; nationaluniqueroleid#; número identificación; rol único nacional; rol único tributario; " +
				"run; run#; r.u.n.; rut; rut#; r.u.t.; unique national number; unique national role; unique tax registry; unique tax role; unique tributary number; unique tributary role; rut nº; rut nro; nro rut; rut cliente; rut empresa; cédula",
		}, {
			id: "COLOMBIA_CITIZENSHIP_CARD_NUMBER", name: "Colombian citizenship card (cédula de ciudadanía)", countries: "CO",
			form:  "7 to 10 digits, or 6 with a dot, often with dots (Ley 39 de 1961)",
			check: "none exists; not all equal, no date",
			near:  "9.999.999.999|99.999.999|9.999.999|999.999|9999999999|99999999|9999999",
			valid: func(v []byte) bool {
				return v[0] != '0' && !allEqual(v) && (len(v) < 10 || v[0] == '1') && (len(v) != 8 || !compactDate(v))
			},
			keywords: "cédula de ciudadanía; documento de identificación; cédula; c.c.; cedula de ciudadania; cédula no; cédula nº; " +
				"cc:; cc no; cc no.; cc nº; cc n°; cc num; cc número; nro cc; número cc; c.c. no; c.c. nº; tipo documento cc",
		}, {
			id: "COLOMBIA_INDIVIDUAL_NIT_NUMBER", name: "Colombian tax number of a person (NIT)", countries: "CO",
			form:  "6 to 10 digits and a check digit, with or without dots and a hyphen (DIAN, Estatuto Tributario 555-1)",
			check: "from the right weights 3 7 13 17 19 23 29 37 41 43, modulo 11, from two on eleven less that",
			near:  "9.999.999.999-9|999.999.999-9|99.999.999-9|9999999999-9|999999999-9|99999999-9|9999999-9|99999999999|9999999999|999999999|9.999.999-9|99.999.999 - 9|99999999 - 9",
			valid: func(v []byte) bool { return !isFirmNIT(v) && validNIT(v) }, keywords: nit,
		}, {
			id: "COLOMBIA_ORGANIZATION_NIT_NUMBER", name: "Colombian tax number of a firm (NIT)", countries: "CO",
			form:  "9 digits, the first 8 or 9, and a check digit, with or without dots and a hyphen (DIAN, Estatuto Tributario 555-1)",
			check: "from the right weights 3 7 13 17 19 23 29 37 41, modulo 11, from two on eleven less that",
			near:  "999.999.999-9|999999999-9|9999999999|999.999.999 9|999 999 999-9|999.999.999 - 9|999999999 - 9",
			valid: func(v []byte) bool { return isFirmNIT(v) && validNIT(v) }, keywords: nit, severity: Severities{Medium, Medium, High},
		}, {
			id: "PERU_DNI_NUMBER", name: "Peruvian identity number (DNI, CUI)", countries: "PE",
			form:  "8 digits, and perhaps a check digit or letter behind a hyphen (Ley 26497)",
			check: "weights 3 2 7 6 5 4 3 2 modulo 11 chooses from 65432110987 or KJIHGFEDCBA; not all equal; what a letter makes a Spanish DNI is none",
			near:  "99999999-X|99999999|999999999", valid: validPeruDNI, whole: wholePeruDNI, family: "DNI",
			keywords: "dni; documento nacional de identidad; cui; código único de identificación; dni peruano; nro dni; dni nº",
		}, {
			id: "PERU_RUC_NUMBER", name: "Peruvian tax number (RUC)", countries: "PE",
			form:  "11 digits that begin with 10, 15, 16, 17 or 20 (SUNAT, Decreto Ley 25734)",
			check: "weights 5 4 3 2 7 6 5 4 3 2: eleven less the sum modulo 11, modulo 10",
			near:  "99999999999|99-99999999-9|99 99999999 9",
			valid: func(v []byte) bool {
				return strings.Contains(" 10 15 16 17 20 ", " "+string(v[:2])+" ") && (11-checksum.Weighted(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%10 == digit(v, 10)
			},
			keywords: "ruc; r.u.c.; registro único de contribuyentes; nro ruc; número de ruc; ruc nº",
		}, {
			id: "URUGUAY_CI_NUMBER", name: "Uruguayan identity card (cédula de identidad)", countries: "UY",
			form:  "7 digits, or 6 of old, and a check digit, printed 1.3.3-1 (Dirección Nacional de Identificación Civil)",
			check: "weights 2 9 8 7 6 3 4: what is missing to a multiple of ten; not all equal, not below 100000",
			near:  "9.999.999-9|999.999-9|99999999|9999999-9|9999999|9.999.999/9|9.999.999 9",
			valid: validUruguayCI, keywords: "cédula; cédula de identidad; cedula de identidad; c.i.; ci; cédula uruguaya; documento de identidad",
		}, {
			id: "URUGUAY_RUT_NUMBER", name: "Uruguayan tax number (RUT)", countries: "UY",
			form:     "12 digits: 01 to 22, six digits, 001, a check digit (Dirección General Impositiva)",
			check:    "weights 4 3 2 9 8 7 6 5 4 3 2: what is missing to a multiple of eleven, ten for none",
			near:     "999999999999|99-999999-999-9|99 999999 999 9|UY 99 999999 999 9|UY 999999999999|UY999999999999",
			valid:    validUruguayRUT,
			keywords: "rut; r.u.t.; registro único tributario; rut uruguay; nro rut", severity: Rising,
		}, {
			id: "ECUADOR_CI_NUMBER", name: "Ecuadorian identity card (cédula)", countries: "EC",
			form:     "10 digits: province 01 to 24, 30 or 50, the third 0 to 6, which is new (Registro Civil)",
			check:    "Luhn; not all others equal",
			near:     "9999999999|999999999-9",
			valid:    validEcuador,
			keywords: "cédula; cédula de identidad; cédula de ciudadanía; c.i.; ci no; ci nº; nro ci; número de cédula; nro cédula; cedula ecuatoriana; no cédula; cédula no",
		}, {
			id: "VENEZUELA_RIF_NUMBER", name: "Venezuelan tax number (RIF)", countries: "VE",
			form:  "V, E, J, P or G, 8 digits and a check digit (SENIAT)",
			check: "the letter as 4, 8, 12, 16 or 20 and weights 3 2 7 6 5 4 3 2, eleven less the sum modulo 11, ten and eleven standing for 0",
			near:  "A-99999999-9|A999999999|A-999999999|A99999999-9|A 99999999 9|A-99.999.999-9|A 99999999-9", valid: validRIF,
			keywords: "rif; r.i.f.; registro de información fiscal; registro único de información fiscal; nro rif; rif nº; cédula",
		}, {
			id: "PARAGUAY_RUC_NUMBER", name: "Paraguayan tax number (RUC)", countries: "PY",
			form:  "5 to 8 digits and a check digit, mostly behind a hyphen (Ley 6380/2019)",
			check: "from the right weights 2, 3, 4 and so on: eleven less the sum modulo 11, ten and eleven standing for 0",
			near:  "99999999-9|9999999-9|999999-9|99999-9|9.999.999-9|99.999.999-9|999999999|99999999|9999999",
			valid: validParaguay, keywords: "ruc; r.u.c.; registro único del contribuyente; registro único de contribuyentes; ruc nº; ruc paraguay", severity: Rising,
		},
	})
}

func checkCUIT(v []byte) bool {
	r := 11 - checksum.Weighted(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	if r == 10 {
		r = 9
	}
	return r%11 == digit(v, 10) && value(v, 2, 8) != 0
}

func validCBU(v []byte) bool {
	return (checksum.Weighted(v, 7, 1, 3, 9, 7, 1, 3)+digit(v, 7))%10 == 0 && !allZero(v[:7]) &&
		(checksum.Weighted(v[8:], 3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3)+digit(v, 21))%10 == 0
}

func validCNPJ(v []byte) bool {
	weigh := func(n int) byte {
		sum, weight := 0, 2
		for i := n - 1; i >= 0; i-- {
			sum += int(v[i]-'0') * weight
			if weight++; weight > 9 {
				weight = 2
			}
		}
		if sum %= 11; sum < 2 {
			return '0'
		}
		return '0' + byte(11-sum)
	}
	return weigh(12) == v[12] && weigh(13) == v[13] && !allEqual(v) && strings.ContainsAny(string(v[:12]), "0123456789")
}

func validRG(v []byte) bool {
	if v[0] == 'M' {
		v = v[len("MG"):]
	}
	last := v[len(v)-1]
	return allOf(v[:len(v)-1], digitByte) && (last == 'X' || isDigit(last)) && !allEqual(v[:7]) && !allZero(v[:4]) &&
		(last == 'X' || !isPowerOfTwo(v))
}

// checkRG judges numbers of the length that those of São Paulo have.
func checkRG(v []byte) bool {
	return len(v) != 9 || v[0] == 'M' || "0X987654321"[checksum.Weighted(v, 2, 3, 4, 5, 6, 7, 8, 9)%11] == v[8]
}

func validRUT(v []byte) bool {
	if v[0] == 'C' {
		v = v[len("CL"):]
	}
	n := len(v) - 1
	sum, weight := 0, 2
	for i := n - 1; i >= 0; i-- {
		if !isDigit(v[i]) {
			return false
		}
		sum += digit(v, i) * weight
		if weight++; weight > 7 {
			weight = 2
		}
	}
	return "0K987654321"[sum%11] == v[n] && !allZero(v[:n]) && !allEqual(v[:n])
}

func isFirmNIT(v []byte) bool { return len(v) == 10 && (v[0] == '8' || v[0] == '9') }

func validNIT(v []byte) bool {
	weights := [...]int{3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71}
	n, sum := len(v)-1, 0
	for i := range n {
		sum += digit(v, n-1-i) * weights[i]
	}
	if sum %= 11; sum >= 2 {
		sum = 11 - sum
	}
	return sum == digit(v, n) && v[0] != '0' && !allEqual(v[:n])
}

func validPeruDNI(v []byte) bool {
	if !allOf(v[:8], digitByte) || allEqual(v[:8]) || string(v[:8]) == "12345678" {
		return false
	}
	n := checksum.Weighted(v[:8], 3, 2, 7, 6, 5, 4, 3, 2) % 11
	return len(v) == 8 || v[8] == "65432110987"[n] || v[8] == "KJIHGFEDCBA"[n] && v[8] != checksum.Letter23(v[:8])
}

// wholePeruDNI also takes a letter that no hyphen sets off, or that makes a Spanish
// DNI too: in running text that is what it is more often.
func wholePeruDNI(v []byte) bool {
	if len(v) == 10 && v[8] == '-' {
		v = append(v[:8:8], v[9])
	}
	if len(v) != 9 || !isLetter(v[8]) {
		return (len(v) == 8 || len(v) == 9) && validPeruDNI(v)
	}
	n := checksum.Weighted(v, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	return validPeruDNI(v[:8]) && v[8]&^0x20 == "KJIHGFEDCBA"[n]
}

func validUruguayCI(v []byte) bool {
	weights := [...]int{2, 9, 8, 7, 6, 3, 4}
	sum := checksum.Weighted(v[:len(v)-1], weights[8-len(v):]...)
	return (sum+digit(v, len(v)-1))%10 == 0 && !allEqual(v) && value(v, 0, len(v)) >= 1e5
}

func validUruguayRUT(v []byte) bool {
	v = v[len(v)-12:]
	first := value(v, 0, 2)
	r := (11 - checksum.Weighted(v, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)%11) % 11
	return 1 <= first && first <= 22 && value(v, 2, 6) != 0 && string(v[8:11]) == "001" && r == digit(v, 11)
}

func validEcuador(v []byte) bool {
	p := value(v, 0, 2)
	return (1 <= p && p <= 24 || p == 30 || p == 50) && v[2] <= '6' && checksum.Luhn(v) && !allEqual(v[2:9])
}

func validRIF(v []byte) bool {
	kind := strings.IndexByte("VEJPG", v[0])
	return kind >= 0 && "00987654321"[(4*(kind+1)+checksum.Weighted(v[1:9], 3, 2, 7, 6, 5, 4, 3, 2))%11] == v[9] && !allEqual(v[1:])
}

func validParaguay(v []byte) bool {
	n, sum := len(v)-1, 0
	for i := range n {
		sum += digit(v, n-1-i) * (i + 2)
	}
	return (11-sum%11)%11%10 == digit(v, n) && v[0] != '0'
}
