package detectors

import (
	"bytes"
	"math/bits"
)

const (
	accessKeyLen = 20
	secretKeyLen = 40
)

func awsAccessKeyID() Rule {
	return Rule{
		ID: "AWS_ACCESS_KEY_ID", Name: "AWS access key id",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "AKIA (long-term), ASIA (temporary), ABIA (bearer) or ACCA (context) and 16 base32 characters A-Z and 2-7 (AWS IAM user guide, unique identifiers). " +
			"One without a digit needs a keyword: it may be a word in capitals.",
		Check:  "None. Repeated and counted-up characters are refused, as is what ends in EXAMPLE.",
		Anchor: Anchor{Literals: []string{"AKIA", "ASIA", "ABIA", "ACCA"}},
		Match: func(w []byte, at int) (int, int, bool) {
			end := runEnd(w, at, accessKeyLen, base32Byte)
			return at, end, end-at == accessKeyLen && (!wordBefore(w, at) || w[at-1] == '_') && (end == len(w) || !isWord(w[end]) || w[end] == '_')
		},
		MaxLen: accessKeyLen,
		Valid: func(v []byte) bool {
			if bytes.HasSuffix(v, []byte("EXAMPLE")) {
				return isAWSExample(string(v))
			}
			return !placeholder(v[4:])
		},
		Weak:     func(v []byte) bool { return !bytes.ContainsAny(v, "234567") },
		Keywords: []string{"aws access key id", "access key", "access key id", "aws key", "akid", "aws"},
		Dummies:  awsExampleIDs(),
	}
}

// awsExampleIDs are the access key ids that AWS's documentation shows.
func awsExampleIDs() []string {
	return []string{"AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "ASIAIOSFODNN7EXAMPLE", "ASIAI44QH8DHBEXAMPLE"}
}

func isAWSExample(id string) bool {
	for _, x := range awsExampleIDs() {
		if id == x {
			return true
		}
	}
	return false
}

func awsSecretKey() Rule {
	return Rule{
		ID: "AWS_CREDENTIALS", Name: "AWS secret access key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form: "40 base64 characters, not part of a longer base64 text, beside a keyword.",
		Check: "At least four bits of entropy a character; capital and small letters and digits all occur, so that a SHA-1 in hexadecimal is none. " +
			"The two keys of AWS's documentation are dropped.",
		Anchor: Anchor{Base64: secretKeyLen},
		Match:  matchSecretKey,
		MaxLen: secretKeyLen,
		Valid:  validSecretKey,
		Keywords: []string{
			"aws secret access key", "aws secret key", "secret access key", "secret key", "credentials", "set awscredential",
			"aws access key id", "aws secret", "aws key",
		},
		NeedKeyword: true,
		Dummies:     awsExampleSecrets(),
	}
}

func awsExampleSecrets() []string {
	return []string{"wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvb" + "EXAMPLEKEY"}
}

// matchSecretKey judges the neighbours of the run of base64 that starts at at.
func matchSecretKey(w []byte, at int) (start, end int, ok bool) {
	end = at + secretKeyLen
	if end < len(w) && (isURLSafe(w[end]) || w[end] == '=') || at > 0 && isURLSafe(w[at-1]) {
		return 0, 0, false
	}
	return at, end, true
}

func validSecretKey(v []byte) bool {
	var lower, upper, digit int
	for i := 0; i < secretKeyLen; i += 8 {
		x := eightAt(v, i)
		lower += bits.OnesCount64(inRange(x, 'a', 'z'))
		upper += bits.OnesCount64(inRange(x, 'A', 'Z'))
		digit += bits.OnesCount64(inRange(x, '0', '9'))
	}
	return lower >= 2 && upper >= 2 && digit >= 1 && hasEntropy(v, 4) && !placeholder(v)
}
