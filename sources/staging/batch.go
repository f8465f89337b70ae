package staging

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/sources"
	"entrepot/sources/decode"
)

// File is an input on its way into the workspace, under its file_id.
type File struct {
	ID       int64
	Prepared *decode.Prepared
	Layout   *sources.Layout
}

// Batch is files that are read in one go, because their rows are laid out in the
// same way. Any file is a batch by itself; several are only with the same BatchKey.
//
// Read parses the files, Stage puts their rows where they belong, Drop clears up.
type Batch struct {
	Files []File
	// Keep leaves the rows in the table that Read wrote, named by Table, instead of
	// copying them into staged_rows.
	Keep bool
	// Parsed is called when DuckDB has read the files in bulk: what follows takes little
	// of the machine, and the next batch may begin. It is not called for a file that is
	// read as text, unless only then it proves to be one. nil for nothing.
	Parsed func()

	bulk      bool
	grouped   bool         // points in values stand between thousands
	kept      bool         // set by Stage
	doubtful  bool         // lines are not sure
	lines     []fileLines  // by the place of the file
	revisions []codesOf    // of rows that do not say their HS revision
	broken    []brokenLine // all of them
}

// fileLines is where the rows of a file stand.
type fileLines struct {
	stretches []stretch
	first     int64        // row id of the file's first row
	rows      int64        // that DuckDB's reader made
	staged    int64        // of them in the batch's table
	leftOut   []string     // file_id, reason and number of others there
	years     string       // of those that are staged there, with commas between them
	broken    []brokenLine // those it could not make
}

// ErrReadSingly says that a batch of several files can't be read in one go: each of
// them must be a batch of its own.
var ErrReadSingly = errors.New("the files can't be read in one go")

// Counts says where the rows of a file went. Read is the sum of the others.
type Counts struct {
	Read, Staged, Rejected, LeftOut int64
}

// Table is the table that a batch's rows are kept in.
func (b *Batch) Table() string { return TableOf(b.Files[0].ID) }

// TableOf is the table that the rows of a batch are kept in. A batch has the number of
// its first file.
func TableOf(batch int64) string { return fmt.Sprintf("rows_%d", batch) }

// Read parses the files of the batch into tables of the connection, which must
// not be in a transaction: the number of a row is its row id, and until a table is
// committed its row ids are not in the order of the file. What it writes for a while
// goes to the folder temp.
//
// A *Refusal means that DuckDB can't parse the file at all.
func (b *Batch) Read(ctx context.Context, conn *sql.Conn, temp string) error {
	if b.bulk = b.layout().inBulk(); b.bulk {
		err := b.readBulk(ctx, conn, temp)
		if !errors.Is(err, errNotEven) {
			return err
		}
		if len(b.Files) > 1 {
			return fmt.Errorf("%w: %w", ErrReadSingly, err)
		}
		if err := b.Drop(conn); err != nil {
			return err
		}
		b.bulk = false
	}
	if len(b.Files) > 1 {
		return ErrReadSingly
	}
	return b.readText(ctx, conn, temp)
}

// readText reads every row of the batch's only file as text.
func (b *Batch) readText(ctx context.Context, conn *sql.Conn, temp string) error {
	p, l := b.Files[0].Prepared, b.layout()
	if err := p.Link(temp); err != nil {
		return err
	}
	lines := "read_rows"
	if len(l.Wide) > 0 {
		lines = "wide_lines"
	}
	broken, err := b.readLines(ctx, conn, lines, temp)
	if err != nil {
		return err
	}
	stretches, err := lineStretches(p, l.Layout, broken)
	if err != nil {
		return err
	}
	var rows, records int64
	if err := conn.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM read_rows), (SELECT count(*) FROM "+lines+")").Scan(&rows, &records); err != nil {
		return fmt.Errorf("count the rows of %s: %w", p.Name, err)
	}
	if err := b.cutOff(broken); err != nil {
		return err
	}
	b.broken, b.lines = broken, []fileLines{{stretches: stretches, rows: rows, broken: broken}}
	if err := b.judgeNumbers(ctx, conn); err != nil {
		return err
	}
	if l.Numbered {
		for i := range b.broken {
			b.broken[i].takeRow(l.Delimiter)
		}
	} else if len(broken) > 0 && records+int64(len(broken)) != b.Files[0].dataRecords() {
		b.doubtLines()
	}
	return nil
}

// doubtLines says that lines can't be told for sure: where quotes are broken, DuckDB's
// reader may take other records for such than a line-by-line count does.
func (b *Batch) doubtLines() {
	p, l := b.Files[0].Prepared, b.layout()
	b.doubtful = true
	for i := range b.broken {
		b.broken[i].line = max(l.HeaderRecords+1, min(b.broken[i].line, p.Lines))
	}
	l.Notes = append(l.Notes, fmt.Sprintf("its quotes are out of place from line %d on, so that the lines of rows behind it may be told wrongly", b.broken[0].line))
}

