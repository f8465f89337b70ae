package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"entrepot/pipeline"
	"entrepot/pipeline/job"
	"entrepot/pipeline/phrase"

	"github.com/spf13/cobra"
)

var (
	errNotVerified = errors.New("the release is not what its manifest says, or can't be reproduced")
	errOtherValues = errors.New("the release is what its version published, but this version computes other values; CHANGELOG.md says why figures may differ")
)

func newVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify [RELEASE]",
		Short: "Compute a release anew and compare the bytes",
		Long: `Verify computes a release (by default the current one) anew from the input files,
with the parameters of its manifest, in a folder of its own, and compares the
bytes. It fails when a file differs, or when the inputs are no longer those of the
release. Nothing is changed.

Of a release that another version of entrepot made it compares the values, in the
columns that both versions have: versions differ in columns and checks, and their
bytes do. CHANGELOG.md says why figures may differ.

With --hashes it only compares the files of the release with the hashes in its
manifest, which takes a moment and needs no input files. 'entrepot run --force'
writes a damaged release anew.`,
		Args: cobra.MaximumNArgs(1),
	}
	hashes := c.Flags().Bool("hashes", false, "only compare the files with the hashes in the manifest")
	asJSON := addJSON(c.Flags())
	prepare := addReading(c)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		id := ""
		if len(args) == 1 {
			id = args[0]
		}
		verify := func() (*pipeline.Verification, error) { return pipeline.VerifyHashes(c.Context(), settings.Out, id) }
		if !*hashes {
			remove, err := borrowSample(c.Flags(), settings, log)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, remove()) }()
			verify = func() (*pipeline.Verification, error) { return pipeline.Verify(c.Context(), settings, id, log) }
		}
		v, err := verify()
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), v)
		} else {
			err = showVerification(c.OutOrStdout(), v)
		}
		if err == nil && !v.OK() {
			return notVerified(v)
		}
		return err
	}
	return c
}

func notVerified(v *pipeline.Verification) error {
	if damaged := slices.ContainsFunc(v.Files, func(f pipeline.VerifiedFile) bool { return !f.Intact }); damaged || v.By != "values" {
		return errNotVerified
	}
	return errOtherValues
}

func showVerification(w io.Writer, v *pipeline.Verification) error {
	var b strings.Builder
	for _, f := range v.Files {
		verdict := "ok"
		switch {
		case !f.Intact:
			verdict = "DAMAGED: it is not what the manifest says"
		case !f.Compared:
			verdict = "intact"
		case !f.Reproduced && v.By == "values":
			verdict = fmt.Sprintf("DIFFERS: computing it anew gives other values in %s", phrase.Count(f.Rows, "row"))
		case !f.Reproduced:
			verdict = "DIFFERS: computing it anew gives other bytes"
		}
		fmt.Fprintf(&b, "%-34s %s\n", f.Name, verdict)
	}
	if v.By == "values" {
		fmt.Fprintf(&b, "Release %s was made by entrepot %s, this is %s: the values were compared, in the columns that both versions have; "+
			"whether the bytes come out again entrepot %[2]s alone can tell.\n", v.Release, v.Version, job.Version)
	}
	switch {
	case v.OK() && v.By == "hashes":
		fmt.Fprintf(&b, "Release %s is intact: every file is what its manifest says.\n", v.Release)
	case v.OK():
		fmt.Fprintf(&b, "Release %s is intact, and computing it anew gives the same %s.\n", v.Release, v.By)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
