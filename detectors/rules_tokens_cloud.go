package detectors

import (
	"bytes"
	"encoding/base64"
)

// cloudTokens are keys of clouds and services whose form needs more than a prefix
// and a length.
func cloudTokens() []Rule {
	return []Rule{
		gcpServiceAccount(), azureStorageKey(), azureClientSecret(), azureSAS(), azureDevOps(),
		openAIKey(), twilio(), telegramBot(), newRelicKey(), discordToken(),
	}
}

const noDrop = "None that drops a value. Repeated and counted-up characters are refused, and words such as example or your."

const maxServiceAccount = 6 << 10

func gcpServiceAccount() Rule {
	return Rule{
		ID: "GCP_SERVICE_ACCOUNT_KEY", Name: "Google Cloud service account key file",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock + 1, // the private key is within it
		Form: `A JSON object with "type": "service_account", private_key_id, private_key and client_email, of at most 6 KiB, escaped or not ` +
			"(Google Cloud documentation, service account keys).",
		Check:  "All four members are in one object, and the private key begins with its PEM armour.",
		Anchor: Anchor{Literals: []string{"service_account"}},
		Match:  matchServiceAccount,
		MaxLen: maxServiceAccount,
	}
}

// matchServiceAccount measures the object around the word at w[at].
func matchServiceAccount(w []byte, at int) (start, end int, ok bool) {
	end = at + len("service_account")
	if at == 0 || end == len(w) || w[at-1] != '"' || w[end] != '"' && w[end] != '\\' {
		return 0, 0, false
	}
	low := max(0, at-maxServiceAccount)
	open := bytes.LastIndexByte(w[low:at], '{')
	if open < 0 {
		return 0, 0, false
	}
	start = low + open
	rest := w[at:min(len(w), start+maxServiceAccount)]
	shut := bytes.IndexByte(rest, '}')
	if shut < 0 {
		return 0, 0, false
	}
	end = at + shut + 1
	for _, member := range []string{"private_key_id", `private_key`, "-----BEGIN", "PRIVATE KEY-----", "client_email"} {
		if !bytes.Contains(w[start:end], []byte(member)) {
			return 0, 0, false
		}
	}
	return start, end, true
}

const azureKeyLen = 88

func azureStorageKey() Rule {
	return Rule{
		ID: "AZURE_STORAGE_ACCOUNT_KEY", Name: "Azure storage or Cosmos DB account key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form:   "86 base64 characters and ==, 64 bytes, beside a keyword (Azure documentation, storage account keys).",
		Check:  "It decodes to 64 bytes. " + noDrop + " The key of the storage emulator is a published one.",
		Anchor: Anchor{Shapes: []string{"[0-9A-Za-z+/]{86}=="}},
		Match: func(w []byte, at int) (int, int, bool) {
			end := at + azureKeyLen
			alone := (at == 0 || !armouredByte.has(w[at-1]) || w[at-1] == '=') && (end == len(w) || !armouredByte.has(w[end]))
			return at, end, end <= len(w) && alone && looksDrawn(w[at:end-2])
		},
		MaxLen: azureKeyLen,
		Keywords: wordList("accountkey; account key; storage key; azure storage key; storage account key; azure_storage_key; defaultendpointsprotocol; blob.core.windows.net",
			"accountname; azure storage; azure storage access key; cosmos key; cosmosdb key; shared key; primary key"),
		NeedKeyword: true,
		Dummies: []string{
			"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq" + "/K1SZFPTOtr/KBHBeksoGMGw==",
			"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGy" + "PMbIZnqyMsEcaGQy67XIw/Jw==",
		},
	}
}

