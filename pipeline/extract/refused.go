package extract

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
)

//go:embed wholly_rejected.sql
var whollyRejectedSQL string

// whollyRejected says why a file can't be used of which all rows were rejected for one
// reason: it is of another kind than trade by codes of the HS. "" for any other file.
//
// Such a file is refused as a whole, so that it does not keep the others from being
// published; its rows stay among the rejects, for whoever looks for them.
func whollyRejected(ctx context.Context, conn *sql.Conn, f *workspace.File) (string, error) {
	if f.Staged > 0 || f.Rejected == 0 {
		return "", nil
	}
	var reason, first string
	var value sql.NullString
	err := conn.QueryRowContext(ctx, whollyRejectedSQL, sql.Named("file", f.ID)).Scan(&reason, &value, &first)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look why all rows of %s were rejected: %w", f.Name, err)
	}
	rows := "its only row is rejected"
	if f.Rejected > 1 {
		rows = fmt.Sprintf("all of its %s are rejected", phrase.Count(f.Rejected, "row"))
	}
	if f.LeftOut > 0 {
		rows = fmt.Sprintf("%s %s rejected and %d left out", phrase.Count(f.Rejected, "row"), phrase.Plural(f.Rejected, "is", "are"), f.LeftOut)
	}
	if other := sources.NotHS(value.String); reason == "not_hs" && other != "" {
		return fmt.Sprintf("is in %s, not in the HS, so %s (%s); download it by HS codes", other, rows, first), nil
	}
	return fmt.Sprintf("has nothing that can be used: %s (%s)", rows, first), nil
}

// loggedAlike is how many files that are not used for the same reason the log names.
const loggedAlike = 3

// logRefusals logs which of the files that were read are not used.
func (e *extraction) logRefusals() {
	alike := map[string]int{}
	for _, f := range e.done {
		if !f.Fresh || f.Refusal == "" {
			continue
		}
		if alike[f.Refusal]++; alike[f.Refusal] <= loggedAlike {
			e.Job.Log.Warn("file not used", "file", f.Name, "reason", f.Refusal)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(alike)) {
		if more := alike[reason] - loggedAlike; more > 0 {
			e.Job.Log.Warn("more files not used", "files", more, "reason", reason)
		}
	}
}
