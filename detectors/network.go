package detectors

// Addresses of machines, which lead to people.
func network() []Rule {
	return []Rule{ipAddress(), macAddress()}
}

func ipAddress() Rule {
	return Rule{
		ID: "IP_ADDRESS", Name: "IPv4 or IPv6 address",
		Category: Personal, Severity: Rising, Priority: PriorityRange,
		Form: "IPv4: four numbers up to 255 without leading zeros, joined by dots. IPv6: the text forms of RFC 4291, 2.2, with \"::\", an IPv4 tail and a zone. " +
			"A prefix length behind an address is not part of it. In running text an IPv6 address has three groups or a leading group of a global, unique local, " +
			"link-local or multicast address, so that scopes (a::b), times and EUI-64 numbers are none; version and section numbers are no IPv4 addresses, and four numbers all below 32 need a keyword unless the first is 10.",
		Check: "Ranges of values. Networks 0/8, 127/8 and 255/8 are refused, save 127.0.0.1, 0.0.0.0 and 255.255.255.255, which with ::1 and :: are dropped as dummies. " +
			"Private and documentation networks are kept.",
		Anchor: Anchor{Shapes: []string{`[0-9].{0,2}\..{1,3}\..{1,3}\.[0-9]`, `::`, `:(?:.{1,4}:){3}`}},
		Match:  matchIP,
		MaxLen: maxIP,
		Weak:   likeSection,
		Whole:  isIP,
		Keywords: []string{
			"ip", "ip address", "ipv4", "ipv6", "client ip", "remote addr", "x-forwarded-for", "adresse ip", "ip-adresse", "dirección ip",
			"address", "addr", "client", "dns", "gateway", "host", "inet", "nameserver", "peer", "server",
		},
		Dummies: []string{"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::"},
	}
}

func macAddress() Rule {
	return Rule{
		ID: "MAC_ADDRESS", Name: "MAC address",
		Category: Personal, Severity: Rising, Priority: PriorityRange,
		Form: "Six pairs of hexadecimal digits with ':' or '-' between all of them, or three groups of four with dots (IEEE 802, EUI-48). As a whole value also twelve " +
			"digits, blanks between the pairs, and eight pairs (EUI-64).",
		Check:  "Not all zeros and not all ones; part of no longer chain of pairs, such as a fingerprint. The dotted form has a letter.",
		Anchor: Anchor{Shapes: []string{`[0-9A-Za-z]{2}[:-]..[:-]..[:-]`, `[0-9A-Za-z]{4}\..{4}\.[0-9A-Za-z]`}},
		Match:  matchMAC,
		MaxLen: maxMAC,
		Whole:  isMAC,
	}
}
