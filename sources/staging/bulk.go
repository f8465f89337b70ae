package staging

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/sources"
	"entrepot/sources/decode"
)

const (
	// What has more stretches than this is copied to staged_rows: to find a row's
	// line, each of its file's stretches is looked at.
	maxStretches = 16

	// More rows than this that have to be read again as text are better all read so.
	// The table of errors takes no more of them, either.
	maxAgain = 100_000
)

// errNotEven says that too much in a file is special to read it in bulk.
var errNotEven = errors.New("too many rows have to be read as text")

// inBulk tells whether bulk.sql reads such a file.
func (l layout) inBulk() bool {
	for c := range l.Read {
		if c != sources.ColFlow {
			return false
		}
	}
	return l.Plain && !l.Numbered && l.Numbers.Name == "" && len(l.Rates) == 0 && l.Areas == "" && !l.Parts && !l.RollUp && !l.CodeList && l.Says(sources.ColRevision)
}

// BatchKey is the same for files that can be read in one go; "" for one that can't
// be read with others.
func BatchKey(p *decode.Prepared, of *sources.Layout) string {
	l := layout{of}
	if !l.inBulk() {
		return ""
	}
	stand := *p
	stand.Plain = ""
	return fmt.Sprintf("%q", []any{l.Format, l.Source, l.Header, l.typedCells([]*decode.Prepared{&stand}, ""), p.LineEnd, l.Revisions})
}

// sqlType is what a column's field is read as. Areas and periods have decimals, so
// that 156.7 is no country.
func (l layout) sqlType(c sources.Column) string {
	switch c {
	case sources.ColYear, sources.ColPeriod:
		_, years := l.At[sources.ColYear]
		_, periods := l.At[sources.ColPeriod]
		if years && periods { // which must agree
			return "INTEGER"
		}
		return "DECIMAL(9,3)"
	case sources.ColReporter, sources.ColPartner, sources.ColMonth:
		return "DECIMAL(9,3)"
	case sources.ColPartner2, sources.ColTransport, sources.ColLevel:
		return "INTEGER"
	case sources.ColQuantityUnit:
		return "SMALLINT"
	case sources.ColOriginal, sources.ColWeightGuess, sources.ColUnitsGuess:
		return "BOOLEAN"
	case sources.ColValue, sources.ColCIF, sources.ColFOB:
		return shortDecimal(l.Factor())
	case sources.ColNetWeight:
		return shortDecimal(l.Kilos)
	case sources.ColQuantity:
		return shortDecimal(1)
	}
	return "VARCHAR"
}

// shortDecimal is the type of a number that is to be multiplied by the factor.
func shortDecimal(factor int) string {
	decimals, _ := room(factor)
	return fmt.Sprintf("DECIMAL(18,%d)", decimals)
}

// typedCells is the query that reads the files' shared columns by their types, in
// the order of the files and of their rows. errorTable is for what is no row; "" for
// none. Where the layout has a number before each row, that is the place of its file.
func (l layout) typedCells(files []*decode.Prepared, errorTable string) string {
	types := map[int]string{}
	var b strings.Builder
	place := "CAST(file_index AS USMALLINT)"
	if l.Numbered {
		place, types[0] = "c0", "USMALLINT"
	}
	b.WriteString("SELECT " + place + " AS place")
	for _, c := range sources.Columns() {
		i, found := l.At[c]
		_, fixed := l.Fixed[c]
		switch {
		case fixed:
			fmt.Fprintf(&b, ", TRY_CAST(%s AS %s) AS %s", l.cell(c), l.sqlType(c), c)
		case c == sources.ColSurplus && l.Extra:
			fmt.Fprintf(&b, ", c%d AS surplus", l.Width()-1)
		case !found, c == sources.ColMonth && l.hasFrequency(): // the period has the month
			fmt.Fprintf(&b, ", NULL::%s AS %s", l.sqlType(c), c)
		default:
			if _, known := types[i]; !known {
				types[i] = l.sqlType(c)
			}
			fmt.Fprintf(&b, ", %s AS %s", l.cell(c), c)
		}
	}
	return b.String() + " FROM " + l.reader(files, types, l.Absent, errorsTo{table: errorTable, limit: maxAgain})
}

func (l layout) hasFrequency() bool {
	return l.Says(sources.ColFrequency)
}

// readBulk reads the rows of all files by their types into the batch's table, and
// those that are special once more as text into read_rows.
func (b *Batch) readBulk(ctx context.Context, conn *sql.Conn, temp string) error {
	broken, joined, err := b.readJoined(ctx, conn, temp)
	if err == nil && !joined {
		broken, err = b.readFiles(ctx, conn, temp)
	}
	if err != nil {
		return err
	}
	if b.Parsed != nil {
		b.Parsed()
	}
	if err := b.recheckDetails(ctx, conn); err != nil {
		return err
	}
	if err := b.findLines(ctx, conn, broken); err != nil {
		return err
	}
	return b.readAgain(ctx, conn, temp)
}

