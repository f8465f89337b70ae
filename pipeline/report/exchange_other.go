//go:build !linux

package report

import "errors"

// exchange can't be done in one step here.
func exchange(a, b string) error { return errors.ErrUnsupported }
