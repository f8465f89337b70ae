package extract

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
)

//go:embed order_files.sql
var orderFilesSQL string

// orderFiles ranks the sources by the configuration, and the files as inOrder does, and
// notes the files that are known by their content to have all codes.
//
// Of files that are as they were, that is noted already.
func (x *Stage) orderFiles(ctx context.Context, known *Known) error {
	now := workspace.Fingerprint{{What: "order of files", Value: known.Staged().Rows}}
	was, err := x.Work.Step(ctx, orderStep)
	if err != nil || was.Fingerprint == now.Sum() {
		return err
	}
	ids, sources, trust, whole := []int64{}, []string{}, []int64{}, []int64{}
	ranks := sourceRanks(x.Job, known.Sorted())
	for _, f := range inOrder(known.Sorted()) {
		ids, sources, trust = append(ids, f.ID), append(sources, f.Source), append(trust, ranks[f.Source])
		if isWhole(x.Job, *f) {
			whole = append(whole, f.ID)
		}
	}
	return x.Work.InTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "DELETE FROM file_order; DELETE FROM whole_by_content"); err != nil {
			return fmt.Errorf("order files: %w", err)
		}
		if _, err := conn.ExecContext(ctx, orderFilesSQL, sql.Named("ids", ids), sql.Named("sources", sources), sql.Named("trust", trust)); err != nil {
			return fmt.Errorf("order files: %w", err)
		}
		if _, err := conn.ExecContext(ctx, "INSERT INTO whole_by_content SELECT unnest($ids::BIGINT[])", sql.Named("ids", whole)); err != nil {
			return fmt.Errorf("note which files are whole: %w", err)
		}
		return workspace.Finish(ctx, conn, orderStep, now, workspace.StepState{})
	})
}

// orderStep notes of which files the order is.
const orderStep = "order of files"

// isWhole tells whether a file is known by its content to have all codes.
func isWhole(j *job.Job, f workspace.File) bool {
	return j.Config.IsWhole != nil && j.Config.IsWhole(f.SHA256)
}

// sourceRanks numbers the sources by trust: those of the configuration in its
// order, then the others by name.
func sourceRanks(j *job.Job, known []workspace.File) map[string]int64 {
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

// inOrder lists the usable files, those that are believed first: the newest by what
// the publisher says, in the name, of the version or of the download. Where that tells
// nothing, the order is arbitrary, and the check duplicates says what hangs on it; but it
// is decided by content, so that neither a file's name nor its place changes a figure.
func inOrder(known []workspace.File) []*workspace.File {
	var files []*workspace.File
	for i := range known {
		if f := &known[i]; f.Refusal == "" {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b *workspace.File) int {
		return cmp.Or(strings.Compare(b.Vintage, a.Vintage), strings.Compare(b.Fingerprint, a.Fingerprint), strings.Compare(a.Name, b.Name))
	})
	return files
}

// Known is what a workspace knows of its inputs. A run reads it once: of very many files it
// takes long.
type Known struct {
	Files  map[string]workspace.File // by name
	Sorted func() []workspace.File   // in the order of their names

	// Staged covers what tables are made of: the rows of the usable files, under the numbers
	// that files have in the workspace, with the order in which they are believed; and what
	// is known of each file, its name above all.
	Staged func() job.Staged
}

// NewKnown is what is known of files.
func NewKnown(j *job.Job, files map[string]workspace.File) *Known {
	k := &Known{Files: files, Sorted: sync.OnceValue(func() []workspace.File { return workspace.ByName(files) })}
	k.Staged = sync.OnceValue(func() job.Staged { return StagedOf(j, k.Sorted()) })
	return k
}

// Look reads what a workspace knows of its inputs.
func Look(ctx context.Context, j *job.Job, w *workspace.Workspace) (*Known, error) {
	files, err := w.Files(ctx)
	if err != nil {
		return nil, err
	}
	return NewKnown(j, files), nil
}

// StagedOf is Known.Staged of files in the order of their names.
func StagedOf(j *job.Job, known []workspace.File) job.Staged {
	rows, names := []string{"staged"}, []string{"names"}
	ranks := sourceRanks(j, known)
	for _, f := range inOrder(known) {
		rows = append(rows, f.Source, strconv.FormatInt(ranks[f.Source], 10), strconv.FormatInt(f.ID, 10), f.Fingerprint, strconv.FormatBool(isWhole(j, *f)))
	}
	for _, f := range known {
		names = append(names, strconv.FormatInt(f.ID, 10), f.Name, f.Format, f.Refusal, f.Note, strconv.FormatInt(f.Read, 10))
	}
	return job.Staged{Rows: workspace.Hash(rows...), Names: workspace.Hash(names...)}
}

// StagedByYear is StagedOf for each year, of the files that have rows of it.
func StagedByYear(j *job.Job, known map[string]workspace.File, years map[int][]int64) map[int]job.Staged {
	files := map[int64]workspace.File{}
	for _, f := range known {
		files[f.ID] = f
	}
	staged := map[int]job.Staged{}
	for year, ids := range years {
		of := map[string]workspace.File{}
		for _, id := range ids {
			of[files[id].Name] = files[id]
		}
		staged[year] = StagedOf(j, workspace.ByName(of))
	}
	return staged
}
