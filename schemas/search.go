package schemas

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// Found is a code that a search found. It may be a chapter or a heading.
type Found struct {
	Code    string    `json:"code"`
	Name    string    `json:"name"`
	Sectors []Listing `json:"sectors"`
}

// Listing says how many six-digit codes of a code a sector lists.
type Listing struct {
	Sector string `json:"sector"`
	Codes  int    `json:"codes"`
}

// How well a word of a query fits a code, from 0 to 1.
const (
	fitsWhole   = 1.0  // the name has the word, or its plural
	fitsStart   = 0.8  // a word of the name begins with it
	fitsOther   = 0.7  // the name has what customs call it
	fitsHeading = 0.3  // the name of the code's heading has it
	isExcluded  = 0.25 // of the above, where the name says that it is not meant
)

// Search lists the codes of a revision whose names have all words of a query, the best
// first. A number is the beginning of a code. The error, when nothing is found, says which
// word is to blame or which revision has it.
func (r *Reference) Search(query, revision string) ([]Found, error) {
	words := wordsOf(query)
	if len(words) == 0 {
		return nil, fmt.Errorf("%q has no word to search for", query)
	}
	catalog, err := r.catalog()
	if err != nil {
		return nil, err
	}
	found := catalog.find(words, revision)
	if len(found) == 0 {
		return nil, fmt.Errorf("nothing found: %s", catalog.why(words, revision, r.Known))
	}
	listed := r.listings(revision)
	for i := range found {
		found[i].Sectors = listed.below(found[i].Code)
	}
	return found, nil
}

// catalog is what codes are called, made ready for a search.
type catalog struct {
	entries map[string][]entry  // by revision
	also    map[string][][]stem // what customs call the things of a word
}

// entry is a code with the words of its name.
type entry struct {
	Name
	words []word
}

// word is a word of a name.
type word struct {
	stem
	excluded bool // it says what is not meant: "(other than lithium)"
}

// stem is a word in small letters and in the singular.
type stem string

func (r *Reference) catalog() (*catalog, error) {
	names, err := r.base.Names()
	if err != nil {
		return nil, err
	}
	c := &catalog{entries: map[string][]entry{}, also: map[string][][]stem{}}
	known := map[string][]word{} // revisions share names
	for _, n := range names {
		words, ok := known[n.Text]
		if !ok {
			words = wordsOfName(n.Text)
			known[n.Text] = words
		}
		c.entries[n.Revision] = append(c.entries[n.Revision], entry{n, words})
	}
	shown, content, err := r.base.open("search_words", "")
	if err != nil {
		return nil, err
	}
	return c, eachRow(shown, content, []string{"word", "also"}, func(row []string) error {
		key := string(stemOf(row[0]))
		c.also[key] = append(c.also[key], wordsOf(row[1]))
		return nil
	})
}

// find lists what fits all words.
func (c *catalog) find(words []stem, revision string) []Found {
	type rated struct {
		entry
		fit float64
	}
	headings := map[string]entry{}
	for _, e := range c.entries[revision] {
		if len(e.Code) == 4 {
			headings[e.Code] = e
		}
	}
	byCode := !slices.ContainsFunc(words, func(w stem) bool { return !isNumber(w) })
	var all []rated
	for _, e := range c.entries[revision] {
		var heading entry
		if len(e.Code) == 6 {
			heading = headings[e.Code[:4]]
		}
		if fit := c.fit(words, e, heading); fit > 0 {
			all = append(all, rated{e, fit})
		}
	}
	slices.SortStableFunc(all, func(a, b rated) int {
		if byCode {
			return strings.Compare(a.Code, b.Code)
		}
		return cmp.Or(cmp.Compare(b.fit, a.fit), cmp.Compare(len(a.words), len(b.words)), strings.Compare(a.Code, b.Code))
	})
	found := make([]Found, len(all))
	for i, e := range all {
		found[i] = Found{Code: e.Code, Name: e.Text}
	}
	return found
}

// fit is how well a code fits all words; 0 when one is missing, or when its heading has
// them all and its own name none.
func (c *catalog) fit(words []stem, e, heading entry) float64 {
	sum, own := 0.0, false
	for _, w := range words {
		if isNumber(w) && strings.HasPrefix(e.Code, string(w)) {
			sum, own = sum+fitsWhole, true
			continue
		}
		fit := c.fitOf(w, e.words)
		own = own || fit > 0
		fit = max(fit, fitsHeading*c.fitOf(w, heading.words))
		if fit == 0 {
			return 0
		}
		sum += fit
	}
	if !own {
		return 0
	}
	return sum / float64(len(words))
}

// fitOf is how well a word of a query fits a name.
func (c *catalog) fitOf(w stem, name []word) float64 {
	best := fitOfWord(w, name)
	for _, phrase := range c.also[string(w)] {
		fit := fitsOther
		for _, other := range phrase {
			fit = min(fit, fitOfWord(other, name))
		}
		best = max(best, fit)
	}
	return best
}

