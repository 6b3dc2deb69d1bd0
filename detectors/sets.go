package detectors

import "strings"

// recommended are the ids of the set that Amazon Macie recommends and uses by
// default (user guide, "Default settings for managed data identifiers").
const recommended = `
	AUSTRALIA_TAX_FILE_NUMBER AWS_CREDENTIALS BRAZIL_CPF_NUMBER CANADA_DRIVERS_LICENSE CANADA_PASSPORT_NUMBER
	CANADA_SOCIAL_INSURANCE_NUMBER CREDIT_CARD_MAGNETIC_STRIPE CREDIT_CARD_NUMBER DRIVERS_LICENSE
	FRANCE_NATIONAL_IDENTIFICATION_NUMBER FRANCE_PASSPORT_NUMBER FRANCE_TAX_IDENTIFICATION_NUMBER
	GERMANY_NATIONAL_IDENTIFICATION_NUMBER GERMANY_PASSPORT_NUMBER GERMANY_TAX_IDENTIFICATION_NUMBER
	HTTP_BASIC_AUTH_HEADER ITALY_NATIONAL_IDENTIFICATION_NUMBER ITALY_PASSPORT_NUMBER OPENSSH_PRIVATE_KEY
	PGP_PRIVATE_KEY PKCS PUTTY_PRIVATE_KEY SPAIN_DNI_NUMBER SPAIN_NIE_NUMBER SPAIN_NIF_NUMBER SPAIN_PASSPORT_NUMBER
	SPAIN_SOCIAL_SECURITY_NUMBER SPAIN_TAX_IDENTIFICATION_NUMBER UK_DRIVERS_LICENSE UK_ELECTORAL_ROLL_NUMBER
	UK_NATIONAL_INSURANCE_NUMBER UK_PASSPORT_NUMBER USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER USA_PASSPORT_NUMBER
	USA_SOCIAL_SECURITY_NUMBER
`

// noisy are the ids that the default leaves out: codes of catalogues, which
// stand in tables by the thousand and tell of nobody by themselves. They are
// searched for where they are asked for.
const noisy = `
	ICD10_CODE MEDICAL_DEVICE_UDI USA_HEALTHCARE_PROCEDURE_CODE USA_NATIONAL_DRUG_CODE
`

// withSets marks the rules that are in these sets.
func withSets(rules []Rule) []Rule {
	in := func(list string) map[string]bool {
		ids := make(map[string]bool)
		for _, id := range strings.Fields(list) {
			ids[id] = true
		}
		return ids
	}
	isRecommended, isNoisy := in(recommended), in(noisy)
	for i := range rules {
		rules[i].Recommended, rules[i].Noisy = isRecommended[rules[i].ID], isNoisy[rules[i].ID]
	}
	return rules
}
