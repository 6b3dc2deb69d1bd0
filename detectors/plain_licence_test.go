package detectors

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// licenceJudges are the plain forms of Valid of licences, passports and
// vehicles that have a check; the others are judged by drawnPlain.
var licenceJudges = judges{
	"UK_DRIVERS_LICENSE": func(v string) bool {
		m := expression(`^([A-Z]{1,5}9*)(.)(..)(..)(.)[A-Z][A-Z9].[A-Z][A-Z](..)?$`).FindStringSubmatch(v)
		if m == nil || len(m[1]) != 5 {
			return false
		}
		month := atoi(m[3])
		if month > 50 {
			month -= 50
		}
		return inAnyCentury(m[2]+m[5], strconv.Itoa(month), m[4])
	},
	"INDIA_DRIVERS_LICENSE": func(v string) bool {
		m := expression(`^(..)..(....)(.{7})$`).FindStringSubmatch(v)
		return slices.Contains(strings.Fields(indianStates), m[1]) && m[2] >= "1950" && m[2] <= "2035" && !plainSame(v[8:])
	},
	"FINLAND_DRIVERS_LICENSE": northJudges["FINLAND_PERSONAL_IDENTITY_CODE"],
	"SWEDEN_DRIVERS_LICENSE":  personnummerPlain,
	"GERMANY_DRIVERS_LICENSE": func(v string) bool {
		sum := 0
		for i := range 9 {
			n, _ := strconv.ParseInt(v[i:i+1], 36, 0)
			sum += int(n) * (9 - i)
		}
		return strings.Replace(strconv.Itoa(sum%11), "10", "X", 1) == v[9:10] && !plainSame(v[4:9])
	},
	"SPAIN_DRIVERS_LICENSE": func(v string) bool {
		if m := expression(`^([XYZ])(.{7})([A-Z])$`).FindStringSubmatch(v); m != nil {
			return m[2] != "0000000" && lettered(strconv.Itoa(strings.Index("XYZ", m[1]))+m[2], m[3])
		}
		m := expression(`^([0-9]{8})([A-Z])$`).FindStringSubmatch(v)
		return m != nil && m[1] != "99999999" && lettered(m[1], m[2])
	},
	"GERMANY_PASSPORT_NUMBER": func(v string) bool {
		m := expression(`^([CFGHJK][CFGHJ-NPRTV-Z0-9]{8})([0-9]?)$`).FindStringSubmatch(v)
		return m != nil && drawnPlain(v) && (m[2] == "" || m[2] == travelDigit(m[1]))
	},
	"VEHICLE_REGISTRATION_PLATE": func(v string) bool {
		if strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0") == "" {
			return false
		}
		for layout, plate := range map[string]string{
			`^[A-Z]{2}[0-9]{2}[A-Z]{3}$`:                             `^[A-HJ-PR-Y]{2}(0[2-9]|[12][0-9]|5[1-9]|[67][0-9])[A-HJ-PR-Z]{3}$`,
			`^[A-Z][0-9]{1,3}[A-Z]{3}$`:                              `^[A-HJ-NPR-TV-Y]`,
			`^[A-Z]{2}([0-9]{1,2}[A-Z]{1,2}|[0-9][A-Z]{3})[0-9]{4}$`: `^(` + strings.ReplaceAll(indianStates, " ", "|") + `)`,
			`^[0-9]{2}([A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2,4})$`:        `^(0[1-9]|[1-7][0-9]|8[01])`,
		} {
			if expression(layout).MatchString(v) && !expression(plate).MatchString(v) {
				return false
			}
		}
		return true
	},
}

// licenceSure are the plain forms of Sure.
var licenceSure = judges{
	"DRIVERS_LICENSE": func(v string) bool {
		if m := expression(`^(..)...(....)41(..)$`).FindStringSubmatch(v); m != nil && expression(`^[0-9]+$`).MatchString(v) {
			return onCalendar(atoi(m[2]), atoi(m[1]), atoi(m[3]))
		}
		return expression(`^([0-9]{7,10}|[0-9]{12})$`).MatchString(v) || expression(`[A-Z]`).MatchString(v) && len(v) > 6
	},
	"CANADA_DRIVERS_LICENSE":    func(v string) bool { return len(v) > 6 },
	"AUSTRALIA_DRIVERS_LICENSE": func(v string) bool { return len(v) > 6 },
}