// readFiles makes the batch's table of the files as they are, and lists what is no row.
func (b *Batch) readFiles(ctx context.Context, conn *sql.Conn, temp string) ([]brokenLine, error) {
	var files []*decode.Prepared
	for _, f := range b.Files {
		if err := f.Prepared.Link(temp); err != nil {
			return nil, err
		}
		files = append(files, f.Prepared)
	}
	listed := b.layout().Width() > maxNarrow && b.errorsFit(b.records())
	var err error
	if listed {
		err = b.readTyped(ctx, conn, b.layout(), files, errorTable)
	} else {
		listed, err = b.readQuick(ctx, conn, b.layout(), files)
	}
	if err != nil || !listed {
		return nil, err
	}
	return brokenLines(ctx, conn, errorTable, b.Files)
}

// errorTable is DuckDB's table of what is no row.
const errorTable = "csv_errors"

// readQuick makes the batch's table without a table of errors first, and with one where some
// record is no row, which it tells.
func (b *Batch) readQuick(ctx context.Context, conn *sql.Conn, l layout, files []*decode.Prepared) (listed bool, err error) {
	if err := b.readTyped(ctx, conn, l, files, ""); err != nil {
		return false, err
	}
	lost, err := b.lost(ctx, conn, b.Table())
	switch {
	case err != nil || lost == 0:
		return false, err
	case !b.errorsFit(lost):
		return false, errNotEven
	}
	return true, b.readTyped(ctx, conn, l, files, errorTable)
}

// maxNarrow is how many columns files have that are first read without a table of
// errors: for it DuckDB notes where each line begins, which costs as much as to read
// a few fields.
const maxNarrow = 10

// readTyped makes the batch's table of files of the layout. errorTable is for what is no
// row; "" for none.
func (b *Batch) readTyped(ctx context.Context, conn *sql.Conn, l layout, files []*decode.Prepared, errorTable string) error {
	read, err := fill("bulk.sql", map[string]any{"Keep": b.Keep, "Table": b.Table(), "Cells": l.typedCells(files, errorTable), "Frequency": l.hasFrequency(),
		"Value": times("value", l.Factor()), "NetWeight": times("net_weight", l.Kilos)})
	if err != nil {
		return err
	}
	if err := know(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, read); err != nil {
		if isOfData(err) { // text is looked at field by field, and says what is wrong
			return fmt.Errorf("%w: %w", errNotEven, err)
		}
		return err
	}
	return nil
}

// know gives the connection what bulk.sql looks up, unless it has it. The reference
// tables don't change while files are read.
func know(ctx context.Context, conn *sql.Conn) error {
	const doing = "look up areas and codes"
	var known bool
	if err := conn.QueryRowContext(ctx, "SELECT getvariable('known_codes') IS NOT NULL").Scan(&known); err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	if known {
		return nil
	}
	if err := knowMacros(ctx, conn); err != nil {
		return err
	}
	text, err := fill("known.sql", nil)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, text); err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	return nil
}

// knowMacros gives the connection the macros that layouts name, unless it has them.
func knowMacros(ctx context.Context, conn *sql.Conn) error {
	const doing = "make the macros of the sources"
	var known bool
	if err := conn.QueryRowContext(ctx, "SELECT getvariable('source_macros') IS NOT NULL").Scan(&known); err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	if known {
		return nil
	}
	if _, err := conn.ExecContext(ctx, sources.Macros); err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	return nil
}

