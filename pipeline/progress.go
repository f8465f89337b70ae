package pipeline

import (
	"os"

	"entrepot/sources"
)

// Progress is how far a run has come. Stage is empty when it is over.
type Progress struct {
	Stage       Stage
	Bytes       int64 // of input files read so far in this run
	BytesTotal  int64 // that are new or changed
	Rows        int64 // that were staged
	Tables      int64 // made or found up to date
	TablesTotal int64
}

// progressOf changes the progress and tells who watches the run.
func (r *runner) progressOf(change func(p *Progress)) {
	if r.config.Watch == nil {
		return
	}
	r.progressLock.Lock()
	defer r.progressLock.Unlock()
	change(&r.progress)
	r.config.Watch(r.progress)
}

// expectInputs adds up the files that will have to be read.
func (r *runner) expectInputs(inputs []sources.Input, known map[string]file) {
	if r.config.Watch == nil {
		return
	}
	total := int64(0)
	for _, in := range inputs {
		reader := r.readerFingerprint(sources.SettingsFor(r.config.Files, in.Name))
		if info, err := os.Stat(in.Path); err == nil && !r.unchanged(known[in.Name], info, reader) {
			total += info.Size()
		}
	}
	r.progressOf(func(p *Progress) { p.Stage, p.BytesTotal = StageExtract, total })
}
