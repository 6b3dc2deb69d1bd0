package detectors

import (
	"bytes"
	"strings"
	"testing"
)

// TestPhonesArePlain compares the parts of the matchers of telephone numbers at
// all positions of texts made for them.
func TestPhonesArePlain(t *testing.T) {
	g := newWriter(10, []Rule{phoneNumber(), phoneInternational()})
	numbers := 0
	for n := range 400 {
		w := g.text(1 + n)
		w = w[:g.rng.IntN(len(w)+1)]
		for i := range len(w) + 1 {
			if got, want := afterSeparator(w, i), afterSeparatorPlain(w, i); got != want {
				t.Fatalf("behind a separator in %q at %d: %d, want %d", w, i, got, want)
			}
			if got, want := afterGroup(w, i), afterGroupPlain(w, i); got != want {
				t.Fatalf("behind a group in %q at %d: %v, want %v", w, i, got, want)
			}
			if i == len(w) {
				break
			}
			if got, want := startsNumber(w, i), startsNumberPlain(w, i); got != want {
				t.Fatalf("a number may start in %q at %d: %v, want %v", w, i, got, want)
			}
			v := w[i:min(len(w), i+1+g.rng.IntN(14))]
			if got, want := equalDigits(v), allEqual(bytes.Map(keepDigit, v)); got != want {
				t.Fatalf("%q has equal digits: %v, want %v", v, got, want)
			}
			if !isDigit(w[i]) {
				continue
			}
			start, end, ok := matchNational(w, i)
			wantStart, wantEnd, want := matchNationalPlain(w, i)
			if ok != want || ok && (start != wantStart || end != wantEnd) {
				t.Fatalf("in %q at %d: [%d,%d) %v, want [%d,%d) %v", w, i, start, end, ok, wantStart, wantEnd, want)
			}
			if ok {
				numbers++
			}
		}
	}
	if numbers < 100 {
		t.Errorf("%d numbers: too few to tell", numbers)
	}
}

func keepDigit(c rune) rune {
	if '0' <= c && c <= '9' {
		return c
	}
	return -1
}

// TestDatesArePlain is the same for dates.
func TestDatesArePlain(t *testing.T) {
	g := newWriter(11, dates())
	for range len(g.pieces) / 4 {
		g.pieces = append(g.pieces, "May 21, 1980", "mars-2-1981", "Okt. 3rd 1999")
	}
	named := 0
	for n := range 400 {
		w := g.text(1 + n)
		w = w[:g.rng.IntN(len(w)+1)]
		for i := range w {
			value, width := number(w, i)
			if wantValue, wantWidth := numberPlain(w, i); value != wantValue || width != wantWidth {
				t.Fatalf("number in %q at %d: %d of %d digits, want %d of %d", w, i, value, width, wantValue, wantWidth)
			}
			if !isDigit(w[i]) {
				continue
			}
			if n := runOfDigits(w, i); n <= 2 {
				start, end, ok := dayDate(w, i, n)
				wantStart, wantEnd, want := dayDatePlain(w, i, n)
				if ok != want || ok && (start != wantStart || end != wantEnd) {
					t.Fatalf("in %q at %d: [%d,%d) %v, want [%d,%d) %v", w, i, start, end, ok, wantStart, wantEnd, want)
				}
			}
			start, end, ok := monthNameDay(w, i)
			wantStart, wantEnd, want := monthNameDayPlain(w, i)
			if ok != want || ok && (start != wantStart || end != wantEnd) {
				t.Fatalf("in %q at %d: [%d,%d) %v, want [%d,%d) %v", w, i, start, end, ok, wantStart, wantEnd, want)
			}
			if ok {
				named++
			}
		}
	}
	if named < 100 {
		t.Errorf("%d dates with a name: too few to tell", named)
	}
}

func afterSeparatorPlain(w []byte, i int) int {
	if i < len(w) && w[i] == ')' {
		i++
	}
	switch {
	case i >= len(w):
		return -1
	case bytes.HasPrefix(w[i:], []byte(" / ")):
		i += 3
	case w[i] == ' ' || w[i] == '-' || w[i] == '.' || w[i] == '/':
		i++
	case w[i] == 0xC2 && i+1 < len(w) && w[i+1] == 0xA0:
		i += 2
	}
	if i < len(w) && w[i] == '(' {
		i++
	}
	if i < len(w) && isDigit(w[i]) {
		return i
	}
	return -1
}

