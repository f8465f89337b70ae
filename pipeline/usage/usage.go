// Package usage has the error of a wrong flag, setting or argument: the user's to
// correct, with nothing done yet. The command ends with exit code 2 on it.
package usage

import "fmt"

// Error is a wrong flag, setting, reference table or argument.
type Error struct{ err error }

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns what was wrong behind it, if that is known.
func (e *Error) Unwrap() error { return e.err }

// Errorf makes an *Error as fmt.Errorf makes an error; %w keeps the chain.
func Errorf(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }
