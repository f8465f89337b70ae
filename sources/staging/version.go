package staging

import (
	"embed"
	"sync"

	"entrepot/sources"
	"entrepot/sources/decode"
)

// All files but tests: no name that ends in "st.go" is among them.
//
//go:embed *[^t].go *[^s]t.go *.sql
var code embed.FS

// Version identifies how files are read: it changes with the code and the SQL that
// read them, and a change of it reads every file anew.
var Version = sync.OnceValue(func() string { return sources.Version() + " " + decode.Sum(code) })
