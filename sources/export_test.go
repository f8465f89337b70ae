package sources

import "flag"

// Update is the flag that rewrites what tests compare with; read the difference.
var Update = flag.Bool("update", false, "rewrite what was read from real files, and the table of formats in docs/sources.md")
