package release

import (
	"context"
	"fmt"
	"path/filepath"

	"entrepot/schemas"
)

// PackageName is the file that describes a release to Frictionless' tools, by the
// Data Package specification, version 1. Like the tables it holds no time, host or
// absolute path: the same release has the same bytes.
const PackageName = "datapackage.json"

type dataPackage struct {
	Profile     string          `json:"profile"`
	Name        string          `json:"name"`
	Version     string          `json:"version"` // of entrepot
	Release     string          `json:"release"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Sources     []packageSource `json:"sources"`
	Parameters  map[string]any  `json:"parameters"`
	Resources   []tableResource `json:"resources"`
}

// packageSource is an input file. It has no path, because it is not in the package.
type packageSource struct {
	Title   string `json:"title"`
	Format  string `json:"format,omitempty"`
	Vintage string `json:"vintage,omitempty"`
	Hash    string `json:"hash"`
}

// tableResource describes one table. Frictionless counts the rows. It has no bytes:
// frictionless 5.21 does not count them in a Parquet file and then finds any number
// wrong; the manifest has them.
type tableResource struct {
	Profile     string      `json:"profile"`
	Type        string      `json:"type"`
	Name        string      `json:"name"`
	Path        any         `json:"path"` // a text, or a list of these
	Format      string      `json:"format"`
	MediaType   string      `json:"mediatype"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Figure      string      `json:"figure,omitempty"`
	Hash        string      `json:"hash,omitempty"`
	Rows        int64       `json:"rows"`
	Schema      tableSchema `json:"schema"`
}

type tableSchema struct {
	Fields     []tableField `json:"fields"`
	PrimaryKey []string     `json:"primaryKey"`
	// A null comes to frictionless as pandas' "nan". An empty text is a text.
	MissingValues []string `json:"missingValues"`
}

type tableField struct {
	Name        string            `json:"name"`
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Unit        string            `json:"unit,omitempty"`
	Constraints *fieldConstraints `json:"constraints,omitempty"`
}

type fieldConstraints struct {
	Required bool `json:"required"`
}

// writePackage writes the description of a release's tables.
func (d Draft) writePackage(ctx context.Context, dir string, files []FileEntry) (FileEntry, error) {
	description, err := d.describePackage(files)
	if err != nil {
		return FileEntry{}, err
	}
	path := filepath.Join(dir, PackageName)
	if err := writeJSON(path, description); err != nil {
		return FileEntry{}, err
	}
	return fileEntry(ctx, path, 0)
}

func (d Draft) describePackage(files []FileEntry) (*dataPackage, error) {
	m := d.Manifest
	p := &dataPackage{Profile: "tabular-data-package", Name: "entrepot", Version: m.Version, Release: m.Release,
		Title: "Measures of the trade of " + m.MeasuredText(),
		Description: "Import dependence, dominance and other measures of trade, by sector and HS code, computed by entrepot from the files under sources. " +
			"The terms of those who published the files apply to the values.",
		Sources: []packageSource{}, Parameters: m.Parameters}
	for _, in := range m.Inputs {
		p.Sources = append(p.Sources, packageSource{Title: in.Name, Format: in.Format, Vintage: in.Vintage, Hash: "sha256:" + in.SHA256})
	}
	for _, o := range d.Outputs {
		schema, err := packageSchema(o)
		if err != nil {
			return nil, err
		}
		r := tableResource{Profile: "tabular-data-resource", Type: "table", Name: o.Name,
			Format: "parquet", MediaType: "application/vnd.apache.parquet", Title: o.Title, Description: o.Description, Figure: o.Figure, Schema: schema}
		r.addFiles(o, files)
		p.Resources = append(p.Resources, r)
	}
	return p, nil
}

// addFiles says of a table where its files are: the path of one with its hash, or those of
// several, for which a data package has no hash.
func (r *tableResource) addFiles(o schemas.Output, files []FileEntry) {
	paths := []string{}
	for _, f := range files {
		if TableOf(f.Name) == o.Name {
			paths, r.Rows, r.Hash = append(paths, f.Name), r.Rows+f.Rows, "sha256:"+f.SHA256
		}
	}
	r.Path = paths
	if o.Partition == "" {
		r.Path = paths[0]
	} else {
		r.Hash = ""
	}
}

func packageSchema(o schemas.Output) (tableSchema, error) {
	s := tableSchema{PrimaryKey: o.SortBy, MissingValues: []string{"nan"}}
	for _, c := range o.Columns {
		kind, ok := map[schemas.Type]string{schemas.SmallInt: "integer", schemas.Integer: "integer", schemas.Double: "number",
			schemas.Boolean: "boolean", schemas.Text: "string"}[c.Type]
		if !ok {
			return s, fmt.Errorf("column %s of %s: a data package has no type for %q", c.Name, o.Name, c.Type)
		}
		f := tableField{Name: c.Name, Type: kind, Description: c.Description, Unit: c.Unit}
		if !c.Nullable {
			f.Constraints = &fieldConstraints{Required: true}
		}
		s.Fields = append(s.Fields, f)
	}
	return s, nil
}
