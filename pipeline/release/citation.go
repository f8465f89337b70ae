package release

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/pipeline/durable"
	"entrepot/sources"
)

// CitationName is the file of a release that says how to cite it and under which terms its
// sources are.
const CitationName = "CITATION.txt"

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

// String is the citation with the terms, as people read it.
func (c Citation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "How to cite this release\n\n  %s\n", c.Text)
	if len(c.Terms) > 0 {
		b.WriteString("\nSources and their terms, which apply to the values\n")
	}
	for _, t := range c.Terms {
		fmt.Fprintf(&b, "\n%s\n", t.Publisher)
		for _, line := range [][2]string{{"Cite", t.Cite}, {"Licence", t.Licence}, {"Terms", t.Text}, {"Page", t.Page}} {
			if line[1] != "" {
				fmt.Fprintf(&b, "  %s: %s\n", line[0], line[1])
			}
		}
	}
	b.WriteString("\nThe program is under the Apache License, Version 2.0.\n")
	return b.String()
}

// writeCitation writes the citation of a release.
func (d Draft) writeCitation(ctx context.Context, dir string) (FileEntry, error) {
	path := filepath.Join(dir, CitationName)
	if err := durable.WriteFile(path, []byte(d.Manifest.Citation(d.Manifest.MeasuredText()).String())); err != nil {
		return FileEntry{}, err
	}
	return fileEntry(ctx, path, 0)
}
