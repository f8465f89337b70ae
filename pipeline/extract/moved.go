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
	files func() map[string][]workspace.File // worked out when it is needed first: mostly no file is new
}

// newMoved looks for files that are gone. When only some of the inputs were looked
// for, nothing tells.
func newMoved(inputs []sources.Input, known map[string]workspace.File, some bool) *moved {
	return &moved{files: sync.OnceValue(func() map[string][]workspace.File {
		if some {
			return nil
		}
		return gone(inputs, known)
	})}
}

// gone has the files that are in the data folder no more under their names, by their fingerprints.
func gone(inputs []sources.Input, known map[string]workspace.File) map[string][]workspace.File {
	present := map[string]bool{}
	for _, in := range inputs {
		present[in.Name] = true
	}
	files := map[string][]workspace.File{}
	for _, f := range workspace.ByName(known) {
		if !present[f.Name] && f.Refusal == "" {
			files[f.Fingerprint] = append(files[f.Fingerprint], f)
		}
	}
	return files
}

// take takes a file that is of the fingerprint, if there is one.
func (m *moved) take(fingerprint string) (f workspace.File, found bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	files := m.files()
	same := files[fingerprint]
	if len(same) == 0 {
		return f, false
	}
	files[fingerprint] = same[1:]
	return same[0], true
}
