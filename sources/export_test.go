package sources

// TakeLongWay has every row typed and judged by settle.sql.
func (l *Layout) TakeLongWay() { l.plain = false }

// Plain tells whether read.sql may take its short way.
func (l *Layout) Plain() bool { return l.plain }
