package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/schemas"

	"github.com/spf13/cobra"
)

// licenses are the terms of all that is linked into the program; TestLicenses writes
// the file.
//
//go:embed licenses.txt
var licenses string

// build says what a binary is made of. Workspaces of another layout are made anew.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"` // "" when it was not built from a repository; +changes when that had some
	Go       string `json:"go"`
	Platform string `json:"platform"`
	DuckDB   string `json:"duckdb"`
	Layout   string `json:"workspace_layout"`
	JSON     string `json:"json_version"` // of the contract in docs/json
}

// jsonVersion is the version of what commands print with --json, and of the JSON log.
// Fields may be added in one version; none changes its meaning or goes.
const jsonVersion = "1"

func newVersion() *cobra.Command {
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version, or the licences of what the program is made of",
		Args:  cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	terms := c.Flags().Bool("licenses", false, "print the licences of everything that is linked into the program")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *terms {
			_, err := io.WriteString(c.OutOrStdout(), licenses)
			return err
		}
		b, err := thisBuild(c.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), b)
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "entrepot %s (DuckDB %s, %s, %s)\n", b.Version, b.DuckDB, b.Go, b.Platform)
		return err
	}
	return c
}

func thisBuild(ctx context.Context) (b build, err error) {
	b = build{Version: job.Version, Commit: commit(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Layout: workspace.Layout(schemas.Base{}.Workspace()), JSON: jsonVersion}
	db, err := engine.Open(ctx, "", engine.Options{})
	if err != nil {
		return b, fmt.Errorf("ask DuckDB for its version: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&b.DuckDB); err != nil {
		return b, fmt.Errorf("ask DuckDB for its version: %w", err)
	}
	return b, nil
}

// commit is what Go noted of the repository that the program was built from.
func commit() (id string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			id = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			id += "+changes"
		}
	}
	return id
}
