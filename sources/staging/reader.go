package staging

import (
	"cmp"
	"fmt"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/sources/decode"
)

// readCSV is the call of DuckDB's reader that reads text. Everything is declared: a
// reader that guesses turns the code 010121 into the number 10121.
func (l layout) readCSV(p *decode.Prepared, e errorsTo) string {
	return l.reader([]*decode.Prepared{p}, nil, nil, e)
}

// errorsTo says what becomes of what is no row, or has a field that is not of its type. It
// goes to the table, which takes no more than limit lines; 0 is any number. Without a table
// it is dropped.
type errorsTo struct {
	table string
	limit int
	// oneThread: of DuckDB 1.5.6, several threads lose sound rows behind a quote out of place
	// when there is no table.
	oneThread bool
}

// reader is the call of DuckDB's reader for files of one layout. Fields are text but
// for those with types, and nothing where they are empty or one of the texts absent.
func (l layout) reader(files []*decode.Prepared, types map[int]string, absent []string, e errorsTo) string {
	paths, names, nulls := []string{}, []string{}, []string{"''"}
	for _, text := range absent {
		nulls = append(nulls, sqltext.Literal(text))
	}
	for _, p := range files {
		paths = append(paths, sqltext.File(p.Plain))
	}
	for i := range l.Width() {
		names = append(names, fmt.Sprintf("'c%d': '%s'", i, cmp.Or(types[i], "VARCHAR")))
	}
	rejects := ""
	if e.table != "" {
		rejects = fmt.Sprintf(", store_rejects = true, rejects_table = '%s', rejects_scan = '%[1]s_scans', rejects_limit = %[2]d", e.table, e.limit)
	}
	threads := "parallel = false"
	if files[0].Longest < longRecord && !e.oneThread {
		threads = fmt.Sprintf("buffer_size = %d", bufferBytes)
	}
	encoding := "utf-8"
	if !files[0].UTF8 {
		// Names are windows-1252 in such files, but no column that is read has
		// any; latin-1 is the one-byte encoding that DuckDB reads by itself.
		encoding = "latin-1"
	}
	return fmt.Sprintf("read_csv([%s], auto_detect = false, header = false, skip = %d, delim = %s, quote = '\"', escape = '\"', "+
		"nullstr = [%s], encoding = '%s', columns = {%s}, %s, ignore_errors = true, compression = 'none', hive_partitioning = false%s)",
		strings.Join(paths, ", "), l.Skipped, sqltext.Literal(string(l.Delimiter)), strings.Join(nulls, ", "), encoding, strings.Join(names, ", "), threads, rejects)
}

// bufferBytes is how much text is read at a time, of which a thread parses a quarter:
// with twice DuckDB's own, that is a row group, which DuckDB writes as it is instead
// of copying it to one first.
const bufferBytes = 64 << 20

// Several threads that meet a record of megabytes lose the order of the rows, and
// with it their lines.
const longRecord = 64 << 10
