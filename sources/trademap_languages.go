package sources

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// languages are those of Trade Map's site beside English. Their tables have the same
// layout, but names of countries are known in English only. Texts are compared without
// accents and in lower case; a certain sign is Trade Map's alone, of others two must be
// there.
var languages = []struct {
	name          string
	certain, sign *regexp.Regexp
}{
	{"French",
		regexp.MustCompile(`^(valeurs?|quantites?) (import|export)ees?\b|^valeurs? en (19|20)\d\d|\bcalculs du cci\b|^selectionnez vos indicateurs`),
		regexp.MustCompile(`^(libelle( du)? produit|importateurs|exportateurs|liste des (produits|importateurs|exportateurs|marches)\b.*|commerce bilateral .*|unite ?:.*)`)},
	{"Spanish",
		regexp.MustCompile(`^(valor|cantidad|valores|cantidades) (import|export)ad[oa]s?\b|^valor en (19|20)\d\d|\bcalculos del cci\b|^seleccione sus indicadores`),
		regexp.MustCompile(`^(descripcion del producto|etiqueta del producto|codigo|importadores|exportadores|lista de (los |las )?(productos|importadores|exportadores|mercados)\b.*|comercio bilateral .*|unidad ?:.*)`)},
}

// inOtherLanguage is the refusal of a table of Trade Map that is not in English; nil for
// anything else.
func inOtherLanguage(rows [][]string) error {
	for _, l := range languages {
		certain, signs := false, map[string]bool{}
		for _, row := range rows[:min(headRows, len(rows))] {
			for _, cell := range row {
				text := withoutAccents(cell)
				certain = certain || l.certain.MatchString(text)
				if sign := l.sign.FindString(text); sign != "" {
					signs[sign] = true
				}
			}
		}
		if certain || len(signs) > 1 {
			return refuse("is an ITC Trade Map table in %s, and names of countries and columns are known in English only: "+
				"set the site to English and download it again", l.name)
		}
	}
	return nil
}

// withoutAccents is a cell of the header in lower-case letters that all languages have.
func withoutAccents(cell string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(headText(cell)))
}
