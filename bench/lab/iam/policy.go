// Package iam judges the policies of docs/iam: it decides as IAM does what a
// policy allows, and asks it of every request that a program sends. A [Guard] stands
// before a stand-in for AWS that knows less about rights than AWS.
//
// What is modelled is what those policies use. Anything else in a policy is an
// error, never a silent yes or no.
package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Policy is a policy document: of a role, a bucket, a key, or of who may assume
// a role.
type Policy struct {
	Name      string `json:"-"` // of the file, without .json
	Version   string
	Statement []Statement
}

// Statement of a policy.
type Statement struct {
	Sid       string
	Effect    string
	Principal *Principal `json:",omitempty"`
	Action    List
	Resource  List                       `json:",omitempty"`
	Condition map[string]map[string]List `json:",omitempty"` // operator, key, values
}

// Principal is whom a statement of a resource's policy is about.
type Principal struct {
	AWS     List `json:",omitempty"`
	Service List `json:",omitempty"`
}

// UnmarshalJSON takes "*" for everybody.
func (p *Principal) UnmarshalJSON(b []byte) error {
	var everybody string
	if json.Unmarshal(b, &everybody) == nil {
		p.AWS = List{everybody}
		return nil
	}
	type plain Principal
	return strictly(b, (*plain)(p))
}

// List is one string or several.
type List []string

// UnmarshalJSON takes a string for a list of one.
func (l *List) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = List{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// Read reads the policy in file and puts values in the places of ${names}.
func Read(file, name string, values map[string]string) (Policy, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Policy{}, err
	}
	var missing []string
	filled := os.Expand(string(text), func(v string) string {
		if _, ok := values[v]; !ok {
			missing = append(missing, v)
		}
		return values[v]
	})
	if missing != nil {
		return Policy{}, fmt.Errorf("%s: no value for %v", file, missing)
	}
	p, err := Parse([]byte(filled))
	if err != nil {
		return Policy{}, fmt.Errorf("%s: %w", file, err)
	}
	p.Name = name
	return p, nil
}

// Parse reads a policy document.
func Parse(text []byte) (Policy, error) {
	var p Policy
	if err := strictly(text, &p); err != nil {
		return p, err
	}
	if p.Version != "2012-10-17" {
		return p, fmt.Errorf("version %q", p.Version)
	}
	for i, s := range p.Statement {
		switch {
		case s.Sid == "", slices.ContainsFunc(p.Statement[:i], func(o Statement) bool { return o.Sid == s.Sid }):
			return p, fmt.Errorf("statement %d: no Sid, or that of another", i)
		case s.Effect != "Allow" && s.Effect != "Deny":
			return p, fmt.Errorf("%s: effect %q", s.Sid, s.Effect)
		case len(s.Action) == 0:
			return p, fmt.Errorf("%s: no action", s.Sid)
		}
		for operator := range s.Condition {
			if _, ok := operators[operator]; !ok {
				return p, fmt.Errorf("%s: condition %s is not known", s.Sid, operator)
			}
		}
	}
	return p, nil
}

func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one document")
	}
	return nil
}

// Without returns the policy without one of its statements.
func (p Policy) Without(sid string) Policy {
	p.Statement = slices.DeleteFunc(slices.Clone(p.Statement), func(s Statement) bool { return s.Sid == sid })
	return p
}

// Call is one thing that somebody wants to do.
type Call struct {
	Action   string
	Resource string
	Context  map[string]string // what conditions ask for, as far as the call has it
}

// grants reports whether the statement is about the call of that principal, and
// by which of its actions.
func (s Statement) grants(principal string, c Call) (action string, ok bool) {
	if s.Principal != nil && !slices.ContainsFunc(s.Principal.AWS, func(p string) bool { return isPrincipal(p, principal) }) {
		return "", false
	}
	i := slices.IndexFunc(s.Action, func(a string) bool { return glob(strings.ToLower(a), strings.ToLower(c.Action)) })
	if i < 0 {
		return "", false
	}
	// The policy of who may assume a role names no resource: it is the role.
	if s.Resource != nil && !slices.ContainsFunc(s.Resource, func(r string) bool { return glob(r, c.Resource) }) {
		return "", false
	}
	for operator, keys := range s.Condition {
		for key, wanted := range keys {
			got, there := c.Context[key]
			if key == "aws:PrincipalArn" {
				got, there = principal, true
			}
			if !operators[operator](wanted, got, there) {
				return "", false
			}
		}
	}
	return s.Action[i], true
}

// isPrincipal reports whether p means the role: as everybody, by name, or as a
// part of the account.
func isPrincipal(p, role string) bool {
	account, isRoot := strings.CutSuffix(p, ":root")
	return p == "*" || p == role || isRoot && strings.HasPrefix(role, account+":")
}

// operators of conditions: whether one holds for the value of a key, which may
// not be there. A negated one holds without a value.
var operators = map[string]func(wanted List, got string, there bool) bool{
	"StringEquals":    func(wanted List, got string, there bool) bool { return there && slices.Contains(wanted, got) },
	"StringNotEquals": func(wanted List, got string, there bool) bool { return !there || !slices.Contains(wanted, got) },
	"StringLike":      func(wanted List, got string, there bool) bool { return there && like(wanted, got) },
	"ArnEquals":       func(wanted List, got string, there bool) bool { return there && like(wanted, got) },
	"ArnNotEquals":    func(wanted List, got string, there bool) bool { return !there || !like(wanted, got) },
	"Bool":            func(wanted List, got string, there bool) bool { return there && slices.Contains(wanted, got) },
	"Null": func(wanted List, _ string, there bool) bool {
		return slices.Contains(wanted, strconv.FormatBool(!there))
	},
	"NumericLessThan": func(wanted List, got string, there bool) bool {
		return there && slices.ContainsFunc(wanted, func(w string) bool {
			bound, err := strconv.ParseFloat(w, 64)
			n, err2 := strconv.ParseFloat(got, 64)
			return err == nil && err2 == nil && n < bound
		})
	},
}

func like(patterns List, s string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob(p, s) })
}

// glob matches * and ?, over slashes too.
func glob(pattern, s string) bool {
	for pattern != "" {
		switch c := pattern[0]; {
		case c == '*':
			for i := 0; i <= len(s); i++ {
				if glob(pattern[1:], s[i:]) {
					return true
				}
			}
			return false
		case s == "", c != '?' && c != s[0]:
			return false
		}
		pattern, s = pattern[1:], s[1:]
	}
	return s == ""
}

// Grant is what a decision rests on: one action of one statement.
type Grant struct{ Policy, Sid, Action string }

// verdict of a policy on a call.
type verdict struct {
	denied  bool
	allowed bool
	by      Grant // of the first statement that decides
}

func (p Policy) judge(principal string, c Call) verdict {
	var v verdict
	for _, s := range p.Statement {
		action, ok := s.grants(principal, c)
		switch {
		case !ok:
		case s.Effect == "Deny":
			return verdict{denied: true, by: Grant{p.Name, s.Sid, action}}
		case !v.allowed:
			v = verdict{allowed: true, by: Grant{p.Name, s.Sid, action}}
		}
	}
	return v
}