func azureClientSecret() Rule {
	const before, least, most = 4, 31, 34
	const class = zoneByte
	isSecret := func(c byte) bool { return class.has(c) || c == '~' }
	return Rule{
		ID: "AZURE_CLIENT_SECRET", Name: "Microsoft Entra ID application secret",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form:   "Three letters, digits, '_', '.', '-' or '~', a digit, Q~, and 31 to 34 of them (Microsoft Entra documentation, as its secret scanning tells it).",
		Check:  noDrop,
		Anchor: Anchor{Bytes: "~"},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			start, end = at-before-len("Q"), at+len("~")
			if start < 0 || w[at-1] != 'Q' || !isDigit(w[at-2]) || !isSecret(w[start]) || !isSecret(w[start+1]) || !isSecret(w[start+2]) {
				return 0, 0, false
			}
			random := end
			for end < len(w) && end-random <= most && isSecret(w[end]) {
				end++
			}
			for end > random && w[end-1] == '.' && end-random > least {
				end-- // the end of a sentence
			}
			alone := (start == 0 || !isSecret(w[start-1]) || afterEscape(w, start) || afterPercent(w, start)) && (end == len(w) || !isWord(w[end]))
			return start, end, end-random >= least && end-random <= most && alone && looksDrawn(w[random:end])
		},
		MaxLen: before + len("Q~") + most,
	}
}

const maxSAS = 700

func azureSAS() Rule {
	return Rule{
		ID: "AZURE_SAS_TOKEN", Name: "Azure shared access signature",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "The parameters of a query, up to 700 bytes: sig with 32 bytes of base64, percent-encoded or not, se, and sp, sr or sv with a date " +
			"(Azure Storage documentation, service and account SAS).",
		Check:  "The signature decodes to 32 bytes. " + noDrop,
		Anchor: Anchor{Literals: []string{"sig="}},
		Match:  matchSAS,
		MaxLen: maxSAS,
	}
}

// inQuery reports whether c may stand in the parameters of a query, or in the
// escapes \u0026 and &amp; between them.
func inQuery(c byte) bool {
	switch c {
	case '%', '&', ':', '+', '/', '=', '~', ';', '\\', ',':
		return true
	}
	return zoneByte.has(c)
}

// matchSAS measures the parameters around "sig=" at w[at].
func matchSAS(w []byte, at int) (start, end int, ok bool) {
	start, end = at, at
	for start > 0 && at-start < maxSAS/2 && inQuery(w[start-1]) {
		start--
	}
	for end < len(w) && end-at < maxSAS/2 && inQuery(w[end]) {
		end++
	}
	for end > at && (w[end-1] == '\\' || w[end-1] == ',' || w[end-1] == ';' || w[end-1] == '.') {
		end--
	}
	if at > start && w[at-1] != '&' && w[at-1] != ';' && !bytes.HasSuffix(w[start:at], []byte("u0026")) {
		return 0, 0, false
	}
	sure := isSignature(w[at+len("sig=") : end])
	all := w[start:end]
	scope := hasParameter(all, "sp=") || hasParameter(all, "sr=") || hasParameter(all, "sv=2")
	return start, end, sure && scope && hasParameter(all, "se=")
}

// hasParameter reports whether query has a parameter that begins so.
func hasParameter(query []byte, begin string) bool {
	for i := 0; ; i++ {
		n := bytes.Index(query[i:], []byte(begin))
		if n < 0 {
			return false
		}
		i += n
		if i == 0 || query[i-1] == '&' || query[i-1] == ';' || query[i-1] == '6' {
			return true
		}
	}
}

// isSignature reports whether v begins with 32 bytes in base64, of which '+', '/'
// and '=' may be percent-encoded.
func isSignature(v []byte) bool {
	var text [44]byte
	n := 0
	for i := 0; i < len(v) && n < len(text); i++ {
		c := v[i]
		if c == '%' && i+2 < len(v) {
			high, low := hexValue(v[i+1]), hexValue(v[i+2])
			if high < 0 || low < 0 {
				return false
			}
			c, i = byte(high<<4|low), i+2
		}
		switch c {
		case '-':
			c = '+'
		case '_':
			c = '/'
		}
		if !armouredByte.has(c) {
			break
		}
		text[n] = c
		n++
	}
	if n == 43 {
		text[n] = '='
		n++
	}
	var sum [33]byte
	size, err := base64.StdEncoding.Decode(sum[:], text[:n])
	return err == nil && size == 32 && looksDrawn(text[:42])
}

