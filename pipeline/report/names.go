package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spoken are the names of areas that a sentence can't use as the table of areas has them:
// abbreviated, or with a remark behind.
var spoken = map[string]string{
	"USA": "the United States", "United States of America": "the United States",
	"Rep. of Korea": "South Korea", "Dem. People's Rep. of Korea": "North Korea", "Rep. of Moldova": "Moldova",
	"Russian Federation": "Russia", "Viet Nam": "Vietnam", "Lao People's Dem. Rep.": "Laos", "Brunei Darussalam": "Brunei",
	"Bosnia Herzegovina": "Bosnia and Herzegovina", "United Rep. of Tanzania": "Tanzania", "State of Palestine": "Palestine",
	"Central African Rep.": "the Central African Republic", "Dominican Rep.": "the Dominican Republic",
	"Dem. Rep. of the Congo": "the Democratic Republic of the Congo", "Congo": "the Republic of the Congo",
	"China, Hong Kong SAR": "Hong Kong", "China, Macao SAR": "Macao", "Other Asia, nes (Taiwan)": "other Asia (Taiwan)",
	"FS Micronesia": "Micronesia", "N. Mariana Isds": "the Northern Mariana Islands", "Br. Virgin Isds": "the British Virgin Islands",
	"Areas, nes": "areas that are not specified", "Holy See (Vatican City State)": "the Holy See",
}

// withArticle are the beginnings and ends of names that want an article before them.
var withArticle = regexp.MustCompile(`^(United |Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|European Union|.* (Isds|Islands|Terr\.)$)`)

// remark is what stands in brackets behind a name.
var remark = regexp.MustCompile(` \([^)]*\)$`)

// inText is a country's name as it stands within a sentence: with its article, and whole.
func inText(area string) string {
	if name, ok := spoken[area]; ok {
		return name
	}
	name := strings.NewReplacer(" Isds", " Islands", " Terr.", " Territory").Replace(remark.ReplaceAllString(area, ""))
	if withArticle.MatchString(area) {
		return "the " + name
	}
	return name
}

// possessive is the form of a name that has what follows: "China's", "the United States'".
func possessive(name string) string {
	plural := strings.HasPrefix(name, "the ") && strings.HasSuffix(name, "s")
	if plural {
		return name + "'"
	}
	return name + "'s"
}

// groupInText is a group of partners within a sentence: by its name, or as the list that
// was given.
func groupInText(group string) string {
	if strings.Contains(group, ",") {
		var names []string
		for name := range strings.SplitSeq(group, ",") {
			names = append(names, strings.TrimSpace(name))
		}
		return "group of " + list(names)
	}
	return group
}

// acronym is what names of groups, such as EU, look like.
var acronym = regexp.MustCompile(`^[A-Z]{2,}[A-Z0-9]*$`)

// groupOrArea is the name of an area or of a group within a sentence.
func groupOrArea(name string) string {
	if in := inText(name); in != name || !acronym.MatchString(name) {
		return in
	}
	return "the " + name
}

// sentence begins with a capital letter.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
