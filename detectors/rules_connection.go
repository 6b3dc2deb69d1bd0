package detectors

import (
	"bytes"
	"strings"
)

const maxConnection = 700

func databaseConnection() Rule {
	return Rule{
		ID: "DATABASE_CONNECTION_STRING", Name: "database connection string with a password",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral + 1, // it has URL_WITH_CREDENTIALS in it
		Form: "A URL of postgres, postgresql, mysql, mariadb, mongodb, redis, rediss, amqp, amqps, mssql, sqlserver, oracle, clickhouse, cockroachdb, snowflake, couchbase, db2 or redshift, with jdbc: before it " +
			"or a driver behind a plus sign or without, and a user and password in it; or members with semicolons between them of which one is the server or the data source and one the password " +
			"(ADO.NET, ODBC, JDBC of SQL Server).",
		Check:  "The password is not empty and no stand-in or variable.",
		Anchor: Anchor{Literals: append(connectionPasswords(), connectionSchemes()...)},
		Match:  matchConnection,
		MaxLen: maxConnection,
	}
}

func connectionPasswords() []string { return []string{"assword=", "ASSWORD=", "Pwd=", "pwd=", "PWD="} }

func connectionSchemes() []string {
	var all []string
	for name := range strings.FieldsSeq("postgres postgresql mysql mariadb mongodb mongodb+srv redis rediss amqp amqps mssql sqlserver oracle clickhouse cockroachdb snowflake couchbase couchbases db2 " +
		"redshift") {
		all = append(all, name+"://")
	}
	return append(all, "postgresql+", "mysql+", "mssql+", "oracle+", "postgres+", "mariadb+")
}

// matchConnection measures the string that has the scheme or the name of the
// password at w[at].
func matchConnection(w []byte, at int) (start, end int, ok bool) {
	if isMember := w[at] == 'a' || w[at] == 'A' || w[at]|0x20 == 'p' && w[min(at+3, len(w)-1)] == '='; isMember && !bytes.HasPrefix(w[at:], []byte("amqp")) {
		return matchMembers(w, at)
	}
	colon := bytes.Index(w[at:min(len(w), at+30)], []byte("://"))
	if colon < 0 || !allOf(w[at:at+colon], alnumByte|plusByte) {
		return 0, 0, false
	}
	start, end, ok = matchURLSecret(w, at+colon)
	if !ok || start != at {
		return 0, 0, false
	}
	if p := start - len("jdbc:"); p >= 0 && after(w, p, "jdbc:") > 0 {
		start = p
	}
	for end < len(w) && end-start < maxConnection && isURLTail(w[end]) {
		end++
	}
	for w[end-1] == '.' || w[end-1] == ',' || w[end-1] == ';' || w[end-1] == ':' || w[end-1] == '&' {
		end--
	}
	return start, end, true
}

// isURLTail reports whether c may be part of the path and query of a URL.
func isURLTail(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte("\"'`<>\\()[]{}|^;", c) < 0
}

// matchMembers measures the members around the one of which the name ends at the
// equals sign behind w[at].
func matchMembers(w []byte, at int) (start, end int, ok bool) {
	equals := at + bytes.IndexByte(w[at:], '=')
	name := at
	if w[at]|0x20 == 'a' {
		if name--; name < 0 || w[name]|0x20 != 'p' {
			return 0, 0, false
		}
	}
	if name > 0 && isWord(w[name-1]) {
		return 0, 0, false
	}
	start, end = name, equals+1
	for start > 0 && name-start < maxConnection/2 && isMemberByte(w[start-1]) {
		start--
	}
	for end < len(w) && end-name < maxConnection/2 && isMemberByte(w[end]) {
		end++
	}
	for start < name && !isAlnum(w[start]) {
		start++
	}
	password := w[equals+1 : end]
	if n := bytes.IndexByte(password, ';'); n >= 0 {
		password = password[:n]
	}
	all := w[start:end]
	if bytes.IndexByte(all, ';') < 0 || len(password) == 0 || bytes.IndexByte(password, ' ') > 0 || isTemplate(append1(password)) || isStandIn(nil, password) || saysStandIn(password) && !hasStrongMix(password) {
		return 0, 0, false
	}
	if n := lastMember(all); n > equals-start {
		end = start + n
	}
	// What is before the first member may be prose, or the name of a setting.
	if n := firstMember(w[start:end]); n >= 0 {
		return start + n, end, start+n <= name
	}
	return 0, 0, false
}

// append1 is v, or two bytes that are no template if v is too short to be one.
func append1(v []byte) []byte {
	if len(v) < 2 {
		return []byte("ab")
	}
	return v
}

// isMemberByte reports whether c may be part of members with semicolons between
// them.
func isMemberByte(c byte) bool {
	return c >= ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != '`'
}

// serverNames are the names of members that tell the server.
var serverNames = []string{"server=", "data source=", "datasource=", "host=", "hostname=", "addr=", "address=", "initial catalog=", "database=", "driver=", "dbq=", "dsn=", "jdbc:sqlserver://", "endpoint=", "provider=", "uid=", "user id="}

// firstMember returns where the first member starts that tells a server, or the
// user, or -1 if none does.
func firstMember(v []byte) int {
	first, servers := -1, 0
	for i := range v {
		if i > 0 && isAlnum(v[i-1]) {
			continue
		}
		for k, name := range serverNames {
			if !hasFolded(v[i:], name) {
				continue
			}
			if first < 0 {
				first = i
			}
			if k < len(serverNames)-2 {
				servers++
			}
		}
	}
	if servers == 0 {
		return -1
	}
	return first
}

// lastMember returns where the last member of v ends that has a name and a value.
func lastMember(v []byte) int {
	end, i := 0, 0
	for i < len(v) {
		n := bytes.IndexByte(v[i:], ';')
		part := v[i:]
		if n >= 0 {
			part = v[i : i+n]
		}
		equals := bytes.IndexByte(part, '=')
		if equals < 0 && end > 0 {
			break
		}
		end = i + len(part)
		if n < 0 {
			break
		}
		i += n + 1
		end = i
	}
	for end > 0 && v[end-1] == ' ' {
		end--
	}
	return end
}
