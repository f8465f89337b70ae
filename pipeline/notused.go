package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/check"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/phrase"
)

// namedAlone is up to how many files of which the same is to be said are each named on a
// line of their own.
const namedAlone = 3

// said is a text, and the files of which it is true.
type said struct {
	files []string
	text  string
}

// gather lists what text says of each file, in their order; files of which the same is
// said stand together if they are many. A file without a text is left out.
func gather(files []extract.Report, text func(extract.Report) string) []said {
	names := map[string][]string{}
	for _, f := range files {
		if line := text(f); line != "" {
			names[line] = append(names[line], f.Name)
		}
	}
	var all []said
	for _, f := range files {
		line := text(f)
		switch same := names[line]; {
		case line == "":
		case len(same) <= namedAlone:
			all = append(all, said{[]string{f.Name}, line})
		case same[0] == f.Name:
			all = append(all, said{same, line})
		}
	}
	return all
}

// names are the files' names, of many the first three.
func (s said) names() string {
	if len(s.files) <= namedAlone {
		return strings.Join(s.files, ", ")
	}
	return fmt.Sprintf("%s and %d more files", strings.Join(s.files[:namedAlone], ", "), len(s.files)-namedAlone)
}

// NotUsed says why files can't be used, as in "a.csv is empty".
func NotUsed(files []extract.Report) []string {
	var lines []string
	for _, s := range gather(files, func(f extract.Report) string { return f.Refusal }) {
		each := " "
		if len(s.files) > 1 {
			each = ": each "
		}
		lines = append(lines, s.names()+each+s.text)
	}
	return lines
}

// Notes says what to know before trusting files, as in "a.csv: it has no World".
func Notes(files []extract.Report) []string {
	var lines []string
	for _, s := range gather(files, func(f extract.Report) string { return f.Note }) {
		lines = append(lines, s.names()+": "+s.text)
	}
	return lines
}

// refusedFiles fails for files that are not used.
func refusedFiles(files []extract.Report) error {
	lines := NotUsed(files)
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("files are not used, and strict does not go on without them:\n  %s", strings.Join(lines, "\n  "))
}

// usable fails when no file has a row that can be used, and says what each has instead.
func usable(ctx context.Context, checks *check.Stage, files []extract.Report) error {
	if slices.ContainsFunc(files, func(f extract.Report) bool { return f.Refusal == "" && f.Staged > 0 }) {
		return nil
	}
	lines := NotUsed(files)
	rejects := false
	for _, f := range files {
		rejects = rejects || f.Rejected > 0
		if f.Refusal != "" {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s has %s, and none can be used: %d rejected, %d left out", f.Name, phrase.Count(f.Read, "row"), f.Rejected, f.LeftOut))
		examples, err := checks.FirstRejects(ctx, f.ID)
		if err != nil {
			return err
		}
		names, err := check.UnknownTexts(ctx, checks.Work.DB, f.ID)
		if err != nil {
			return err
		}
		for _, line := range append(examples[:min(3, len(examples))], names...) {
			lines = append(lines, "  "+line)
		}
	}
	if rejects {
		lines = append(lines, "'entrepot rejects' lists the rows")
	}
	return errors.New("no file has data that can be used:\n  " + strings.Join(lines, "\n  "))
}

//go:embed rejected.sql
var rejectedSQL string

// rejects counts the rows that can't be used, by reason, and names the areas among them
// that are not known.
func (r *run) rejects(ctx context.Context, s *Summary) (err error) {
	if !slices.ContainsFunc(s.Files, func(f extract.Report) bool { return f.Rejected > 0 }) {
		return nil
	}
	s.Rejects, err = engine.Query(ctx, r.work.DB, func(rows *sql.Rows) (c ReasonCount, err error) {
		return c, rows.Scan(&c.Reason, &c.Rows, &c.First)
	}, rejectedSQL)
	if err != nil {
		return fmt.Errorf("count rejects: %w", err)
	}
	s.Unknown, err = check.UnknownTexts(ctx, r.work.DB, 0)
	return err
}
