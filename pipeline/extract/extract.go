// Package extract is the first stage: it brings the staged rows of the workspace up to
// date with the data folder.
//
// What is up to date is decided by content (ContentFingerprint). Files of one layout
// are read in one go (batches.go); which file of two counts is decided in order.go.
package extract

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"entrepot/pipeline/job"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
)

// Stage is the stage of one run.
type Stage struct {
	Job   *job.Job
	Work  *workspace.Workspace
	Meter *progress.Meter
	Shelf Shelf // nil: rows stay in the workspace

	// StepDone is called when a file or a batch of files is done.
	StepDone func() error
}

// Report says what became of one input.
type Report struct {
	workspace.File
	Fresh bool // read in this run
}

// ErrNoFiles means that the data folder is empty.
var ErrNoFiles = errors.New("no files")

// Run brings the staged rows up to date with the data folder: new and changed files
// are read, files that are gone are taken out, others stay as they are. A file's rows
// and its state commit together, with those of its batch. It returns what became of the
// inputs, and all that are known now.
func (x *Stage) Run(ctx context.Context) ([]Report, *Known, error) {
	files, err := x.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	done, err := x.bring(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	if x.Shelf != nil {
		if err := x.Shelf.Show(ctx); err != nil {
			return nil, nil, err
		}
	}
	if !same(files, done) {
		if files, err = x.Work.Files(ctx); err != nil {
			return nil, nil, err
		}
	}
	known := NewKnown(x.Job, files)
	return done, known, x.orderFiles(ctx, known)
}

// bring brings the files of the workspace up to date with the data folder, or without one
// with what the shelf says.
func (x *Stage) bring(ctx context.Context, known map[string]workspace.File) ([]Report, error) {
	if x.Shelf != nil && x.Job.Config.Data == "" {
		return x.Shelf.Attach(ctx, known)
	}
	inputs, err := Inputs(ctx, x.Job, known)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%w in %s: download trade data from UN Comtrade into it, or name another folder with --data; --allow-empty lets a run without files end well", ErrNoFiles, x.Job.Config.DataShown())
	}
	inputs = x.mine(inputs)
	nextID := int64(0)
	for _, f := range known {
		nextID = max(nextID, f.ID)
	}
	x.expectInputs(inputs, known)
	done, err := x.Read(ctx, inputs, known, nextID+1)
	if err != nil || len(x.Job.Selection.Steps) > 0 {
		return done, err
	}
	return done, x.removeMissing(ctx, inputs, known, done)
}

// same tells whether the inputs are all that was known, as it was.
func same(known map[string]workspace.File, done []Report) bool {
	for _, d := range done {
		if d.File != known[d.Name] {
			return false
		}
	}
	return len(done) == len(known)
}

// Inputs finds the inputs of a job, without those that its selection leaves out. Files that
// are as they are known are not opened.
func Inputs(ctx context.Context, j *job.Job, known map[string]workspace.File) ([]sources.Input, error) {
	leave := sources.Leave{Folders: append(slices.Clone(j.Config.Skip), j.Config.Out), Patterns: j.Config.Ignore}
	leave.Closed = func(name string, info os.FileInfo) bool {
		was, found := known[name]
		// One that was refused may have been so because of what is no part of it, as who ran entrepot.
		return found && was.Refusal == "" && Unchanged(j, was, info, readerOf(j, name))
	}
	if folder := j.Config.LakeFolder(); folder != "" {
		leave.Folders = append(leave.Folders, folder)
	}
	found, err := sources.Find(ctx, j.Config.DataFolder(), leave)
	if err != nil {
		return nil, err
	}
	for _, s := range found.Skipped {
		j.Log.Warn("skipped in the data folder", "name", s.Name, "reason", s.Reason)
	}
	return j.Selection.Inputs(found.Inputs, j.Config.DataShown())
}

// readerOf is what decides, beside its content, which rows a file becomes, by its name.
func readerOf(j *job.Job, name string) string {
	return j.Reader(sources.SettingsFor(j.Config.Files, name))
}

// Unchanged tells by size, time stamps and number whether a file was read as it is. When
// they differ, its content decides.
func Unchanged(j *job.Job, was workspace.File, info os.FileInfo, reader string) bool {
	return was.ID != 0 && !j.Selection.Force && was.Stamp == stamp(info) &&
		strings.HasSuffix(was.Fingerprint, reader)
}

// ContentFingerprint covers what decides the rows that a file becomes: its content, what
// its name says, and how it is read.
func ContentFingerprint(p *sources.Prepared, reader string) string {
	return p.SHA256 + " " + p.Vintage + " " + sources.Named(p.Name) + " " + reader
}

// removeMissing takes out the files that are in the data folder no more. It comes after
// the others are read, because a file that was renamed keeps its rows.
func (x *Stage) removeMissing(ctx context.Context, inputs []sources.Input, known map[string]workspace.File, done []Report) error {
	present, kept := map[string]bool{}, map[int64]bool{}
	for _, in := range inputs {
		present[in.Name] = true
	}
	for _, d := range done {
		kept[d.ID] = true
	}
	var gone []int64
	for name, f := range known {
		if !present[name] && !kept[f.ID] {
			gone = append(gone, f.ID)
			x.Job.Log.Info("file is gone; its rows are taken out", "file", name)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if err := x.Work.InTransaction(ctx, func(conn *sql.Conn) error { return workspace.DeleteFiles(ctx, conn, gone) }); err != nil {
		return err
	}
	return x.Work.KeepTables(ctx)
}

// expectInputs adds up the files that will have to be read.
func (x *Stage) expectInputs(inputs []sources.Input, known map[string]workspace.File) {
	if !x.Meter.Watched() {
		return
	}
	total := int64(0)
	for _, in := range inputs {
		if in.Info != nil && !Unchanged(x.Job, known[in.Name], in.Info, readerOf(x.Job, in.Name)) {
			total += in.Info.Size()
		}
	}
	x.Meter.Update(func(p *progress.Progress) { p.Stage, p.BytesTotal = string(job.StageExtract), total })
}
