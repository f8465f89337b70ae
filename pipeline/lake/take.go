package lake

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
	"entrepot/sources"
)

// recordsAtOnce is how many records are read in one statement.
const recordsAtOnce = 500

// Take notes files in the workspace of which the lake has records.
func (l *Lake) Take(ctx context.Context, was []int64, files []*workspace.File) error {
	var names []string
	for _, f := range files {
		names = append(names, object(*f))
	}
	return l.take(ctx, was, names, files)
}

func (l *Lake) take(ctx context.Context, was []int64, names []string, files []*workspace.File) error {
	for at := 0; at < len(files); at += recordsAtOnce {
		end := min(at+recordsAtOnce, len(files))
		if err := l.takeSome(ctx, was[at:end], names[at:end], files[at:end]); err != nil {
			return err
		}
	}
	known, err := l.work.Files(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		*f = known[f.Name]
	}
	return nil
}

func (l *Lake) takeSome(ctx context.Context, was []int64, names []string, files []*workspace.File) error {
	var arriving [][]driver.Value
	for i, f := range files {
		arriving = append(arriving, []driver.Value{names[i], int32(f.ID), f.Name, f.Bytes, f.Stamp, f.Seconds, f.Excess})
	}
	var of []string
	for _, name := range names {
		l.lock.Lock()
		hasRows := l.records[name]
		l.lock.Unlock()
		of = append(of, record(name, hasRows))
	}
	slices.Sort(of)
	records, done, err := l.local(ctx, recordsFolder, slices.Compact(of))
	if err != nil {
		return err
	}
	defer done()
	return l.work.InTransaction(ctx, func(conn *sql.Conn) error {
		if err := workspace.DeleteFiles(ctx, conn, was); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE arriving (object VARCHAR, file_id INTEGER, name VARCHAR, bytes BIGINT, stamp VARCHAR, seconds DOUBLE, excess BIGINT)"); err != nil {
			return err
		}
		if err := engine.Append(conn, "arriving", arriving); err != nil {
			return err
		}
		if err := l.insert(ctx, conn, records); err != nil {
			return err
		}
		_, err := conn.ExecContext(ctx, "DROP TABLE arriving")
		return err
	})
}

// ofInput are the columns of files that the record does not have: what another file of the same
// content has in its own way.
var ofInput = []string{"name", "bytes", "stamp", "seconds", "excess"}

// insert fills the tables of the workspace with what records say of the files in arriving.
func (l *Lake) insert(ctx context.Context, conn *sql.Conn, records []string) error {
	for _, table := range append([]string{"files"}, workspace.FileTables()...) {
		columns, list := []string{"file_id"}, []string{"a.file_id"}
		for _, c := range l.writer.Table(table) {
			from := "r."
			if table == "files" && slices.Contains(ofInput, c.Name) {
				from = "a."
			}
			if c.Name != "file_id" {
				columns, list = append(columns, c.Name), append(list, from+sqltext.Name(c.Name))
			}
		}
		query := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s r JOIN arriving a ON a.object = r.object WHERE r.of_table = %s",
			table, sqltext.Names(columns), strings.Join(list, ", "), sqltext.Parquet(records...), sqltext.Literal(table))
		if _, err := conn.ExecContext(ctx, query); err != nil {
			return fmt.Errorf("read the records of the lake %s: %w", l.Shown(), workspace.OfInputs(err))
		}
	}
	if _, err := conn.ExecContext(ctx, "INSERT INTO objects_in_force SELECT object, file_id FROM arriving"); err != nil {
		return fmt.Errorf("note the objects in force: %w", err)
	}
	lacking, err := engine.Query(ctx, conn, engine.Scan[string], "SELECT name FROM arriving a ANTI JOIN files f USING (file_id) ORDER BY name LIMIT 1")
	if err == nil && len(lacking) > 0 {
		err = fmt.Errorf("the record of %s in the lake %s is not whole: 'entrepot stage --force' writes it again", lacking[0], l.Shown())
	}
	return err
}

