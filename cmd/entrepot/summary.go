package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/phrase"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

// conclude shows what a run did, and what failed after it had published. A release that is
// not whole is an *incomplete.
func conclude(c *cobra.Command, settings *config.Config, s *pipeline.Summary, asJSON bool, log *slog.Logger, failed error) error {
	show := showSummary
	if asJSON {
		show = writeRun
	}
	if err := show(c.OutOrStdout(), settings, s); err != nil {
		return errors.Join(failed, err)
	}
	if failed != nil && len(s.Shortfalls) > 0 {
		return fmt.Errorf("%w; and it was %w", failed, &incomplete{"published", s.Shortfalls})
	}
	if failed != nil {
		return failed
	}
	if len(s.Shortfalls) == 0 {
		return nil
	}
	short := &incomplete{"published", s.Shortfalls}
	if settings.AllowIncomplete {
		log.Warn(short.Error())
		return nil
	}
	return short
}

// showSummary prints the two main figures and what a reader must know of them.
func showSummary(w io.Writer, c *config.Config, s *pipeline.Summary) error {
	var b strings.Builder
	if s.Empty {
		_, err := fmt.Fprintf(w, "No files in %s. Nothing was done, and nothing was published (allow_empty).\n", c.DataShown())
		return err
	}
	if s.Release == "" {
		for _, line := range rowCounts(s) {
			b.WriteString(line + "\n")
		}
		fmt.Fprintf(&b, "Tables made: %d. Nothing was published (%s).\n", s.Made, s.Took.Round(10*time.Millisecond))
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, f := range s.Figures {
		if len(f.Rows) == 0 {
			continue
		}
		b.WriteString(figureTable(f, s.Labels))
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s. %s\n", basis(s), legend(s))
	b.WriteString("\n")
	for _, warning := range s.Warnings {
		fmt.Fprintf(&b, "Warning: %s\n", warning)
	}
	for _, line := range rowCounts(s) {
		b.WriteString(line + "\n")
	}
	b.WriteString(outcome(c, s) + "\n" + copied(s.Copied))
	_, err := io.WriteString(w, b.String())
	return err
}

// How much of a sector's label stands in a table of figures, and beside how many columns
// there is room for labels.
const (
	labelWidth   = 32
	labelColumns = 6
)

// legend says what the cells of the figures are.
func legend(s *pipeline.Summary) string {
	text := "Cells: share (codes counted / codes in the denominator); – is no data; * is a year of low coverage"
	for _, f := range s.Figures {
		for _, row := range f.Cells {
			for _, c := range row {
				if c.Known && c.Partial {
					return text + "; ~ is of a part of the sector's codes."
				}
			}
		}
	}
	return text + "."
}

// figureTable shows a figure, with the labels of its rows that have one.
func figureTable(f pipeline.Figure, labels map[string]string) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	header := table.Row{f.Corner}
	labelled := len(f.Columns) <= labelColumns && slices.ContainsFunc(f.Rows, func(row string) bool { return labels[row] != "" })
	if labelled {
		header = append(header, "label")
	}
	var columns []table.ColumnConfig
	for _, column := range f.Columns {
		header = append(header, column)
		columns = append(columns, table.ColumnConfig{Number: len(header), Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(columns)
	for _, name := range f.Rows {
		row := table.Row{name}
		if labelled {
			row = append(row, phrase.Cut(labels[name], labelWidth))
		}
		for _, column := range f.Columns {
			row = append(row, cell(f.Cells[name][column]))
		}
		t.AppendRow(row)
	}
	return f.Name + ": " + f.Title + "\n" + t.Render() + "\n"
}

func cell(c pipeline.Cell) string {
	if !c.Known {
		return "–"
	}
	mark := ""
	if c.LowCoverage {
		mark = "*"
	}
	if c.Partial {
		mark += "~"
	}
	return fmt.Sprintf("%.0f%%%s (%d/%d)", 100*float64(c.Part)/float64(c.Of), mark, c.Part, c.Of)
}

func basis(s *pipeline.Summary) string {
	how := "codes as reported"
	if h := s.Parameter["harmonize"]; h == "families" {
		how = fmt.Sprintf("families of codes (%s conversion)", s.Parameter["conversion"])
	} else if h != "as-reported" {
		how = fmt.Sprintf("codes converted to %s (%s conversion)", h, s.Parameter["conversion"])
	}
	return fmt.Sprintf("Reporter %s; %s", s.Reporter, how)
}

// rowCounts says where the input rows went that are in no figure.
func rowCounts(s *pipeline.Summary) []string {
	var read, staged int64
	var lines []string
	for _, f := range s.Files {
		read += f.Read
		staged += f.Staged
	}
	for _, line := range pipeline.NotUsed(s.Files) {
		lines = append(lines, "File not used: "+line)
	}
	for _, line := range pipeline.Notes(s.Files) {
		lines = append(lines, "Note on "+line)
	}
	if len(s.Files) == 0 {
		return nil
	}
	lines = append(lines, fmt.Sprintf("Files: %d. Rows: %d read, %d staged.", len(s.Files), read, staged))
	for _, k := range []struct {
		title  string
		counts []pipeline.ReasonCount
		more   []string
	}{
		{"Rejected because they can't be used (table rejects)", s.Rejects, s.Unknown},
		{"Left out because they would double a figure", s.LeftOut, nil},
		{"Superseded by another row for the same cell (table superseded)", s.Overlap, nil},
	} {
		if len(k.counts) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s.", k.title, reasons(k.counts)))
		}
		lines = append(lines, firstOf(k.counts)...)
		for _, line := range k.more {
			lines = append(lines, "  "+line)
		}
	}
	return lines
}

// shownReasons is of how many reasons the first row is shown.
const shownReasons = 5

// firstOf shows where the first row of each reason stands, as far as that is told.
func firstOf(counts []pipeline.ReasonCount) []string {
	var lines []string
	for _, c := range counts {
		if c.First != "" {
			lines = append(lines, fmt.Sprintf("  %s: %s", c.Reason, c.First))
		}
	}
	if len(lines) > shownReasons {
		more := len(lines) - shownReasons
		lines = append(lines[:shownReasons], fmt.Sprintf("  and %s more, which 'entrepot rejects' shows", phrase.Count(more, "reason")))
	}
	return lines
}

// copied says what was done to the copy in the object store; nothing when it was as it
// should be.
func copied(c *pipeline.Copied) string {
	switch {
	case c == nil || !c.Moved && c.Written == 0:
		return ""
	case !c.Moved:
		return fmt.Sprintf("Mended %s in %s.\n", phrase.Count(c.Written, "file"), c.Store)
	}
	return fmt.Sprintf("Copied to %s (%s).\n", c.Store, phrase.Count(c.Written, "file"))
}

// outcome says what was published, and where current points.
func outcome(c *config.Config, s *pipeline.Summary) string {
	current := filepath.Join(c.Out, "current")
	took := s.Took.Round(10 * time.Millisecond)
	was := "" // what readers saw before
	if s.Was != "" {
		was = "; it was release " + s.Was
	}
	switch {
	case s.Fresh && s.Held():
		return fmt.Sprintf("Published release %s beside %s, which is pinned to release %s (%s).", s.Release, current, s.Pinned, took)
	case s.Held():
		return fmt.Sprintf("Nothing was published: release %s is there already, and %s is pinned to release %s (%s).", s.Release, current, s.Pinned, took)
	case s.Fresh:
		return fmt.Sprintf("Published release %s in %s%s (%s).", s.Release, current, was, took)
	case s.Switched:
		return fmt.Sprintf("Switched %s to release %s, which was there already%s (%s).", current, s.Release, was, took)
	}
	return fmt.Sprintf("Nothing changed: %s is release %s already (%s).", current, s.Release, took)
}