// findLines learns which rows of the table are of which file, what is not staged of
// them, and on which lines they stand.
func (b *Batch) findLines(ctx context.Context, conn *sql.Conn, broken []brokenLine) error {
	b.lines = make([]fileLines, len(b.Files))
	for _, line := range broken {
		b.lines[line.place].broken = append(b.lines[line.place].broken, line)
	}
	last := make([]int64, len(b.Files))
	// By year too, because a change of a file is followed year by year.
	rows, err := conn.QueryContext(ctx, `SELECT place, CAST(not_staged AS VARCHAR), min(first), max(last), sum(rows)::BIGINT, string_agg(year::VARCHAR, ',') FILTER (not_staged IS NULL)
		FROM (SELECT place, not_staged, year, min(rowid) AS first, max(rowid) AS last, count(*) AS rows FROM `+b.Table()+` GROUP BY ALL)
		GROUP BY ALL`)
	if err != nil {
		return fmt.Errorf("find the rows of each file: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var place int
		var reason sql.NullString
		var from, to, n int64
		var years sql.NullString
		if err := rows.Scan(&place, &reason, &from, &to, &n, &years); err != nil {
			return fmt.Errorf("find the rows of each file: %w", err)
		}
		at := &b.lines[place]
		if at.rows == 0 {
			at.first = from
		}
		at.first, last[place], at.rows = min(at.first, from), max(last[place], to), at.rows+n
		switch reason.String {
		case "":
			at.staged, at.years = n, years.String
		case "needs_recheck":
		default:
			at.leftOut = append(at.leftOut, fmt.Sprintf("%d, %s, %d", b.Files[place].ID, sqltext.Literal(reason.String), n))
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("find the rows of each file: %w", err)
	}
	b.broken = nil
	for place, f := range b.Files {
		at := &b.lines[place]
		if at.rows > 0 && last[place]-at.first+1 != at.rows {
			return fmt.Errorf("internal error: the rows of %s are not in order; please report it", f.Prepared.Name)
		}
		if at.rows+int64(len(at.broken)) != f.dataRecords() { // there are more errors than the table of them takes
			return errNotEven
		}
		if at.stretches, err = lineStretches(f.Prepared, f.Layout, at.broken); err != nil {
			return err
		}
		if err := b.cutOff(at.broken); err != nil {
			return err
		}
		for _, line := range at.broken {
			if line.reason != "" { // others are read again
				b.broken = append(b.broken, line)
			}
		}
	}
	return nil
}

// recheckDetails marks the details of which the total is not in the table.
func (b *Batch) recheckDetails(ctx context.Context, conn *sql.Conn) error {
	const doing = "look for details without a total"
	var details bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (FROM "+b.Table()+" WHERE is_detail(not_staged))").Scan(&details); err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	if !details {
		return nil
	}
	recheck, err := fill("recheck.sql", map[string]any{"Table": b.Table()})
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, recheck); err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	return nil
}

// readAgain reads the rows that need it, and those of which a field is not of its type,
// as text.
func (b *Batch) readAgain(ctx context.Context, conn *sql.Conn, temp string) error {
	wanted, err := b.recheckedRecords(ctx, conn)
	if err != nil {
		return err
	}
	again := 0
	for _, numbers := range wanted {
		again += len(numbers)
	}
	if again == 0 {
		_, err := conn.ExecContext(ctx, "CREATE TEMP TABLE read_rows (place BIGINT, record BIGINT, part UBIGINT, raw VARCHAR[])")
		return err
	}
	if again > maxAgain && int64(again)*10 > b.rows() {
		return errNotEven
	}
	copied, err := b.copyRecords(ctx, wanted, temp)
	if copied != nil {
		defer os.Remove(copied.Plain)
	}
	if err != nil {
		return err
	}
	l := b.layout().behindNumbers(2)
	if err := readCells(ctx, conn, l.cells(l.reader([]*decode.Prepared{copied}, nil, nil, errorsTo{table: "csv_errors_again"}), true)); err != nil {
		return err
	}
	if grouped, err := hasGroups(ctx, conn); err != nil {
		return err
	} else if grouped {
		return errNotEven // then points in other values stand between thousands, too
	}
	if unsaid, err := b.hasUnsaid(ctx, conn); err != nil {
		return err
	} else if unsaid && len(b.Files) > 1 {
		return ErrReadSingly // what a revision is follows from the codes of one file
	}
	broken, err := brokenLines(ctx, conn, "csv_errors_again", []File{{Prepared: copied}})
	for _, line := range broken {
		line.takePlace(l.Delimiter)
		line.takeRow(l.Delimiter)
		b.broken = append(b.broken, line)
	}
	return err
}

func (b *Batch) rows() (n int64) {
	for _, at := range b.lines {
		n += at.rows
	}
	return n
}

