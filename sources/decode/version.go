package decode

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
)

// All files but tests: no name that ends in "st.go" is among them.
//
//go:embed *[^t].go *[^s]t.go
var code embed.FS

// Version changes with the code of this package: what was read by another one has to
// be read anew.
func Version() string { return Sum(code) }

// Sum is a hash of the names and contents of embedded files.
func Sum(files embed.FS) string {
	sum := sha256.New()
	if err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		sum.Write([]byte(name + "\x00"))
		sum.Write(text)
		sum.Write([]byte{0})
		return err
	}); err != nil {
		panic(err) // they are part of the program
	}
	return hex.EncodeToString(sum.Sum(nil))
}
