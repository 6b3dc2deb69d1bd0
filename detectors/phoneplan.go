package detectors

import "math/bits"

// plan is what is known of the national numbers of one country code.
type plan struct {
	code    int
	lengths uint16 // bit n is set if there are numbers of n digits
	zero    bool   // some start with 0: it is no trunk prefix there
}

// maxNational is the length of the longest national number (ITU-T E.164, 6.2.1:
// 15 digits with the country code).
const maxNational = 14

// countryCode returns the plan of the country code that w starts with and the
// number of its digits, 0 if no code is assigned.
func countryCode(w []byte) (p plan, n int) {
	if len(w) == 0 || w[0] == '0' {
		return plan{}, 0
	}
	code := 0
	for n < 3 && n < len(w) && isDigit(w[n]) {
		code = 10*code + int(w[n]-'0')
		n++
		if p = plans[code]; p.lengths != 0 {
			p.code = code
			return p, n
		}
	}
	return plan{}, 0
}

func (p plan) has(length int) bool { return p.lengths>>length&1 != 0 }

// longest is the number of digits of the plan's longest numbers.
func (p plan) longest() int { return bits.Len16(p.lengths) - 1 }

// nsn is a plan whose numbers have these lengths, trunk prefix not counted.
func nsn(lengths ...int) plan {
	var p plan
	for _, n := range lengths {
		p.lengths |= 1 << n
	}
	return p
}

// nsn0 is a plan some of whose numbers start with 0.
func nsn0(lengths ...int) plan {
	p := nsn(lengths...)
	p.zero = true
	return p
}

