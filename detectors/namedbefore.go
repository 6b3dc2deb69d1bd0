package detectors

// A number is often named by the word before it: "part no. 536-90-4399",
// {"order_id": 4539148803436467}. What is named as something else is not the
// number that its shape suggests.

// namedReach is how far before a number its name is looked for.
const namedReach = 24

// nameBefore returns the word that names the value at w[at], in lower case
// in buf: the letters before it, past punctuation and past words such as "no"
// or "number". Of a camelCase name it is the last part. It is empty if a
// digit, a comma or a line's end comes first.
func nameBefore(w []byte, at int, buf *[namedReach]byte) []byte {
	low := max(0, at-namedReach)
	for {
		for at > low && nameMarkByte.has(w[at-1]) {
			at--
		}
		end := at
		for at > low && isLetter(w[at-1]) && !(at < end && isUpper(w[at]) && isLower(w[at-1])) {
			at--
		}
		word := buf[:0]
		for _, c := range w[at:end] {
			word = append(word, c|0x20)
		}
		switch string(word) {
		case "no", "nr", "num", "number", "n", "code", "value", "is":
			continue
		}
		return word
	}
}

// isOtherNumber reports whether word names numbers of goods, papers and
// telephones.
func isOtherNumber(word []byte) bool { return otherNumbers.has(word) }

var otherNumbers = newStringSet(
	"part", "parts", "p", "pn", "item", "sku", "model", "serial", "s", "sn", "lot", "batch", "product", "article", "catalog",
	"order", "invoice", "case", "ticket", "tracking", "shipment", "ref", "reference", "version", "build",
	"phone", "tel", "telephone", "fax", "mobile", "cell",
	"isbn", "ean", "upc", "gtin", "barcode",
)

// isOtherLongNumber knows more words, which long numbers have.
func isOtherLongNumber(word []byte) bool { return isOtherNumber(word) || otherLongNumbers.has(word) }

var otherLongNumbers = newStringSet(
	"id", "ids", "uid", "gid", "time", "timestamp", "ts", "seed", "hash", "size", "offset", "count", "bytes", "iccid", "msisdn",
	"span", "trace", "request", "session", "correlation", "checksum", "crc", "digest",
)
