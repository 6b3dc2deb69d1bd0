package corpus

// identifier is one kind of value that the corpus plants.
type identifier struct {
	rule string // the rule id that labels carry

	// ruleFor, if set, gives the rule id by the value.
	ruleFor func(value string) string

	// value makes a value as people write it, valid judges one: it is not
	// told how the value was made, and reads it again from the text.
	value func(r *random) string
	valid func(s string) bool

	// wrong, if set, makes something that looks like a value and is none.
	// Without it the last letter or digit is changed until the check fails.
	wrong func(r *random) string

	// fields name the value in logs, records and code, phrases introduce it
	// in prose. Each holds a word that a rule may ask for near the value.
	fields  []string
	phrases []phrase

	bare  bool // the value stands for itself and needs no word beside it
	block bool // the value has several lines
}

// phrase introduces a value in running text of a language (ISO 639-1).
type phrase struct{ lang, text string }

// en returns phrases in English.
func en(texts ...string) []phrase { return in("en", texts...) }

// in returns phrases in a language.
func in(lang string, texts ...string) []phrase {
	ps := make([]phrase, len(texts))
	for i, t := range texts {
		ps[i] = phrase{lang, t}
	}
	return ps
}

// draw makes a value. One that is a payment card number by chance is thrown
// away unless it is meant to be one.
func (id *identifier) draw(r *random) string {
	for {
		v := id.value(r)
		if id.rule == cardNumber || !isCard(compact(v)) {
			return v
		}
	}
}

// ruleOf gives the rule id for a value.
func (id *identifier) ruleOf(value string) string {
	if id.ruleFor != nil {
		return id.ruleFor(value)
	}
	return id.rule
}

// miss makes a hard negative: a value one step from a valid one.
func (id *identifier) miss(r *random) string {
	for {
		v := ""
		if id.wrong != nil {
			v = id.wrong(r)
		} else {
			v = changeLast(r, id.value(r))
		}
		if !id.valid(v) && !isCard(compact(v)) {
			return v
		}
	}
}

// changeLast replaces the last letter or digit of v by another of its class.
func changeLast(r *random, v string) string {
	last := len(v) - 1
	class := decimal
	switch c := v[last]; {
	case c >= 'a':
		class = lower
	case c >= 'A':
		class = upper
	}
	return v[:last] + r.string(class, 1)
}

// joined writes the parts with one of the joiners between them.
func joined(r *random, joiners []string, parts ...string) string {
	j := pick(r, joiners)
	s := parts[0]
	for _, p := range parts[1:] {
		s += j + p
	}
	return s
}

// personal are the identifiers of persons and of their money.
func personal() []*identifier {
	return []*identifier{
		card(), email(), phone(), internationalPhone(), iban(), ipAddress(), macAddress(), birthDate(),
		ssn(), itin(), sin(), cpf(), nino(), nhs(), dni(), nie(), codiceFiscale(), nir(), steuerID(), aadhaar(), pan(),
	}
}

// tokens are the credentials of one line.
func tokens() []*identifier {
	return []*identifier{
		awsAccessKey(), awsSecretKey(), jsonWebToken(), githubToken(), slackToken(), stripeKey(), googleKey(),
	}
}

// secrets are all credentials.
func secrets() []*identifier {
	return append(tokens(), pkcsKey(), opensshKey(), pgpKey())
}
