package sources

import _ "embed"

// Macros is the SQL that makes, on a connection, the macros that layouts name. It sets
// the variable source_macros.
//
//go:embed macros.sql
var Macros string
