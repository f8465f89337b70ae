package transform

import (
	"context"
	"database/sql"
	"sync"

	"entrepot/pipeline/workspace"
)

// firstStates notes the states of tables that were made for the first time several at a time, after
// they are there: of small tables, to note one takes as long as to make it. A table of which
// nothing is noted is made again, so a run that is killed loses no more than noteEvery. That
// of which an earlier state is noted must never come without its new one.
type firstStates struct {
	lock   sync.Mutex
	states []workspace.StepState
}

// noteEvery is how many seconds of work on tables may wait to be noted.
const noteEvery = 0.5

func (f *firstStates) add(ctx context.Context, w *workspace.Workspace, s workspace.StepState) error {
	f.lock.Lock()
	f.states = append(f.states, s)
	took := 0.0
	for _, s := range f.states {
		took += s.Seconds
	}
	f.lock.Unlock()
	if took < noteEvery {
		return nil
	}
	return f.note(ctx, w)
}

// note notes what waits.
func (f *firstStates) note(ctx context.Context, w *workspace.Workspace) error {
	f.lock.Lock()
	defer f.lock.Unlock()
	if len(f.states) == 0 {
		return nil
	}
	err := w.InTransaction(ctx, func(conn *sql.Conn) error { return workspace.AddSteps(conn, f.states) })
	if err == nil {
		f.states = nil
	}
	return err
}
