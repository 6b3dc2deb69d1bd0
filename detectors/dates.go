package detectors

import (
	"bytes"
	"strings"
)

// Dates that tell something about a person.
func dates() []Rule { return []Rule{dateOfBirth()} }

const (
	maxDate   = 40
	firstYear = 1900
	lastYear  = 2035
)

func dateOfBirth() Rule {
	return Rule{
		ID: "DATE_OF_BIRTH", Name: "date of birth",
		Category: Personal, Severity: Rising, Priority: PriorityKeyword,
		Form: "A date beside a keyword: year, month, day or day and month in either order and year, with '-', '/', '.' or blanks; eight digits; a month by name or by its " +
			"first three letters (English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Finnish, Czech); 年月日 and 년월일. " +
			"Years have four digits, or two behind a separator other than a blank.",
		Check:  "A day of the Gregorian calendar in the years 1900 to 2035.",
		Beside: []Run{{1, 2, "", ""}, {4, 4, " -/.\xe5\xe6\xeb\xec", "12"}, {8, 8, "", "0123"}},
		Lead:   maxMonth + len(", "),
		Match:  matchDate,
		MaxLen: maxDate,
		Keywords: []string{
			"bday", "b-day", "birth date", "birthday", "date of birth", "dob", "d.o.b.", "born on", "born", "year of birth",
			"date de naissance", "né le", "née le", "ddn",
			"geburtsdatum", "geboren am", "geb. am", "geb.",
			"fecha de nacimiento", "f. nacimiento", "nacido el", "nacida el",
			"data di nascita", "nato il", "nata il",
			"data de nascimento", "nascido em", "nascida em",
			"geboortedatum", "geboren op", "data urodzenia", "ur.", "urodzony", "urodzona",
			"födelsedatum", "fødselsdato", "fødselsdag", "syntymäaika", "syntymäpäivä", "datum narození", "dátum narodenia",
			"生年月日", "出生日期", "생년월일",
		},
		NeedKeyword: true,
	}
}

// matchDate measures the date whose first number starts at at.
func matchDate(w []byte, at int) (start, end int, ok bool) {
	n := runOfDigits(w, at)
	switch n {
	case 8:
		end, ok = at+8, compactDate(w[at:at+8])
	case 4:
		if end, ok = yearFirst(w, at); !ok {
			end, ok = yearMonthName(w, at)
		}
	case 1, 2:
		start, end, ok = dayDate(w, at, n)
		return start, end, ok && dateBounded(w, start, end)
	}
	return at, end, ok && dateBounded(w, at, end)
}

// dayDate measures the date one of whose parts is the number of n digits
// at w[i]: its day, or its month where it comes first.
func dayDate(w []byte, i, n int) (start, end int, ok bool) {
	if i+n+3 > len(w) {
		return 0, 0, false
	}
	switch c := w[i+n]; {
	case (c == ' ' || c == '-' || c == '/' || c == '.') && isDigit(w[i+n+1]):
		end, ok = numericDate(w, i)
	case c == ' ' || c == '-' || c == '/' || c == '.' || isNameByte(c):
		end, ok = dayMonthName(w, i)
	case c != ',':
		return 0, 0, false
	}
	if ok {
		return i, end, true
	}
	return monthNameDay(w, i)
}

// dateBounded reports whether the neighbours of w[start:end] leave it a date
// of its own; a time of day may follow.
func dateBounded(w []byte, start, end int) bool {
	if start > 0 {
		c := w[start-1]
		if wordBefore(w, start) || start > 1 && (c == '-' || c == '/' || c == '.') && isDigit(w[start-2]) {
			return false
		}
	}
	if end < len(w) {
		c := w[end]
		following := byte(0)
		if end+1 < len(w) {
			following = w[end+1]
		}
		if c == 'T' || c == 't' {
			return isDigit(following)
		}
		if isWord(c) || (c == '-' || c == '/' || c == '.') && isDigit(following) {
			return false
		}
	}
	return true
}

// number reads one or two digits, or four, at w[i]; the width is 0 if there
// are none.
func number(w []byte, i int) (value, width int) {
	x := eightAt(w, i)
	width = leadingDigits(x)
	if width == 0 || width == 3 || width > 4 {
		return 0, 0
	}
	x = (x - eightZeros) << (8 * (4 - width)) // as four digits, the first lowest
	return 1000*int(x&15) + 100*int(x>>8&15) + 10*int(x>>16&15) + int(x>>24&15), width
}

// isDay reports whether the date exists and lies in the years of the rule.
func isDay(year, month, day int) bool {
	return firstYear <= year && year <= lastYear && exists(year, month, day)
}

// exists reports whether the calendar has the date.
func exists(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	last := 31
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			last = 29
		}
	}
	return day <= last
}

