package detectors

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licenceJudges are plain forms of the checks of licences, passports and
// vehicles. Those without one of their own share drawn.
var licenceJudges = func() judges {
	js := judges{
		"UK_DRIVERS_LICENSE":      plainUKLicence,
		"INDIA_DRIVERS_LICENSE":   func(v string) bool { return v[4:8] >= "1950" && v[4:8] <= fmt.Sprint(lastYear) && !plainSame(v[8:]) },
		"FINLAND_DRIVERS_LICENSE": plainHetuLicence,
		"GERMANY_DRIVERS_LICENSE": func(v string) bool {
			return string(plainFromLeft(v[:9], "9 8 7 6 5 4 3 2 1", 11, "0123456789X")) == v[9:10] && !plainSame(v[4:9])
		},
		"SPAIN_DRIVERS_LICENSE":         plainSpanishLicence,
		"SWEDEN_DRIVERS_LICENSE":        plainSwedishLicence,
		"GERMANY_PASSPORT_NUMBER":       plainGermanPassport,
		"VEHICLE_IDENTIFICATION_NUMBER": plainVIN,
	}
	for _, r := range licenceRules() {
		if js[r.ID] == nil && len(r.Forms) > 0 {
			js[r.ID] = plainDrawn
		}
	}
	return js
}()

func licenceRules() []Rule { return slices.Concat(licences(), passports(), vehicles()) }

// plainFromLeft weighs letters as 10 to 35 and names the sum by its remainder.
func plainFromLeft(s, weights string, modulus int, names string) byte {
	sum := 0
	for i, w := range strings.Fields(weights) {
		sum += plainInt(w) * strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", s[i])
	}
	return names[sum%modulus]
}

// plainDrawn looks for the digits in longer rows of equal, rising and falling
// ones.
func plainDrawn(v string) bool {
	digits := regexp.MustCompile(`\D`).ReplaceAllString(v, "")
	for d := range 10 {
		equal := strings.Repeat(fmt.Sprint(d), 64)
		if strings.HasPrefix(equal, digits) && digits != "" {
			return false
		}
	}
	rising := strings.Repeat("0123456789", 8)
	falling := "9876543210"
	return len(digits) > 1 && !strings.Contains(rising, digits) && !strings.Contains(falling, digits)
}

func plainUKLicence(v string) bool {
	form := regexp.MustCompile(`^[A-Z]{1,5}9{0,4}([0-9])([0156])([0-9])([0-9]{2})([0-9])[A-Z][A-Z9][A-Z0-9][A-Z]{2}([0-9]{2})?$`)
	if !regexp.MustCompile(`^[A-Z9]{5}[0-9]`).MatchString(v) {
		return false
	}
	m := form.FindStringSubmatch(v)
	if m == nil {
		return false
	}
	month := plainInt(v[6:8]) % 50
	if plainInt(v[6:8]) > 62 {
		return false
	}
	year := plainInt(v[5:6] + v[10:11])
	return plainDay(1900+year, month, plainInt(v[8:10])) || plainDay(2000+year, month, plainInt(v[8:10]))
}

func plainHetuLicence(v string) bool {
	day, rest := v[:6], v[6:]
	if len(v) == 11 {
		rest = rest[1:]
	}
	born := false
	for _, century := range []int{18, 19, 20} {
		born = born || plainDay(century*100+plainInt(day[4:]), plainInt(day[2:4]), plainInt(day[:2]))
	}
	return born && rest[:3] > "001" && "0123456789ABCDEFHJKLMNPRSTUVWXY"[plainInt(day+rest[:3])%31] == rest[3]
}

