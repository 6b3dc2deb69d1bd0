package detectors

import "slices"

// Builtin returns the rules that sluice brings, family by family.
func Builtin() []Rule {
	return withSets(slices.Concat(
		cards(),
		cardholder(),
		banks(),
		crypto(),
		people(),
		devices(),
		healthUSA(),
		healthCards(),
		iban(),
		nationalEurope(),
		nationalCentral(),
		nationalEurasia(),
		nationalMiddleEast(),
		nationalAmericas(),
		nationalNorthAmerica(),
		nationalLatin(),
		nationalAsia(),
		nationalEastAsia(),
		nationalSouthAsia(),
		nationalSoutheastAsia(),
		nationalOceania(),
		licences(),
		passports(),
		vehicles(),
		contact(),
		network(),
		dates(),
		privateKeys(),
		tokens(),
		vendorTokens(),
		cloudTokens(),
		httpHeaders(),
		keyBlocks(),
		[]Rule{urlWithCredentials(), databaseConnection(), passwordAssignment(), passwordColumn()},
		encodedSecrets(),
	))
}
