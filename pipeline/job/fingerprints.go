package job

import (
	"fmt"
	"slices"

	"entrepot/pipeline/workspace"
	"entrepot/schemas"
	"entrepot/sources"
	"entrepot/transforms"
)

// ReferenceTables are the reference tables, by the names of schemas.Reference.Hash.
var ReferenceTables = []string{"areas", "groups", "successions", "hs_codes", "hs_changes", "hs_overrides", "sectors", "top_ten_firms", "markets"}

// Reader covers what decides, beside its content, which rows a file becomes.
func (j *Job) Reader(s sources.Settings) string {
	return workspace.Hash("reader", sources.Version(), schemas.Workspace, j.Reference.Hash("areas", "hs_codes"), schemas.AreaKeysHash(), s.Text())
}

// TransformFingerprints covers, for each transform, its SQL, the parameters and
// reference tables it reads, and the fingerprints of the tables it needs. staged is
// that of the staged rows.
func (j *Job) TransformFingerprints(staged string) map[string]workspace.Fingerprint {
	all, sums, parameters := map[string]workspace.Fingerprint{}, map[string]string{}, j.Parameters()
	for _, t := range transforms.All() {
		f := workspace.Fingerprint{{What: "its SQL", Value: workspace.Hash(t.Code)}}
		for _, name := range t.Parameters {
			f = append(f, workspace.Part{What: workspace.ParameterPart + name, Value: fmt.Sprint(parameters[name])})
		}
		f = append(f, j.referenceParts(t.Reference...)...)
		if slices.Contains(t.Reference, "hs_overrides") && !slices.Contains(t.Parameters, "conversion") {
			// With it hs_links is made of the reference data.
			f = append(f, workspace.Part{What: workspace.ParameterPart + "conversion", Value: j.Config.Conversion})
		}
		if t.Staged {
			f = append(f, workspace.Part{What: "staged rows", Value: staged}, workspace.Part{What: "workspace layout", Value: workspace.Hash(schemas.Workspace)})
		}
		for _, need := range t.Needs {
			f = append(f, workspace.Part{What: "table " + need, Value: sums[need]})
		}
		all[t.Name], sums[t.Name] = f, f.Sum()
	}
	return all
}

// ReferenceFingerprint covers the reference tables of the workspace.
func (j *Job) ReferenceFingerprint() workspace.Fingerprint {
	f := workspace.Fingerprint{
		{What: "workspace layout", Value: workspace.Hash(schemas.Workspace)},
		{What: workspace.ParameterPart + "conversion", Value: j.Config.Conversion},
		{What: "names of areas", Value: schemas.AreaKeysHash()},
	}
	return append(f, j.referenceParts(ReferenceTables...)...)
}

func (j *Job) referenceParts(tables ...string) workspace.Fingerprint {
	var f workspace.Fingerprint
	for _, t := range tables {
		f = append(f, workspace.Part{What: "reference table " + t, Value: j.Reference.Hash(t)})
	}
	return f
}
