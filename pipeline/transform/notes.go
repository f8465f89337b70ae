package transform

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/engine/trino"
	"entrepot/pipeline/workspace"
)

// notes say what a server has for a workspace. They stand beside the workspace, and outlive
// it: what they say follows from content.
type notes struct {
	URL    string
	Lake   string
	Run    string // names the schema
	Tables map[string]notedTable

	file string
}

type notedTable struct {
	Key   string
	Query workspace.Query // that made it; of none when it was brought
}

func notesFile(dir string) string { return filepath.Join(dir, "engine.json") }

// hasNotes tells whether a server has anything for a workspace.
func hasNotes(dir string) (bool, error) {
	_, err := os.Stat(notesFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// readNotes reads the notes of a workspace's folder, or begins new ones: where there are
// none, or they are of another server or lake.
func readNotes(dir string, c trino.Config) (notes, error) {
	n := notes{}
	text, err := os.ReadFile(notesFile(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("read what the engine has: %w", err)
	}
	if err == nil && json.Unmarshal(text, &n) == nil && n.URL == c.URL && n.Lake == c.Lake {
		n.file = notesFile(dir)
		return n, nil
	}
	n = notes{URL: c.URL, Lake: c.Lake, Run: strings.ToLower(rand.Text()[:12]), Tables: map[string]notedTable{}, file: notesFile(dir)}
	return n, n.save()
}

func (n notes) save() error {
	text, err := json.MarshalIndent(n, "", "  ")
	if err == nil {
		err = durable.Replace(n.file, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note what the engine has: %w", err)
	}
	return nil
}

func (n notes) remove() error {
	if err := os.Remove(n.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("note what the engine has: %w", err)
	}
	return nil
}
