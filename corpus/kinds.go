package corpus

import "strings"

// Kind is what the text of an object is like.
type Kind string

const (
	Logs      Kind = "logs"      // of applications and web servers
	JSONLines Kind = "jsonlines" // one event a line
	CSV       Kind = "csv"       // a header and rows
	Prose     Kind = "prose"     // paragraphs in several languages
	Code      Kind = "code"      // source code, .env and YAML
	Titled    Kind = "titled"    // a table of bare numbers that only its header names
	Keyed     Kind = "keyed"     // JSON lines whose bare numbers only keys far away name
	Hidden    Kind = "hidden"    // notes with values in other characters than plain ones
)

var kinds = []Kind{Logs, JSONLines, CSV, Prose, Code, Titled, Keyed, Hidden}

// Density is how much of the text is labelled.
type Density string

const (
	Clean  Density = "clean"  // nothing; look-alikes all the same
	Sparse Density = "sparse" // a value in one record of forty
	Dense  Density = "dense"  // one to three values in each record
)

var densities = []Density{Sparse, Dense, Clean}

// writer appends the next record of a text to p, with the entries in it.
type writer func(p *page, entries []entry)

// record returns the writer of a kind, and the identifiers that occur in it.
// Writers may hold state: the first call writes the head of the text.
func (k Kind) record(r *random) (writer, []*identifier) {
	switch k {
	case Logs:
		return logLine, append(personal(), tokens()...)
	case JSONLines:
		return jsonLine, append(personal(), tokens()...)
	case CSV:
		return csvTable(), personal()
	case Prose:
		return paragraph, personal()
	case Titled:
		return titledTable(r)
	case Keyed:
		return keyedLine, bareNumbers()
	case Hidden:
		return hiddenLine, hideable()
	default:
		return pick(r, []func() writer{envFile, yamlFile, goFile, pythonFile})(), append(secrets(), personal()...)
	}
}

// logLine writes a line of an application or, where there is nothing to
// plant, as often of a web server.
func logLine(p *page, entries []entry) {
	if len(entries) == 0 && p.oneIn(2) {
		accessLine(p)
		return
	}
	p.date()
	p.add(pick(p.random, []string{" INFO ", " WARN ", " DEBUG ", " ERROR "}), "[svc-", p.random.string(lowerHex, 9), "] ")
	p.negative()
	p.add(" ")
	p.gap("en")
	for _, e := range entries {
		p.add(" ")
		logField(p, e)
		p.add(" ")
		p.gap("en")
	}
	p.add("\n")
}

// logField writes a name and a value in one of the ways of logs.
func logField(p *page, e entry) {
	name := pick(p.random, e.fields)
	style := pick(p.random, []struct{ before, after string }{
		{name + "=", ""}, {name + "=", ""}, {name + `="`, `"`}, {name + ": ", ","}, {"[" + name + " ", "]"}, {"<" + name + ">", "</" + name + ">"},
	})
	p.add(style.before)
	p.plant(e)
	p.add(style.after)
}

// accessLine is a line of a web server in the combined format, the client by
// name.
func accessLine(p *page) {
	p.add("edge-", p.digits(2), " - - [")
	p.two(p.between(1, 28))
	p.add("/Mar/2024:")
	p.clock()
	p.add(` +0000] "GET /items/`)
	p.int(p.below(1e7))
	p.add("?t=")
	p.millis()
	p.add(`&v=`)
	p.version()
	p.add(` HTTP/1.1" 200 `)
	p.int(p.below(1e5))
	p.add(` "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/122.0.`)
	p.int(p.between(6000, 6999))
	p.add(".", p.digits(2), "\"\n")
}

func jsonLine(p *page, entries []entry) {
	p.add(`{"id":"`)
	p.uuid()
	p.add(`","ts":`)
	p.millis()
	p.add(`,"event":"`, pick(p.random, []string{"created", "changed", "shipped", "closed"}), `","amount":`, p.amount(), `,"ref":"`)
	p.negative()
	p.add(`","note":"`)
	p.gap("en")
	p.add(`","data":{`)
	for i, e := range entries {
		if i > 0 {
			p.add(",")
		}
		p.add(`"`, pick(p.random, e.fields), `":"`)
		p.plant(e)
		p.add(`","memo":"`)
		p.gap("en")
		p.add(`"`)
	}
	p.add("}}\n")
}

// csvTable writes a table whose column "document" says what "number" is. The
// word that a rule may ask for is thus in the cell before the value.
func csvTable() writer {
	head := true
	return func(p *page, entries []entry) {
		if head {
			p.add("id,created,customer,remarks,document,number,notes,reference\n")
			head = false
		}
		for i := range max(1, len(entries)) {
			p.int(p.below(1e6))
			p.add(",")
			p.date()
			p.add(",", pick(p.random, givenNames), " ", pick(p.random, familyNames), ",")
			p.gap("en")
			p.add(",")
			if i < len(entries) {
				p.add(strings.Trim(pick(p.random, entries[i].phrases).text, ": "), ",")
				p.plant(entries[i])
			} else {
				p.add(",")
			}
			p.add(",")
			p.gap("en")
			p.add(",\"")
			p.negative()
			p.add("\"\n")
		}
	}
}

// paragraph writes a few sentences in the language of the phrase that
// introduces the value.
func paragraph(p *page, entries []entry) {
	if len(entries) == 0 {
		lang := pick(p.random, []string{"en", "de", "fr", "es", "it", "pt"})
		p.gap(lang)
		p.add(". ")
		if p.oneIn(2) {
			p.negative()
			p.add(" ")
		}
		p.words(lang, p.between(10, 40))
		p.add(".\n")
	}
	for _, e := range entries {
		ph := pick(p.random, e.phrases)
		p.words(ph.lang, p.between(2, 20))
		p.add(" ")
		p.gap(ph.lang)
		p.add(pick(p.random, []string{", ", ". ", " ("}), ph.text)
		p.plant(e)
		p.add(pick(p.random, []string{", ", ". ", "; ", ") "}))
		p.gap(ph.lang)
		p.add(".\n")
	}
	if p.oneIn(3) {
		p.add("\n")
	}
}
