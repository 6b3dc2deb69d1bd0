package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Message is what a channel shows. Its texts are single lines of printable
// characters without directions of their own, whatever an object is called; a
// channel has only its own markup to take care of. No text holds a value that was
// found.
type Message struct {
	// Key is the same each time that this message is sent, so that a
	// receiver can tell what it has seen.
	Key string

	Kind     Kind
	Severity string // of the worst event; "" if none has one
	Time     time.Time
	Title    string
	Text     string // a sentence or two
	Facts    []Fact
	Links    []Link
	Undo     string // a command; "" if there is nothing to undo, or no one way

	Event  *Event  // of which this is; nil for a digest
	Digest *Digest // nil for one event
}

// Fact is a line of a table.
type Fact struct{ Name, Value string }

// Link leads to where more can be seen or done.
type Link struct{ Text, URL string }

// Digest is many events of a kind, in numbers.
type Digest struct {
	Run         int64            `json:"run"` // 0 if they are of several
	Events      int64            `json:"events"`
	Bytes       int64            `json:"bytes"`
	First       time.Time        `json:"first"`
	Last        time.Time        `json:"last"`
	BySeverity  map[string]int64 `json:"events_by_severity"`
	ByBucket    map[string]int64 `json:"events_by_bucket"` // the key "" stands for all but the largest
	ByReason    map[string]int64 `json:"events_by_reason"`
	ByType      map[string]int64 `json:"values_by_type"`
	Examples    []string         `json:"examples"` // names of a few objects, the worst first
	exampleRank []int
}

// ID is the key as 32 hexadecimal digits, for protocols that are particular
// about ids.
func (m *Message) ID() string {
	sum := sha256.Sum256([]byte(m.Key))
	return hex.EncodeToString(sum[:16])
}

const (
	longestName   = 300 // of an object, in characters: the keys of S3 have 1,024 bytes
	longestText   = 500
	mostBuckets   = 10
	mostTypes     = 15
	mostExamples  = 5
	bucketsInMind = 10_000 // while a digest is made
)

// Render makes the message of one event. link, which may be "", is the URL of a
// page about the object, with {bucket}, {name}, {version}, {run} and {move} in
// it.
func Render(e Event, link string) Message {
	m := Message{Key: e.Key, Kind: e.Kind, Severity: e.Severity, Time: e.Time, Undo: Clean(e.Undo, 4*longestText), Event: &e}
	object := e.object()
	switch e.Kind {
	case Detected:
		m.Title = fmt.Sprintf("Sensitive data found in %s", object)
		m.Text = fmt.Sprintf("%s in an object of %s.", plural(sum(e.Counts), "value"), bytesText(e.Size))
	case Started:
		m.Title = "Remediation begins"
	case Succeeded:
		m.Title = fmt.Sprintf("%s: %s", done[e.Action], object)
		if done[e.Action] == "" {
			m.Title = "Done: " + object
		}
	case Failed:
		m.Title = "Remediation failed: " + object
		m.Text = failure
	case Restored:
		m.Title = "Restored: " + object
	case Purged:
		m.Title = "Purged from quarantine: " + object
		m.Text = "It cannot be restored from there any more."
	case Swept:
		m.Title = "Scan ended"
	case Test:
		m.Title = "Test message of sluice"
		m.Text = "If you can read this, messages arrive."
	default:
		m.Title = Clean(string(e.Kind), 50) + ": " + object
	}
	m.Title = Clean(m.Title, longestName)
	if e.Detail != "" {
		m.Text = strings.TrimSpace(m.Text + " " + sentence(Clean(e.Detail, longestText)))
	}
	m.facts(e)
	if link != "" && e.Bucket != "" {
		m.Links = []Link{{"Open the object", e.expand(link)}}
	}
	return m
}

// failure holds of whatever failed: moves, restores and purges.
const failure = "No object was removed before its copy was verified. Somebody must look."

// done says in the past tense what policy wanted.
var done = map[string]string{"tag": "Tagged", "copy": "Copied to quarantine", "move": "Moved to quarantine", "move+stub": "Moved to quarantine, notice left"}

