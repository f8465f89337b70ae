package main

import (
	"errors"
	"strings"
	"syscall"
)

// hint says what to do about an error that is the machine's fault rather than the
// files', or "" for any other. DuckDB passes the system's errors on as text only.
func hint(err error) string {
	text := err.Error()
	says := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.EDQUOT),
		says("No space left on device", "File too large", "Disk quota exceeded", "max_temp_directory_size"):
		return "the disk of the output folder is full: free some space and run again; what was published stays, and finished steps are kept"
	case says("Out of Memory Error"):
		return "memory_limit was too small for this step: raise it (--memory-limit) or set fewer threads (--threads); finished steps are kept"
	case says("database has been invalidated", "FATAL Error", "INTERNAL Error"):
		return "the database of the workspace failed and this process can't go on: run again, finished steps are kept; " +
			"if it fails again, remove the folder work in the output folder, which is made anew from the input files"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EROFS), says("Permission denied", "Read-only file system"):
		return "entrepot may not read or write there: check who owns the folder"
	}
	return ""
}
