// Package staging puts the rows of files where they belong. DuckDB's own CSV reader
// parses the text by the layout that package sources made out; each row ends in exactly
// one of three places, in one transaction:
//
//   - staged: usable, with the file and line that it came from;
//   - rejects: unusable, with line, column, value and reason;
//   - left_out: sound, but it would double a figure; counted by reason.
//
// There are two ways to the same result. Files whose rows can be typed by the reader
// itself are read many at once (bulk.sql); only the rows that it can't decide on, and all
// rows of other files, are read as text (read.sql), typed and judged (classify.sql).
package staging

import "entrepot/sources"

// layout is how a file's columns map onto the shared ones, and the SQL that reads them.
type layout struct{ *sources.Layout }