// readWide makes wide_rows, the records of a file with a column for each period.
func readWide(ctx context.Context, conn *sql.Conn, l layout, reader string) error {
	record := "rowid"
	if l.Numbered {
		record = "TRY_CAST(c0 AS BIGINT)"
	}
	read, err := fill("wide.sql", map[string]any{"Reader": reader, "Record": record})
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, read); err != nil {
		return parseError(err)
	}
	return nil
}

// readCells fills read_rows.
func readCells(ctx context.Context, conn *sql.Conn, cells string) error {
	if err := knowMacros(ctx, conn); err != nil {
		return err
	}
	read, err := fill("read.sql", map[string]any{"Cells": cells, "Raw": rawList()})
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, read); err != nil {
		return parseError(err)
	}
	return nil
}

// Stage puts the rows that Read left on the connection where they belong, in the
// transaction that conn is in now. The files' rows must not be there. The counts
// are in the order of the files.
func (b *Batch) Stage(ctx context.Context, conn *sql.Conn) ([]Counts, error) {
	l := b.layout()
	if err := b.inferRevisions(ctx, conn); err != nil {
		return nil, err
	}
	data := l.sql(map[string]any{"Bulk": b.bulk, "Shifted": false, "Grouped": b.grouped, "Revised": len(b.revisions) > 0, "Unsaid": l.unsaid(), "One": l.OneRevision})
	if b.bulk {
		data["File"] = fmt.Sprintf("([%s])[r.place + 1]", b.ids())
		data["Line"] = "r.record"
	} else {
		data["File"] = fmt.Sprint(b.Files[0].ID)
		shifted, row, line := l.lines(b.lines[0].stretches)
		if b.doubtful {
			line = fmt.Sprintf("greatest(%d, least(%d, %s))", l.HeaderRecords+1, b.Files[0].Prepared.Lines, line)
		}
		data["Shifted"], data["Row"], data["Line"] = shifted, row, line
	}
	if err := b.sideTables(ctx, conn); err != nil {
		return nil, err
	}
	classify, err := fill("classify.sql", data)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, classify); err != nil {
		return nil, fmt.Errorf("classify the rows of %s: %w", b.Files[0].Prepared.Name, err)
	}
	if err := b.noteYears(ctx, conn); err != nil {
		return nil, err
	}
	return b.count(ctx, conn)
}

// noteYears fills file_years.
func (b *Batch) noteYears(ctx context.Context, conn *sql.Conn) error {
	ids := b.ids()
	years := []string{"SELECT file_id, year FROM staged_rows WHERE file_id IN (" + ids + ")", "SELECT file_id, year FROM unknown_partners WHERE file_id IN (" + ids + ")"}
	for place, at := range b.lines {
		if at.years != "" {
			years = append(years, fmt.Sprintf("SELECT %d, unnest([%s])", b.Files[place].ID, at.years))
		}
	}
	if _, err := conn.ExecContext(ctx, "INSERT INTO file_years SELECT DISTINCT * FROM ("+strings.Join(years, " UNION ALL ")+")"); err != nil {
		return fmt.Errorf("note the years of %s: %w", b.Files[0].Prepared.Name, err)
	}
	return nil
}

// sideTables makes the small tables that classify.sql needs, and the view batch_rows.
func (b *Batch) sideTables(ctx context.Context, conn *sql.Conn) error {
	l := b.layout()
	var s strings.Builder
	s.WriteString("CREATE TEMP TABLE column_names (id VARCHAR, name VARCHAR);\n")
	columns := sources.Columns()
	insert(&s, "column_names", len(columns), func(i int) string {
		return sqltext.Literal(string(columns[i])) + ", " + sqltext.Literal(l.ColumnName(columns[i]))
	})
	areas, err := fill("file_areas.sql", map[string]any{"Areas": l.Areas, "AreaKeys": l.AreaKeys, "FixedArea": sources.FixedArea})
	if err != nil {
		return err
	}
	s.WriteString(areas)
	b.insertRevisions(&s)
	if b.bulk {
		s.WriteString("CREATE TEMP TABLE spans (place USMALLINT, file_id INTEGER, first_row BIGINT, last_row BIGINT, shift BIGINT);\n")
	} else {
		s.WriteString("CREATE TEMP TABLE line_shifts (first_row BIGINT, shift BIGINT);\n")
	}
	if _, err := conn.ExecContext(ctx, s.String()); err != nil {
		return fmt.Errorf("note columns: %w", err)
	}
	if err := b.noteBroken(ctx, conn); err != nil {
		return fmt.Errorf("note the lines that are no rows: %w", err)
	}
	if err := b.noteLines(ctx, conn); err != nil {
		return fmt.Errorf("note lines: %w", err)
	}
	if _, err := conn.ExecContext(ctx, b.bulkTables()); err != nil {
		return fmt.Errorf("note what was read in bulk: %w", err)
	}
	return nil
}

