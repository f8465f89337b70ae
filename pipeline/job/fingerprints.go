package job

import (
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/workspace"
	"entrepot/schemas"
	"entrepot/sources"
	"entrepot/sources/staging"
	"entrepot/transforms"
	"entrepot/transforms/own"
)

// ReferenceTables are the reference tables, by the names of schemas.Reference.Hash.
var ReferenceTables = []string{"areas", "groups", "successions", "hs_codes", "hs_changes", "hs_successors", "hs_overrides", "sectors", "top_ten_firms", "markets", "hs_names", "products", "value_added", "affiliate_sales", "deflator"}

// Reader covers what decides, beside its content, which rows a file becomes, by what the
// configuration says of it. What it says of other files, its Match tells apart.
func (j *Job) Reader(s sources.Settings) string {
	if known, found := j.readers.Load(s.Match); found { // of most files it is the same
		return known.(string)
	}
	reader := workspace.Hash("reader", staging.Version(), j.Config.Base.Workspace(), j.Reference.Hash("areas", "hs_codes"), schemas.AreaKeysHash(), s.Text())
	j.readers.Store(s.Match, reader)
	return reader
}

// Staged is what the staged rows are, for what is made of them.
type Staged struct {
	Rows  string // the rows themselves, and the order in which their files are believed
	Names string // the names of the files
}

// Parts of a transform's fingerprint that may differ from year to year. The name of a table
// follows tablePart.
const (
	stagedPart = "staged rows"
	namesPart  = "names of files"
	tablePart  = "table "
)

// OfYear is the fingerprint f of a transform for one of its years: of the files and of tables
// with years only that year counts. content is a hash of what a table has of it; found is
// false for a table without years.
func OfYear(f workspace.Fingerprint, staged Staged, content func(table string) (hash string, found bool)) workspace.Fingerprint {
	f = slices.Clone(f)
	for i, p := range f {
		switch table, isTable := strings.CutPrefix(p.What, tablePart); {
		case p.What == stagedPart:
			f[i].Value = staged.Rows
		case p.What == namesPart:
			f[i].Value = staged.Names
		case isTable:
			if hash, found := content(table); found {
				f[i].Value = hash
			}
		}
	}
	return f
}

// SameForAllYears tells whether two fingerprints of a transform differ at most in parts that may
// differ from year to year: when its SQL or a parameter is another, every year is stale.
func SameForAllYears(a, b workspace.Fingerprint) bool {
	ofAll := func(f workspace.Fingerprint) workspace.Fingerprint {
		return slices.DeleteFunc(slices.Clone(f), func(p workspace.Part) bool {
			return p.What == stagedPart || p.What == namesPart || strings.HasPrefix(p.What, tablePart)
		})
	}
	return slices.Equal(ofAll(a), ofAll(b))
}

// Transform covers all that a table depends on: its SQL, the parameters and reference
// tables that it reads, the staged rows, and the rows of the tables that it needs,
// which content tells by name.
func (j *Job) Transform(t transforms.Transform, staged Staged, content func(table string) string) workspace.Fingerprint {
	f, parameters := workspace.Fingerprint{{What: "its SQL", Value: workspace.Hash(t.Code)}}, j.Parameters()
	for _, name := range t.Parameters {
		f = append(f, workspace.Part{What: workspace.ParameterPart + name, Value: own.Text(parameters[name])})
	}
	if m := j.OwnMeasure(t.Name); m != nil { // which its rows are held to
		f = append(f, workspace.Part{What: "its YAML", Value: workspace.Hash(fmt.Sprintf("%+v", m.Described()), m.Level)})
	}
	f = append(f, j.referenceParts(t.Reference...)...)
	if slices.Contains(t.Reference, "hs_overrides") && !slices.Contains(t.Parameters, "conversion") {
		// With it hs_steps and hs_splits are made of the reference data.
		f = append(f, workspace.Part{What: workspace.ParameterPart + "conversion", Value: j.Config.Conversion})
	}
	if t.Staged {
		f = append(f, workspace.Part{What: stagedPart, Value: staged.Rows}, workspace.Part{What: "workspace layout", Value: workspace.Layout(j.Config.Base.Workspace())})
	}
	if t.Names {
		f = append(f, workspace.Part{What: namesPart, Value: staged.Names})
	}
	if t.Kept && j.Config.OnCluster() {
		f = append(f, keptPart)
	}
	for _, need := range t.Needs {
		f = append(f, workspace.Part{What: tablePart + need, Value: content(need)})
	}
	return f
}

// ReferenceFingerprint covers the reference tables of the workspace.
func (j *Job) ReferenceFingerprint() workspace.Fingerprint {
	f := workspace.Fingerprint{
		{What: "workspace layout", Value: workspace.Layout(j.Config.Base.Workspace())},
		{What: workspace.ParameterPart + "conversion", Value: j.Config.Conversion},
		{What: workspace.ParameterPart + "harmonize", Value: j.Config.Harmonize},
		{What: workspace.ParameterPart + "partner_group", Value: j.Config.PartnerGroup}, // which may be a list
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

// keptPart is of tables that another engine keeps: here they have no rows.
var keptPart = workspace.Part{What: "its place on the engine", Value: "kept"}

// KeptOnEngine tells of steps whether another engine keeps the table of any.
func KeptOnEngine(states map[string]workspace.StepState) bool {
	for _, s := range states {
		if slices.Contains(s.Parts, keptPart) {
			return true
		}
	}
	return false
}
