package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// whole is a policy in which every field occurs.
const whole = `
rules:
  - name: cards-out
    when: {types: [CREDIT_CARD_NUMBER], categories: [credentials], min-severity: high, min-count: 5, buckets: ["prod-*"], prefixes: ["exports/"], tags: {env: prod, tier: 1}}
    action: move+stub
    remove: copies
  - when: {min-severity: Low}
    action: tag
quarantine:
  vault: s3://security-quarantine/2026
  mode: sse-kms
  key: arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555
  require-origin: [AWS_CLOUDHSM]
  allow-aws-managed-key: false
  approval: required
  fuse: {objects: unlimited, bytes: 100GiB}
  concurrency: 4
  rate: 2.5
  copy-threshold: 64MiB
  profile: security
  region: eu-central-1
  role-arn: arn:aws:iam::123456789012:role/mover
  external-id: x
  endpoint-url: https://s3.example.com
  kms-endpoint-url: https://kms.example.com
  path-style: true
  ca-bundle: ca.pem
  insecure-http: false
notify:
  - {name: sec-team, type: teams, url: "secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:teams-a1#url", envelope: card,
     min-severity: Medium, kinds: [failed, succeeded], digest: {above: 10, every: 30m}, quiet: {from: 22:00, to: "07:30", zone: Europe/Berlin, except: High}}
  - {type: slack, url: env:SLACK_HOOK}
  - {type: webhook, url: https://siem.example.com/in, secret: file:hook.key}
  - {type: sns, topic: "arn:aws:sns:eu-central-1:123456789012:findings", region: eu-central-1}
  - {type: eventbridge, bus: default}
  - {type: email, smtp: "mail.example.com:587", tls: implicit, from: sluice@example.com, to: [sec@example.com], user: sluice, password: "file:/run/smtp"}
secrets: {lifetime: 1m, region: eu-central-1}
`

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("dir/policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhole(t *testing.T) {
	f := parse(t, whole)
	r := f.Rules[0]
	if r.Name != "cards-out" || r.Line != 3 || r.Action != quarantine.DoMoveStub || r.Removal != store.RemoveCopies {
		t.Errorf("rule %+v", r)
	}
	w := r.When
	if !slices.Equal(w.Types, []string{"CREDIT_CARD_NUMBER"}) || !slices.Equal(w.Categories, []string{"CREDENTIALS"}) || w.MinSeverity != "High" || w.MinCount != 5 ||
		!slices.Equal(w.Buckets, []string{"prod-*"}) || !slices.Equal(w.Prefixes, []string{"exports/"}) || w.Tags["env"] != "prod" || w.Tags["tier"] != "1" {
		t.Errorf("when %+v", w)
	}
	if r := f.Rules[1]; r.Name != "2" || r.Removal != store.RemoveVersion || r.When.MinCount != 1 {
		t.Errorf("rule %+v", r)
	}
	q := f.Quarantine
	if q.Vault.String() != "s3://security-quarantine/2026/" || q.Mode != quarantine.SSEKMS || q.Key.Provider != AWSKMS || !q.Approval ||
		q.Fuse != (Fuse{0, 100 << 30}) || q.Concurrency != 4 || q.Rate != 2.5 || q.CopyThreshold != 64<<20 || !slices.Equal(q.Origin, []string{"AWS_CLOUDHSM"}) {
		t.Errorf("quarantine %+v", q)
	}
	want := Connection{"security", "eu-central-1", "arn:aws:iam::123456789012:role/mover", "x", "https://s3.example.com", "https://kms.example.com", true, filepath.Join("dir", "ca.pem"), false}
	if q.Connection != want {
		t.Errorf("connection %+v", q.Connection)
	}
	var names []string
	for _, c := range f.Channels {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"sec-team", "slack", "webhook", "sns", "eventbridge", "email"}) {
		t.Errorf("channels %q", names)
	}
	teams := f.Channels[0]
	if teams.Envelope != "card" || teams.Digest != (Digest{10, 30 * time.Minute}) || !slices.Equal(teams.Kinds, []notify.Kind{notify.Failed, notify.Succeeded}) ||
		teams.Quiet.From != 22*time.Hour || teams.Quiet.To != 7*time.Hour+30*time.Minute || teams.Quiet.Zone.String() != "Europe/Berlin" || teams.Quiet.Except != "High" {
		t.Errorf("channel %+v", teams)
	}
	hook := f.Channels[2]
	if url, ok := hook.URL.PlainText(); !ok || url != "https://siem.example.com/in" || hook.Secret.String() != "file:"+filepath.Join("dir", "hook.key") {
		t.Errorf("channel %+v", hook)
	}
	if mail := f.Channels[5]; mail.TLS != "implicit" || mail.Password.String() != "file:/run/smtp" || !slices.Equal(mail.To, []string{"sec@example.com"}) {
		t.Errorf("channel %+v", mail)
	}
	if f.Secrets.Lifetime != time.Minute || len(f.Notes) > 0 {
		t.Errorf("secrets %+v, notes %q", f.Secrets, f.Notes)
	}
}

