package extract

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"path"
	"slices"
	"strings"

	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"

	"github.com/maruel/natural"
)

// orderFiles ranks the sources by the configuration, and the files: the newest
// first, by what their names or archives say of the download; among files that say
// nothing, the last name first.
func (x *Stage) orderFiles(ctx context.Context) error {
	known, err := x.Work.Files(ctx)
	if err != nil {
		return err
	}
	ranks := sourceRanks(x.Job, known)
	return x.Work.InTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "DELETE FROM file_order"); err != nil {
			return fmt.Errorf("order files: %w", err)
		}
		for i, f := range inOrder(known) {
			if _, err := conn.ExecContext(ctx, "INSERT INTO file_order VALUES ($id, $source, $trust, $rank)",
				sql.Named("id", f.ID), sql.Named("source", f.Source), sql.Named("trust", ranks[f.Source]), sql.Named("rank", int64(i+1))); err != nil {
				return fmt.Errorf("order files: %w", err)
			}
		}
		return nil
	})
}

// sourceRanks numbers the sources by trust: those of the configuration in its
// order, then the others by name.
func sourceRanks(j *job.Job, known map[string]workspace.File) map[string]int64 {
	names := slices.Clone(j.Config.SourceOrder)
	var others []string
	for _, f := range known {
		if f.Source != "" && !slices.Contains(names, f.Source) && !slices.Contains(others, f.Source) {
			others = append(others, f.Source)
		}
	}
	slices.Sort(others)
	ranks := map[string]int64{}
	for i, name := range append(names, others...) {
		ranks[name] = int64(i + 1)
	}
	return ranks
}

func inOrder(known map[string]workspace.File) []workspace.File {
	var files []workspace.File
	for _, f := range known {
		if f.Refusal == "" {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b workspace.File) int {
		if c := strings.Compare(b.Vintage, a.Vintage); c != 0 {
			return c
		}
		return compareNames(b.Name, a.Name)
	})
	return files
}

// compareNames orders names as people do: numbers by their value, and a
// browser's second copy "data (1).csv" behind "data.csv".
func compareNames(a, b string) int {
	stem := func(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }
	return cmp.Or(natural.Compare(stem(a), stem(b)), strings.Compare(a, b))
}

// StagedFingerprint covers the usable files' content and the order in which they are
// believed.
func StagedFingerprint(j *job.Job, known map[string]workspace.File) string {
	parts := []string{"staged"}
	ranks := sourceRanks(j, known)
	for _, f := range inOrder(known) {
		parts = append(parts, f.Source, fmt.Sprint(ranks[f.Source]), f.Fingerprint)
	}
	return workspace.Hash(parts...)
}