func fitOfWord(w stem, name []word) float64 {
	const shortest = 4 // letters that say something of how a word goes on: "car" begins carbon
	best := 0.0
	for _, n := range name {
		fit := 0.0
		switch {
		case n.stem == w:
			fit = fitsWhole
		case len(w) >= shortest && !isNumber(w) && strings.HasPrefix(string(n.stem), string(w)):
			fit = fitsStart
		}
		if n.excluded {
			fit *= isExcluded
		}
		best = max(best, fit)
	}
	return best
}

// why says why nothing fits: a word that no name of the revision has, or that the words
// stand in no name together, or in those of another revision.
func (c *catalog) why(words []stem, revision string, known Revisions) string {
	var others []string
	for _, other := range known.IDs() {
		if other != revision && len(c.find(words, other)) > 0 {
			others = append(others, other)
		}
	}
	if len(others) > 0 {
		return fmt.Sprintf("no code of %s is called so, but %s has some: --revision %s", revision, strings.Join(others, ", "), others[len(others)-1])
	}
	for _, w := range words {
		if len(c.find([]stem{w}, revision)) > 0 {
			continue
		}
		if isNumber(w) {
			return fmt.Sprintf("no code of %s begins with %s", revision, w)
		}
		return fmt.Sprintf("no name of a code of %s has a word that begins with %q%s", revision, w, c.near(w, revision))
	}
	return fmt.Sprintf("no code of %s has all these words in its name; try fewer", revision)
}

// near suggests the word of the names that is most like one that none has.
func (c *catalog) near(w stem, revision string) string {
	const shortest = 4 // with fewer letters all are alike
	if len(w) < shortest {
		return ""
	}
	best, distance := stem(""), min(2, len(w)/3)+1
	for _, e := range c.entries[revision] {
		for _, n := range e.words {
			if d := len(n.stem) - len(w); d >= distance || -d >= distance {
				continue
			}
			if d := levenshtein.ComputeDistance(string(n.stem), string(w)); d < distance {
				best, distance = n.stem, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// fillers are words that say nothing of a thing.
var fillers = []string{"a", "an", "and", "for", "in", "of", "or", "the", "with"}

// wordsOf are the words of a text that is searched for. Dots in codes don't count:
// 8541.40 is 854140.
func wordsOf(text string) []stem {
	var words []stem
	for _, field := range strings.Fields(text) {
		if plain := strings.ReplaceAll(field, ".", ""); isNumber(stem(plain)) {
			field = plain
		}
		for _, w := range split(field) {
			words = append(words, stemOf(w))
		}
	}
	if telling := slices.DeleteFunc(slices.Clone(words), func(w stem) bool { return slices.Contains(fillers, string(w)) }); len(telling) > 0 {
		return telling
	}
	return words
}

func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// exclusions begin what a name says that is not meant, or says nothing; it reaches to the end of the
// brackets, or to "including", or to the end.
var exclusions = []string{"other than", "excluding", "except", "not including", "not containing", "whether or not", "with or without", "n.e.c.", "n.e.s."}

// wordsOfName are the words of a code's name.
func wordsOfName(name string) []word {
	var words []word
	excluded := false
	for _, part := range parts(strings.ToLower(name)) {
		switch {
		case part == ")" || part == "including":
			excluded = false
		case slices.Contains(exclusions, part):
			excluded = true
		}
		for _, w := range split(part) {
			words = append(words, word{stemOf(w), excluded})
		}
	}
	return words
}

// parts cuts a name before and after what begins or ends an exclusion.
func parts(name string) []string {
	marks := append([]string{")", "including"}, exclusions...)
	var all []string
	for name != "" {
		at, mark := len(name), ""
		for _, m := range marks {
			// The longest of those that begin first: "not including" before "including".
			if i := strings.Index(name, m); i >= 0 && i < at {
				at, mark = i, m
			}
		}
		all = append(all, name[:at])
		if mark != "" {
			all = append(all, mark)
		}
		name = name[at+len(mark):]
	}
	return all
}

// stemOf is a word in the singular, as far as its ending tells.
func stemOf(text string) stem {
	text = strings.ToLower(text)
	for _, ending := range []struct{ plural, singular string }{
		{"ies", "y"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"sses", "ss"}, {"ss", "ss"}, {"us", "us"}, {"s", ""},
	} {
		if begin, ok := strings.CutSuffix(text, ending.plural); ok && len(begin) > 1 {
			return stem(begin + ending.singular)
		}
	}
	return stem(text)
}

func isNumber(w stem) bool {
	const shortest = 2 // digits of a chapter
	return len(w) >= shortest && strings.Trim(string(w), "0123456789") == ""
}

// listings are the sectors of a revision's six-digit codes.
type listings map[string]string

func (r *Reference) listings(revision string) listings {
	all := listings{}
	for _, s := range r.Sectors {
		if s.Revision == revision {
			all[s.HS6] = s.Sector
		}
	}
	return all
}

// below counts the codes that begin with a code, by sector, those that list most first.
func (l listings) below(code string) []Listing {
	count := map[string]int{}
	for hs6, sector := range l {
		if strings.HasPrefix(hs6, code) {
			count[sector]++
		}
	}
	all := []Listing{}
	for sector, codes := range count {
		all = append(all, Listing{sector, codes})
	}
	slices.SortFunc(all, func(a, b Listing) int { return cmp.Or(b.Codes-a.Codes, strings.Compare(a.Sector, b.Sector)) })
	return all
}
