package iam_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab/iam"
)

// TestConditions decides as the reference of IAM's policy elements says. Where a
// key is not in the request, only what is negated holds.
func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		condition string
		context   map[string]string
		want      bool
	}{
		{`{}`, nil, true},
		{`{"StringEquals": {"k": "a"}}`, map[string]string{"k": "a"}, true},
		{`{"StringEquals": {"k": ["a", "b"]}}`, map[string]string{"k": "b"}, true},
		{`{"StringEquals": {"k": "a"}}`, map[string]string{"k": "A"}, false},
		{`{"StringEquals": {"k": "*"}}`, map[string]string{"k": "a"}, false},
		{`{"StringEquals": {"k": "a"}}`, nil, false},
		{`{"StringEquals": {"k": "a", "l": "b"}}`, map[string]string{"k": "a"}, false},
		{`{"StringNotEquals": {"k": "a"}}`, map[string]string{"k": "a"}, false},
		{`{"StringNotEquals": {"k": ["a", "b"]}}`, map[string]string{"k": "c"}, true},
		{`{"StringNotEquals": {"k": "a"}}`, nil, true},
		{`{"StringLike": {"k": "a*/?"}}`, map[string]string{"k": "ab/c/d"}, true},
		{`{"StringLike": {"k": "a*/?"}}`, map[string]string{"k": "ab/"}, false},
		{`{"StringLike": {"k": "*"}}`, nil, false},
		{`{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/x*"}}`, nil, true},
		{`{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/y"}}`, nil, false},
		{`{"ArnNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::1:role/y", "arn:aws:iam::1:role/x1"]}}`, nil, false},
		{`{"ArnNotEquals": {"k": "a"}}`, nil, true},
		{`{"Bool": {"k": "false"}}`, map[string]string{"k": "false"}, true},
		{`{"Bool": {"k": "false"}}`, nil, false},
		{`{"Null": {"k": "true"}}`, nil, true},
		{`{"Null": {"k": "false"}}`, nil, false},
		{`{"Null": {"k": "false"}}`, map[string]string{"k": ""}, true},
		{`{"NumericLessThan": {"k": "1.2"}}`, map[string]string{"k": "1.1"}, true},
		{`{"NumericLessThan": {"k": "1.2"}}`, map[string]string{"k": "1.2"}, false},
		{`{"NumericLessThan": {"k": "1.2"}}`, nil, false},
	} {
		p, err := iam.Parse([]byte(`{"Version": "2012-10-17", "Statement": [
			{"Sid": "A", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*", "Condition": ` + tt.condition + `}]}`))
		if err != nil {
			t.Errorf("%s: %v", tt.condition, err)
			continue
		}
		g := iam.Guard{Of: map[string][]iam.Policy{"arn:aws:iam::1:role/x1": {p}}}
		if got := g.May("arn:aws:iam::1:role/x1", iam.Call{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: tt.context}); got != tt.want {
			t.Errorf("%s with %v: %v", tt.condition, tt.context, got)
		}
	}
}

// TestJudge puts policies of a role and of what it wants to use side by side.
func TestJudge(t *testing.T) {
	const (
		role   = "arn:aws:iam::111122223333:role/x"
		bucket = "arn:aws:s3:::b"
		key    = "arn:aws:kms:us-east-1:111122223333:key/1"
	)
	allow := `{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}`
	deny := `{"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": "s3:getobject", "Resource": "arn:aws:s3:::b/*"}`
	delegate := `{"Sid": "A", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:Decrypt", "Resource": "*"}`
	other := `{"Sid": "A", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:*", "Resource": "*"}`
	for _, tt := range []struct {
		name   string
		of, on string // statements
		c      iam.Call
		want   bool
	}{
		{"nothing", "", "", iam.Call{Action: "s3:GetObject", Resource: bucket + "/k"}, false},
		{"by the role", allow, "", iam.Call{Action: "s3:GetObject", Resource: bucket + "/k"}, true},
		{"denied by the bucket", allow, deny, iam.Call{Action: "s3:GetObject", Resource: bucket + "/k"}, false},
		{"the bucket denies something else", allow, deny, iam.Call{Action: "s3:GetObjectVersion", Resource: bucket + "/k"}, true},
		{"the bucket denies objects", allow, deny, iam.Call{Action: "s3:GetObject", Resource: bucket}, true},
		{"key of the account", allow, delegate, iam.Call{Action: "kms:Decrypt", Resource: key}, true},
		{"key of the account, no right of one's own", "", delegate, iam.Call{Action: "kms:Decrypt", Resource: key}, false},
		{"key that allows something else", allow, delegate, iam.Call{Action: "kms:Encrypt", Resource: key}, false},
		{"key of others", allow, other, iam.Call{Action: "kms:Decrypt", Resource: key}, false},
	} {
		policy := func(statements string) iam.Policy {
			if statements == "" {
				return iam.Policy{}
			}
			var p iam.Policy
			if err := json.Unmarshal([]byte(`{"Version": "2012-10-17", "Statement": [`+statements+`]}`), &p); err != nil {
				t.Fatal(err)
			}
			return p
		}
		g := iam.Guard{Of: map[string][]iam.Policy{role: {policy(tt.of)}}, On: map[string]iam.Policy{}}
		if tt.on != "" {
			g.On[bucket], g.On[key] = policy(tt.on), policy(tt.on)
		}
		if got := g.May(role, tt.c); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestStrangePolicies makes sure that what is not understood is not passed over.
func TestStrangePolicies(t *testing.T) {
	for name, text := range map[string]string{
		"version":       `{"Version": "2008-10-17", "Statement": []}`,
		"operator":      `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "x", "Condition": {"IpAddress": {"k": "v"}}}]}`,
		"qualifier":     `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "x", "Condition": {"StringEqualsIfExists": {"k": "v"}}}]}`,
		"not an action": `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "NotAction": "x"}]}`,
		"no sid":        `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "x"}]}`,
		"the same sid":  `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "x"}, {"Sid": "A", "Effect": "Allow", "Action": "x"}]}`,
		"effect":        `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "allow", "Action": "x"}]}`,
		"principal":     `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "x", "Principal": {"Federated": "x"}}]}`,
		"two documents": `{"Version": "2012-10-17", "Statement": []} {}`,
	} {
		if _, err := iam.Parse([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	file := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(file, []byte(`{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "x", "Resource": "${bucket}"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := iam.Read(file, "x", nil); err == nil {
		t.Error("a name without a value: no error")
	}
}