// drawnPlain is the plain form of drawn.
func drawnPlain(v string) bool {
	digits := strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	digits = expression(`[A-Z]`).ReplaceAllString(digits, "")
	if len(digits) < 2 || plainSame(digits) {
		return false
	}
	return digits != v || !strings.Contains("0123456789012345678901234567890", v) && !strings.Contains("9876543210", v)
}

// vehiclePlain is the plain form of validVIN.
func vehiclePlain(v string) bool {
	if !expression(`^[A-HJ-NPR-Z0-9]{17}$`).MatchString(v) || !expression(`[0-9].*[0-9].*[0-9]`).MatchString(v) || !expression(`[A-Z]`).MatchString(v) || plainSame(v[:8]) {
		return false
	}
	return !expression(`^[1-5L]`).MatchString(v) || !expression(`^.{9}[UZ0]`).MatchString(v) && vinPlain(v)
}

// compareVIN tries text with each ninth character that a check digit may be.
func compareVIN(t *testing.T, text string) (valid int) {
	t.Helper()
	v := []byte(strings.ToUpper(fill("XXXXXXXXXXXXXXXXX", text)))
	for _, c := range []byte("0123456789X") {
		v[8] = c
		got, want := validVIN(v), vehiclePlain(string(v))
		if sure, wantSure := sureVIN(v), expression(`[0-9]{4}$`).MatchString(string(v)) || vinPlain(string(v)); got != want || got && sure != wantSure {
			t.Fatalf("%s is valid: %v and %v, by the plain form %v and %v", v, got, sure, want, wantSure)
		}
		if got {
			valid++
		}
	}
	return valid
}

func vinPlain(v string) bool {
	sum := 0
	for i, c := range v {
		n := strings.IndexRune("0123456789", c)
		for _, row := range []string{"?ABCDEFGH", "?JKLMN?P?R", "??STUVWXYZ"} {
			n = max(n, strings.IndexRune(row, c))
		}
		sum += n * []int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}[i]
	}
	return strings.Replace(strconv.Itoa(sum%11), "10", "X", 1) == v[8:9]
}

// licenceRules are those with layouts of more than one class, which
// compareJudges can fill: all but the zone and the VIN.
func licenceRules() []Rule {
	return slices.DeleteFunc(slices.Concat(licences(), passports(), vehicles()), func(r Rule) bool {
		return len(r.Forms) == 0 || r.ID == "VEHICLE_IDENTIFICATION_NUMBER"
	})
}

// licencePlain are the plain forms of Valid of all licenceRules.
func licencePlain() judges {
	plain := make(judges)
	for _, r := range licenceRules() {
		plain[r.ID] = drawnPlain
		if judge := licenceJudges[r.ID]; judge != nil {
			plain[r.ID] = judge
		}
	}
	return plain
}

// licenceSureRules have Sure in place of Valid.
func licenceSureRules() []Rule {
	var rs []Rule
	for _, r := range licenceRules() {
		if r.Sure != nil {
			r.Valid = r.Sure
			rs = append(rs, r)
		}
	}
	return rs
}

func TestLicencesArePlain(t *testing.T) {
	runJudges(t, licenceRules(), licencePlain())
	for _, r := range licenceSureRules() {
		if licenceSure[r.ID] == nil {
			t.Errorf("%s: no plain form of Sure", r.ID)
		}
	}
	runJudges(t, licenceSureRules(), licenceSure)

	rng, valid := rand.New(rand.NewPCG(20, 0)), 0
	for range 2000 {
		valid += compareVIN(t, string(randomBytes(rng, 17, "0123456789012345678901234ABCFGHLMNPRSTVWXYZQ")))
	}
	if valid < 100 {
		t.Errorf("%d valid VINs: too few to tell", valid)
	}
}

