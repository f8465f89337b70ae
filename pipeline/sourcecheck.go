package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entrepot/sources"
)

// SourceCheck is what one input file is and covers, and what would be set aside.
type SourceCheck struct {
	Name      string        `json:"name"`
	Format    string        `json:"format"` // "" when the file can't be used
	Source    string        `json:"source"`
	Refusal   string        `json:"refusal,omitempty"` // why it can't be used
	Note      string        `json:"note,omitempty"`    // what to know before trusting it
	Unit      string        `json:"unit"`
	Vintage   string        `json:"vintage,omitempty"` // when it was downloaded, as its name or archive says
	Bytes     int64         `json:"bytes"`
	Read      int64         `json:"rows_read"`
	Staged    int64         `json:"rows_staged"`
	Reporters []string      `json:"reporters"`
	Partners  int64         `json:"partners"` // other than World
	World     bool          `json:"world"`    // has rows for World
	Flows     []string      `json:"flows"`
	Years     []int         `json:"years"`
	Monthly   bool          `json:"monthly"`
	Revisions []string      `json:"hs_revisions"`
	Levels    []ReasonCount `json:"levels"` // rows by level of the codes
	Rejects   []ReasonCount `json:"rejects"`
	LeftOut   []ReasonCount `json:"left_out"`
	Examples  []string      `json:"examples"` // one reject of each reason
}

// CheckSources reads files as a run would, into a workspace of its own that is
// removed again, and says what each is. A path may be a folder.
func CheckSources(ctx context.Context, c *Config, paths []string) (checks []SourceCheck, err error) {
	temp, err := os.MkdirTemp("", "entrepot-check-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to check in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	scratch := *c
	scratch.Out = temp
	r := &runner{config: &scratch, version: Version, log: slog.New(slog.DiscardHandler), now: time.Now}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	inputs, err := inputsAt(ctx, c.Data, paths)
	if err != nil {
		return nil, err
	}
	if r.work, err = openWorkspace(ctx, &scratch); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.work.close()) }()
	if err := r.loadReference(ctx); err != nil {
		return nil, err
	}
	read, err := r.extractInputs(ctx, inputs, nil, 1)
	if err != nil {
		return nil, err
	}
	for _, f := range read {
		check, err := r.sourceCheck(ctx, f.file)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", f.name, err)
		}
		checks = append(checks, check)
	}
	return checks, nil
}

// inputsAt lists the inputs at the paths. Those below the data folder have the
// names that a run gives them, so that the settings of files fit.
func inputsAt(ctx context.Context, data string, paths []string) ([]sources.Input, error) {
	var inputs []sources.Input
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage("%s does not exist", path)
		}
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", path, err)
		}
		base := filepath.Dir(path)
		if info.IsDir() {
			base = path
		}
		if below, err := filepath.Rel(data, path); data != "" && err == nil && !strings.HasPrefix(below, "..") {
			base = data
		}
		found, err := sources.Find(ctx, path)
		if err != nil {
			return nil, err
		}
		for _, in := range found {
			if name, err := filepath.Rel(base, in.Path); err == nil {
				in.Name = filepath.ToSlash(name)
				if in.Member != "" {
					in.Name += "!" + in.Member
				}
			}
			inputs = append(inputs, in)
		}
	}
	return inputs, nil
}

