package export

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"entrepot/schemas"
)

// part is a heading with what stands under it: lines of two columns, or of one when
// there is no name.
type part struct {
	heading string
	lines   []line
}

type line struct{ name, text string }

// parts say what the tables are, by the release alone.
func (e *exporter) parts() []part {
	m := e.release.Manifest
	citation := m.Citation(e.measured())
	first := part{heading: "Measures of the trade of " + e.measured()}
	if e.Caution != "" {
		first.lines = append(first.lines, line{"Caution", e.Caution})
	}
	first.lines = append(first.lines,
		line{"Release", m.Release}, line{"Computed by", "entrepot " + m.Version}, line{"Made", day(m.Run.Finished)},
		line{"How to cite", citation.Text})
	all := []part{first, e.keepInMind(), {heading: "Sources and their terms"}}
	for _, t := range citation.Terms {
		all[2].lines = append(all[2].lines, line{t.Publisher, joined(t.Cite+".", licence(t.Licence), t.Text, t.Page)})
	}
	return append(all, e.contents(), e.checks(), e.settings(), e.inputs())
}

// measured says whose trade the tables measure. A release of an old version does not list it.
func (e *exporter) measured() string {
	if len(e.release.Manifest.Measured) > 1 {
		return e.release.Manifest.MeasuredText()
	}
	return e.about.Country
}

// day is the day of a time, in UTC.
func day(finished string) string {
	day, _, _ := strings.Cut(finished, "T")
	return day
}

func licence(name string) string {
	if name == "" {
		return ""
	}
	return "Licence: " + name + "."
}

// joined are sentences one after another; listed are words with commas between them.
func joined(texts ...string) string { return strings.Join(some(texts), " ") }

func listed(texts ...string) string { return strings.Join(some(texts), ", ") }

func some(texts []string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" || t == "." })
}

func (e *exporter) keepInMind() part {
	p := part{heading: "Keep in mind"}
	if several := len(e.release.Manifest.Measured); several > 1 {
		p.lines = append(p.lines, line{"", fmt.Sprintf("The tables have %d reporters (column reporter); charts, and what is said here of files, are of the first, %s.",
			several, e.about.Country)})
	}
	for _, note := range e.about.Notes {
		p.lines = append(p.lines, line{"", note})
	}
	p.lines = append(p.lines,
		line{"", "An empty cell is not known, which is not zero. Rows with partial true are of a part of the codes: leave them out of comparisons."},
		line{"", "Codes of goods are texts with leading zeros. Numbers of countries are those of UN Comtrade."})
	for _, text := range e.leftOut {
		p.lines = append(p.lines, line{"Not here", text})
	}
	return p
}

func (e *exporter) contents() part {
	p := part{heading: "Tables"}
	for _, o := range e.tables {
		p.lines = append(p.lines, line{o.Name, joined(figureOf(o), o.Title+".", fmt.Sprintf("%d rows.", e.rows(o)), o.Description)})
	}
	return p
}

func figureOf(o schemas.Output) string {
	if o.Figure == "" {
		return ""
	}
	return o.Figure + ":"
}

func (e *exporter) checks() part {
	p := part{heading: "Quality checks with findings"}
	for _, c := range e.release.Manifest.Checks {
		if c.Findings > 0 {
			p.lines = append(p.lines, line{c.Name, fmt.Sprintf("%d of %d examined (%s)", c.Findings, c.Examined, c.Severity)})
		}
	}
	if len(p.lines) == 0 {
		p.lines = []line{{"", fmt.Sprintf("None of the %d checks has findings.", len(e.release.Manifest.Checks))}}
	}
	return p
}

func (e *exporter) settings() part {
	p := part{heading: "Settings"}
	var names []string
	for name := range e.release.Manifest.Parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p.lines = append(p.lines, line{name, fmt.Sprint(e.release.Manifest.Parameters[name])})
	}
	return p
}

func (e *exporter) inputs() part {
	p := part{heading: "Input files"}
	for _, in := range e.release.Manifest.Inputs {
		p.lines = append(p.lines, line{in.Name, listed(in.Format, in.Vintage, fmt.Sprintf("%d rows used", in.Staged), "SHA-256 "+in.SHA256)})
	}
	return p
}

// writeAbout writes the same as text, for the forms that have no sheet for it.
func (e *exporter) writeAbout(to io.Writer) error {
	out := bufio.NewWriter(to)
	for i, p := range e.parts() {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s\n%s\n", p.heading, strings.Repeat("=", len([]rune(p.heading))))
		for _, l := range p.lines {
			if l.name != "" {
				fmt.Fprintf(out, "%s: ", l.name)
			}
			fmt.Fprintln(out, l.text)
		}
	}
	return out.Flush()
}

// dictionaryHead names the columns of the dictionary.
var dictionaryHead = []string{"table", "column", "description", "unit", "type", "may be empty", "key", "table is"}

// dictionary has a row for each column of the tables.
func (e *exporter) dictionary() [][]string {
	var rows [][]string
	for _, o := range e.tables {
		for _, c := range o.Columns {
			rows = append(rows, []string{o.Name, c.Name, c.Description, c.Unit, kindOf(c.Type), yes(c.Nullable), yes(slices.Contains(o.SortBy, c.Name)), o.Title})
		}
	}
	return rows
}

func kindOf(t schemas.Type) string {
	switch t {
	case schemas.SmallInt, schemas.Integer:
		return "whole number"
	case schemas.Double:
		return "number"
	case schemas.Boolean:
		return "true or false"
	}
	return "text"
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