func afterGroupPlain(w []byte, i int) bool {
	if i < 2 || isDigit(w[i-1]) {
		return false
	}
	return strings.IndexByte(" -./)", w[i-1]) >= 0 && (isDigit(w[i-2]) || w[i-2] == ')')
}

func startsNumberPlain(w []byte, i int) bool {
	if i == 0 {
		return true
	}
	switch c := w[i-1]; {
	case wordBefore(w, i) || c == '+' || c == '$' || c == '%' && w[i] != '+':
		return false
	case c == ')' || c == ']':
		return w[i] != '+'
	case c == '-' || c == '.' || c == ',' || c == '/' || c == ':' || c == '=':
		if i < 2 {
			return c != '.'
		}
		switch p := w[i-2]; {
		case c == '-':
			return !wordBefore(w, i-1)
		case c == '.' || c == '/':
			return !isDigit(p)
		case c == ',' && w[i] != '+' && w[i] != '(':
			return !isDigit(p) || i >= 3 && isDigit(w[i-3])
		}
	}
	return true
}

func matchNationalPlain(w []byte, at int) (start, end int, ok bool) {
	if len(w)-at < 8 {
		return 0, 0, false
	}
	start = at
	if at > 0 && w[at-1] == '(' {
		start--
	}
	if !startsNumberPlain(w, start) || afterGroupPlain(w, start) {
		return 0, 0, false
	}
	var groups [5]int
	count, n := 0, 0
	for i := at; i >= 0 && n < len(groups); i = afterSeparatorPlain(w, end) {
		for end = i; end < len(w) && end-i < 16 && isDigit(w[end]); end++ {
		}
		groups[n] = end - i
		count += groups[n]
		n++
	}
	if count < 8 || count > 11 || !isGrouping(groups[:n], w[at] == '0') || !endsNumber(w, end) || afterSeparatorPlain(w, end) > 0 {
		return 0, 0, false
	}
	if v := w[at:end]; isYears(v) || isFiller(v) || n == 2 && v[0] != '0' && bytes.IndexByte(v, '/') >= 0 || inFragment(w, at) {
		return 0, 0, false
	}
	return start, end, true
}

func numberPlain(w []byte, i int) (value, width int) {
	for width < 5 && i+width < len(w) && isDigit(w[i+width]) {
		value = 10*value + int(w[i+width]-'0')
		width++
	}
	if width == 3 || width == 5 {
		return 0, 0
	}
	return value, width
}

func dayDatePlain(w []byte, i, n int) (start, end int, ok bool) {
	if i+n+3 > len(w) {
		return 0, 0, false
	}
	switch c := w[i+n]; {
	case c == ' ' || c == '-' || c == '/' || c == '.' || isLetter(c) || c >= 0x80:
		if end, ok = numericDate(w, i); ok {
			return i, end, true
		}
		if end, ok = dayMonthName(w, i); ok {
			return i, end, true
		}
	case c != ',':
		return 0, 0, false
	}
	return monthNameDayPlain(w, i)
}

func monthNameDayPlain(w []byte, i int) (start, end int, ok bool) {
	day, width := numberPlain(w, i)
	next := skipOrdinal(w, i+width)
	if next < len(w) && (w[next] == ',' || w[next] == '-' || w[next] == ' ') {
		next++
		if next < len(w) && w[next] == ' ' {
			next++
		}
	}
	year, width := numberPlain(w, next)
	if width != 4 || year < firstYear || year > lastYear {
		return 0, 0, false
	}
	j := i
	for j > 0 && i-j < 2 && (w[j-1] == ' ' || w[j-1] == '-' || w[j-1] == '.') {
		j--
	}
	start = j
	for start > 0 && j-start <= maxMonth && (isLetter(w[start-1]) || w[start-1] >= 0x80) {
		start--
	}
	if j == i || start == j {
		return 0, 0, false
	}
	month, n := monthAt(w, start)
	return start, next + width, n == j-start && isDay(year, month, day)
}
