package workspace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"entrepot/pipeline/engine"
)

// InTransaction runs do on a connection of its own, and commits what it did only
// if it succeeds.
func (w *Workspace) InTransaction(ctx context.Context, do func(conn *sql.Conn) error) error {
	conn, err := w.DB.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the workspace: %w", err)
	}
	defer conn.Close()
	return Transaction(ctx, conn, func() error { return do(conn) })
}

// Transaction runs do between BEGIN and COMMIT, or ROLLBACK if it fails.
func Transaction(ctx context.Context, conn *sql.Conn, do func() error) (err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() {
		if err != nil {
			// The first error is the one to tell; ctx may be done already.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	if err := do(); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Step reads a step's state; the zero value when it never finished.
func (w *Workspace) Step(ctx context.Context, name string) (StepState, error) {
	states, err := w.steps(ctx, " WHERE name = $name", sql.Named("name", name))
	return states[name], err
}

// Steps reads the state of every step that ever finished, by name.
func (w *Workspace) Steps(ctx context.Context) (map[string]StepState, error) { return w.steps(ctx, "") }

func (w *Workspace) steps(ctx context.Context, where string, bound ...any) (map[string]StepState, error) {
	all, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (s StepState, err error) {
		var parts, years string
		if err = rows.Scan(&s.Name, &s.Fingerprint, &parts, &s.Content, &years, &s.RowsIn, &s.RowsOut, &s.Seconds, &s.Finished); err == nil {
			s.Parts, err = decodeFingerprint(parts)
		}
		if err == nil && years != "" {
			err = json.Unmarshal([]byte(years), &s.Years)
		}
		return s, err
	}, "SELECT name, fingerprint, parts, content, years, rows_in, rows_out, seconds, finished_at FROM steps"+where, bound...)
	if err != nil {
		return nil, fmt.Errorf("read the state of the steps: %w", err)
	}
	states := map[string]StepState{}
	for _, s := range all {
		states[s.Name] = s
	}
	return states, nil
}

// StepState is a row of the table steps.
type StepState struct {
	Name            string
	Fingerprint     string // the sum of Parts
	Parts           Fingerprint
	Content         string // a hash of the rows that the step made
	Years           Years  // nil for a step whose rows have no year
	RowsIn, RowsOut int64
	Seconds         float64
	Finished        time.Time
}

// Years is what is known of each year of a table.
type Years map[int]Year

// Year is what is known of one year of a table.
type Year struct {
	Of   string `json:"of,omitempty"` // a hash of what its rows are made of; "" for a table that is not made year by year
	Rows int64  `json:"rows"`
	Sum  string `json:"sum"` // of the hashes of its rows, a whole number: those of all years add up to that of the table
}

// Content covers the rows of the year; "" for a year that is not there.
func (y Years) Content(year int) string {
	of, found := y[year]
	if !found {
		return ""
	}
	return fmt.Sprint(of.Rows, " ", of.Sum)
}

// Finish notes a step's state, but for its name and when it finished, in the transaction
// that holds its result.
func Finish(ctx context.Context, conn *sql.Conn, name string, f Fingerprint, s StepState) error {
	if _, err := conn.ExecContext(ctx, "DELETE FROM steps WHERE name = $name", sql.Named("name", name)); err != nil {
		return fmt.Errorf("note the state of %s: %w", name, err)
	}
	s.Name, s.Parts, s.Finished = name, f, time.Now()
	return AddSteps(conn, []StepState{s})
}

// AddSteps notes the states of steps of which nothing is noted yet, each by its Name and Parts.
func AddSteps(conn *sql.Conn, states []StepState) error {
	var rows [][]driver.Value
	for _, s := range states {
		parts, err := s.Parts.encode()
		var years []byte
		if err == nil && s.Years != nil {
			years, err = json.Marshal(s.Years)
		}
		if err != nil {
			return fmt.Errorf("note the state of %s: %w", s.Name, err)
		}
		rows = append(rows, []driver.Value{s.Name, s.Parts.Sum(), parts, s.Content, string(years), s.RowsIn, s.RowsOut, s.Seconds, s.Finished.UTC()})
	}
	if err := engine.Append(conn, "steps", rows); err != nil {
		return fmt.Errorf("note the state of steps: %w", err)
	}
	return nil
}

// TransformStep is the name of the step that makes a table.
func TransformStep(table string) string { return "transform " + table }
