package pipeline

// KeepBatches has every batch of files keep its table, however small it is.
func (c *Config) KeepBatches() { c.keepBytes = 0 }
