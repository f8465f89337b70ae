package engine_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"entrepot/pipeline/engine"

	"github.com/duckdb/duckdb-go/v2"
)

// Failures are told by the types of errors, however deep they are wrapped. A text
// alone, which may come from a file's name or value, tells nothing.
func TestFailureOf(t *testing.T) {
	for _, test := range []struct {
		err  error
		want engine.Failure
	}{
		{nil, engine.Unknown},
		{errors.New("no rows in Out of Memory Error.csv: No space left on device"), engine.Unknown},
		{&fs.PathError{Op: "write", Path: "f", Err: syscall.ENOSPC}, engine.DiskFull},
		{fmt.Errorf("publish: %w", errors.Join(errors.New("other"), syscall.EDQUOT)), engine.DiskFull},
		{&fs.PathError{Op: "open", Path: "f", Err: syscall.EROFS}, engine.Denied},
		{&duckdb.Error{Type: duckdb.ErrorTypeIO, Msg: "IO Error: Could not write file: No space left on device"}, engine.DiskFull},
		{&duckdb.Error{Type: duckdb.ErrorTypeIO, Msg: `IO Error: Cannot open file "f": Permission denied`}, engine.Denied},
		{&duckdb.Error{Type: duckdb.ErrorTypeTransaction, Msg: `TransactionContext Error: Failed to commit: Could not write file "f.wal": File too large`}, engine.DiskFull},
		{&duckdb.Error{Type: duckdb.ErrorTypeTransaction, Msg: "TransactionContext Error: Conflict on update"}, engine.Unknown},
		{&duckdb.Error{Type: duckdb.ErrorTypeConversion, Msg: "Conversion Error: could not cast 'Permission denied' to INTEGER"}, engine.Unknown},
		{&duckdb.Error{Type: duckdb.ErrorTypeOutOfMemory, Msg: "Out of Memory Error: failed to allocate"}, engine.OutOfMemory},
		{&duckdb.Error{Type: duckdb.ErrorTypeOutOfMemory, Msg: "Out of Memory Error: adjust max_temp_directory_size"}, engine.DiskFull},
		{&duckdb.Error{Type: duckdb.ErrorTypeFatal, Msg: "FATAL Error: database has been invalidated"}, engine.Broken},
		{&duckdb.Error{Type: duckdb.ErrorTypeFatal, Msg: "FATAL Error: Failed to create checkpoint: File too large"}, engine.DiskFull},
		{&duckdb.Error{Type: duckdb.ErrorTypeInternal, Msg: "INTERNAL Error: index out of range"}, engine.Broken},
	} {
		if got := engine.FailureOf(test.err); got != test.want {
			t.Errorf("%v is failure %d, want %d", test.err, got, test.want)
		}
	}
}

// What the driver itself returns has the types that FailureOf goes by.
func TestFailureOfTheDriver(t *testing.T) {
	db, err := engine.Open(t.Context(), "", engine.Options{Temp: t.TempDir(), MemoryLimit: "20MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "SELECT string_agg(repeat('x', 1000), '') FROM range(1000000)")
	if got := engine.FailureOf(err); got != engine.OutOfMemory {
		t.Errorf("a query without memory is failure %d: %v", got, err)
	}
	_, err = db.ExecContext(t.Context(), "ATTACH '"+filepath.Join("/proc", "no.duckdb")+"'")
	if got := engine.FailureOf(err); err == nil || got == engine.Broken || got == engine.OutOfMemory {
		t.Errorf("a file that can't be made is failure %d: %v", got, err)
	}
}