func FuzzValidLicences(f *testing.F) {
	rules, plain, sure := licenceRules(), licencePlain(), licenceSureRules()
	for _, r := range slices.Concat(licences(), passports(), vehicles()) {
		for i, p := range vectorsOf(r).Positive {
			if i%2 == 0 {
				f.Add(p.Value())
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareJudges(t, rules, plain, text)
		compareJudges(t, sure, licenceSure, text)
		if text != "" {
			compareVIN(t, text)
		}
		compareZone(t, []byte(text))
	})
}

// zonePlain is the plain form of matchZone: the lines in full, field by field.
func zonePlain(w []byte, at int) (start, end int, ok bool) {
	date := func(v string) bool {
		return travelDigit(v[:6]) == v[6:] && onCalendar(2000, atoi(v[2:4]), atoi(v[4:6]))
	}
	m := expression(`^[A-Z0-9<]+`).Find(w[at:])
	line := string(m)
	if at > 0 && expression(`[A-Z0-9<]`).Match(w[at-1:at]) {
		return 0, 0, false
	}
	digit := func(v string) string { return travelDigit(zeroed(v)) }
	switch len(line) {
	case 44, 36:
		last := len(line) - 1
		ok = expression(`^.{10}[A-Z<]{3}`).MatchString(line) && digit(line[:9]) == line[9:10] && date(line[13:20]) && date(line[21:28]) && digit(line[:10]+line[13:20]+line[21:last]) == line[last:]
		if len(line) == 44 {
			ok = ok && (digit(line[28:42]) == line[42:43] || line[28:43] == strings.Repeat("<", 15))
		}
		return at, at + len(line), ok
	case 30:
		before := expression(`(^|[^A-Z0-9<])([ACI][A-Z0-9<]{29})(\r?\n|\r|(\\r)?\\n|\\r)$`).FindSubmatchIndex(w[:at])
		if before == nil {
			return 0, 0, false
		}
		one := string(w[before[4]:before[5]])
		number, check := one[5:14], one[14:15]
		if n := expression(`^.....(.{9})<([A-Z0-9]+)([A-Z0-9])<`).FindStringSubmatch(one); n != nil {
			number, check = n[1]+n[2], n[3]
		}
		ok = expression(`^.{15}[A-Z<]{3}`).MatchString(line) && digit(number) == check && date(line[:7]) && date(line[8:15]) && digit(one[5:]+line[:7]+line[8:15]+line[18:29]) == line[29:]
		return before[4], at + 30, ok
	}
	return 0, 0, false
}

// zeroed has 0 for '<', as check digits count it.
func zeroed(v string) string { return strings.ReplaceAll(v, "<", "0") }

// compareZone tries the zone at all anchors of w.
func compareZone(t *testing.T, w []byte) (found int) {
	t.Helper()
	anchor := expression(`^(.{13})?[0-9]{7}[MFX<][0-9]{7}`)
	for at := range w {
		if !anchor.Match(w[at:]) {
			continue
		}
		start, end, ok := matchZone(w, at)
		wantStart, wantEnd, want := zonePlain(w, at)
		if ok != want || ok && (start != wantStart || end != wantEnd) {
			t.Fatalf("zone in %q at %d: [%d,%d) %v, want [%d,%d) %v", w, at, start, end, ok, wantStart, wantEnd, want)
		}
		if ok {
			found++
		}
	}
	return found
}

// TestZonesArePlain writes zones with right check digits, and damages some.
func TestZonesArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 0))
	digit := func(v string) string { return travelDigit(zeroed(v)) }
	draw := func(n int) string { return string(randomBytes(rng, n, "ABCXYZ0123456789<<")) }
	date := func() string {
		d := fmt.Sprintf("%02d%02d%02d", rng.IntN(100), 1+rng.IntN(12), 1+rng.IntN(31))
		return d + digit(d)
	}
	found, damaged := 0, 0
	for range 1500 {
		number, born, expires := draw(9), date(), date()
		number += digit(number)
		var zone string
		switch rng.IntN(3) {
		case 0:
			optional := draw(14)
			zone = number + "UTO" + born + "F" + expires + optional + digit(optional)
			zone += digit(number + born + expires + optional + digit(optional))
		case 1:
			optional := draw(7)
			zone = number + "UTO" + born + "<" + expires + optional + digit(number+born+expires+optional)
		case 2:
			one, two := number+draw(15), draw(11)
			zone = "I<UTO" + one + []string{"\n", "\r\n", `\n`, `\r\n`, " "}[rng.IntN(5)] + born + "M" + expires + "UTO" + two
			zone += digit(one + born + expires + two)
		}
		w := []byte("x " + zone + " y")
		if rng.IntN(2) == 0 {
			damaged++
			w[2+rng.IntN(len(zone))] = draw(1)[0]
		}
		found += compareZone(t, bytes.Clone(w))
	}
	if found < 300 || damaged < 300 {
		t.Errorf("%d zones found, %d damaged: too few to tell", found, damaged)
	}
}
