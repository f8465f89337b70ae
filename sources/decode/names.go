package decode

import (
	"strings"
	"unicode"
)

// PlainName is a column's name as names are compared: its letters and digits alone, in
// lower case. Programs rewrite names on the way: Stata drops blanks and capitals
// ("tradevaluein1000usd"), R puts points for what no name of R may have, and an X before
// a digit ("X2nd.Partner.Code", "Trade.Value..US.."), its packages write "reporter_code".
func PlainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if len(plain) > 1 && plain[0] == 'x' && unicode.IsDigit(rune(plain[1])) {
		plain = plain[1:]
	}
	return plain
}