func (r *runner) sourceCheck(ctx context.Context, f file) (SourceCheck, error) {
	c := SourceCheck{Name: f.name, Format: f.format, Source: f.source, Refusal: f.refusal, Note: f.note, Unit: f.unit, Vintage: f.vintage,
		Bytes: f.bytes, Read: f.read, Staged: f.staged}
	id := sql.Named("file", f.id)
	var reporters, flows, years, revisions any
	err := r.work.db.QueryRowContext(ctx, `
		SELECT list(DISTINCT a.name ORDER BY a.name) FILTER (a.name IS NOT NULL), count(DISTINCT partner) FILTER (partner <> 0),
			coalesce(bool_or(partner = 0), false), list(DISTINCT flow::VARCHAR ORDER BY flow::VARCHAR), list(DISTINCT s.year ORDER BY s.year),
			coalesce(bool_or(month > 0), false), list(DISTINCT hs_revision::VARCHAR ORDER BY hs_revision::VARCHAR)
		FROM staged s LEFT JOIN areas a ON a.code = s.reporter WHERE file_id = $file`, id).
		Scan(&reporters, &c.Partners, &c.World, &flows, &years, &c.Monthly, &revisions)
	if err != nil {
		return c, fmt.Errorf("look at what it covers: %w", err)
	}
	c.World = c.World || f.allPartners
	c.Reporters, c.Flows, c.Revisions = texts(reporters), texts(flows), texts(revisions)
	list, _ := years.([]any)
	for _, y := range list {
		if year, ok := y.(int16); ok {
			c.Years = append(c.Years, int(year))
		}
	}
	for _, q := range []struct {
		into  *[]ReasonCount
		query string
	}{
		{&c.Levels, "SELECT CASE level WHEN 0 THEN 'TOTAL' ELSE 'HS-' || level END, count(*) FROM staged WHERE file_id = $file GROUP BY level ORDER BY level DESC"},
		{&c.Rejects, "SELECT reason, count(*) FROM rejects WHERE file_id = $file GROUP BY reason ORDER BY 2 DESC, 1"},
		{&c.LeftOut, "SELECT reason, sum(rows)::BIGINT FROM left_out WHERE file_id = $file GROUP BY reason ORDER BY 2 DESC, 1"},
	} {
		if *q.into, err = QueryAll(ctx, r.work.db, scanReason, q.query, id); err != nil {
			return c, fmt.Errorf("count its rows: %w", err)
		}
	}
	c.Examples, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (text string, err error) {
		return text, rows.Scan(&text)
	}, `SELECT `+rejectText+`
		FROM rejects WHERE file_id = $file QUALIFY row_number() OVER (PARTITION BY reason ORDER BY line) = 1 ORDER BY line`, id)
	return c, err
}

func texts(list any) []string {
	values, _ := list.([]any)
	var all []string
	for _, v := range values {
		all = append(all, fmt.Sprint(v))
	}
	return all
}

func scanReason(rows *sql.Rows) (c ReasonCount, err error) {
	return c, rows.Scan(&c.Reason, &c.Rows)
}

// Conflict is a cell of which two sources have different values. A counts.
type Conflict struct {
	Reporter string  `json:"reporter"`
	Partner  string  `json:"partner"`
	Flow     string  `json:"flow"`
	Year     int     `json:"year"`
	Month    int     `json:"month,omitempty"` // 0: the whole year
	Revision string  `json:"hs_revision"`
	Code     string  `json:"code"`
	SourceA  string  `json:"source"`
	ValueA   float64 `json:"value_usd"`
	SourceB  string  `json:"other_source"`
	ValueB   float64 `json:"other_value_usd"`
	Percent  float64 `json:"difference_percent"` // of B to A
	FileB    string  `json:"other_file"`
	LineB    int64   `json:"other_line"`
}

// conflictsSQL compares what lost a cell to another source with what won it. Of
// the source that lost, the newest file speaks, with all its parts of the cell.
const conflictsSQL = `
WITH lost AS (
	SELECT s.reporter, s.partner, s.flow, s.year, s.month, s.hs_revision, s.code, o.source, o.source_rank, o.file_rank, d.file_id,
		min(abs(d.line)) AS line, sum(d.value_usd) AS usd
	FROM superseded d
	JOIN usable_rows s ON s.file_id = d.file_id AND s.line = d.line
	JOIN file_order o ON o.file_id = d.file_id
	WHERE d.reason = 'other_source'
	GROUP BY ALL
),
newest AS (
	SELECT * FROM lost
	QUALIFY row_number() OVER (PARTITION BY reporter, partner, flow, year, month, hs_revision, code, source ORDER BY file_rank) = 1
),
kept AS (
	SELECT s.reporter, s.partner, s.flow, s.year, s.month, s.hs_revision, s.code, o.source, sum(s.value_usd) AS usd
	FROM usable_rows s
	JOIN file_order o USING (file_id)
	SEMI JOIN lost l USING (reporter, partner, flow, year, month, hs_revision, code)
	ANTI JOIN superseded d ON s.file_id = d.file_id AND s.line = d.line
	GROUP BY ALL
)
SELECT coalesce(r.name, l.reporter::VARCHAR), coalesce(p.name, l.partner::VARCHAR), l.flow::VARCHAR, l.year, l.month, l.hs_revision::VARCHAR, l.code,
	k.source, k.usd::DOUBLE, l.source, l.usd::DOUBLE, 100 * (l.usd::DOUBLE - k.usd::DOUBLE) / nullif(k.usd::DOUBLE, 0), f.name, l.line
FROM newest l
JOIN kept k USING (reporter, partner, flow, year, month, hs_revision, code)
JOIN files f ON f.file_id = l.file_id
LEFT JOIN areas r ON r.code = l.reporter
LEFT JOIN areas p ON p.code = l.partner
WHERE abs(l.usd - k.usd) > CAST($percent AS DECIMAL(9,4)) / 100 * k.usd
ORDER BY abs(l.usd - k.usd) DESC, l.year, l.month, l.reporter, l.partner, l.flow, l.code, l.source`