// TestDefaults: what a file does not say is careful.
func TestDefaults(t *testing.T) {
	f := parse(t, "rules: [{action: move}]\nquarantine: {vault: 's3://vault', key: alias/vault}")
	q := f.Quarantine
	if q.Vault.String() != "s3://vault/" || q.Mode != quarantine.SSEKMS || q.Fuse != (Fuse{1000, 100 << 30}) || q.Concurrency != 8 || q.CopyThreshold != 5<<30 || q.Rate != 0 {
		t.Errorf("%+v", q)
	}
	if f := parse(t, "rules: [{action: tag}]"); !f.Quarantine.IsZero() || f.Secrets.Lifetime != 5*time.Minute {
		t.Errorf("%+v", f)
	}
}

// quarantined is a policy with these fields beside vault and key.
func quarantined(fields string) string {
	return "quarantine:\n  vault: s3://vault/\n" + fields
}

func TestRefused(t *testing.T) {
	const key = "  key: alias/vault\n"
	channel := func(fields string) string { return "notify:\n  - {" + fields + "}" }
	for text, want := range map[string]string{
		"":                           "nothing in it",
		"a: [":                       "p:1: did not find expected node content",
		"\xff":                       "UTF-8",
		"rules":                      "p:1: is a text, not an object",
		"rules: []\n---\nrules: []":  "more than one document",
		"rule: []":                   `p:1: rule: there is no such field here; the nearest is "rules"`,
		"\nrules:\n  - actoin: move": `p:3: rule 1: actoin: there is no such field here; the nearest is "action"`,
		"rules: []":                  "empty list",
		"rules: [{}]":                "action is missing",
		"rules: [move]":              "is a text, not an object",
		"rules: [{action: delete}]":  `"delete"; it is one of none, tag, copy, move, move+stub`,
		"rules: [{action: [move]}]":  "is a list",
		"rules: [{action: tag}, {action: tag, action: copy}]":                                                   "rule 2: action: is there twice",
		"rules: [{action: tag, remove: version}]":                                                               "action tag removes nothing",
		"rules: [{action: move, remove: all}]":                                                                  "version, marker, copies",
		"rules: [{action: move}]":                                                                               "no quarantine to go to",
		"rules: [{name: a, action: tag}, {name: a, action: tag}]":                                               "one of this name",
		"rules: [{name: \"a\\nb\", action: tag}]":                                                               "control characters",
		"rules: [&r {action: tag}, *r]":                                                                         "aliases",
		"rules: [{action: tag, when: {<<: {types: [A]}}}]":                                                      "aliases",
		"rules: [{action: tag, when: {categories: [PII]}}]":                                                     "CREDENTIALS, FINANCIAL_INFORMATION",
		"rules: [{action: tag, when: {min-severity: critical}}]":                                                "Low, Medium, High",
		"rules: [{action: tag, when: {min-count: 0}}]":                                                          "whole number from 1",
		"rules: [{action: tag, when: {min-count: many}}]":                                                       "whole number from 1",
		"rules: [{action: tag, when: {buckets: ['a[']}}]":                                                       "glob",
		"rules: [{action: tag, when: {buckets: ['s3://a']}}]":                                                   "without s3://",
		"rules: [{action: tag, when: {buckets: a}}]":                                                            "is a text, not a list",
		"rules: [{action: tag, when: {prefixes: }}]":                                                            "rule 1: when: prefixes: has no value",
		"rules: [{action: tag, when: {tags: {}}}]":                                                              "empty object",
		"rules:\n  - action: tag\n    when:\n    # - prefixes: [a]":                                             "p:3: rule 1: when: has no value",
		quarantined(key + "  approval:\n"):                                                                      "approval: has no value",
		channel("type: webhook, url: env:X, secret: "):                                                          "secret: has no value",
		"rules: [{action: tag, when: {tags: [a]}}]":                                                             "not an object of tags",
		"rules: [{action: tag, when: {tags: {a: 1, a: 2}}}]":                                                    "is there twice",
		"quarantine: {key: alias/vault}":                                                                        "vault is missing",
		quarantined(""):                                                                                         "key is missing",
		"quarantine: {vault: vault, key: alias/vault}":                                                          "write s3://bucket",
		"quarantine: {vault: 's3://v', key: alias/vault}":                                                       "write s3://bucket",
		quarantined("  key: vault\n"):                                                                           "write the ARN, id or alias/NAME",
		quarantined("  key: arn:aws:kms:eu-central-1:1:key/x\n"):                                                "write the ARN",
		quarantined("  key: alias/aws/s3\n"):                                                                    "allow-aws-managed-key: true",
		quarantined("  key: local:k.json\n"):                                                                    "needs mode: envelope",
		quarantined("  key: 'pkcs11:token=a'\n  mode: envelope\n"):                                              "pin:",
		quarantined("  key: 'pkcs11:token=a?pin-value=1'\n"):                                                    "does not belong here",
		quarantined("  key: 'pkcs11:token=a'\n  mode: envelope\n  pin: env:PIN\n  require-origin: [AWS_KMS]\n"): "about KMS keys",
		quarantined(key + "  pin: env:PIN\n"):                                                                   "no other key",
		quarantined(key + "  mode: kms\n"):                                                                      "sse-kms, envelope",
		quarantined(key + "  require-origin: [HSM]\n"):                                                          "AWS_CLOUDHSM",
		quarantined(key + "  approval: yes\n"):                                                                  "required, none",
		quarantined(key + "  fuse: {objects: 0}\n"):                                                             "whole number from 1",
		quarantined(key + "  fuse: {bytes: 10Gb}\n"):                                                            "no size",
		quarantined(key + "  concurrency: 100000\n"):                                                            "at most 1000",
		quarantined(key + "  rate: -1\n"):                                                                       "objects a second",
		quarantined(key + "  rate: NaN\n"):                                                                      "objects a second",
		quarantined(key + "  copy-threshold: 6GiB\n"):                                                           "from 5MiB to 5GiB",
		quarantined(key + "  role-arn: mover\n"):                                                                "arn:aws:iam::",
		quarantined(key + "  endpoint-url: s3.example.com\n"):                                                   "write https://",
		quarantined(key + "  path-style: 1\n"):                                                                  "not true or false",
		channel("url: env:X"):                                                                                   "type is missing",
		channel("type: pager"):                                                                                  "teams, slack",
		channel("type: slack"):                                                                                  "needs url",
		channel("type: slack, url: env:X, topic: 'arn:aws:sns:eu-central-1:123456789012:a'"):                    "topic: a channel of type slack has no such field",
		channel("type: slack, url: env:X, region: eu-central-1"):                                                "has no such field",
		channel("type: slack, url: 'https://hooks.example.com/hunter2'"):                                        "is a credential",
		channel("type: teams, url: hunter2"):                                                                    "neither https://",
		channel("type: webhook, url: 'http://192.0.2.1/x'"):                                                     "insecure-http: true",
		channel("type: webhook, url: env:X, secret: hunter2"):                                                   "does not stand in this file",
		channel("type: sns, topic: findings"):                                                                   "arn:aws:sns",
		channel("type: email, smtp: mail, from: a@example.com, to: [b@example.com]"):                            "HOST:PORT",
		channel("type: email, smtp: 'mail:25', from: a, to: [b@example.com]"):                                   "bare e-mail address",
		channel("type: email, smtp: 'mail:25', from: a@example.com, to: [b@example.com], user: u"):              "belong together",
		channel("type: webhook, url: env:X, kinds: [deleted]"):                                                  "detected, started",
		channel("type: webhook, url: env:X, digest: {every: 15}"):                                               "length of time",
		channel("type: webhook, url: env:X, quiet: {from: '22:00'}"):                                            "both from and to",
		channel("type: webhook, url: env:X, quiet: {from: '25:00', to: '7:00'}"):                                "time of day",
		channel("type: webhook, url: env:X, quiet: {from: '22:00', to: '22:00'}"):                               "the same time",
		channel("type: webhook, url: env:X, quiet: {from: '22:00', to: '7:00', zone: Middle-earth}"):            "no time zone",
		channel("type: webhook, url: env:X, quiet: {from: '22:00', to: '7:00', zone: Local}"):                   "no time zone",
		channel("type: webhook, url: env:X}\n  - {type: webhook, url: env:Y"):                                   "give each a name",
		"secrets: {lifetime: forever}":                                                                          "length of time",
	} {
		_, err := Parse("p", []byte(text))
		switch {
		case err == nil:
			t.Errorf("read:\n%s", text)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%s\nsays %q, not %q", text, err, want)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s\nthe error repeats what may be a secret", text)
		}
	}
}

