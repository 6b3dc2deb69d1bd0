package detectors

import "slices"

// Builtin returns the rules that sluice brings, family by family.
func Builtin() []Rule {
	return withSets(slices.Concat(
		cards(),
		iban(),
		nationalEurope(),
		nationalAmericas(),
		nationalAsia(),
		nationalEastAsia(),
		nationalSoutheastAsia(),
		nationalOceania(),
		contact(),
		network(),
		dates(),
		privateKeys(),
		tokens(),
	))
}