func azureDevOps() Rule {
	const long, mark, short = 84, 76, 52
	return Rule{
		ID: "AZURE_DEVOPS_PAT", Name: "Azure DevOps personal access token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form:   "84 letters and digits with AZDO behind the first 76 or 80, or 52 of a-z and 2-7 beside a keyword (Azure DevOps documentation, personal access tokens).",
		Check:  noDrop,
		Anchor: Anchor{Literals: []string{"AZDO"}, Shapes: []string{"[2-7a-z]{34}"}},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			if after(w, at, "AZDO") < 0 {
				return tokenDrawn(w, at, runBetween(w, at, short, short, lowerByte|base32DigitByte))
			}
			start = at
			for start > 0 && at-start <= mark && isAlnum(w[start-1]) {
				start--
			}
			if at-start < mark {
				return 0, 0, false
			}
			return tokenDrawn(w, start, runBetween(w, start, long, long, alnumByte))
		},
		MaxLen: long,
		Weak:   func(v []byte) bool { return len(v) == short },
		Keywords: wordList("azure devops; vsts; ado pat; azure devops pat; azure devops ext pat; azdo; ado token; devops token; azure devops token; vsts token; pat; personal access token",
			"visualstudio.com; dev.azure.com"),
	}
}

// tokenDrawn is the outcome of a matcher for w[at:end], which is nowhere if end is negative.
func tokenDrawn(w []byte, at, end int) (int, int, bool) {
	return at, end, end >= 0 && tokenAlone(w, at, end, false) && looksDrawn(w[at:end])
}

func openAIKey() Rule {
	const mark, part = "T3BlbkFJ", 20
	const most = 90 // on either side
	return Rule{
		ID: "OPENAI_API_KEY", Name: "OpenAI API key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "sk-, with or without proj-, svcacct-, admin- or None-, 20 to 74 letters, digits, '-' and '_', T3BlbkFJ, which is OpenAI in base64, and as many again " +
			"(OpenAI documentation, API keys).",
		Check:  noDrop,
		Anchor: Anchor{Literals: []string{mark}},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			start = at
			for start > 0 && at-start < most && isURLSafe(w[start-1]) {
				start--
			}
			n := bytes.Index(w[start:at], []byte("sk-"))
			if n < 0 || at-(start+n) < part+len("sk-") {
				return 0, 0, false
			}
			start += n
			end = runBetween(w, at+len(mark), part, most, urlSafeByte)
			if end < 0 || start > 0 && wordBefore(w, start) || !looksDrawn(w[start+len("sk-"):at]) || !looksDrawn(w[at+len(mark):end]) {
				return 0, 0, false
			}
			return start, end, true
		},
		MaxLen: 2*most + len(mark),
	}
}

func twilio() Rule {
	const sid, token = 34, 32
	return Rule{
		ID: "TWILIO_CREDENTIALS", Name: "Twilio account, API key or auth token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form:   "AC or SK and 32 small hexadecimal digits; or 32 of them beside a keyword (Twilio documentation, SIDs and auth tokens).",
		Check:  noDrop,
		Anchor: Anchor{Shapes: []string{"[0-9A-Za-z]{2}[0-9a-f]{32}", "[0-9a-f]{32}"}},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			random := max(at, after(w, at, "AC"), after(w, at, "SK"))
			if random+token < len(w) && isHex(w[random+token]) {
				return 0, 0, false // a hash
			}
			end = runBetween(w, random, token, token, digitByte|lowerHexByte)
			return tokenDrawn(w, at, end)
		},
		MaxLen:   sid,
		Weak:     func(v []byte) bool { return len(v) == token },
		Keywords: wordList("twilio; twilio auth token; twilio token; twilio api secret; account sid"),
	}
}

