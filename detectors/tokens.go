package detectors

import (
	"bytes"
	"strings"
)

// Tokens of services that put a literal prefix before a random part. The
// prefix is the proof; what was typed as a stand-in is refused.
func tokens() []Rule {
	return []Rule{awsAccessKeyID(), awsSecretKey(), jsonWebToken(), githubToken(), slackToken(), slackWebhook(), stripeKey(), googleAPIKey()}
}

func githubToken() Rule {
	return Rule{
		ID: "GITHUB_TOKEN", Name: "GitHub token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "ghp_, gho_, ghu_, ghs_ or ghr_ and 36 letters and digits, or github_pat_, 22 of them, '_' and 59 more (GitHub documentation, token formats).",
		Check: "None that drops a value: the last six of the 36 characters are a CRC-32 of the others in base 62, which test data seldom honours: a token that fails is less certain. " +
			"Repeated and counted-up characters are refused.",
		Anchor: Anchor{Literals: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"}},
		Match:  matchGitHub,
		MaxLen: 93,
		Valid:  func(v []byte) bool { return !placeholder(v[bytes.LastIndexByte(v, '_')+1:]) },
		Sure:   func(v []byte) bool { return len(v) != len("ghp_")+36 || hasTokenCRC(v) },
	}
}

// tokenAt is the outcome of a matcher for what stands from at to end, nowhere
// if end is negative: neighbours that are letters or digits make it none.
func tokenAt(w []byte, at, end int) (int, int, bool) {
	before := at > 0 && isAlnum(w[at-1]) && !afterEscape(w, at)
	return at, end, end >= 0 && !before && (end == len(w) || !isAlnum(w[end]))
}

func matchGitHub(w []byte, at int) (start, end int, ok bool) {
	if end = after(w, at, "github_pat_"); end >= 0 {
		end = after(w, runBetween(w, end, 22, 22, alnumByte), "_")
		return tokenAt(w, at, runBetween(w, end, 59, 59, alnumByte))
	}
	return tokenAt(w, at, runBetween(w, at+len("ghp_"), 36, 36, alnumByte))
}

func slackToken() Rule {
	return Rule{
		ID: "SLACK_TOKEN", Name: "Slack token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "xoxb-, xoxp-, xoxa-, xoxr-, xoxs-, xoxo- or xoxe-, one to four groups of six digits or more, and 10 to 72 letters and digits; xoxe.xoxp-1- or xoxe-1- and a long " +
			"base64 text; xapp-, a digit, an app id, digits and hexadecimal digits (Slack documentation, token types).",
		Check:  "None. Repeated and counted-up characters are refused.",
		Anchor: Anchor{Literals: []string{"xox", "xapp-"}},
		Match:  matchSlack,
		MaxLen: 200,
		Valid: func(v []byte) bool {
			random := v[bytes.LastIndexByte(v, '-')+1:]
			return !placeholder(random) && !allOf(random, digitByte)
		},
	}
}

func matchSlack(w []byte, at int) (start, end int, ok bool) {
	if w[at+1] == 'a' { // xapp-, not xox
		return tokenAt(w, at, slackAppEnd(w, at+len("xapp-")))
	}
	if end = slackRefreshEnd(w, at); end < 0 {
		end = slackBotEnd(w, at)
	}
	return tokenAt(w, at, end)
}

// slackAppEnd returns the end of a token whose parts stand from w[i] on, behind
// "xapp-", or -1.
func slackAppEnd(w []byte, i int) int {
	i = after(w, runBetween(w, i, 1, 1, digitByte), "-")
	i = after(w, runBetween(w, i, 8, 14, digitByte|upperByte), "-")
	i = after(w, runBetween(w, i, 10, 15, digitByte), "-")
	return runBetween(w, i, 40, 72, digitByte|lowerHexByte)
}

// slackRefreshEnd returns the end of the token at w[i] of the kinds
// xoxe.xoxp-1- and xoxe-1-, or -1.
func slackRefreshEnd(w []byte, i int) int {
	i = after(w, i, "xoxe")
	if i < 0 {
		return -1
	}
	for _, kind := range [...]string{".xoxb", ".xoxp"} {
		i = max(i, after(w, i, kind))
	}
	i = after(w, runBetween(w, after(w, i, "-"), 1, 1, digitByte), "-")
	return runBetween(w, i, 100, 180, alnumByte)
}

// slackBotEnd returns the end of the token at w[i] that has one to four groups
// of digits, or -1. A group that could be the last part, which is all digits
// then, is no token.
func slackBotEnd(w []byte, i int) int {
	const groups = 4
	i += len("xoxb")
	if i > len(w) || strings.IndexByte("abeoprs", w[i-1]) < 0 {
		return -1
	}
	if kind := runBetween(w, after(w, i, "-"), 1, 1, digitByte); after(w, kind, "-") > 0 {
		i = kind
	}
	for n := range groups {
		next := runBetween(w, after(w, i, "-"), 6, 15, digitByte)
		if after(w, next, "-") < 0 {
			if n == 0 {
				return -1
			}
			break
		}
		i = next
	}
	return runBetween(w, after(w, i, "-"), 10, 72, alnumByte)
}

// slackExampleWebhook is the address that Slack's documentation shows.
const slackExampleWebhook = "https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"

func slackWebhook() Rule {
	return Rule{
		ID: "SLACK_WEBHOOK_URL", Name: "Slack webhook address",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "https://hooks.slack.com/services/ and team, app and 24 letters and digits; or workflows/ or triggers/ with their own parts " +
			"(Slack documentation, incoming webhooks).",
		Check:  "None. Repeated and counted-up characters are refused.",
		Anchor: Anchor{Literals: []string{"https://hooks.slack.com/", "http://hooks.slack.com/"}},
		Match:  matchSlackWebhook,
		MaxLen: 130,
		Valid: func(v []byte) bool {
			return !placeholder(v[bytes.LastIndexByte(v, '/')+1:]) || string(v) == slackExampleWebhook
		},
		Dummies: []string{slackExampleWebhook},
	}
}

func matchSlackWebhook(w []byte, at int) (start, end int, ok bool) {
	path := after(w, at, "https://hooks.slack.com/")
	if path < 0 {
		path = after(w, at, "http://hooks.slack.com/")
	}
	if end = after(w, path, "services/T"); end > 0 {
		end = after(w, runBetween(w, end, 7, 12, digitByte|upperByte), "/B")
		end = after(w, runBetween(w, end, 7, 12, digitByte|upperByte), "/")
		end = runBetween(w, end, 23, 25, alnumByte)
	} else if end = after(w, path, "workflows/T"); end > 0 {
		end = after(w, runBetween(w, end, 7, 12, digitByte|upperByte), "/A")
		end = after(w, runBetween(w, end, 7, 12, digitByte|upperByte), "/")
		end = after(w, runBetween(w, end, 15, 20, digitByte), "/")
		end = runBetween(w, end, 23, 25, alnumByte)
	} else if end = max(after(w, path, "triggers/T"), after(w, path, "triggers/E")); end > 0 {
		end = after(w, runBetween(w, end, 7, 12, digitByte|upperByte), "/")
		end = after(w, runBetween(w, end, 10, 15, digitByte), "/")
		end = runBetween(w, end, 32, 32, digitByte|lowerHexByte)
	}
	return tokenAt(w, at, end)
}

func stripeKey() Rule {
	return Rule{
		ID: "STRIPE_CREDENTIALS", Name: "Stripe secret or restricted key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "sk_ or rk_, live_, test_ or prod_, and 10 to 120 letters and digits (Stripe documentation, API keys). " +
			"Publishable keys (pk_) are meant for web pages and are not looked for.",
		Check:  "None. Repeated and counted-up characters and Stripe's documentation key are refused.",
		Anchor: Anchor{Literals: []string{"sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"}},
		Match:  matchStripe,
		MaxLen: 128,
		Valid: func(v []byte) bool {
			random := v[len("sk_live_"):]
			return !placeholder(random) && !allOf(random, lowerByte) && !allOf(random, upperByte)
		},
		Dummies: []string{"sk_test" + "_4eC39HqLyjWDarjtT1zdp7dc"},
	}
}

func matchStripe(w []byte, at int) (start, end int, ok bool) {
	return tokenAt(w, at, runBetween(w, at+len("sk_live_"), 10, 120, alnumByte))
}

const googleKeyLen = 39

func googleAPIKey() Rule {
	return Rule{
		ID: "GCP_API_KEY", Name: "Google Cloud API key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form:   "AIza and 35 letters, digits, '-' and '_' (Google Cloud documentation, API keys). The prefix suffices: no keyword is needed, unlike with Macie.",
		Check:  "None. Repeated and counted-up characters are refused.",
		Anchor: Anchor{Literals: []string{"AIza"}},
		Match: func(w []byte, at int) (int, int, bool) {
			end := runEnd(w, at, googleKeyLen+1, urlSafeByte)
			return at, end, end-at == googleKeyLen && !wordBefore(w, at) && (at == 0 || w[at-1] != '-')
		},
		MaxLen:  googleKeyLen,
		Valid:   func(v []byte) bool { return !placeholder(v[4:]) },
		Dummies: googleExampleKeys(),
	}
}

// googleExampleKeys are the keys in the samples and tests of
// firebase-android-sdk, which the allow list of gitleaks names.
func googleExampleKeys() []string {
	var keys []string
	for _, rest := range []string{
		"SyAnLA7NfeLquW1tJFpx_eQCxoX-oo6YyIs", "SyCkEhVjf3pduRDt6d1yKOMitrUEke8agEM", "SyDMAScliyLx7F0NPDEJi1QmyCgHIAODrlU",
		"SyD3asb-2pEZVqMkmL6M9N6nHZRR_znhrh0", "yDNSXIbFmlXbIE6mCzDLQAqITYefhixbX4A", "SyAdOS2zB6NCsk1pCdZ4-P6GBdi_UUPwX7c",
		"SyASWm6HmTMdYWpgMnjRBjxcQ9CKctWmLd4", "SyANUvH9H9BsUccjsu2pCmEkOPjjaXeDQgY", "SyA5_iVawFQ8ABuTZNUdcwERLJv_a_p4wtM",
		"SyA4UrcGxgwQFTfaI3no3t7Lt1sjmdnP5sQ", "SyDSb51JiIcB6OJpwwMicseKRhhrOq1cS7g", "SyBF2RrAIm4a0mO64EShQfqfd2AFnzAvvuU",
		"SyBcE-OOIbhjyR83gm4r2MFCu4MJmprNXsw", "SyB8qGxt4ec15vitgn44duC5ucxaOi4FmqE", "SyA8vmApnrHNFE0bApF4hoZ11srVL_n0nvY",
	} {
		keys = append(keys, "AIza"+rest)
	}
	return keys
}
