package engine

import (
	"errors"
	"strings"
	"syscall"

	"github.com/duckdb/duckdb-go/v2"
)

// Failure is what kept the machine from doing a step, where a person can help.
type Failure int

// The failures. Unknown is every other error.
const (
	Unknown     Failure = iota
	DiskFull            // no space, or a quota or limit is used up
	OutOfMemory         // a step needs more than memory_limit
	Broken              // the database can't be used any more in this process
	Denied              // the system doesn't let the program read or write there
)

// FailureOf tells what failed, by the types of the errors.
func FailureOf(err error) Failure {
	switch {
	case isAny(err, syscall.ENOSPC, syscall.EFBIG, syscall.EDQUOT):
		return DiskFull
	case isAny(err, syscall.EACCES, syscall.EPERM, syscall.EROFS):
		return Denied
	}
	var failed *duckdb.Error
	if !errors.As(err, &failed) {
		return Unknown
	}
	switch failed.Type {
	case duckdb.ErrorTypeOutOfMemory:
		// DuckDB has one type for both: the limit of what it may spill to disk is the
		// disk's size.
		if strings.Contains(failed.Msg, "max_temp_directory_size") {
			return DiskFull
		}
		return OutOfMemory
	case duckdb.ErrorTypeIO, duckdb.ErrorTypePermission, duckdb.ErrorTypeTransaction: // a commit that can't be written
		return systemFailure(failed.Msg)
	case duckdb.ErrorTypeFatal, duckdb.ErrorTypeInternal:
		// A database that failed to write says why in the same words.
		if why := systemFailure(failed.Msg); why != Unknown {
			return why
		}
		return Broken
	}
	return Unknown
}

// systemFailure reads an error of the system from DuckDB's text: the number of the
// error does not come through, only what strerror says of it.
func systemFailure(text string) Failure {
	for _, says := range []struct {
		text string
		is   Failure
	}{
		{"No space left on device", DiskFull}, {"File too large", DiskFull}, {"Disk quota exceeded", DiskFull},
		{"Permission denied", Denied}, {"Operation not permitted", Denied}, {"Read-only file system", Denied},
	} {
		if strings.Contains(text, says.text) {
			return says.is
		}
	}
	return Unknown
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
