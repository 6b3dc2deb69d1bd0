package detectors

import (
	"slices"
	"strings"
)

// wordList makes the keywords of a rule from lists of words separated by ';'.
// It adds the other spellings that people and machines give them: the
// typographic apostrophe for the plain one, and no accents.
func wordList(lists ...string) []string {
	var words []string
	for _, list := range lists {
		for word := range strings.SplitSeq(list, ";") {
			word = strings.TrimSpace(word)
			plain := withoutAccents.Replace(word)
			words = append(words, word, plain, typographic.Replace(word), typographic.Replace(plain))
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

var typographic = strings.NewReplacer("'", "’")

// withoutAccents covers the Latin letters of the keyword lists.
var withoutAccents = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ã", "a", "ä", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i",
	"ó", "o", "ò", "o", "ô", "o", "õ", "o", "ö", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "ç", "c", "ñ", "n", "č", "c", "ı", "i",
	"đ", "d", "ă", "a", "ằ", "a", "ắ", "a", "ẳ", "a", "ẵ", "a", "ặ", "a", "ầ", "a", "ấ", "a", "ẩ", "a", "ẫ", "a", "ậ", "a", "ả", "a", "ạ", "a",
	"ề", "e", "ế", "e", "ể", "e", "ễ", "e", "ệ", "e", "ẻ", "e", "ẽ", "e", "ẹ", "e", "ỉ", "i", "ĩ", "i", "ị", "i",
	"ơ", "o", "ồ", "o", "ố", "o", "ổ", "o", "ỗ", "o", "ộ", "o", "ờ", "o", "ớ", "o", "ở", "o", "ỡ", "o", "ợ", "o", "ỏ", "o", "ọ", "o",
	"ư", "u", "ừ", "u", "ứ", "u", "ử", "u", "ữ", "u", "ự", "u", "ủ", "u", "ũ", "u", "ụ", "u", "ỳ", "y", "ỷ", "y", "ỹ", "y", "ỵ", "y",
)
