package sources

import (
	"regexp"
	"strings"
)

// classifications are the schemes of codes that UN Comtrade has beside the Harmonized
// System, by what their names begin with.
var classifications = []struct {
	form *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`^(S[1-4S]|SITC)`), "SITC"},
	{regexp.MustCompile(`^(B[45E]|BEC)`), "BEC"},
	{regexp.MustCompile(`^EB`), "EBOPS"},
	{regexp.MustCompile(`^(CN|CPA|CPC|ISIC|NACE|NAICS)`), ""},
}

// NotHS names the classification that stands where a revision of the HS should, as in
// "SITC (S4)"; "" for one that is not known.
func NotHS(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, c := range classifications {
		switch {
		case !c.form.MatchString(text):
		case c.name == "" || strings.HasPrefix(text, c.name):
			return text
		default:
			return c.name + " (" + text + ")"
		}
	}
	return ""
}