// Conflicts lists the cells in which two sources differ by more than percent,
// the largest difference first. The tables must be up to date.
func Conflicts(ctx context.Context, c *Config, percent string, log *slog.Logger) (conflicts []Conflict, err error) {
	err = withTables(ctx, c, log, func(r *runner) error {
		conflicts, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (x Conflict, err error) {
			var change sql.NullFloat64
			err = rows.Scan(&x.Reporter, &x.Partner, &x.Flow, &x.Year, &x.Month, &x.Revision, &x.Code, &x.SourceA, &x.ValueA, &x.SourceB, &x.ValueB, &change, &x.FileB, &x.LineB)
			x.Percent = change.Float64
			return x, err
		}, conflictsSQL, sql.Named("percent", percent))
		if err != nil {
			return fmt.Errorf("compare the sources: %w", err)
		}
		return nil
	})
	return conflicts, err
}

// withTables opens the workspace of an earlier run.
func withTables(ctx context.Context, c *Config, log *slog.Logger, do func(*runner) error) (err error) {
	if _, err := os.Stat(databaseFile(c.Out)); errors.Is(err, fs.ErrNotExist) {
		return usage("%s has no workspace: 'entrepot run' makes it", c.Out)
	}
	r := &runner{config: c, version: Version, log: log, now: time.Now}
	if r.work, err = openWorkspace(ctx, c); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.work.close()) }()
	var made bool
	err = r.work.db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM steps WHERE name = 'transform superseded'").Scan(&made)
	if err != nil {
		return fmt.Errorf("look for what was made: %w", err)
	}
	if !made {
		return usage("%s has no tables yet: 'entrepot run' makes them", c.Out)
	}
	return do(r)
}

// Reject is an input row that can't be used.
type Reject struct {
	Reason string
	File   string
	Line   int64
	Column string
	Value  string
}

// RejectGroup is a reason for which rows can't be used.
type RejectGroup struct {
	Reason  string `json:"reason"`
	Rows    int64  `json:"rows"`
	Files   int64  `json:"files"`
	Example string `json:"example"`
}

// RejectGroups counts the rows that can't be used, by reason.
func RejectGroups(ctx context.Context, c *Config, log *slog.Logger) (groups []RejectGroup, err error) {
	err = withTables(ctx, c, log, func(r *runner) error {
		groups, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (g RejectGroup, err error) {
			return g, rows.Scan(&g.Reason, &g.Rows, &g.Files, &g.Example)
		}, `SELECT reason, count(*), count(DISTINCT file_id),
				arg_min(format('{}:{}: {} in column {}', f.name, line, coalesce('"' || left(value, 60) || '"', 'nothing'), column_name), (f.name, line))
			FROM rejects JOIN files f USING (file_id) GROUP BY reason ORDER BY 2 DESC, 1`)
		return err
	})
	return groups, err
}

// ExportRejects writes every row that can't be used as CSV: reason, file, line,
// column and value, grouped by reason. The file appears when it is complete.
func ExportRejects(ctx context.Context, c *Config, path string, log *slog.Logger) (rows int64, err error) {
	err = withTables(ctx, c, log, func(r *runner) error {
		next := path + ".next"
		defer os.Remove(next)
		result, err := r.work.db.ExecContext(ctx, `COPY (
				SELECT reason, f.name AS file, line, column_name AS "column", value
				FROM rejects JOIN files f USING (file_id) ORDER BY reason, f.name, line
			) TO `+sqlString(next)+` (FORMAT csv, HEADER)`)
		if err != nil {
			return fmt.Errorf("export the rejects to %s: %w", path, err)
		}
		if rows, err = result.RowsAffected(); err != nil {
			return err
		}
		return os.Rename(next, path)
	})
	return rows, err
}