// isDayOf is isDay with a year of two digits or four; one of two is taken
// in the century in which the day exists.
func isDayOf(year, width, month, day int) bool {
	switch width {
	case 2:
		return isDay(1900+year, month, day) || isDay(2000+year, month, day)
	case 4:
		return isDay(year, month, day)
	}
	return false
}

func compactDate(v []byte) bool {
	two := func(i int) int { return int(v[i]-'0')*10 + int(v[i+1]-'0') }
	y, yEnd := two(0)*100+two(2), two(4)*100+two(6)
	return isDay(y, two(4), two(6)) || isDay(yEnd, two(2), two(0)) || isDay(yEnd, two(0), two(2))
}

// Units behind the numbers of a date in Chinese, Japanese and Korean.
const units = "年月日년월일"

// yearFirst measures year, month and day at w[i].
func yearFirst(w []byte, i int) (end int, ok bool) {
	year, _ := number(w, i)
	if year < firstYear || year > lastYear {
		return 0, false
	}
	i += 4
	sep, n := dateSeparator(w, i)
	if n == 0 {
		return 0, false
	}
	month, width := number(w, i+n)
	if width == 0 || width > 2 {
		return 0, false
	}
	i += n + width
	sep2, n := dateSeparator(w, i)
	if n == 0 || sep2 != sep {
		return 0, false
	}
	day, width := number(w, i+n)
	if width == 0 || width > 2 {
		return 0, false
	}
	end = i + n + width
	if sep == 0 { // the unit of the day
		if !cjkUnit(w, end) {
			return 0, false
		}
		end += 3
	}
	return end, isDay(year, month, day)
}

// yearMonthName measures "1980-May-21" or "1980 May 21" at w[i].
func yearMonthName(w []byte, i int) (end int, ok bool) {
	year, _ := number(w, i)
	sep, n := dateSeparator(w, i+4)
	if n != 1 || year < firstYear || year > lastYear {
		return 0, false
	}
	i += 5
	month, n := monthAt(w, i)
	if month == 0 || i+n >= len(w) || w[i+n] != sep {
		return 0, false
	}
	i += n + 1
	day, width := number(w, i)
	return i + width, width > 0 && width <= 2 && isDay(year, month, day)
}

// dateSeparator returns the separator at w[i] and its length; it is 0 for the
// unit of a year or month.
func dateSeparator(w []byte, i int) (sep byte, n int) {
	if i >= len(w) {
		return 0, 0
	}
	switch c := w[i]; c {
	case '-', '/', '.', ' ':
		return c, 1
	}
	if cjkUnit(w, i) {
		if i+3 < len(w) && w[i+3] == ' ' {
			return 0, 4
		}
		return 0, 3
	}
	return 0, 0
}

func cjkUnit(w []byte, i int) bool {
	if i+3 > len(w) || w[i] < 0xE0 {
		return false
	}
	k := strings.Index(units, string(w[i:i+3]))
	return k >= 0 && k%3 == 0
}

// numericDate measures day, month and year at w[i] in one of the orders
// D-M-Y, M-D-Y and, with two digits, Y-M-D.
func numericDate(w []byte, i int) (end int, ok bool) {
	a, width := number(w, i)
	sep, n := dateSeparator(w, i+width)
	if n != 1 || i+width+1 >= len(w) || !isDigit(w[i+width+1]) {
		return 0, false
	}
	i += width + 1
	b, width := number(w, i)
	if width == 0 || width > 2 || i+width >= len(w) || w[i+width] != sep {
		return 0, false
	}
	i += width + 1
	if sep == '.' && i < len(w) && w[i] == ' ' { // 21. 5. 1980
		i++
	}
	year, width := number(w, i)
	if width != 4 && (width != 2 || sep == ' ') {
		return 0, false
	}
	ok = isDayOf(year, width, b, a) || isDayOf(year, width, a, b) || width == 2 && isDayOf(a, 2, b, year)
	return i + width, ok
}

// dayMonthName measures "21 May 1980", "21st of May, 1980", "21. Mai 1980",
// "21 de mayo de 1980", "21-May-80" at w[i].
func dayMonthName(w []byte, i int) (end int, ok bool) {
	day, width := number(w, i)
	i = skipOrdinal(w, i+width)
	sep := byte(' ')
	if i < len(w) && (w[i] == '-' || w[i] == '/') {
		sep = w[i]
		i++
	} else {
		i = skipJoiner(w, i)
	}
	month, n := monthAt(w, i)
	if month == 0 {
		return 0, false
	}
	i += n
	if sep != ' ' {
		if i >= len(w) || w[i] != sep {
			return 0, false
		}
		i++
	} else {
		if i < len(w) && w[i] == '.' || i < len(w) && w[i] == ',' {
			i++
		}
		i = skipJoiner(w, i)
	}
	year, width := number(w, i)
	if width != 4 && (width != 2 || sep == ' ') {
		return 0, false
	}
	return i + width, isDayOf(year, width, month, day)
}

