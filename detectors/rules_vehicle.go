package detectors

import "strings"

// vehicles returns the rules for the numbers of vehicles.
func vehicles() []Rule {
	return rules([]national{
		{
			id: "VEHICLE_IDENTIFICATION_NUMBER", name: "Vehicle identification number (VIN)",
			form:  "17 letters and digits without I, O and Q, the last four digits (ISO 3779, ISO 3780)",
			check: "of vehicles made for North America and China: letters as 1 to 9, weights 8 to 2, 10, 0, 9 to 2, modulo 11, ten as X, is the ninth (49 CFR 565); others need not keep it",
			near:  "XXXXXXXXXXXXX9999", valid: validVIN, sure: checkVIN,
			keywords: "fahrgestellnummer; niv; numarul de identificare; numarul seriei de sasiu; numer vin; número de identificação do veículo; número de identificación de automóviles; numéro d'identification du véhicule; vehicle identification number; vin; vin numeris; chassis number; chassis no; frame number; fahrzeug-identifizierungsnummer; fin; numéro de châssis; número de bastidor; bastidor; numero di telaio; numer nadwozia; vehicle id; vin number; vin no",
			severity: Severities{Low, Low, Medium},
		}, {
			id: "VEHICLE_REGISTRATION_PLATE", name: "Number plate", countries: "GB FR IT ES DE NL PL US CA AU BR",
			form:  "letters and digits in the layouts of the United Kingdom, France, Italy, Spain, Germany, the Netherlands, Poland, Brazil and American states",
			check: "none exists; not all digits equal",
			near:  "AA99 AAA|AA99AAA|AA-999-AA|AA 999 AA|AA999AA|9999 AAA|9999-AAA|9999AAA|A-AA 9999|AA-AA 999|AAA-AA 99|A-A 9999|B-AA 9999|99-AAA-9|AA-99-99|9-AAA-99|AA 99999|AAA 9999|AAA-9999|AAA9999|AAA9A99|9AAA999|AAA 999",
			valid: drawn,
			keywords: "licence plate; license plate; number plate; plate number; plate no; registration plate; vehicle registration; registration number; reg no; kennzeichen; amtliches kennzeichen; " +
				"immatriculation; plaque d'immatriculation; matrícula; placa; targa; numero di targa; numer rejestracyjny; rejestracja; kenteken; nummerplaat; registreringsnummer",
			severity: Severities{Low, Low, Medium},
		},
	})
}

func validVIN(v []byte) bool {
	if strings.ContainsAny(string(v), "IOQ") || allOf(v, digitByte) || allEqual(v[:8]) {
		return false
	}
	checked := '1' <= v[0] && v[0] <= '5' || v[0] == 'L'
	return !checked || checkVIN(v)
}

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
