package corpus

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// negative appends something that a careless detector takes for data of a
// person: numbers of the right length, dotted quads, things with an '@'. None
// of them is valid for any identifier that needs no word beside it, and the
// texts around them never hold such a word.
func (p *page) negative() {
	switch p.below(16) {
	case 0:
		p.millis()
	case 1:
		p.uuid()
	case 2:
		p.hash()
	case 3:
		p.add("ord-", p.notCard(p.between(9, 16)))
	case 4:
		p.add("part ", p.digits(3), "-", p.digits(4), "-", p.digits(2), p.random.string(upper, 1))
	case 5:
		p.add("1Z", p.random.string(decimal+upper, 6), p.digits(10)) // a parcel
	case 6:
		p.add("plot:", p.coordinate(90), ",", p.coordinate(180))
	case 7:
		p.version()
	case 8:
		p.add("ISBN ", p.isbn())
	case 9:
		p.add("EAN ", p.notCardWith("50", 13))
	case 10:
		p.int(p.below(9000))
		p.add(".", p.digits(2), " EUR")
	case 11:
		p.add("0.", p.digits(16))
	case 12:
		p.add(p.notCard(4), "-", p.notCardWith("4", 16))
	case 13:
		p.atSign()
	case 14:
		p.add(base64.StdEncoding.EncodeToString(p.random.bytes(p.between(45, 90))))
	default:
		p.add("function(e,t){return e<<", p.digits(1), "|t>>>", p.digits(1), "}(0x", p.random.string(lowerHex, 8), ",", p.digits(5), ")")
	}
}

// millis appends a time in milliseconds since 1970.
func (p *page) millis() {
	p.int(1_600_000_000 + p.below(150_000_000))
	p.add(p.digits(3))
}

// notCard returns n digits that fail Luhn.
func (r *random) notCard(n int) string { return r.notCardWith("", n) }

// notCardWith returns n digits that begin with prefix and fail Luhn.
func (r *random) notCardWith(prefix string, n int) string {
	d := prefix + r.digits(n-len(prefix)-1)
	for {
		if c := r.digits(1); c[0] != luhn(d) {
			return d + c
		}
	}
}

func (p *page) uuid() {
	h := p.random.string(lowerHex, 32)
	p.add(h[:8], "-", h[8:12], "-4", h[13:16], "-a", h[17:20], "-", h[20:])
}

// hash appends an MD5, SHA-1 or SHA-256 in hexadecimal.
func (p *page) hash() { p.add(p.random.string(lowerHex, pick(p.random, []int{32, 40, 64}))) }

func (r *random) coordinate(limit int) string {
	return strconv.Itoa(r.between(-limit+1, limit-1)) + "." + r.digits(6)
}

// version appends a version number; the dotted quads among them are none of
// an IP address: a number above 255, a fifth part, a letter before.
func (p *page) version() {
	switch p.below(4) {
	case 0:
		p.add("10.0.", strconv.Itoa(p.between(10240, 26100)), ".", strconv.Itoa(p.below(4000)))
	case 1:
		p.add("v", strconv.Itoa(p.below(9)), ".", strconv.Itoa(p.below(20)), ".", strconv.Itoa(p.below(20)), ".", strconv.Itoa(p.below(9)))
	case 2:
		p.add("1.", p.digits(1), ".", p.digits(2), ".", p.digits(1), ".", p.digits(2))
	default:
		p.add(strconv.Itoa(p.below(12)), ".", strconv.Itoa(p.below(30)), ".", strconv.Itoa(p.below(30)), "-rc", p.digits(1))
	}
}

// isbn is an ISBN-13 with its right check digit that is no payment card.
func (r *random) isbn() string {
	for {
		d := "978" + r.digits(9)
		sum := weighted(d, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)
		if d += strconv.Itoa((10 - sum%10) % 10); !isCard(d) {
			return d
		}
	}
}

// atSign appends things with an '@' that are no mail address.
func (p *page) atSign() {
	switch p.below(4) {
	case 0:
		p.add("icon-", p.digits(2), "@2x.png")
	case 1:
		p.add("deploy@build", p.digits(2))
	case 2:
		p.add("left-pad@", strconv.Itoa(p.below(9)), ".", strconv.Itoa(p.below(20)), ".", strconv.Itoa(p.below(20)))
	default:
		p.add("@", strings.ToLower(pick(p.random, familyNames)), p.digits(2))
	}
}

// amount is a price.
func (r *random) amount() string { return fmt.Sprintf("%d.%02d", r.below(900), r.below(100)) }
