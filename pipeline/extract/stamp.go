package extract

import (
	"fmt"
	"os"
)

// stamp is by what a file is known that nobody wrote to: its size, when it was modified,
// and what a tool that sets that time back does not set back (changed).
func stamp(info os.FileInfo) string {
	return fmt.Sprintf("%d %d %s", info.Size(), info.ModTime().UnixNano(), changed(info))
}
