package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"
)

// PlainText is m for people who read text, without its title.
func (m *Message) PlainText() string {
	var b strings.Builder
	if m.Text != "" {
		fmt.Fprintf(&b, "%s\n\n", m.Text)
	}
	for _, f := range m.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
	}
	for _, l := range m.Links {
		fmt.Fprintf(&b, "%s: %s\n", l.Text, l.URL)
	}
	if m.Undo != "" {
		fmt.Fprintf(&b, "\nTo undo: %s\n", m.Undo)
	}
	fmt.Fprintf(&b, "\n-- \nsluice, message %s\n", m.ID())
	return b.String()
}

// payload is a message for programs: docs/notifications.md describes it. Fields
// are added and never change their meaning.
type payload struct {
	Version  int           `json:"version"`
	ID       string        `json:"id"`
	Key      string        `json:"key"`
	Kind     Kind          `json:"kind"`
	Severity string        `json:"severity,omitempty"`
	Time     time.Time     `json:"time"`
	Title    string        `json:"title"`
	Text     string        `json:"text,omitempty"`
	Undo     string        `json:"undo,omitempty"`
	Links    []payloadLink `json:"links,omitempty"`
	Event    *payloadEvent `json:"event,omitempty"`
	Digest   *Digest       `json:"digest,omitempty"`
	Cut      bool          `json:"cut,omitempty"`
}

type payloadLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

type payloadEvent struct {
	Run       int64            `json:"run,omitempty"`
	Bucket    string           `json:"bucket,omitempty"`
	Name      string           `json:"name,omitempty"`
	VersionID string           `json:"version_id,omitempty"`
	Size      int64            `json:"size"`
	Counts    map[string]int64 `json:"values_by_type,omitempty"`
	Move      string           `json:"move,omitempty"`
	Action    string           `json:"action,omitempty"`
	Where     string           `json:"where,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Detail    string           `json:"detail,omitempty"`
}

// JSON is m for programs, in ASCII and at most limit bytes, which must be
// 16 KiB or more. In it the name of an object is exact, as far as it is UTF-8.
// Where something had to be left out, the field cut says so.
func (m *Message) JSON(limit int) []byte {
	p := payload{
		Version: 1, ID: m.ID(), Key: m.Key, Kind: m.Kind, Severity: m.Severity, Time: m.Time.UTC(),
		Title: m.Title, Text: m.Text, Undo: m.Undo, Digest: m.Digest,
	}
	for _, l := range m.Links {
		p.Links = append(p.Links, payloadLink(l))
	}
	if e := m.Event; e != nil {
		p.Event = &payloadEvent{
			Run: e.Run, Bucket: e.Bucket, Name: e.Name, VersionID: e.VersionID, Size: e.Size, Counts: e.Counts,
			Move: e.Move, Action: e.Action, Where: e.Where, Reason: e.Reason, Detail: Clean(e.Detail, 4*longestText),
		}
	}
	body := asciiJSON(p)
	for keep := 256; len(body) > limit && keep >= 4; keep /= 4 {
		body = asciiJSON(p.cut(keep))
	}
	return body
}

// cut is p with few counts and short texts.
func (p payload) cut(keep int) payload {
	p.Cut, p.Links = true, nil
	p.Key, p.Title, p.Text, p.Undo = Clean(p.Key, keep), Clean(p.Title, keep), Clean(p.Text, keep), ""
	if p.Event != nil {
		e := *p.Event
		for _, s := range []*string{&e.Bucket, &e.Name, &e.VersionID, &e.Move, &e.Action, &e.Where, &e.Reason, &e.Detail} {
			*s = Clean(*s, keep)
		}
		e.Counts = most(e.Counts, keep)
		p.Event = &e
	}
	if p.Digest != nil {
		d := *p.Digest
		d.Examples = nil
		for _, c := range []*map[string]int64{&d.BySeverity, &d.ByBucket, &d.ByReason, &d.ByType} {
			*c = most(*c, keep)
		}
		p.Digest = &d
	}
	return p
}

// most is counts without all but the largest, and with short names.
func most(counts map[string]int64, keep int) map[string]int64 {
	names := largest(counts)
	out := maps.Clone(counts)
	clear(out)
	for _, name := range names[:min(len(names), keep)] {
		out[Clean(name, keep)] = counts[name]
	}
	return out
}

// asciiJSON escapes what is not ASCII, so that no terminal and no log viewer that
// the text passes through can be made to show something else.
func asciiJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types are such that it always can be
	}
	if !bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || r == 0x7f }) {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			b.WriteByte(byte(r))
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