func telegramBot() Rule {
	const before, random = 10, 33
	return Rule{
		ID: "TELEGRAM_BOT_TOKEN", Name: "Telegram bot token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form:   "Eight to ten digits, a colon, AA, and 33 letters, digits, '-' and '_' (Telegram Bot API documentation).",
		Check:  noDrop,
		Anchor: Anchor{Literals: []string{":AA"}},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			start = at
			for start > 0 && at-start <= before && isDigit(w[start-1]) {
				start--
			}
			named := start >= len("bot") && string(w[start-len("bot"):start]) == "bot" // in the path of the API
			if n := at - start; n < 8 || n > before || !named && wordBefore(w, start) {
				return 0, 0, false
			}
			end = runBetween(w, at+len(":AA"), random, random, urlSafeByte)
			return start, end, end >= 0 && looksDrawn(w[at+len(":AA"):end])
		},
		MaxLen: before + len(":AA") + random,
	}
}

func newRelicKey() Rule {
	forms := []tokenForm{newTokenForm("NRAK-{U27}"), newTokenForm("NRII-{u32}"), newTokenForm("NRJS-{h19}"), newTokenForm("NRAA-{h27}"), newTokenForm("NRBR-{h32}")}
	return Rule{
		ID: "NEW_RELIC_KEY", Name: "New Relic key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "NRAK- and 27 capital letters and digits; NRII- and 32 letters, digits, '-' and '_'; NRJS-, NRAA- or NRBR- and 19, 27 or 32 hexadecimal digits; " +
			"or 40 small letters and digits of which the last four are NRAL, with FFFF before them or not (New Relic documentation, API keys).",
		Check:  noDrop,
		Anchor: Anchor{Literals: []string{"NRAK-", "NRII-", "NRJS-", "NRAA-", "NRBR-", "NRAL"}},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			for _, f := range forms {
				if end = f.end(w, at); end >= 0 {
					return at, end, tokenAlone(w, at, end, false) && looksDrawn(w[at+f.prefix:end])
				}
			}
			const length, tail = 40, len("NRAL")
			start, end = at+tail-length, at+tail
			if after(w, at, "NRAL") < 0 || start < 0 {
				return 0, 0, false
			}
			random := bytes.TrimSuffix(w[start:at], []byte("FFFF"))
			return start, end, allOf(random, digitByte|lowerByte) && tokenAlone(w, start, end, false) && looksDrawn(random)
		},
		MaxLen: 40,
	}
}

func discordToken() Rule {
	webhooks := []string{"https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"}
	return Rule{
		ID: "DISCORD_TOKEN", Name: "Discord bot token or webhook address",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "A user's number in base64, a dot, six letters, digits, '-' and '_', a dot and 27 to 38 of them; or https://discord.com/api/webhooks/, a number, a slash and 68 of them " +
			"(Discord developer documentation).",
		Check:  "The first part decodes to 17 to 20 digits. " + noDrop,
		Anchor: Anchor{Literals: webhooks, Shapes: []string{`[.].{6}[.][0-9A-Za-z_-]{27}`}},
		Match: func(w []byte, at int) (start, end int, ok bool) {
			if w[at] == 'h' {
				path := max(after(w, at, webhooks[0]), after(w, at, webhooks[1]))
				id := after(w, runBetween(w, path, 17, 20, digitByte), "/")
				end = runBetween(w, id, 60, 68, urlSafeByte)
				return at, end, end >= 0 && looksDrawn(w[id:end])
			}
			first := at
			for at = first; at > 0 && first-at < 28 && isAlnum(w[at-1]); at-- {
			}
			if first-at < 23 || first-at > 27 {
				return 0, 0, false
			}
			second := after(w, runBetween(w, after(w, first, "."), 6, 6, urlSafeByte), ".")
			end = runBetween(w, second, 27, 38, urlSafeByte)
			if end < 0 || !tokenAlone(w, at, end, false) {
				return 0, 0, false
			}
			var digits [21]byte
			n, err := base64.RawStdEncoding.Decode(digits[:], w[at:first])
			return at, end, err == nil && n >= 17 && n <= 20 && allOf(digits[:n], digitByte) && looksDrawn(w[second:end])
		},
		MaxLen: 100 + len("https://discordapp.com/api/webhooks/"),
	}
}