// plans are the assigned country codes (ITU-T E.164, list of assigned codes)
// with the lengths of the national numbers in use: geographic, mobile, toll-free
// and shared-cost ones, not short codes of services. No code is the beginning
// of another one.
var plans = [1000]plan{
	1:  nsn(10),
	7:  nsn(10),
	20: nsn(8, 9, 10), 27: nsn(9, 10),
	30: nsn(10, 11, 12), 31: nsn(7, 8, 9, 10, 11), 32: nsn(8, 9), 33: nsn(9), 34: nsn(9), 36: nsn(8, 9), 39: nsn0(6, 7, 8, 9, 10, 11, 12),
	40: nsn(9), 41: nsn(9), 43: nsn(5, 6, 7, 8, 9, 10, 11, 12, 13), 44: nsn(9, 10), 45: nsn(8), 46: nsn(7, 8, 9, 10), 47: nsn(8), 48: nsn(9),
	49: nsn(6, 7, 8, 9, 10, 11, 12),
	51: nsn(8, 9), 52: nsn(10, 11), 53: nsn(6, 7, 8, 10), 54: nsn(10, 11), 55: nsn(9, 10, 11), 56: nsn(9, 10, 11), 57: nsn(8, 10, 11), 58: nsn(10),
	60: nsn(8, 9, 10), 61: nsn(9, 10), 62: nsn(8, 9, 10, 11, 12), 63: nsn(8, 9, 10, 12), 64: nsn(8, 9, 10), 65: nsn(8, 11), 66: nsn(8, 9, 10),
	81: nsn(9, 10), 82: nsn(8, 9, 10, 11), 84: nsn(9, 10), 86: nsn(10, 11, 12),
	90: nsn(10), 91: nsn(10), 92: nsn(9, 10, 11), 93: nsn(9), 94: nsn(9), 95: nsn(6, 7, 8, 9, 10), 98: nsn(10),
	211: nsn(9), 212: nsn(9), 213: nsn(8, 9), 216: nsn(8), 218: nsn(8, 9), 220: nsn(7), 221: nsn(9), 222: nsn(8), 223: nsn(8), 224: nsn(8, 9),
	225: nsn0(10), 226: nsn(8), 227: nsn0(8), 228: nsn(8), 229: nsn0(8, 10), 230: nsn(7, 8), 231: nsn(7, 8, 9), 232: nsn(8), 233: nsn(8, 9),
	234: nsn(8, 10, 11), 235: nsn(8), 236: nsn(8), 237: nsn(8, 9), 238: nsn(7), 239: nsn(7), 240: nsn(9), 241: nsn0(7, 8), 242: nsn0(9),
	243: nsn(7, 8, 9), 244: nsn(9), 245: nsn(7, 8, 9), 246: nsn(7), 247: nsn(5, 6), 248: nsn(7), 249: nsn(9), 250: nsn(8, 9), 251: nsn(9),
	252: nsn(7, 8, 9), 253: nsn(8), 254: nsn(7, 8, 9, 10), 255: nsn(9), 256: nsn(9), 257: nsn(8), 258: nsn(8, 9), 260: nsn(9), 261: nsn(9, 10),
	262: nsn(9), 263: nsn(7, 8, 9, 10), 264: nsn(8, 9), 265: nsn(7, 8, 9), 266: nsn(8), 267: nsn0(7, 8, 10), 268: nsn0(8, 9), 269: nsn(7), 290: nsn(4, 5),
	291: nsn(7), 297: nsn(7), 298: nsn(6), 299: nsn(6),
	350: nsn(8), 351: nsn(9), 352: nsn(6, 7, 8, 9, 10, 11), 353: nsn(7, 8, 9, 10), 354: nsn(7, 8, 9), 355: nsn(6, 7, 8, 9), 356: nsn(8), 357: nsn(8),
	358: nsn(6, 7, 8, 9, 10), 359: nsn(7, 8, 9), 370: nsn(8), 371: nsn(8), 372: nsn(7, 8), 373: nsn(8), 374: nsn(8), 375: nsn(9, 10), 376: nsn(6, 8, 9),
	377: nsn(8, 9), 378: nsn0(6, 7, 8, 9, 10), 380: nsn(9), 381: nsn(8, 9), 382: nsn(8), 383: nsn(8, 9), 385: nsn(8, 9), 386: nsn(8), 387: nsn(8, 9),
	389: nsn(8),
	420: nsn(9), 421: nsn(9), 423: nsn(7, 9),
	500: nsn(5), 501: nsn0(7, 11), 502: nsn(8, 11), 503: nsn(7, 8, 11), 504: nsn(8, 11), 505: nsn(8), 506: nsn(8, 10), 507: nsn(7, 8), 508: nsn(6, 9),
	509: nsn(8), 590: nsn(9), 591: nsn(8, 9), 592: nsn(7), 593: nsn(8, 9, 11), 594: nsn(9), 595: nsn(7, 8, 9, 11), 596: nsn(9), 597: nsn(6, 7),
	598: nsn(7, 8), 599: nsn(7, 8),
	670: nsn(7, 8), 672: nsn(5, 6), 673: nsn(7), 674: nsn(7), 675: nsn(7, 8), 676: nsn0(5, 6, 7), 677: nsn(5, 7), 678: nsn(5, 7), 679: nsn0(7, 11),
	680: nsn(7), 681: nsn(6, 9), 682: nsn(5), 683: nsn(4, 5, 6, 7), 685: nsn(5, 6, 7), 686: nsn(5, 6, 7, 8), 687: nsn0(6), 688: nsn(5, 6, 7),
	689: nsn(6, 8, 9), 690: nsn(4, 5, 6, 7), 691: nsn(7), 692: nsn(7),
	800: nsn(8), 808: nsn(8), 850: nsn(8, 9, 10), 852: nsn(8, 9, 11), 853: nsn0(7, 8), 855: nsn(8, 9, 10), 856: nsn(8, 9, 10), 870: nsn(9), 878: nsn(12),
	880: nsn(8, 9, 10), 881: nsn(9, 10), 882: nsn(7, 8, 9, 10, 11, 12), 883: nsn(7, 8, 9, 10, 11, 12), 886: nsn(8, 9, 10), 888: nsn(11),
	960: nsn(7, 10), 961: nsn(7, 8), 962: nsn(8, 9), 963: nsn(8, 9), 964: nsn(8, 9, 10), 965: nsn(7, 8), 966: nsn(9, 10), 967: nsn(7, 8, 9),
	968: nsn(7, 8), 970: nsn(8, 9, 10), 971: nsn(8, 9), 972: nsn(8, 9, 10), 973: nsn(8), 974: nsn(7, 8), 975: nsn(7, 8), 976: nsn(8), 977: nsn(8, 10, 11),
	979: nsn(9), 992: nsn(9), 993: nsn(8), 994: nsn(9), 995: nsn(9), 996: nsn(9), 998: nsn(9),
}
