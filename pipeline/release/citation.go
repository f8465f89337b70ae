package release

import (
	"fmt"
	"slices"
	"strings"

	"entrepot/sources"
)

// Citation is how to cite a release, and the terms of those who published the files of
// which it is made. Like the tables it holds no time and no host.
type Citation struct {
	Text  string          `json:"text"`
	Terms []sources.Terms `json:"terms"`
}

// Citation is that of a release about a country's trade.
func (m *Manifest) Citation(country string) Citation {
	vintages := map[string][]string{}
	var formats []string
	for _, in := range m.Inputs {
		if in.Staged == 0 {
			continue // nothing of it is in the tables
		}
		formats = append(formats, in.Format)
		publisher := sources.Publisher(in.Format)
		vintages[publisher] = append(vintages[publisher], in.Vintage)
	}
	c := Citation{Terms: sources.TermsOf(formats)}
	var from []string
	for _, t := range c.Terms {
		from = append(from, t.Publisher+vintageNote(vintages[t.Publisher]))
	}
	c.Text = fmt.Sprintf("Entrepot: Measures of the trade of %s, release %s, computed by entrepot %s", country, m.Release, m.Version)
	if len(from) > 0 {
		c.Text += " from " + and(from)
	}
	c.Text += "."
	return c
}

// vintageNote says in brackets of which version files are: the last day of downloads, or
// the versions that somebody published.
func vintageNote(vintages []string) string {
	last, published := "", []string{}
	for _, v := range vintages {
		day, download := sources.DownloadDay(v)
		switch {
		case download:
			last = max(last, day)
		case v != "" && !slices.Contains(published, v):
			published = append(published, v)
		}
	}
	slices.Sort(published)
	var words []string
	if len(published) > 0 {
		words = append(words, "version "+and(published))
	}
	if last != "" {
		words = append(words, "downloads to "+last)
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}
