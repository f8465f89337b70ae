package export

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"entrepot/pipeline/export/dta"
	"entrepot/schemas"
)

func (e *exporter) stataFiles() []file { return e.tableFiles("dta", e.writeStata) }

// The sets of labels of values.
const (
	yesNo = "yesno"
	areas = "area_" // and the name of the column
)

// writeStata reads a table twice: how wide columns are must be said before the rows.
func (e *exporter) writeStata(ctx context.Context, o schemas.Output, to *os.File) error {
	spans, rows, err := e.measure(ctx, o)
	if err != nil {
		return err
	}
	w, err := dta.NewWriter(to, filepath.Dir(to.Name()), e.dataset(o, spans, rows))
	if err != nil {
		return err
	}
	if err := e.release.Read(ctx, o, w.Row); err != nil {
		return errors.Join(err, w.Abandon())
	}
	return w.Close()
}

// span is what the values of a column need.
type span struct {
	bytes     int // of the longest text
	low, high int64
	names     map[int64]string // of codes of areas
}

func (e *exporter) measure(ctx context.Context, o schemas.Output) ([]span, int64, error) {
	spans := make([]span, len(o.Columns))
	nameAt := map[int]int{} // of the columns of areas, where their names stand
	for i, c := range o.Columns {
		at := slices.IndexFunc(o.Columns, func(n schemas.Column) bool { return n.NameOf == c.Name && !n.IsCode() })
		if c.Kind == schemas.Areas && at >= 0 {
			nameAt[i] = at
			spans[i].names = map[int64]string{}
		}
	}
	rows := int64(0)
	err := e.release.Read(ctx, o, func(row []any) error {
		rows++
		for i, value := range row {
			s := &spans[i]
			switch value := value.(type) {
			case string:
				s.bytes = max(s.bytes, len(value))
			case int64:
				s.low, s.high = min(s.low, value), max(s.high, value)
				if at, ok := nameAt[i]; ok && s.names[value] == "" {
					s.names[value], _ = row[at].(string)
				}
			}
		}
		return nil
	})
	return spans, rows, err
}

// dataset says what a table is, in Stata's terms.
func (e *exporter) dataset(o schemas.Output, spans []span, rows int64) dta.Dataset {
	m := e.release.Manifest
	d := dta.Dataset{Label: o.Title, Rows: rows, Stamp: stamp(m.Run.Finished)}
	for _, note := range append([]string{e.Caution, joined(figureOf(o), o.Description), m.Citation(e.measured()).Text}, e.about.Notes...) {
		if note != "" {
			d.Notes = append(d.Notes, note)
		}
	}
	var names []string
	for _, c := range o.Columns {
		names = append(names, c.Name)
	}
	hasFlags := false
	for i, name := range dta.Names(names) {
		v, labels := variable(o.Columns[i], name, spans[i])
		hasFlags = hasFlags || v.Labels == yesNo
		d.Variables = append(d.Variables, v)
		if labels != nil {
			d.Labels = append(d.Labels, *labels)
		}
	}
	if hasFlags {
		d.Labels = append(d.Labels, dta.LabelSet{Name: yesNo, Values: []dta.ValueLabel{{Value: 0, Text: "no"}, {Value: 1, Text: "yes"}}})
	}
	return d
}

// variable is a column in Stata's terms, with the names of its codes if it has areas.
func variable(c schemas.Column, name string, s span) (dta.Variable, *dta.LabelSet) {
	v := dta.Variable{Name: name, Label: c.Description, Notes: []string{c.Description}}
	if c.Unit != "" {
		v.Notes = append(v.Notes, "Unit: "+c.Unit)
	}
	if name != c.Name {
		v.Notes = append(v.Notes, "In the other formats the column is called "+c.Name)
	}
	switch c.Type {
	case schemas.Text:
		v.Type, v.Bytes = dta.Text, s.bytes
	case schemas.Boolean:
		v.Type, v.Labels = dta.Byte, yesNo
	case schemas.Double:
		v.Type, v.Format = dta.Double, "%14.0g"
		if c.Unit == "US dollars" {
			v.Format = "%18.0fc"
		}
	default:
		v.Type = dta.Fits(s.low, s.high)
	}
	if len(s.names) == 0 {
		return v, nil
	}
	v.Labels = dta.Short([]string{areas + name}, dta.MostName)[0]
	return v, &dta.LabelSet{Name: v.Labels, Values: labelsOf(s.names)}
}

// labelsOf are names by number. A name that two numbers have gets the number, for some
// readers take no label twice.
func labelsOf(names map[int64]string) []dta.ValueLabel {
	times := map[string]int{}
	for _, name := range names {
		times[name]++
	}
	var all []dta.ValueLabel
	for value, name := range names {
		if name == "" || value > math.MaxInt32 {
			continue
		}
		if times[name] > 1 {
			name += " (" + strconv.FormatInt(value, 10) + ")"
		}
		all = append(all, dta.ValueLabel{Value: int32(value), Text: name})
	}
	slices.SortFunc(all, func(a, b dta.ValueLabel) int { return int(a.Value) - int(b.Value) })
	return all
}

// stamp is a time as Stata writes it: "27 Nov 2026 14:36"; "" for what is no time.
func stamp(finished string) string {
	at, err := time.Parse(time.RFC3339Nano, finished)
	if err != nil {
		return ""
	}
	return at.UTC().Format("02 Jan 2006 15:04")
}