// Attach brings the workspace up to date with the inputs that the lake's lists say.
func (l *Lake) Attach(ctx context.Context, known map[string]workspace.File) ([]extract.Report, error) {
	inputs, err := l.inputs(ctx)
	if err != nil {
		return nil, err
	}
	inForce, err := l.work.InLake(ctx)
	if err != nil {
		return nil, err
	}
	a := &attaching{done: make([]extract.Report, len(inputs)), kept: map[int64]bool{}, gone: map[string][]workspace.File{}}
	listed := map[string]bool{}
	for _, in := range inputs {
		listed[in.Name] = true
		if !l.whole(in.Object) {
			return nil, fmt.Errorf("the lake %s has lost the object of %s (%s): 'entrepot stage' writes it again", l.Shown(), in.Name, in.Object)
		}
	}
	for _, f := range workspace.ByName(known) {
		a.nextID = max(a.nextID, f.ID)
		if !listed[f.Name] {
			a.gone[inForce[f.ID]] = append(a.gone[inForce[f.ID]], f)
		}
	}
	for i, in := range inputs {
		if err := l.attach(ctx, a, i, in, known[in.Name], inForce); err != nil {
			return nil, err
		}
	}
	return a.done, l.settle(ctx, a, known)
}

// sameSettings fails where files were staged with other settings of files than this run has: it
// would publish that it was made with these.
func (l *Lake) sameSettings(files []extract.Report) error {
	for _, f := range files {
		if f.Fingerprint != "" && !strings.HasSuffix(f.Fingerprint, l.job.Reader(sources.SettingsFor(l.job.Config.Files, f.Name))) {
			return usage.Errorf("%s was staged with other settings than this run has (files: in entrepot.yaml): take those of the staging, or stage it again with these", f.Name)
		}
	}
	return nil
}

// attaching is what becomes of the files that the lists have.
type attaching struct {
	done    []extract.Report
	kept    map[int64]bool
	gone    map[string][]workspace.File // files that no list has under their names, by their objects
	nextID  int64
	was     []int64
	objects []string
	files   []*workspace.File
}

// attach looks at one input: it is as it was, was renamed, or is new.
func (l *Lake) attach(ctx context.Context, a *attaching, i int, in entry, was workspace.File, inForce map[int64]string) error {
	f := &a.done[i].File
	switch renamed := a.gone[in.Object]; {
	case was.ID != 0 && inForce[was.ID] == in.Object:
		*f = was
		if was.Stamp != in.Stamp {
			f.Stamp = in.Stamp
			if err := l.work.Touch(ctx, *f); err != nil {
				return err
			}
		}
	case was.ID == 0 && len(renamed) > 0:
		*f, a.gone[in.Object] = renamed[0], renamed[1:]
		f.Name, f.Stamp = in.Name, in.Stamp
		if err := l.work.Rename(ctx, *f); err != nil {
			return err
		}
	default:
		a.nextID++
		*f = workspace.File{ID: a.nextID, Name: in.Name, Bytes: in.Bytes, Stamp: in.Stamp, Seconds: in.Seconds, Excess: in.Excess}
		a.done[i].Fresh = true
		a.was, a.objects, a.files = append(a.was, was.ID), append(a.objects, in.Object), append(a.files, f)
	}
	a.kept[f.ID] = true
	return nil
}

// settle takes new files from the lake, and takes out what is gone.
func (l *Lake) settle(ctx context.Context, a *attaching, known map[string]workspace.File) error {
	for _, id := range a.was {
		a.kept[id] = true // it is replaced
	}
	if len(a.files) > 0 {
		if err := l.take(ctx, a.was, a.objects, a.files); err != nil {
			return err
		}
		l.log.Info("attached files of the lake", "lake", l.Shown(), "files", len(a.files))
	}
	if err := l.sameSettings(a.done); err != nil {
		return err
	}
	var gone []int64
	for _, f := range workspace.ByName(known) {
		if !a.kept[f.ID] {
			gone = append(gone, f.ID)
			l.log.Info("file is gone from the lake's lists; its rows are taken out", "file", f.Name)
		}
	}
	return l.work.InTransaction(ctx, func(conn *sql.Conn) error { return workspace.DeleteFiles(ctx, conn, gone) })
}