// TestAllErrors: everything that is wrong is told at once.
func TestAllErrors(t *testing.T) {
	_, err := Parse("p", []byte("rules:\n  - action: dleete\n    wehn: {}\n  - action: tag\n    when:\n      min-count: -1\nnotfiy: []"))
	want := []string{"p:2: ", "p:3: ", "p:6: ", "p:7: "}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d errors, want %d: %v", len(lines), len(want), err)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("%q does not begin with %q", line, want[i])
		}
	}
}

func TestNotes(t *testing.T) {
	for when, want := range map[string]bool{ // of two rules: whether the second never applies
		"{}; {types: [A]}":                                                    true,
		"{types: [A]}; {}":                                                    false,
		"{types: [A]}; {types: [a]}":                                          true,
		"{types: [A, B]}; {types: [A]}":                                       true,
		"{types: [A]}; {types: [A, B]}":                                       false,
		"{types: [A]}; {categories: [CREDENTIALS]}":                           false,
		"{categories: [CREDENTIALS]}; {types: [A]}":                           false,
		"{types: [A], min-count: 5}; {types: [A]}":                            false,
		"{types: [A]}; {types: [A], min-count: 5}":                            true,
		"{min-severity: High}; {min-severity: Low}":                           false,
		"{min-severity: Low}; {min-severity: High}":                           true,
		"{min-severity: Low}; {}":                                             false,
		"{buckets: ['prod-*']}; {buckets: [prod-a, 'prod-*']}":                true,
		"{buckets: ['prod-*']}; {buckets: ['prod-?']}":                        false, // it could be told, and is not
		"{buckets: ['prod-*']}; {}":                                           false,
		"{buckets: ['*']}; {buckets: ['prod-?']}":                             true,
		"{prefixes: [a/]}; {prefixes: [a/b/, a/c/]}":                          true,
		"{prefixes: [a/]}; {prefixes: [a]}":                                   false,
		"{tags: {env: prod}}; {tags: {env: prod, tier: x}}":                   true,
		"{tags: {env: prod}}; {tags: {env: test}}":                            false,
		"{tags: {env: prod}}; {}":                                             false,
		"{}; {tags: {env: prod}, prefixes: [a], buckets: [b], min-count: 7}":  true,
		"{prefixes: [a/], min-count: 2}; {prefixes: [a/], tags: {env: prod}}": false,
	} {
		first, second, _ := strings.Cut(when, "; ")
		f := parse(t, "rules:\n  - {name: x, when: "+first+", action: tag}\n  - {name: y, when: "+second+", action: tag}")
		if got := len(f.Notes) == 1 && f.Notes[0] == "dir/policy.yaml:3: rule y never applies: rule x before it takes all that it would"; got != want {
			t.Errorf("%s: notes %q, want one: %v", when, f.Notes, want)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there is read")
	}
	path := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(path, []byte(quarantined("  mode: envelope\n  key: local:k.json\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil || f.Quarantine.Key != (Key{Local, filepath.Join(dir, "k.json")}) {
		t.Errorf("%+v, %v", f, err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("#", maxFile+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a file that is too long: %v", err)
	}
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]int64{"1": 1, "4096": 4096, "64KiB": 64 << 10, "1.5 MB": 1.5e6, "100GiB": 100 << 30, "0": 0, "-1": 0, "1Gi": 0, "": 0, "NaN": 0, "1e30": 0, "Inf": 0, "0.1B": 0} {
		if got, ok := parseSize(s); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d, %v; want %d", s, got, ok, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("rules: [{action: move, when: {tags: {a: [b]}}}]")
	f.Add("notify: [{type: email, quiet: {from: [], to: {}}}]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("p", []byte(text))
		if (err == nil) != (file != nil) {
			t.Errorf("file %v, error %v", file, err)
		}
	})
}
