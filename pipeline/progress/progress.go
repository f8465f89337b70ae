// Package progress tells how far a run has come to whoever watches it.
package progress

import "sync"

// Progress is how far a run has come. Stage is empty when it is over.
type Progress struct {
	Stage       string // download, extract, transform, …
	Bytes       int64  // of input files downloaded or read so far in this run
	BytesTotal  int64  // that are new or changed
	Rows        int64  // that were staged
	Tables      int64  // made or found up to date
	TablesTotal int64
	Query       string // what another engine is doing at the moment
}

// Downloading is the stage before the first, in which input files come from an object store.
const Downloading = "download"

// Meter keeps the progress of one run. The zero value has nobody who watches.
type Meter struct {
	// Watch is told each change, by one goroutine at a time; nil when nobody watches.
	Watch func(Progress)

	lock sync.Mutex
	now  Progress
}

// Watched tells whether anybody looks, so that what only serves the progress need
// not be done.
func (m *Meter) Watched() bool { return m.Watch != nil }

// Update changes the progress and tells who watches.
func (m *Meter) Update(change func(*Progress)) {
	if m.Watch == nil {
		return
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	change(&m.now)
	m.Watch(m.now)
}
