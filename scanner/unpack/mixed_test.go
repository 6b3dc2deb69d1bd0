package unpack_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// TestTextTurns has texts of which the first bytes do not tell what the rest is:
// where a value could hide in it there is a gap, however the bytes arrive.
func TestTextTurns(t *testing.T) {
	script := strings.Repeat("# words of a script, one line after the other\n", 200)
	utf16 := func(s string) string { return string(encode16(s, binary.LittleEndian)) }
	marked := "\ufeff" + script
	for name, c := range map[string]struct {
		b     string
		turns bool
	}{
		"text":                           {script, false},
		"zip":                            {script + string(zipball(zipFile{name: "a", data: text, method: 8})), true},
		"gzip":                           {script + string(gz([]byte(text))), true},
		"zstd":                           {script + string(zst([]byte(strings.Repeat(text, 9)))), true},
		"tar":                            {script + string(tarball(file{"a", text})), true},
		"UTF-16":                         {script + utf16("a few"), true},
		"UTF-16 of few digits":           {script + utf16("一二三四五六七八 1234 九十"), true},
		"zeros":                          {script + strings.Repeat("\x00", 10_000), false},
		"zeros, text":                    {script + strings.Repeat("\x00", 10_000) + script, false},
		"names that end in NUL":          {script + strings.Repeat("var/lib/one-name-of-many\x00", 100), false},
		"controls":                       {script + strings.Repeat("\x02\x03", 100), false},
		"UTF-16, text":                   {utf16(marked) + "a line of another program\n", true},
		"UTF-16, text at an odd place":   {utf16(marked) + "\n" + utf16(script), true},
		"UTF-16, a number":               {utf16(marked) + "4539 1488 0343 6467\n", true},
		"UTF-16, zip":                    {utf16(marked) + string(zipball(zipFile{name: "a", data: strings.Repeat(text, 9), method: 8})), true},
		"UTF-16, of Chinese":             {utf16("\ufeff" + strings.Repeat("甲乙丙丁戊己庚辛壬癸 子丑寅卯辰巳午未", 900)), false},
		"UTF-16, of Japanese":            {utf16("\ufeff" + strings.Repeat("いろはにほへとちりぬるをわかよたれそつねならむ", 300)), false},
		"UTF-16, of Korean":              {utf16("\ufeff" + strings.Repeat("가나다라마바사 ㄴㄴㄴㄴㄴㄴㄴㄴㄴㄴㄴㄴㄴㄴ", 300)), false},
		"UTF-16, of frames":              {utf16("\ufeff" + strings.Repeat("╔════════════════╦══════╗\n║ some …………………………… ║ \n", 300)), false},
		"UTF-32, text":                   {string(encode32(marked, binary.BigEndian)) + script, true},
		"UTF-16 of all characters there": {utf16("\ufeff" + script + "😀 ☃ ½ ﬁ \u202e"), false},
	} {
		t.Run(name, func(t *testing.T) {
			want := 0
			if c.turns {
				want = 1
			}
			turned := func(g unpack.Gap) bool {
				return g.Reason == unsupported && strings.Contains(g.Err.Error(), "turns into")
			}
			whole := walk(t, []byte(c.b), unpack.Limits{})
			slow := walkReader(t.Context(), iotest.OneByteReader(bytes.NewReader([]byte(c.b))), unpack.Limits{})
			for _, res := range []result{whole, slow} {
				res.gaps = slices.DeleteFunc(res.gaps, func(g unpack.Gap) bool { return !turned(g) })
				if len(res.gaps) != want {
					t.Errorf("gaps %q, want %d", res.reasons(), want)
				}
			}
			if !slices.Equal(whole.reasons(), slow.reasons()) {
				t.Errorf("gaps %q and %q, one byte after the other", whole.reasons(), slow.reasons())
			}
		})
	}
}