func plainSpanishLicence(v string) bool {
	number := strings.NewReplacer("X", "0", "Y", "1", "Z", "2").Replace(v[:1]) + v[1:8]
	if !regexp.MustCompile(`^[0-9XYZ]`).MatchString(v) || strings.Trim(v[1:8], "0") == "" && v[0] >= 'X' || v[:8] == "99999999" || v[:8] == "00000000" {
		return false
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[plainInt(number)%23] == v[8]
}

func plainSwedishLicence(v string) bool {
	v = v[len(v)-10:]
	day := plainInt(v[4:6])
	if day > 60 {
		day -= 60
	}
	year := plainInt(v[:2])
	return plainLuhn(v) && (plainDay(1900+year, plainInt(v[2:4]), day) || plainDay(2000+year, plainInt(v[2:4]), day))
}

func plainGermanPassport(v string) bool {
	if !regexp.MustCompile(`^[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8}[0-9]?$`).MatchString(v) || !plainDrawn(v) {
		return false
	}
	return len(v) == 9 || plainFromLeft(v, "7 3 1 7 3 1 7 3 1", 10, "0123456789") == v[9]
}

func plainVIN(v string) bool {
	return regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`).MatchString(v) && regexp.MustCompile(`[A-Z]`).MatchString(v) && !plainSame(v[:8]) &&
		(!regexp.MustCompile(`^[1-5L]`).MatchString(v) || plainSureVIN(v))
}

// plainSureVIN has the values of 49 CFR 565.15 as pairs.
func plainSureVIN(v string) bool {
	values := map[rune]int{'A': 1, 'B': 2, 'C': 3, 'D': 4, 'E': 5, 'F': 6, 'G': 7, 'H': 8, 'J': 1, 'K': 2, 'L': 3, 'M': 4, 'N': 5, 'P': 7, 'R': 9,
		'S': 2, 'T': 3, 'U': 4, 'V': 5, 'W': 6, 'X': 7, 'Y': 8, 'Z': 9}
	sum := 0
	for i, c := range v {
		value, letter := values[c]
		if !letter && '0' <= c && c <= '9' {
			value = int(c - '0')
		}
		sum += value * []int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}[i]
	}
	return "0123456789X"[sum%11] == v[8]
}

func TestLicencesArePlain(t *testing.T) { runJudges(t, licenceRules(), licenceJudges) }

// TestSureVIN compares what makes a vehicle's number more certain.
func TestSureVIN(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	sure := 0
	for range 20000 {
		v := string(randomBytes(rng, 17, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"))
		got, want := checkVIN([]byte(v)), plainSureVIN(v)
		if got != want {
			t.Fatalf("%s is sure: %v, by the plain form %v", v, got, want)
		}
		if got {
			sure++
		}
	}
	if sure < 300 {
		t.Errorf("only %d are sure", sure)
	}
}

// plainZone finds zones by their lines and checks each field of the line.
func plainZone(text string) (start, end int, ok bool) {
	check := func(fields ...string) bool {
		want := fields[len(fields)-1]
		all := strings.ReplaceAll(strings.Join(fields[:len(fields)-1], ""), "<", "0")
		weights := strings.TrimSpace(strings.Repeat("7 3 1 ", (len(all)+2)/3))
		weights = strings.Join(strings.Fields(weights)[:len(all)], " ")
		return string(plainFromLeft(all, weights, 10, "0123456789")) == want
	}
	day := func(s string) bool {
		return strings.HasPrefix(s[2:], "<") || strings.HasPrefix(s[4:], "<") || plainDay(2000, plainInt(s[2:4]), plainInt(s[4:6]))
	}
	two := regexp.MustCompile(`(?:^|[^A-Z0-9<])([A-Z0-9<]{9})([0-9])[A-Z<]{3}([0-9]{6})([0-9])[MFX<]([0-9]{6})([0-9])([A-Z0-9<]{7,14})([0-9<]?)([0-9])(?:$|[^A-Z0-9<])`)
	for _, m := range two.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string { return text[m[2*i]:m[2*i+1]] }
		line := text[m[2]:m[19]]
		if len(line) == 36 {
			optional := line[28:35]
			if check(part(1), part(2)) && check(part(3), part(4)) && check(part(5), part(6)) && check(part(1), part(2), part(3), part(4), part(5), part(6), optional, line[35:]) && day(part(3)) {
				return m[2], m[19], true
			}
		}
		if len(line) == 44 {
			personal, own := line[28:42], line[42:43]
			if check(part(1), part(2)) && check(part(3), part(4)) && check(part(5), part(6)) &&
				(own == "<" && strings.Trim(personal, "<") == "" || check(personal, own)) &&
				check(part(1), part(2), part(3), part(4), part(5), part(6), personal, own, line[43:]) && day(part(3)) {
				return m[2], m[19], true
			}
		}
	}
	return 0, 0, false
}

// TestZoneIsPlain changes the specimens of passports and larger cards, a
// character at a time.
func TestZoneIsPlain(t *testing.T) {
	s := compileAll(t, []Rule{passportZone()})
	rng := rand.New(rand.NewPCG(4, 4))
	found := 0
	for _, line := range []string{"L898902C36UTO7408122F1204159ZE184226B<<<<<10", "D231458907UTO7408122F1204159<<<<<<<6"} {
		for range 3000 {
			v := []byte(line)
			for range rng.IntN(3) {
				v[rng.IntN(len(v))] = "0123456789<ABMFXZ"[rng.IntN(17)]
			}
			text := "mrz\n" + string(v) + "\n"
			start, end, ok := plainZone(text)
			ms := s.Find(nil, []byte(text), 0, len(text))
			if ok != (len(ms) == 1) || ok && (ms[0].Start != start || ms[0].End != end) {
				t.Fatalf("%q: found %v, by the plain form %d to %d %v", text, ms, start, end, ok)
			}
			if ok {
				found++
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d zones", found)
	}
}

func FuzzValidLicences(f *testing.F) {
	rules := licenceRules()
	seedJudges(f, rules)
	f.Fuzz(func(t *testing.T, text string) { compareJudges(t, rules, licenceJudges, text) })
}
