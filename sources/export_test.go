package sources

// TakeLongWay has every row read as text.
func (l *Layout) TakeLongWay() { l.plain = false }

// InBulk tells whether bulk.sql reads the file.
func (l *Layout) InBulk() bool { return l.inBulk() }
