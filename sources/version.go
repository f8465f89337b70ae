package sources

import (
	"embed"
	"sync"

	"entrepot/sources/decode"
)

// All files but tests: no name that ends in "st.go" is among them.
//
//go:embed *[^t].go *[^s]t.go *.sql
var code embed.FS

// Version changes with the code and the SQL that say how files are laid out, and how they
// are decoded; see staging.Version.
var Version = sync.OnceValue(func() string { return decode.Version() + " " + decode.Sum(code) })
