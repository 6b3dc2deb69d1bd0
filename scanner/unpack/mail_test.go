package unpack_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

func TestMailInBase64(t *testing.T) {
	const header = "Received: from a by b;\r\n\twith SMTP\r\nX-Some-Field: x\r\nMIME-Version: 1.0\r\n"
	const encoded = "Content-Transfer-Encoding: base64\r\n\r\naGVsbG8gdGhlcmU=\r\n"
	long := strings.Repeat("a line of the first part\r\n", 1000)
	for name, c := range map[string]struct {
		mail string
		gap  bool
	}{
		"whole":            {header + encoded, true},
		"a later part":     {header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + long + "--b\r\ncontent-transfer-encoding:BASE64\n\naGk=\n", true},
		"mailbox":          {"From someone Thu Jan  1 00:00:00 2026\n" + header + encoded, true},
		"at its end":       {header + "\r\nContent-Transfer-Encoding: base64", true},
		"other encodings":  {header + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + long, false},
		"told of":          {header + "\r\nIt had Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: base64, said he\r\n", false},
		"no mail":          {"Some text: with a colon\n" + encoded, false},
		"fields of others": {"host: a\nport: 1\n\n" + encoded, false},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			if c.gap {
				want = []string{": " + unsupported}
			}
			walk(t, []byte(c.mail), unpack.Limits{}).check(t, []string{"=" + c.mail}, want)
			walkReader(t.Context(), iotest.OneByteReader(bytes.NewReader([]byte(c.mail))), unpack.Limits{}).check(t, []string{"=" + c.mail}, want)
		})
	}
}