// noteBroken makes broken_lines, some at a time: what DuckDB makes of a statement takes many
// times the memory of its text.
func (b *Batch) noteBroken(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "CREATE TEMP TABLE broken_lines (file_id INTEGER, line BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR)"); err != nil {
		return err
	}
	l := b.layout()
	for some := range slices.Chunk(b.broken, insertedAtOnce) {
		var s strings.Builder
		insert(&s, "broken_lines", len(some), func(i int) string {
			line := some[i]
			return fmt.Sprintf("%d, %d, %s, %s, %s", b.Files[line.place].ID, line.line, sqltext.Literal(l.brokenColumn(line)), sqltext.Literal(line.text), sqltext.Literal(line.reason))
		})
		if _, err := conn.ExecContext(ctx, s.String()); err != nil {
			return err
		}
	}
	return nil
}

// noteLines fills spans or line_shifts. A file with a blank line behind each row has as
// many of them as rows.
func (b *Batch) noteLines(ctx context.Context, conn *sql.Conn) error {
	if b.bulk {
		return insertNumbers(ctx, conn, "spans", b.spans()...)
	}
	var rows, shifts []int64
	for _, stretch := range b.lines[0].stretches {
		rows, shifts = append(rows, stretch.row), append(shifts, stretch.by)
	}
	return insertNumbers(ctx, conn, "line_shifts", rows, shifts)
}

// count tells where the rows went, and fails if any is unaccounted for.
func (b *Batch) count(ctx context.Context, conn *sql.Conn) ([]Counts, error) {
	counts := make([]Counts, len(b.Files))
	places := map[int64]int{}
	for place, f := range b.Files {
		places[f.ID] = place
		counts[place].Read = b.lines[place].rows + int64(len(b.lines[place].broken))
		if b.kept {
			counts[place].Staged = b.lines[place].staged
		}
	}
	query, err := fill("count_rows.sql", map[string]any{"Files": b.ids()})
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("count the rows of %s: %w", b.Files[0].Prepared.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var c Counts
		if err := rows.Scan(&id, &c.Staged, &c.Rejected, &c.LeftOut); err != nil {
			return nil, fmt.Errorf("count the rows of %s: %w", b.Files[0].Prepared.Name, err)
		}
		was := &counts[places[id]]
		was.Staged, was.Rejected, was.LeftOut = was.Staged+c.Staged, c.Rejected, c.LeftOut
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the rows of %s: %w", b.Files[0].Prepared.Name, err)
	}
	for place, c := range counts {
		if sum := c.Staged + c.Rejected + c.LeftOut; sum != c.Read {
			return nil, fmt.Errorf("internal error: of %s %d rows were read, but %d accounted for; please report it", b.Files[place].Prepared.Name, c.Read, sum)
		}
	}
	return counts, nil
}

// ids lists the files' ids, for SQL.
func (b *Batch) ids() string {
	var ids []string
	for _, f := range b.Files {
		ids = append(ids, fmt.Sprint(f.ID))
	}
	return strings.Join(ids, ", ")
}

// Drop clears what was made on the connection, whatever happened, but for a table that
// Stage kept. It must be called outside of a transaction.
func (b *Batch) Drop(conn *sql.Conn) error {
	var err error
	names := []string{"VIEW IF EXISTS numbered", "VIEW IF EXISTS placed", "TABLE IF EXISTS whole_codes", "VIEW IF EXISTS checked", "VIEW IF EXISTS candidates",
		"TABLE IF EXISTS area_faults", "TABLE IF EXISTS code_faults", "TABLE IF EXISTS judged", "VIEW IF EXISTS wide_rows", "TABLE IF EXISTS wide_lines",
		"TABLE IF EXISTS read_rows", "TABLE IF EXISTS details", "TABLE IF EXISTS totals", "TABLE IF EXISTS file_areas", "TABLE IF EXISTS unusable",
		"TABLE IF EXISTS line_shifts", "TABLE IF EXISTS row_revisions", "TABLE IF EXISTS column_names", "TABLE IF EXISTS broken_lines",
		"VIEW IF EXISTS batch_rows", "VIEW IF EXISTS bulk_rows", "TABLE IF EXISTS spans", "TABLE IF EXISTS bulk_left_out"}
	for _, errorTable := range []string{"csv_errors", "csv_errors_again"} {
		names = append(names, "TABLE IF EXISTS "+errorTable, "TABLE IF EXISTS "+errorTable+"_scans")
	}
	if !b.kept {
		names = append(names, "TABLE IF EXISTS "+b.Table())
	}
	for _, name := range names {
		_, dropped := conn.ExecContext(context.Background(), "DROP "+name)
		err = errors.Join(err, dropped)
	}
	return err
}

// dataRecords are the records of a file that should become rows.
func (f File) dataRecords() int64 { return f.Prepared.Records - f.Layout.HeaderRecords }

// layout is how the rows of all files are laid out.
func (b *Batch) layout() layout { return layout{b.Files[0].Layout} }