// monthNameDay measures "May 21, 1980" or "May-21-1980" by its day at w[i].
func monthNameDay(w []byte, i int) (start, end int, ok bool) {
	j := i
	for j > 0 && i-j < 2 && (w[j-1] == ' ' || w[j-1] == '-' || w[j-1] == '.') {
		j--
	}
	if j == i || j == 0 || !isNameByte(w[j-1]) {
		return 0, 0, false
	}
	day, width := number(w, i)
	next := skipOrdinal(w, i+width)
	if next < len(w) && (w[next] == ',' || w[next] == '-' || w[next] == ' ') {
		next++
		if next < len(w) && w[next] == ' ' {
			next++
		}
	}
	year, width := number(w, next)
	if width != 4 || year < firstYear || year > lastYear {
		return 0, 0, false
	}
	start = j
	for start > 0 && j-start <= maxMonth && isNameByte(w[start-1]) {
		start--
	}
	month, n := monthAt(w, start)
	return start, next + width, n == j-start && isDay(year, month, day)
}

// skipOrdinal skips the ending of an ordinal number: st, nd, rd, th, er, º, '.'.
func skipOrdinal(w []byte, i int) int {
	if i >= len(w) {
		return i
	}
	if w[i] == '.' {
		return i + 1
	}
	if i+1 < len(w) {
		switch string(w[i : i+2]) {
		case "st", "nd", "rd", "th", "er", "º":
			return i + 2
		}
	}
	return i
}

// skipJoiner skips the blanks and the "of" or "de" between the parts of a date.
func skipJoiner(w []byte, i int) int {
	if i < len(w) && w[i] == ' ' {
		i++
	}
	if i >= len(w) || w[i] != 'o' && w[i] != 'd' {
		return i
	}
	for _, of := range [...]string{"of ", "de ", "del "} {
		if bytes.HasPrefix(w[i:], []byte(of)) {
			return i + len(of)
		}
	}
	return i
}

// maxMonth is the longest name of a month, in bytes.
const maxMonth = 14

// monthAt reads the name of a month at w[i]: its number, 0 if there is none,
// and the length of the name.
func monthAt(w []byte, i int) (month, n int) {
	end := i
	for end < len(w) && end-i <= maxMonth && isNameByte(w[end]) {
		end++
	}
	n = end - i
	if n < 3 || n > maxMonth {
		return 0, 0
	}
	var key [maxMonth]byte
	for k, c := range w[i:end] {
		if isUpper(c) {
			c |= 0x20
		}
		key[k] = c
	}
	return months[string(key[:n])], n
}

// isNameByte reports whether c may be part of the name of a month.
func isNameByte(c byte) bool { return isLetter(c) || c >= 0x80 }

// months are the numbers of the months by name.
var months = func() map[string]int {
	m := make(map[string]int)
	for i, names := range monthNames {
		for name := range strings.FieldsSeq(names) {
			m[name] = i + 1
		}
	}
	return m
}()

// monthNames are the names of the months and their abbreviations in small
// letters, in the languages that the rule's Form lists.
var monthNames = [12]string{
	"jan january januar jänner janvier janv enero ene gennaio gen janeiro januari stycznia styczeń tammikuuta tammikuu ledna leden",
	"feb february februar février fevrier févr fév febrero febbraio fevereiro fev februari lutego luty helmikuuta helmikuu února únor",
	"mar march märz mär mrz mars marzo março marco maart mrt marca marzec marts maaliskuuta maaliskuu března březen",
	"apr april avril avr abril abr aprile kwietnia kwiecień huhtikuuta huhtikuu dubna duben",
	"may mai mayo maggio mag maio mei maja maj toukokuuta toukokuu května květen",
	"jun june juni juin junio giugno giu junho czerwca czerwiec kesäkuuta kesäkuu června červen",
	"jul july juli juillet juil julio luglio lug julho lipca lipiec heinäkuuta heinäkuu července červenec",
	"aug august août aout agosto ago augustus augusti sierpnia sierpień elokuuta elokuu srpna srpen",
	"sep sept september septembre septiembre setiembre settembre set setembro września wrzesień syyskuuta syyskuu září",
	"oct october oktober okt octobre octubre ottobre ott outubro out października październik lokakuuta lokakuu října říjen",
	"nov november novembre noviembre novembro listopada listopad marraskuuta marraskuu listopadu",
	"dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro grudnia grudzień desember des joulukuuta joulukuu prosince prosinec",
}
