package extract

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"entrepot/pipeline/progress"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
	"entrepot/sources/staging"

	"golang.org/x/sync/errgroup"
)

const (
	// batchBytes is how much text is read in one go: enough that what a batch costs
	// besides does not count, and no more than a crash may cost.
	batchBytes = 2 << 30
	batchFiles = 1000
)

// arrival is an input that is ready to be read.
type arrival struct {
	was      workspace.File
	file     *workspace.File
	prepared *sources.Prepared
	layout   *sources.Layout
	settings sources.Settings
	took     time.Duration // to prepare it
}

// extraction reads inputs in batches.
type extraction struct {
	*Stage
	done []Report

	mu      sync.Mutex
	waiting map[string][]*arrival // by what can be read in one go

	moved  *moved
	taken  taken
	excess excess

	reading sync.Mutex // by one batch at a time: DuckDB uses every core for it, and as much memory as it may
}

// Read reads those of the inputs that are not as they were. Each gets the next
// file_id from firstID on, in their order.
func (x *Stage) Read(ctx context.Context, inputs []sources.Input, known map[string]workspace.File, firstID int64) (_ []Report, err error) {
	e := &extraction{Stage: x, done: make([]Report, len(inputs)), waiting: map[string][]*arrival{}, moved: newMoved(inputs, known, len(x.Job.Selection.Steps) > 0)}
	defer func() {
		for _, batch := range e.waiting {
			for _, a := range batch {
				err = errors.Join(err, a.prepared.Close())
			}
		}
	}()
	group, groupCtx := errgroup.WithContext(ctx)
	// One file is hashed or unpacked while another is, or while a batch is read.
	group.SetLimit(2)
	asItWas := true
	for i, in := range inputs {
		was := known[in.Name]
		if was.Excess == 0 && e.asItWas(in, was) {
			e.done[i].File = was
			continue
		}
		asItWas = false
		group.Go(func() error {
			if err := e.input(groupCtx, in, was, firstID+int64(i), &e.done[i]); err != nil {
				return fmt.Errorf("extract %s: %w", in.Name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || asItWas {
		return e.done, err
	}
	group, groupCtx = errgroup.WithContext(ctx)
	group.SetLimit(2)
	for key, batch := range e.waiting {
		delete(e.waiting, key)
		group.Go(func() error { return e.batch(groupCtx, batch) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := e.takeAll(ctx); err != nil {
		return nil, err
	}
	e.logRefusals()
	return e.done, x.Work.KeepTables(ctx)
}

// asItWas tells whether an input is as it was read, by what it was when it was found.
func (e *extraction) asItWas(in sources.Input, was workspace.File) bool {
	return in.Fault == "" && in.Info != nil && Unchanged(e.Job, was, in.Info, readerOf(e.Job, in.Name))
}

// input looks at one input. If it is to be read, it waits for others that can be
// read with it, until there are enough of them.
func (e *extraction) input(ctx context.Context, in sources.Input, was workspace.File, id int64, done *Report) error {
	if in.Fault != "" {
		return e.faulty(ctx, in, was, id, done)
	}
	info, err := os.Stat(in.Path)
	if err != nil {
		return err
	}
	settings := sources.SettingsFor(e.Job.Config.Files, in.Name)
	reader := e.Job.Reader(settings)
	if Unchanged(e.Job, was, info, reader) {
		done.File = was
		return e.excess.add(was)
	}
	started := time.Now()
	done.File, done.Fresh = workspace.File{ID: id, Name: in.Name, Bytes: info.Size(), Stamp: stamp(info)}, true
	if e.Meter.Watched() {
		in.Watch = func(n int) { e.Meter.Update(func(p *progress.Progress) { p.Bytes += int64(n) }) }
	}
	a := &arrival{was: was, file: &done.File, settings: settings}
	if a.prepared, err = sources.Prepare(ctx, in, e.Work.Temp(), settings); err != nil {
		done.Fingerprint = reader
		return e.refuse(ctx, a, err)
	}
	done.SHA256, done.Vintage, done.Excess = a.prepared.SHA256, a.prepared.Vintage, a.prepared.Excess()
	if err := e.excess.add(done.File); err != nil {
		return errors.Join(err, a.prepared.Close())
	}
	if done.Fingerprint = ContentFingerprint(a.prepared, reader); done.Fingerprint == was.Fingerprint && !e.Job.Selection.Force {
		was.Stamp = done.Stamp
		done.File, done.Fresh = was, false
		return errors.Join(e.Work.Touch(ctx, was), a.prepared.Close())
	}
	if moved, found := e.moved.take(done.Fingerprint); found && was.ID == 0 && !e.Job.Selection.Force {
		done.File, done.Fresh = moved, false
		done.Name, done.Stamp = in.Name, stamp(info)
		e.Job.Log.Info("file was renamed; its rows stay", "file", in.Name, "was", moved.Name)
		return errors.Join(e.Work.Rename(ctx, done.File), a.prepared.Close())
	}
	if e.Shelf != nil && !e.Job.Selection.Force && e.Shelf.Has(done.Fingerprint) {
		e.taken.add(was.ID, &done.File)
		return a.prepared.Close()
	}
	if a.layout, err = sources.Recognise(a.prepared, settings); err != nil {
		return errors.Join(e.refuse(ctx, a, err), a.prepared.Close())
	}
	a.took = time.Since(started)
	return e.arrive(ctx, a)
}

// faulty refuses an input that can't be read at all, once.
func (e *extraction) faulty(ctx context.Context, in sources.Input, was workspace.File, id int64, done *Report) error {
	if was.Refusal == in.Fault && !e.Job.Selection.Force {
		done.File = was
		return nil
	}
	done.File, done.Fresh = workspace.File{ID: id, Name: in.Name}, true
	return e.refuse(ctx, &arrival{was: was, file: &done.File}, &sources.Refusal{Reason: in.Fault})
}

// arrive takes the arrival to those that it can be read with, and reads them when
// they are enough.
func (e *extraction) arrive(ctx context.Context, a *arrival) error {
	key := staging.BatchKey(a.prepared, a.layout)
	if key == "" {
		return e.batch(ctx, []*arrival{a})
	}
	e.mu.Lock()
	batch := append(e.waiting[key], a)
	size := int64(0)
	for _, b := range batch {
		size += b.prepared.Size
	}
	full := size >= batchBytes || len(batch) >= batchFiles
	if e.waiting[key] = batch; full {
		delete(e.waiting, key)
	}
	e.mu.Unlock()
	if !full {
		return nil
	}
	return e.batch(ctx, batch)
}

// batch reads arrivals in one go, or one by one where that can't be done.
func (e *extraction) batch(ctx context.Context, batch []*arrival) (err error) {
	defer func() {
		for _, a := range batch {
			err = errors.Join(err, a.prepared.Close())
		}
	}()
	slices.SortFunc(batch, func(a, b *arrival) int { return cmp.Compare(a.file.ID, b.file.ID) })
	err = e.stage(ctx, batch)
	var refusal *sources.Refusal
	switch {
	case errors.Is(err, staging.ErrReadSingly):
		for _, a := range batch {
			if err := e.batch(ctx, []*arrival{a}); err != nil {
				return err
			}
		}
		return nil
	case len(batch) == 1 && errors.As(err, &refusal):
		return e.refuse(ctx, batch[0], err)
	case err != nil && len(batch) > 1:
		return fmt.Errorf("read %s and %d more: %w", batch[0].file.Name, len(batch)-1, err)
	case err != nil:
		return fmt.Errorf("read %s: %w", batch[0].file.Name, err)
	}
	var files []workspace.File
	for _, a := range batch {
		files = append(files, *a.file)
	}
	return e.put(ctx, files...)
}

// stage replaces what was read from the files before by what they hold now, in one
// transaction.
func (e *extraction) stage(ctx context.Context, batch []*arrival) (err error) {
	started := time.Now()
	conn, err := e.Work.DB.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the workspace: %w", err)
	}
	defer conn.Close()
	e.reading.Lock()
	parsed := sync.OnceFunc(e.reading.Unlock)
	defer parsed()
	b := staging.Batch{Parsed: parsed}
	size := int64(0)
	for _, a := range batch {
		b.Files = append(b.Files, staging.File{ID: a.file.ID, Prepared: a.prepared, Layout: a.layout})
		size += a.prepared.Size
	}
	b.Keep = size >= e.Job.Config.KeepBytes
	defer func() { err = errors.Join(err, b.Drop(conn)) }()
	if err := b.Read(ctx, conn, e.Work.Temp()); err != nil {
		return e.orChanged(batch, workspace.OfInputs(err))
	}
	err = workspace.Transaction(ctx, conn, func() error {
		counts, err := b.Stage(ctx, conn)
		if err := e.orChanged(batch, err); err != nil {
			return err
		}
		var was []int64
		var files []workspace.File
		for i, a := range batch {
			f := a.file
			f.Format, f.Source, f.Unit, f.Note = a.layout.Format, a.layout.Source, a.layout.Unit(), strings.Join(a.layout.Notes, "; ")
			f.BothSides, f.AllPartners, f.MaybeCut = a.layout.BothSides(), a.layout.AllPartners(), a.layout.MaybeCut
			f.Declared, f.Repeated = strings.Join(a.settings.Whole, ","), a.settings.Repeated
			f.Read, f.Staged, f.Rejected, f.LeftOut = counts[i].Read, counts[i].Staged, counts[i].Rejected, counts[i].LeftOut
			if f.Refusal, err = whollyRejected(ctx, conn, f); err != nil {
				return err
			}
			if f.Refusal != "" {
				f.Format = ""
			}
			f.Seconds = (a.took + time.Duration(float64(time.Since(started))*float64(a.prepared.Size+1)/float64(size+int64(len(batch))))).Seconds()
			was, files = append(was, a.was.ID), append(files, *f)
		}
		return workspace.Replace(ctx, conn, was, files)
	})
	if err != nil {
		return err
	}
	for _, a := range batch {
		f := a.file
		e.Job.Log.Info("read file", "file", f.Name, "format", f.Format, "rows", f.Read, "staged", f.Staged,
			"rejected", f.Rejected, "left_out", f.LeftOut, "took", time.Duration(f.Seconds*float64(time.Second)).Round(time.Millisecond))
		e.Meter.Update(func(p *progress.Progress) { p.Rows += f.Staged })
		if err := e.StepDone(); err != nil {
			return err
		}
	}
	return nil
}

// orChanged returns the error of reading a batch, unless one of its files is not
// what it was when it was hashed: then that is the error, and the others of the batch
// are read without it.
func (e *extraction) orChanged(batch []*arrival, err error) error {
	for _, a := range batch {
		changed, failed := a.prepared.Changed()
		switch {
		case failed != nil:
			return errors.Join(err, failed)
		case changed && len(batch) > 1:
			return staging.ErrReadSingly
		case changed:
			a.file.Stamp, a.file.Fingerprint = "", "" // the next run looks again
			return &sources.Refusal{Reason: "changed while it was read; the next run reads it again"}
		}
	}
	return err
}

// refuse notes a file that can't be used and why; errors that are no refusal pass.
func (e *extraction) refuse(ctx context.Context, a *arrival, err error) error {
	var refusal *sources.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	f := a.file
	f.Format, f.Source, f.Unit, f.Note, f.BothSides, f.AllPartners, f.MaybeCut, f.Refusal = "", "", "", "", false, false, false, refusal.Reason
	f.Read, f.Staged, f.Rejected, f.LeftOut = 0, 0, 0, 0
	if err := e.Work.InTransaction(ctx, func(conn *sql.Conn) error {
		return workspace.Replace(ctx, conn, []int64{a.was.ID}, []workspace.File{*f})
	}); err != nil {
		return err
	}
	if err := e.put(ctx, *f); err != nil {
		return err
	}
	return e.StepDone()
}