// recheckedRecords lists the records that are to be read again, for each file.
func (b *Batch) recheckedRecords(ctx context.Context, conn *sql.Conn) ([][]int64, error) {
	wanted := make([][]int64, len(b.Files))
	rows, err := conn.QueryContext(ctx, "SELECT place, rowid FROM "+b.Table()+" WHERE not_staged = 'needs_recheck'")
	if err != nil {
		return nil, fmt.Errorf("list the rows to be read again: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var place int
		var row int64
		if err := rows.Scan(&place, &row); err != nil {
			return nil, fmt.Errorf("list the rows to be read again: %w", err)
		}
		at := b.lines[place]
		row -= at.first
		i, exact := slices.BinarySearchFunc(at.stretches, row, func(s stretch, r int64) int { return int(s.row - r) })
		if !exact {
			i--
		}
		wanted[place] = append(wanted[place], at.stretches[i].record+row-at.stretches[i].row)
	}
	for place, at := range b.lines {
		for _, line := range at.broken {
			if line.reason == "" {
				wanted[place] = append(wanted[place], line.record)
			}
		}
		slices.Sort(wanted[place])
	}
	return wanted, rows.Err()
}

// copyRecords writes the records to a file in the folder temp, each behind the
// place of its file in the batch and its line there.
func (b *Batch) copyRecords(ctx context.Context, wanted [][]int64, temp string) (*decode.Prepared, error) {
	return b.copyFiles(temp, func(out *bufio.Writer, place int, f File) error {
		return f.Prepared.EachRecord(ctx, wanted[place], func(record int64, text []byte) error {
			_, err := fmt.Fprintf(out, "%d%c%d%c%s\n", place, f.Layout.Delimiter, f.Prepared.LineOf(record), f.Layout.Delimiter, text)
			return err
		})
	})
}

// copyFiles writes what each file of the batch adds to one in the folder temp. The copy is
// there, too, when writing it failed.
func (b *Batch) copyFiles(temp string, write func(out *bufio.Writer, place int, f File) error) (_ *decode.Prepared, err error) {
	file, err := os.CreateTemp(temp, "copied-*")
	if err != nil {
		return nil, fmt.Errorf("copy records: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	first := b.Files[0].Prepared
	copied := &decode.Prepared{Input: first.Input, Plain: file.Name(), UTF8: first.UTF8}
	out := bufio.NewWriterSize(file, 1<<20)
	for place, f := range b.Files {
		copied.Longest = max(copied.Longest, f.Prepared.Longest)
		if err := write(out, place, f); err != nil {
			return copied, err
		}
	}
	if err := out.Flush(); err != nil {
		return copied, fmt.Errorf("copy records: %w", err)
	}
	return copied, nil
}

// behindNumbers is the layout of the same rows behind so many numbers, without a header.
func (l layout) behindNumbers(count int) layout {
	n := *l.Layout
	n.Numbered, n.Skipped = true, 0
	n.Header = append(make([]string, count), l.Header...)
	n.At = map[sources.Column]int{}
	for c, i := range l.At {
		n.At[c] = i + count
	}
	return layout{&n}
}

// spans are the columns of the table of that name: where the rows of each file are, and how
// far from their lines.
func (b *Batch) spans() [][]int64 {
	spans := make([][]int64, 5)
	for place, at := range b.lines {
		if at.rows == 0 {
			continue
		}
		for i, stretch := range at.stretches {
			last := at.rows - 1
			if i+1 < len(at.stretches) {
				last = at.stretches[i+1].row - 1
			}
			for column, value := range []int64{int64(place), b.Files[place].ID, at.first + stretch.row, at.first + last, stretch.by - at.first} {
				spans[column] = append(spans[column], value)
			}
		}
	}
	return spans
}

// bulkTables is the SQL for what a batch that was read in bulk adds: the rows themselves,
// kept or copied. batch_rows are all that is staged of the batch.
func (b *Batch) bulkTables() string {
	own := "SELECT * FROM staged_rows WHERE file_id IN (" + b.ids() + ")"
	if !b.bulk {
		return "CREATE TEMP VIEW batch_rows AS " + own
	}
	var s strings.Builder
	var leftOut []string
	most := 0
	for _, at := range b.lines {
		if at.rows == 0 {
			continue
		}
		leftOut = append(leftOut, at.leftOut...)
		most = max(most, len(at.stretches))
	}
	s.WriteString("CREATE TEMP TABLE bulk_left_out (file_id INTEGER, reason VARCHAR, rows BIGINT);\n")
	insert(&s, "bulk_left_out", len(leftOut), func(i int) string { return leftOut[i] })
	from := joined(b.Table(), "spans")
	if most > maxStretches {
		from = joinedToMany(b.Table(), "spans")
	}
	s.WriteString("CREATE TEMP VIEW bulk_rows AS " + rowsOf("m.file_id", "r.rowid + m.shift", from) + ";\n")
	if b.kept = b.Keep && most <= maxStretches; b.kept {
		fmt.Fprintf(&s, "INSERT INTO line_ranges SELECT %d, * FROM spans;\n", b.Files[0].ID)
		return s.String() + "CREATE TEMP VIEW batch_rows AS SELECT * EXCLUDE (not_staged) FROM bulk_rows WHERE not_staged IS NULL UNION ALL " + own
	}
	return s.String() + "INSERT INTO staged_rows SELECT * EXCLUDE (not_staged) FROM bulk_rows WHERE not_staged IS NULL;\nCREATE TEMP VIEW batch_rows AS " + own
}
