package extract

import (
	"sync"

	"entrepot/pipeline/workspace"
	"entrepot/sources"
)

// moved has the files that are in the data folder no more under their names, by what
// their rows were made of. A new file that would become the same rows is one of them
// under another name: a file is what its content is.
type moved struct {
	lock  sync.Mutex
	files map[string][]workspace.File
}

// newMoved looks for files that are gone. When only some of the inputs were looked
// for, nothing tells.
func newMoved(inputs []sources.Input, known map[string]workspace.File, some bool) *moved {
	if some {
		return &moved{}
	}
	present := map[string]bool{}
	for _, in := range inputs {
		present[in.Name] = true
	}
	m := &moved{files: map[string][]workspace.File{}}
	for _, f := range workspace.ByName(known) {
		if !present[f.Name] && f.Refusal == "" {
			m.files[f.Fingerprint] = append(m.files[f.Fingerprint], f)
		}
	}
	return m
}

// take takes a file that is of the fingerprint, if there is one.
func (m *moved) take(fingerprint string) (f workspace.File, found bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	same := m.files[fingerprint]
	if len(same) == 0 {
		return f, false
	}
	m.files[fingerprint] = same[1:]
	return same[0], true
}