func (m *Message) facts(e Event) {
	m.fact("Severity", e.Severity)
	m.fact("Bucket", e.Bucket)
	m.fact("Object", e.Name)
	m.fact("Version", e.VersionID)
	if e.Size > 0 {
		m.fact("Size", bytesText(e.Size))
	}
	m.fact("Found", countsText(e.Counts, mostTypes))
	m.fact("Action", e.Action)
	m.fact("In quarantine at", e.Where)
	m.fact("Reason", e.Reason)
	if e.Run > 0 {
		m.fact("Run", strconv.FormatInt(e.Run, 10))
	}
	m.fact("Move", e.Move)
	if !e.Time.IsZero() {
		m.fact("Time", e.Time.UTC().Format(time.RFC3339))
	}
}

func (m *Message) fact(name, value string) {
	if value != "" {
		m.Facts = append(m.Facts, Fact{name, Clean(value, longestName)})
	}
}

func (e *Event) object() string {
	in := Clean(e.Bucket, 70)
	if !filepath.IsAbs(e.Bucket) { // as a directory is
		in = "s3://" + in
	}
	switch {
	case e.Bucket == "":
		return Clean(e.Name, longestName)
	case e.Name == "":
		return in
	}
	return in + "/" + Clean(e.Name, longestName-100)
}

func (e *Event) expand(link string) string {
	return strings.NewReplacer(
		"{bucket}", url.QueryEscape(e.Bucket),
		"{name}", strings.ReplaceAll(url.QueryEscape(e.Name), "+", "%20"),
		"{version}", url.QueryEscape(e.VersionID),
		"{run}", strconv.FormatInt(e.Run, 10),
		"{move}", url.QueryEscape(e.Move),
	).Replace(link)
}

// RenderDigest makes one message of many events of the same kind. It holds
// none of them for longer than it takes to count it.
func RenderDigest(key string, kind Kind, events iter.Seq2[Event, error]) (Message, error) {
	d := &Digest{BySeverity: make(map[string]int64), ByBucket: make(map[string]int64), ByReason: make(map[string]int64), ByType: make(map[string]int64)}
	for e, err := range events {
		if err != nil {
			return Message{}, err
		}
		d.add(e)
	}
	m := Message{Key: key, Kind: kind, Time: d.Last, Digest: d}
	for _, s := range severities[1:] {
		if d.BySeverity[s] > 0 {
			m.Severity = s
		}
	}
	objects := plural(d.Events, "object")
	switch kind {
	case Detected:
		m.Title = "Sensitive data found in " + objects
		m.Text = fmt.Sprintf("%s in all.", plural(sum(d.ByType), "value"))
	case Succeeded:
		m.Title = objects + " dealt with as policy wants"
	case Failed:
		m.Title = "Remediation failed for " + objects
		m.Text = failure
	case Restored:
		m.Title = objects + " restored"
	case Purged:
		m.Title = objects + " purged from quarantine"
		m.Text = "They cannot be restored from there any more."
	default:
		m.Title = fmt.Sprintf("%s: %s", plural(d.Events, "event"), Clean(string(kind), 50))
	}
	d.keepLargestBuckets()
	m.fact("Severity", severityText(d.BySeverity))
	m.fact("Found", countsText(d.ByType, mostTypes))
	m.fact("Reasons", countsText(d.ByReason, mostTypes))
	m.fact("Buckets", bucketsText(d.ByBucket))
	m.fact("Size", bytesText(d.Bytes))
	for _, name := range d.Examples {
		m.fact("For example", name)
	}
	if d.Run > 0 {
		m.fact("Run", strconv.FormatInt(d.Run, 10))
	}
	if !d.First.IsZero() {
		m.fact("From", d.First.UTC().Format(time.RFC3339))
		m.fact("To", d.Last.UTC().Format(time.RFC3339))
	}
	return m, nil
}

