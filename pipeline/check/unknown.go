package check

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/phrase"
)

// UnknownName is a name of an area that is not known.
type UnknownName struct {
	Reason  string  `json:"-"` // for which its rows were rejected
	Name    string  `json:"name"`
	Rows    int64   `json:"rows"`
	Value   float64 `json:"value_usd"`              // US dollars that it has as a partner, under HS-6 codes
	Nearest string  `json:"nearest_name,omitempty"` // the known name that is most like it
	Text    string  `json:"-"`                      // all of this in words
}

//go:embed unknown_names.sql
var unknownNamesSQL string

// UnknownNames lists the names of areas in a file that are not known, or with file 0 in
// all files, those with the largest values first; and how many there are beyond most.
func UnknownNames(ctx context.Context, db engine.Querier, file, most int64) (names []UnknownName, more int64, err error) {
	var all int64
	names, err = engine.Query(ctx, db, func(rows *sql.Rows) (n UnknownName, err error) {
		return n, rows.Scan(&n.Reason, &n.Name, &n.Rows, &n.Value, &n.Nearest, &n.Text, &all)
	}, unknownNamesSQL, sql.Named("file", file), sql.Named("most", most))
	if err != nil {
		return nil, 0, fmt.Errorf("list the names that are not known: %w", err)
	}
	return names, all - int64(len(names)), nil
}

// UnknownTexts says in lines what names are not known, at most five of them.
func UnknownTexts(ctx context.Context, db engine.Querier, file int64) ([]string, error) {
	names, more, err := UnknownNames(ctx, db, file, 5)
	var lines []string
	for _, n := range names {
		lines = append(lines, "unknown name "+n.Text)
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more", phrase.Count(more, "unknown name")))
	}
	return lines, err
}
