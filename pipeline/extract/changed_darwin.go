package extract

import (
	"fmt"
	"os"
	"syscall"
)

// changed is when the file's entry was last changed, and its number on the disk.
func changed(info os.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d.%09d %d", s.Ctimespec.Sec, s.Ctimespec.Nsec, s.Ino)
	}
	return ""
}
