package extract

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"entrepot/pipeline/workspace"
)

// stamp is by what a file is known that nobody wrote to: its size, when it was modified,
// and what a tool that sets that time back does not set back (changed).
func stamp(info os.FileInfo) string {
	return fmt.Sprintf("%d %d %s", info.Size(), info.ModTime().UnixNano(), changed(info))
}

// Modified is when a file was modified, by its stamp; zero when that is not known.
func Modified(f workspace.File) time.Time {
	parts := strings.Fields(f.Stamp)
	if len(parts) < 2 {
		return time.Time{}
	}
	nanoseconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}
