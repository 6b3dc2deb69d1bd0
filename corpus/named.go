package corpus

import "slices"

// Texts in which nothing near a value says what it is: only the title of its
// column, or a key on the path to it.

// bareNumbers are the identifiers whose values are digits that mean nothing
// without a name.
func bareNumbers() []*identifier {
	return []*identifier{ssn(), sin(), cpf(), nhs(), steuerID(), aadhaar()}
}

// titledTable writes a table of three kinds of numbers and of one column of the
// same numbers whose title names nothing. The remarks between keep the cells
// apart.
func titledTable(r *random) (writer, []*identifier) {
	all := bareNumbers()
	var ids []*identifier
	for len(ids) < 3 {
		if id := pick(r, all); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	head := true
	return func(p *page, entries []entry) {
		if head {
			p.add("line,remarks,", pick(p.random, ids[0].fields), ",notes,", pick(p.random, ids[1].fields), ",memo,",
				pick(p.random, ids[2].fields), ",summary,", pick(p.random, neutralNames), "\n")
			head = false
		}
		for first := true; first || len(entries) > 0; first = false {
			p.int(p.below(1e6))
			for _, id := range ids {
				p.add(",")
				p.gap("en")
				p.add(",")
				if i := slices.IndexFunc(entries, func(e entry) bool { return e.identifier == id }); i >= 0 {
					p.plantBare(entries[i])
					entries = slices.Delete(slices.Clone(entries), i, i+1)
				}
			}
			p.add(",")
			p.gap("en")
			p.add(",", p.meaningless(), "\n")
		}
	}, ids
}

// neutralNames say nothing of a number.
var neutralNames = []string{"counter", "weight", "units", "offset"}

// meaningless returns a number that would be one of [bareNumbers] if anything
// said so.
func (r *random) meaningless() string {
	return compact(pick(r, []*identifier{ssn(), sin(), nhs(), steuerID()}).draw(r))
}

// plantBare plants an entry without what groups its digits.
func (p *page) plantBare(e entry) {
	if e.wrong {
		p.add(e.miss(p.random))
		return
	}
	p.label(e.rule, compact(e.draw(p.random)))
}

// keyedLine writes a line of JSON in which values stand deep below the key
// that names them, among notes that keep them away from it.
func keyedLine(p *page, entries []entry) {
	p.add(`{"id":"`)
	p.uuid()
	p.add(`","record":{"note":"`)
	p.gap("en")
	p.add(`"`)
	for _, e := range entries {
		p.add(`,"`, pick(p.random, e.fields))
		p.nested(e)
	}
	p.add(`,"`, pick(p.random, neutralNames), `":{"note":"`)
	p.gap("en")
	p.add(`","value":"`, p.meaningless(), `"}}}`, "\n")
}

// nested writes what stands behind the name of an entry: an object, an array, or
// one in the other.
func (p *page) nested(e entry) {
	style := pick(p.random, []struct{ before, between, after, end string }{
		{`":{"note":"`, `","value":"`, `","memo":"`, `"}`},
		{`":["`, `","`, `","`, `"]`},
		{`":{"history":[{"since":2021,"note":"`, `","was":"`, `"},{"note":"`, `"}]}`},
	})
	p.add(style.before)
	p.gap("en")
	p.add(style.between)
	p.plantBare(e)
	p.add(style.after)
	p.gap("en")
	p.add(style.end)
}
