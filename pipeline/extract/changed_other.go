//go:build !linux && !darwin

package extract

import "os"

// changed is not known here.
func changed(os.FileInfo) string { return "" }
