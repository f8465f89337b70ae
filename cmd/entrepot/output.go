package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"entrepot/pipeline"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/pflag"
)

// plainTable has no frame, so that grep and awk can use it.
func plainTable(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(header)
	return t
}

func addJSON(flags *pflag.FlagSet) *bool {
	return flags.Bool("json", false, "print JSON for other programs")
}

// writeJSON prints what docs/json has a schema of: a list without entries is [], never
// null.
func writeJSON(w io.Writer, value any) error {
	filled := reflect.New(reflect.TypeOf(value)).Elem()
	filled.Set(reflect.ValueOf(value))
	fillLists(filled)
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(filled.Interface())
}

var marshaler = reflect.TypeFor[json.Marshaler]()

// fillLists makes lists and maps that are nil empty ones, in all that can be set below a
// value. Types that write their own JSON are left alone.
func fillLists(v reflect.Value) {
	if v.Type().Implements(marshaler) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() && v.Type().Field(i).Tag.Get("json") != "-" {
				fillLists(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// shorten lists the first names and counts the rest.
func shorten(names []string, most int) string {
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// yearSpans writes 2015, 2016, 2017, 2020 as 2015–2017, 2020.
func yearSpans(years []int) string {
	var spans []string
	for i := 0; i < len(years); {
		j := i
		for j+1 < len(years) && years[j+1] == years[j]+1 {
			j++
		}
		if span := strconv.Itoa(years[i]); j > i {
			spans = append(spans, span+"–"+strconv.Itoa(years[j]))
		} else {
			spans = append(spans, span)
		}
		i = j + 1
	}
	return strings.Join(spans, ", ")
}

// number writes dollars with their cents at most, shares with four digits.
func number(value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprintf("%d", int64(v))
		}
		return strings.TrimRight(fmt.Sprintf("%.4f", v), "0")
	}
	return fmt.Sprint(value)
}

func reasons(counts []pipeline.ReasonCount) string {
	total := int64(0)
	var parts []string
	for _, c := range counts {
		total += c.Rows
		parts = append(parts, fmt.Sprintf("%s %d", c.Reason, c.Rows))
	}
	return fmt.Sprintf("%d (%s)", total, strings.Join(parts, ", "))
}

// How much of a long name the terminal shows, alone in its line or beside figures.
const (
	nameWidth      = 90
	shortNameWidth = 50
)
