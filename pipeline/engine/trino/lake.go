package trino

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"entrepot/pipeline/objects"
)

// lake is where the files lie, as this machine and as the server call it.
type lake struct {
	folder string        // of this machine; "" for an object store
	base   string        // of the object store, without a slash at the end
	store  objects.Store // of the lake
}

// lakeOf reads s3://bucket/prefix?region=…, file:///folder or the path of a folder.
func lakeOf(text string) (lake, error) {
	if text == "" {
		return lake{}, errors.New("an engine needs a lake that it and entrepot see: set --lake to s3://bucket/prefix or to a folder")
	}
	at, err := objects.URL(text)
	var store objects.Store
	if err == nil {
		store, err = objects.Open(at.String())
	}
	if err != nil {
		return lake{}, fmt.Errorf("the lake %s: %w", objects.Shown(text), err)
	}
	if at.Scheme == "file" {
		return lake{folder: filepath.FromSlash(at.Path), store: store}, nil
	}
	return lake{base: strings.TrimRight(at.Scheme+"://"+at.Host+at.Path, "/"), store: store}, nil
}

// at is a folder of the lake as the server calls it. A lake in a folder is the root of the
// server's local file system (local.location).
func (l lake) at(folder string) string {
	if l.folder != "" {
		return "local:///" + path.Clean(folder)
	}
	return l.base + "/" + path.Clean(folder)
}

// from is a file that the server names, as this machine calls it.
func (l lake) from(location string) string {
	if below, local := strings.CutPrefix(location, "local://"); local && l.folder != "" {
		return filepath.Join(l.folder, filepath.FromSlash(below))
	}
	for _, scheme := range []string{"s3a://", "s3n://"} { // older names of the same
		if below, old := strings.CutPrefix(location, scheme); old {
			return "s3://" + below
		}
	}
	return location
}

// prepare makes a folder, which on a local file system must be there before a table is
// made of it.
func (l lake) prepare(folder string) error {
	if l.folder == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(l.folder, filepath.FromSlash(folder)), 0o755); err != nil {
		return fmt.Errorf("make the folder of the lake: %w", err)
	}
	return nil
}

// remove deletes a folder of the lake with all that is in it.
func (l lake) remove(ctx context.Context, folder string) error {
	if l.folder != "" {
		if err := os.RemoveAll(filepath.Join(l.folder, filepath.FromSlash(folder))); err != nil {
			return fmt.Errorf("remove a folder of the lake: %w", err)
		}
		return nil
	}
	found, err := l.store.List(ctx, folder+"/")
	for i := 0; err == nil && i < len(found); i++ {
		err = l.store.Delete(ctx, found[i].Key)
	}
	if err != nil {
		return fmt.Errorf("remove %s/%s: %w", l.base, folder, err)
	}
	return nil
}
