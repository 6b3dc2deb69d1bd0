package detectors

// vehicles returns the rules for the numbers of vehicles.
func vehicles() []Rule {
	return rules([]national{
		{
			id: "VEHICLE_IDENTIFICATION_NUMBER", name: "Vehicle identification number (VIN)",
			form: "17 letters and digits of both kinds, without I, O and Q; the last four of most are digits (ISO 3779, ISO 3780)",
			check: "of vehicles made for North America and China, which begin with 1 to 5 or L: letters as 1 to 9, weights 8 to 2, 10, 0, 9 to 2, modulo 11, ten as X, is the ninth, " +
				"and the tenth, the model year, is not U, Z or 0 (49 CFR 565; GB 16735). Others need not keep it, and count only as a whole field if they neither do nor end in four digits",
			near: "XXXXXXXXXXXXXXXXX", valid: validVIN, sure: sureVIN,
			threshold: allOfField,
			keywords:  "fahrgestellnummer; niv; numarul de identificare; numarul seriei de sasiu; numer vin; número de identificação do veículo; número de identificación de automóviles; numéro d'identification du véhicule; vehicle identification number; vin; vin numeris; chassis number; chassis no; frame number; fahrzeug-identifizierungsnummer; fin; numéro de châssis; número de bastidor; bastidor; numero di telaio; numer nadwozia; vehicle id; vin number; vin no",
			severity:  Severities{Low, Low, Medium},
		},
		numberPlate(),
	})
}

func validVIN(v []byte) bool {
	digits := 0
	for _, c := range v {
		if c == 'I' || c == 'O' || c == 'Q' {
			return false
		}
		if isDigit(c) {
			digits++
		}
	}
	if digits < 3 || digits == len(v) || allEqual(v[:8]) {
		return false
	}
	checked := '1' <= v[0] && v[0] <= '5' || v[0] == 'L'
	return !checked || v[9] != 'U' && v[9] != 'Z' && v[9] != '0' && checkVIN(v)
}

func sureVIN(v []byte) bool { return allOf(v[13:], digitByte) || checkVIN(v) }

// checkVIN reports whether the ninth character is the check digit of the others.
func checkVIN(v []byte) bool {
	const letters = "12345678012345070923456789" // A to Z
	weights := [...]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}
	sum := 0
	for i, c := range v {
		if isLetter(c) {
			c = letters[c-'A']
		}
		sum += int(c-'0') * weights[i]
	}
	return "0123456789X"[sum%11] == v[8]
}
