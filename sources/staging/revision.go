package staging

import (
	"context"
	"database/sql"
	"fmt"

	"entrepot/sources"
	"entrepot/sources/decode"
)

// inferRevision finds the HS revision of a file that does not say it: the only
// one that has all of its codes.
func inferRevision(ctx context.Context, conn *sql.Conn, l *sources.Layout) error {
	if l.Says(sources.ColRevision) || l.CodeList || l.RevisionOfYear.Name != "" {
		return nil
	}
	codes, err := fill("revision_of_codes.sql", map[string]any{"Code": rawCell(sources.ColCode)})
	if err != nil {
		return err
	}
	var fits, all, lacks int
	var which string
	var revision, such sql.NullString
	err = conn.QueryRowContext(ctx, codes).Scan(&fits, &which, &all, &revision, &lacks, &such)
	if err != nil {
		return fmt.Errorf("look for the HS revision of the codes: %w", err)
	}
	if fits != 1 {
		how := fmt.Sprintf("its %d six-digit codes fit %d revisions (%s)", all, fits, which)
		switch {
		case all == 0:
			how = "it has no six-digit codes that would tell"
		case fits == 0:
			how = fmt.Sprintf("no revision has all of its %d six-digit codes; the nearest, %s, lacks %d of them, such as %s", all, revision.String, lacks, such.String)
		}
		return decode.Refuse("does not say in which HS revision its codes are, and %s; "+
			"say it in entrepot.yaml under files: with 'revision: H5' or another", how)
	}
	l.Inferred = revision.String
	l.Notes = append(l.Notes, "its codes are those of "+revision.String+", the only HS revision that has all of them; the file does not say it")
	return nil
}
