package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/durable"

	"github.com/google/uuid"
)

// ID identifies the output folder, whatever its path: a prefix of an object store has the
// releases of one folder alone. It is made when it is first asked for, and stands among the
// releases, so that it comes back with them from a backup.
func (f Folder) ID() (id string, err error) {
	path := filepath.Join(f.releases(), ".folder")
	err = f.alone(func() error {
		text, err := os.ReadFile(path)
		if err == nil {
			if id = strings.TrimSpace(string(text)); uuid.Validate(id) == nil {
				return nil
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		id = uuid.NewString()
		return durable.WriteFile(path, []byte(id+"\n"))
	})
	if err != nil {
		return "", fmt.Errorf("identify the output folder: %w", err)
	}
	return id, nil
}
