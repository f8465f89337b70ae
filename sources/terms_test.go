package sources_test

import (
	"net/url"
	"strings"
	"testing"

	"entrepot/sources"
)

// Every publisher whose files can be read has terms, a page where they stand and a way to be
// cited; each is told once.
func TestTerms(t *testing.T) {
	terms := sources.TermsOf([]string{"wits-csv", "comtrade-json", "comtrade-legacy-csv", "baci", "comext-tsv", "itc-text", "comtrade-csv"})
	var publishers []string
	for _, one := range terms {
		publishers = append(publishers, one.Publisher)
		if page, err := url.Parse(one.Page); err != nil || page.Scheme != "https" || one.Cite == "" || len(one.Text) < 60 {
			t.Errorf("%s: %+v, %v", one.Publisher, one, err)
		}
	}
	if got := strings.Join(publishers, ", "); got != "CEPII BACI, Eurostat Comext, ITC Trade Map, UN Comtrade, World Bank WITS" {
		t.Errorf("publishers: %s", got)
	}
	if got := terms[0].Licence; got != "Etalab Open Licence 2.0" {
		t.Errorf("BACI is under %q", got)
	}
	described := sources.TermsOf([]string{"mapping-csv", "", "format-of-the-future"})
	for _, one := range described {
		if one.Text == "" || one.Page != "" || one.Cite != "" {
			t.Errorf("nobody knows the terms of %q: %+v", one.Publisher, one)
		}
	}
	if len(described) != 3 {
		t.Errorf("%+v", described)
	}
}
