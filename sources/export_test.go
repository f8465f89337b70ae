package sources

import "flag"

// Update is the flag that rewrites what tests compare with; read the difference.
var Update = flag.Bool("update", false, "rewrite what was read from real files, and the table of formats in docs/sources.md")

// TakeLongWay has every row read as text.
func (l *Layout) TakeLongWay() { l.plain = false }

// InBulk tells whether bulk.sql reads the file.
func (l *Layout) InBulk() bool { return l.inBulk() }
