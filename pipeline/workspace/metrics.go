package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// MetricsPath is the file for the metrics of a folder, where metrics_file says so: it
// itself, with what before the extension; or, where it is a folder that several share, one
// in it that is named after the folder of which the metrics are, with a hash, since two
// paths may give one name.
func MetricsPath(file, what, of string) string {
	if what != "" {
		what = "-" + what
	}
	info, err := os.Stat(file)
	if err != nil || !info.IsDir() {
		extension := filepath.Ext(file)
		return strings.TrimSuffix(file, extension) + what + extension
	}
	whole, err := filepath.Abs(of)
	if err != nil {
		whole = of
	}
	name := strings.Trim(noName.ReplaceAllString(whole, "-"), "-")
	return filepath.Join(file, fmt.Sprintf("entrepot%s-%s-%s.prom", what, name, Hash(whole)[:8]))
}

var noName = regexp.MustCompile(`[^A-Za-z0-9_.]+`)