func (d *Digest) add(e Event) {
	if d.Events == 0 {
		d.Run = e.Run
	} else if d.Run != e.Run {
		d.Run = 0
	}
	d.Events++
	d.Bytes += max(e.Size, 0)
	if d.First.IsZero() || e.Time.Before(d.First) {
		d.First = e.Time
	}
	if e.Time.After(d.Last) {
		d.Last = e.Time
	}
	if e.Severity != "" {
		d.BySeverity[e.Severity]++
	}
	if e.Bucket != "" {
		bucket := e.Bucket
		if _, known := d.ByBucket[bucket]; !known && len(d.ByBucket) >= bucketsInMind {
			bucket = ""
		}
		d.ByBucket[bucket]++
	}
	if e.Reason != "" {
		d.ByReason[e.Reason]++
	}
	for id, n := range e.Counts {
		d.ByType[id] += n
	}
	rank := SeverityRank(e.Severity)
	at, _ := slices.BinarySearchFunc(d.exampleRank, rank, func(have, r int) int {
		if have >= r {
			return -1
		}
		return 1
	})
	if at < mostExamples {
		d.Examples = slices.Insert(d.Examples, at, e.object())
		d.exampleRank = slices.Insert(d.exampleRank, at, rank)
		d.Examples = d.Examples[:min(len(d.Examples), mostExamples)]
		d.exampleRank = d.exampleRank[:len(d.Examples)]
	}
}

func (d *Digest) keepLargestBuckets() {
	names := slices.DeleteFunc(largest(d.ByBucket), func(name string) bool { return name == "" })
	for _, name := range names[min(len(names), mostBuckets):] {
		d.ByBucket[""] += d.ByBucket[name]
		delete(d.ByBucket, name)
	}
}

func bucketsText(buckets map[string]int64) string {
	var parts []string
	for _, name := range largest(buckets) {
		if name != "" {
			parts = append(parts, fmt.Sprintf("%s %d", name, buckets[name]))
		}
	}
	if n := buckets[""]; n > 0 {
		parts = append(parts, fmt.Sprintf("others %d", n))
	}
	return strings.Join(parts, ", ")
}

func severityText(by map[string]int64) string {
	var parts []string
	for _, s := range slices.Backward(severities[1:]) {
		if by[s] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", s, by[s]))
		}
	}
	return strings.Join(parts, ", ")
}

func countsText(counts map[string]int64, most int) string {
	names := largest(counts)
	var parts []string
	for _, name := range names[:min(len(names), most)] {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	if more := len(names) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}

// largest gives the keys of counts, those with the largest first.
func largest(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func bytesText(n int64) string {
	const units = "KMGTPE"
	if n < 1<<10 {
		return plural(n, "byte")
	}
	f, u := float64(n)/(1<<10), 0
	for f >= 1<<10 && u < len(units)-1 {
		f, u = f/(1<<10), u+1
	}
	return fmt.Sprintf("%.1f %ciB", f, units[u])
}

func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// Clean makes one line of printable characters of s: what is not printable, breaks
// a line, changes the direction of writing or is no UTF-8 is written as an
// escape. Of what is longer than so many characters, a part in the middle is left out.
func Clean(s string, longest int) string {
	// Nobody needs what is cut out to be escaped first. Four bytes are a character at most.
	if len(s) > 8*longest {
		s = s[:4*longest] + s[len(s)-4*longest:]
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
		s = s[n:]
	}
	return Shorten(b.String(), longest)
}

// Shorten leaves out a part in the middle of what is longer than so many
// characters: of the key of an object, both ends tell more.
func Shorten(s string, longest int) string {
	if len(s) <= longest || utf8.RuneCountInString(s) <= longest {
		return s
	}
	rs := []rune(s)
	head := (longest - 1) * 2 / 3
	return string(rs[:head]) + "…" + string(rs[len(rs)-(longest-1-head):])
}

var severities = [...]string{"", "Low", "Medium", "High"}

// SeverityRank is 1 for Low, 2 for Medium, 3 for High, and 0 for all else.
func SeverityRank(s string) int { return max(0, slices.Index(severities[:], s)) }
