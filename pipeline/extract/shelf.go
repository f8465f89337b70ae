package extract

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"entrepot/pipeline/workspace"
	"entrepot/sources"
)

// Shelf keeps what files become outside of the workspace, for others too: a lake (package
// lake).
type Shelf interface {
	// Begin makes the workspace one of the shelf, and returns the files that it knows.
	Begin(ctx context.Context) (map[string]workspace.File, error)
	// Has tells whether the shelf has what a file of this fingerprint becomes.
	Has(fingerprint string) bool
	// Take notes files in the workspace that the shelf has, in the places of others, by their
	// numbers, and fills in what is known of them.
	Take(ctx context.Context, was []int64, files []*workspace.File) error
	// Put takes files of which the workspace has the rows.
	Put(ctx context.Context, files []workspace.File) error
	// Show lets the workspace read the rows that are on the shelf.
	Show(ctx context.Context) error
	// Mine tells whether an input, by its name, is for this run to look at.
	Mine(name string) bool
	// Attach brings the workspace up to date with what the shelf says that the inputs are, for
	// a run without a data folder.
	Attach(ctx context.Context, known map[string]workspace.File) ([]Report, error)
}

// begin makes the workspace one of the shelf, or of none, and returns the files that it knows.
func (x *Stage) begin(ctx context.Context) (map[string]workspace.File, error) {
	if x.Shelf != nil {
		return x.Shelf.Begin(ctx)
	}
	if err := x.Work.UseLake(ctx, ""); err != nil {
		return nil, err
	}
	return x.Work.Files(ctx)
}

// mine leaves out the inputs that others look at.
func (x *Stage) mine(inputs []sources.Input) []sources.Input {
	if x.Shelf == nil {
		return inputs
	}
	return slices.DeleteFunc(slices.Clone(inputs), func(in sources.Input) bool { return !x.Shelf.Mine(in.Name) })
}

// put takes files that were just noted to the shelf, if there is one.
func (x *Stage) put(ctx context.Context, files ...workspace.File) error {
	if x.Shelf == nil {
		return nil
	}
	return x.Shelf.Put(ctx, files)
}

// taken collects the files that the shelf has.
type taken struct {
	lock  sync.Mutex
	was   []int64
	files []*workspace.File
}

func (t *taken) add(was int64, f *workspace.File) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.was, t.files = append(t.was, was), append(t.files, f)
}

// takeAll notes the files that the shelf has.
func (e *extraction) takeAll(ctx context.Context) error {
	if len(e.taken.files) == 0 {
		return nil
	}
	if err := e.Shelf.Take(ctx, e.taken.was, e.taken.files); err != nil {
		return fmt.Errorf("take files from the lake: %w", err)
	}
	e.Job.Log.Info("files were read before; their rows are in the lake", "files", len(e.taken.files))
	return e.StepDone()
}
