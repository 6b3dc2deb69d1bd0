package detectors

// issuer is a range of issuer identification numbers (the first six digits of
// a card number, ISO/IEC 7812-1) with the lengths that its numbers have.
type issuer struct {
	first, last int
	lengths     lengths

	// rare ranges are closed, regional or so wide that chance fills them: a
	// number in one is a card only beside a keyword.
	rare bool
}

// lengths is a set of numbers of digits, one bit each.
type lengths uint32

func digits(ns ...int) (set lengths) {
	for _, n := range ns {
		set |= 1 << n
	}
	return set
}

func (set lengths) has(n int) bool { return set>>n&1 == 1 }

// issuers is the table of card schemes. Sources: the schemes' published
// processing rules (Mastercard Rules 6.1 for 51-55, 2221-2720 and Maestro; Visa
// Core Rules 4.1; American Express, Discover/Diners/JCB/UnionPay as published
// in Discover Network's IIN bulletin; NPCI for RuPay; NSPK for Mir; BKM for
// Troy), Wikipedia's "Payment card number", and Macie's list of test numbers.
//
// The lengths of the long forms are kept where cards of that length are known
// to be issued; Maestro's twelve digits are below Macie's thirteen and left out.
// UATP (1) and JCB's old numbers of 15 digits (1800, 2131) look like the social
// security numbers of French men, and are rare.
var issuers = []issuer{
	{400000, 499999, digits(13, 16, 19), false},                 // Visa, Electron, Visa Dankort; 13 of old
	{510000, 559999, digits(16), false},                         // Mastercard, Diners Club North America
	{222100, 272099, digits(16), false},                         // Mastercard 2-series
	{340000, 349999, digits(15), false},                         // American Express
	{370000, 379999, digits(15), false},                         // American Express
	{300000, 305999, digits(14, 16, 19), false},                 // Diners Club
	{309500, 309599, digits(14, 16, 19), false},                 // Diners Club
	{360000, 369999, digits(14, 16, 19), false},                 // Diners Club
	{380000, 399999, digits(14, 16, 19), false},                 // Diners Club
	{601100, 601199, digits(16, 19), false},                     // Discover
	{644000, 659999, digits(16, 19), false},                     // Discover, with RuPay, Troy and Elo ranges in 65
	{352800, 358999, digits(16, 19), false},                     // JCB, with RuPay and Lanka Pay ranges
	{620000, 629999, digits(16, 17, 18, 19), false},             // UnionPay, also at Discover
	{810000, 819999, digits(16, 19), false},                     // UnionPay, RuPay
	{220000, 220499, digits(16, 17, 18, 19), false},             // Mir
	{979200, 979299, digits(16), false},                         // Troy
	{501900, 501999, digits(16), false},                         // Dankort
	{508500, 508999, digits(16), false},                         // RuPay
	{606985, 608500, digits(16), false},                         // RuPay
	{506099, 506198, digits(16, 18, 19), false},                 // Verve
	{507865, 507964, digits(16, 18, 19), false},                 // Verve
	{506699, 506778, digits(16), false},                         // Elo
	{509000, 509999, digits(16), false},                         // Elo
	{627780, 627780, digits(16), false},                         // Elo
	{636297, 636368, digits(16), false},                         // Elo
	{606282, 606282, digits(16), false},                         // Hipercard
	{637095, 637612, digits(16), false},                         // Hipercard
	{860002, 860099, digits(16), false},                         // Uzcard
	{986000, 986099, digits(16), false},                         // Humo
	{501800, 501899, digits(13, 14, 15, 16, 17, 18, 19), false}, // Maestro
	{502000, 502099, digits(13, 14, 15, 16, 17, 18, 19), false}, // Maestro
	{503800, 503899, digits(13, 14, 15, 16, 17, 18, 19), false}, // Maestro
	{589300, 589399, digits(13, 14, 15, 16, 17, 18, 19), false}, // Maestro
	{630400, 630499, digits(13, 14, 15, 16, 17, 18, 19), false}, // Maestro, Laser
	{639000, 639099, digits(16, 18, 19), false},                 // Maestro
	{670000, 679999, digits(13, 14, 15, 16, 17, 18, 19), false}, // Maestro, Switch, Solo
	{100000, 199999, digits(15), true},                          // UATP, and JCB of old
	{213100, 213199, digits(15), true},                          // JCB of old
	{561000, 561099, digits(16), true},                          // Bankcard, closed 2006
	{564182, 564182, digits(16, 18, 19), true},                  // Switch
	{633110, 633110, digits(16, 18, 19), true},                  // Switch
	{633300, 633499, digits(16, 18, 19), true},                  // Switch, Solo
	{500000, 509999, digits(13, 14, 15, 16, 17, 18, 19), true},  // the rest of Maestro's ranges
	{560000, 589999, digits(13, 14, 15, 16, 17, 18, 19), true},  // the same
	{600000, 699999, digits(13, 14, 15, 16, 17, 18, 19), true},  // the same
}

// issued reports whether some issuer has numbers that begin as number does
// and have its length, rare issuers only on request.
func issued(number []byte, rare bool) bool {
	first := twoDigits(number, 0)
	iin := (first*100+twoDigits(number, 2))*100 + twoDigits(number, 4)
	for _, x := range issuersBy[first] {
		if x.first <= iin && iin <= x.last && x.lengths.has(len(number)) && (rare || !x.rare) {
			return true
		}
	}
	return false
}

// issuersBy is the issuers by the first two digits of their numbers.
var issuersBy = func() (by [100][]issuer) {
	for first := range by {
		for _, x := range issuers {
			if x.first/1e4 <= first && first <= x.last/1e4 {
				by[first] = append(by[first], x)
			}
		}
	}
	return by
}()
