package main

import (
	"entrepot/pipeline/engine"
	"entrepot/pipeline/workspace"
)

// hint says what to do about an error that comes from the machine rather than from
// the files, or "" for any other.
func hint(err error) string {
	switch engine.FailureOf(err) {
	case engine.DiskFull:
		return "the disk of the output folder is full: free some space and run again; what was published stays, and finished steps are kept"
	case engine.OutOfMemory:
		return "memory_limit was too small for this step: raise it (--memory-limit) or set fewer threads (--threads); finished steps are kept"
	case engine.Broken:
		return "the database of the workspace failed and this process can't go on: run again, finished steps are kept; " +
			"if it fails again, remove the folder work in the output folder, which is made again from the input files"
	case engine.Denied:
		return "entrepot may not read or write there: check who owns the folder"
	}
	if workspace.Damaged(err) {
		return "the workspace is damaged: 'entrepot run' moves it aside and makes it again from the input files"
	}
	return ""
}
