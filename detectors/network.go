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
		Anchor: Anchor{Shapes: []string{`[0-9].{0,2}\..{1,3}\..{1,3}\.[0-9]`, `::`, `:(?:.{1,4}:){5}`}},
		Match:  matchIP,
		MaxLen: maxIP,
		Weak:   likeSection,
		Whole:  isIP,
		Keywords: []string{
			"ip", "ip address", "ipv4", "ipv6", "client ip", "remote addr", "x-forwarded-for", "adresse ip", "ip-adresse", "dirección ip",
			"address", "addr", "client", "dns", "gateway", "host", "inet", "nameserver", "peer", "server",
		},
		Dummies: []string{"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::"},
		Examples: Examples{
			Positive: []string{
				"from «203.0.113.7».",
				"http://«198.51.100.20»:8080/index",
				"«192.168.1.0»/24",
				"src:«10.1.2.3»,dst",
				"[«2001:db8::1»]:443",
				"user@«2001:db8:0:1::abcd»",
				"peer «fe80::1%eth0» up",
				"mapped «::ffff:192.0.2.128»",
				"«64:ff9b::192.0.2.33»",
				"«2400:c401::5054:ff:fe1b:b031»: unreachable",
				"«2001:db8:85a3:8d3:1319:8a2e:370:7348»",
				"ff02: «ff02::1».",
				"text::ffff:«192.0.2.1»",
				"nameserver «8.8.4.4»",
				"to «10.0.0.1»",
				`"peers:\n«203.0.113.7»\n"`,
				`"peer\t«2001:db8::1»"`,
			},
			Negative: []string{
				"127.0.0.1 localhost, ::1, 0.0.0.0 and 255.255.255.255",
				"netmask 255.255.255.0",
				"version 1.2.3.4 and v1.2.3.4, Version=4.0.10.5",
				"libfoo-1.2.3.4.so and pkg_1.2.3.4-1ubuntu2",
				"Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36",
				"at 12:34:56 or 2024-01-01T12:34:56:789",
				"std::cout << a::b << dec::add",
				"xs[::2] and ys[1::3]",
				"OID 1.3.6.1.4.1.311",
				"00:1A:2B:3C:4D:5E",
				"01:02:03:04:05:06:07:08",
				"section 4.3.2.1 says",
				"fixed since 1.6.5.2",
			},
			NearMiss: []string{
				"203.0.113.256",
				"203.0.113",
				"203.0.113.7.1",
				"203.00.113.7",
				"x203.0.113.7",
				"2001::25de::cade",
				"12345:db8::1",
				"2001:db8:1:2:3:4:5:6:7",
				"fe80::1text",
				"2001:db8:1:2:3:4:5",
			},
		},
	}
}

func macAddress() Rule {
	return Rule{
		ID: "MAC_ADDRESS", Name: "MAC address",
		Category: Personal, Severity: Rising, Priority: PriorityRange,
		Form: "Six pairs of hexadecimal digits with ':' or '-' between all of them, or three groups of four with dots (IEEE 802, EUI-48). As a whole value also twelve " +
			"digits, blanks between the pairs, and eight pairs (EUI-64).",
		Check:  "Not all zeros and not all ones; part of no longer chain of pairs, such as a fingerprint. The dotted form has a letter.",
		Anchor: Anchor{Shapes: []string{`[0-9A-Za-z]{2}:..:..:..:`, `[0-9A-Za-z]{2}-..-..-`, `[0-9A-Za-z]{4}\.[0-9A-Za-z]{4}\.[0-9A-Za-z]{4}`}},
		Match:  matchMAC,
		MaxLen: maxMAC,
		Whole:  isMAC,
		Examples: Examples{
			Positive: []string{
				"«00:00:5E:00:53:01»",
				"ether «00-00-5e-00-53-af»,",
				"lladdr «0a:23:f5:67:89:ac» STALE",
				"Cisco: «0012.3456.789A»",
				`{"mac":"«aa:bb:cc:dd:ee:ff»"}`,
				"mac=«AA-BB-CC-DD-EE-FF».",
				`"mac\n«00:00:5E:00:53:01»"`,
			},
			Negative: []string{
				"00:00:00:00:00:00 and ff:ff:ff:ff:ff:ff",
				"SHA1 Fingerprint=2f:d4:e1:c6:7a:2d:28:fc:ed:84:9e:e1:bb:76:e7:39:1b:93:eb:12",
				"550e8400-e29b-41d4-a716-446655440000",
				"12:34:56 and 23:59:59",
				"1234.5678.9012 EUR",
				"2024-01-02-03-04-05",
				"05F3 ; [*0316.001F.0002] # HEBREW PUNCTUATION",
			},
			NearMiss: []string{
				"00:00:5E:00:53",
				"00:00:5E:00:53:0G",
				"10:2F:33-AC-29-C3",
				"00:00:5E:00:53:01:02",
				"000:00:5E:00:53:01",
				"00:00:5E:00:53:011",
			},
		},
	}
}
