package corpus

import "strings"

// codeStyle is how one language writes assignments, comments and what else
// fills a file.
type codeStyle struct {
	head    string
	comment string
	assign  func(name string) (before, after string)
	filler  func(p *page)
}

// write returns the writer of a style.
func (s codeStyle) write() writer {
	head := true
	return func(p *page, entries []entry) {
		if head {
			p.add(s.head)
			head = false
		}
		if len(entries) == 0 {
			s.filler(p)
			return
		}
		for _, e := range entries {
			p.add(s.comment)
			p.gap("en")
			p.add("\n")
			s.set(p, e)
			p.add(s.comment)
			p.gap("en")
			p.add("\n")
		}
	}
}

// set writes one assignment; a block of several lines stands for itself.
func (s codeStyle) set(p *page, e entry) {
	if e.block {
		p.plant(e)
		p.add("\n")
		return
	}
	before, after := s.assign(pick(p.random, e.fields))
	p.add(before)
	p.plant(e)
	p.add(after, "\n")
}

func envFile() writer {
	return codeStyle{
		head:    "# settings\n",
		comment: "# ",
		assign:  func(name string) (string, string) { return envName(name) + "=", "" },
		filler: func(p *page) {
			p.add(pick(p.random, []string{"BUILD", "RELEASE", "CACHE_TAG", "DIGEST"}), "=")
			p.negative()
			p.add("\n")
		},
	}.write()
}

// envName turns a field's name into capitals, words parted by '_'.
func envName(field string) string {
	var b strings.Builder
	for i := range len(field) {
		if i > 0 && field[i-1] >= 'a' && field[i] >= 'A' && field[i] <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteByte(field[i])
	}
	return strings.ToUpper(b.String())
}

func yamlFile() writer {
	return codeStyle{
		head:    "version: 2\n",
		comment: "# ",
		assign:  func(name string) (string, string) { return "  " + name + `: "`, `"` },
		filler: func(p *page) {
			p.add("  ", pick(p.random, []string{"image", "revision", "checksum", "release"}), `: "`)
			p.negative()
			p.add("\"\n")
		},
	}.write()
}

func goFile() writer {
	return codeStyle{
		head:    "package main\n\n",
		comment: "\t// ",
		assign:  func(name string) (string, string) { return "\t" + name + ` := "`, `"` },
		filler: func(p *page) {
			p.add("\tif x > ")
			p.int(p.below(1e6))
			p.add(" {\n\t\treturn \"")
			p.negative()
			p.add("\"\n\t}\n")
		},
	}.write()
}

func pythonFile() writer {
	return codeStyle{
		head:    "import os\n\n",
		comment: "    # ",
		assign:  func(name string) (string, string) { return "    " + name + " = '", "'" },
		filler: func(p *page) {
			p.add("    values.append('")
			p.negative()
			p.add("')\n")
		},
	}.write()
}
