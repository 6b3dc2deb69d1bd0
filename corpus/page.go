package corpus

import "strconv"

// page is a piece of text being written, with the labels of what is in it.
type page struct {
	*random
	text  []byte
	marks []mark
}

// mark is a label within a page.
type mark struct {
	rule       string
	start, end int
}

// entry is an identifier to be written, or a wrong value in its place.
type entry struct {
	*identifier
	wrong bool
}

func (p *page) add(parts ...string) {
	for _, s := range parts {
		p.text = append(p.text, s...)
	}
}

func (p *page) int(n int) { p.text = strconv.AppendInt(p.text, int64(n), 10) }

// two appends n in two digits.
func (p *page) two(n int) { p.text = append(p.text, '0'+byte(n/10), '0'+byte(n%10)) }

// plant appends a value and labels it; a wrong one gets no label.
func (p *page) plant(e entry) {
	if e.wrong {
		p.add(e.miss(p.random))
		return
	}
	v := e.draw(p.random)
	p.label(e.ruleOf(v), v)
}

// label appends a value as it is written and labels it.
func (p *page) label(rule, v string) {
	p.marks = append(p.marks, mark{rule, len(p.text), len(p.text) + len(v)})
	p.add(v)
}

// words appends n words of a language.
func (p *page) words(lang string, n int) {
	list := vocabulary(lang)
	for i := range n {
		if i > 0 {
			p.add(" ")
		}
		p.add(pick(p.random, list))
	}
}

// apart is the least length of a gap, in bytes: more than the distance at
// which a rule asks for a word near a value, so that it can always be decided
// which word belongs to which value.
const apart = 40

// gap appends words of a language until what stands before them and what
// comes behind them are apart.
func (p *page) gap(lang string) {
	start := len(p.text)
	p.words(lang, 3)
	for len(p.text)-start < apart {
		p.add(" ")
		p.words(lang, 1)
	}
}

// date appends a day of the years 2021 to 2024 and a time of it.
func (p *page) date() {
	p.int(p.between(2021, 2024))
	p.add("-")
	p.two(p.between(1, 12))
	p.add("-")
	p.two(p.between(1, 28))
	p.add("T")
	p.clock()
	p.add(".", p.digits(3), "Z")
}

func (p *page) clock() {
	p.two(p.below(24))
	p.add(":")
	p.two(p.below(60))
	p.add(":")
	p.two(p.below(60))
}
