package dta

import (
	"fmt"
	"slices"
	"strings"
)

// MostName is how many characters a name has at most.
const MostName = 32

// reserved are names that Stata keeps for itself.
var reserved = []string{"_all", "_b", "_coef", "_cons", "_n", "_N", "_pi", "_pred", "_rc", "_skip", "alias", "byte", "double", "float", "if", "in",
	"int", "long", "strL", "using", "with"}

// Names makes names of variables, each once, of any names. The same names give the same
// ones; those that Stata takes stay as they are.
func Names(all []string) []string { return Short(sanitised(all), MostName) }

func sanitised(all []string) []string {
	names := make([]string, len(all))
	for i, name := range all {
		name = strings.Map(func(r rune) rune {
			if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return '_'
		}, name)
		if name == "" || name[0] >= '0' && name[0] <= '9' || slices.Contains(reserved, name) || isTextType(name) {
			name = "v_" + name
		}
		names[i] = name
	}
	return names
}

// isTextType tells of str1 to str2045, which are types.
func isTextType(name string) bool {
	digits, found := strings.CutPrefix(name, "str")
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// Short makes names of at most so many bytes, each once. Of a long one the longest words
// lose their last letters; what is there already gets a number. Names are ASCII.
func Short(all []string, most int) []string {
	taken := map[string]bool{}
	for _, name := range all { // those that fit keep their names
		if len(name) <= most {
			taken[name] = true
		}
	}
	given := map[string]bool{}
	short := make([]string, len(all))
	for i, name := range all {
		if len(name) > most || given[name] {
			name = free(shorten(name, most), most, taken)
		}
		taken[name], given[name] = true, true
		short[i] = name
	}
	return short
}

// shorten takes letters from the longest word, again and again.
func shorten(name string, most int) string {
	words := strings.Split(name, "_")
	for excess := len(name) - most; excess > 0; excess-- {
		longest := 0
		for i, w := range words {
			if len(w) > len(words[longest]) {
				longest = i
			}
		}
		if len(words[longest]) < 2 {
			return name[:most] // nothing but underscores and single letters
		}
		words[longest] = words[longest][:len(words[longest])-1]
	}
	return strings.Join(words, "_")
}

func free(name string, most int, taken map[string]bool) string {
	for n, candidate := 2, name; ; n++ {
		if !taken[candidate] {
			return candidate
		}
		number := fmt.Sprintf("_%d", n)
		candidate = name[:min(len(name), most-len(number))] + number
	}
}
