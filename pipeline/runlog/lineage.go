package runlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/release"
	"entrepot/schemas"

	"github.com/google/uuid"
)

// Lineage is where events for OpenLineage go, and what they name.
type Lineage struct {
	File string // "" writes none
	URL  string // of a server; "" sends none
	Copy string // the URL of the object store with copies of the releases, or ""
}

// The events follow the OpenLineage specification, version 2-0-2,
// https://openlineage.io/spec/2-0-2/OpenLineage.json: one START for each run and
// one COMPLETE, FAIL or ABORT, as lines of JSON.
type lineageEvent struct {
	Type      string           `json:"eventType"`
	Time      string           `json:"eventTime"`
	Run       lineageRun       `json:"run"`
	Job       lineageJob       `json:"job"`
	Inputs    []lineageDataset `json:"inputs"`
	Outputs   []lineageDataset `json:"outputs"`
	Producer  string           `json:"producer"`
	SchemaURL string           `json:"schemaURL"`
}

type lineageRun struct {
	ID     string         `json:"runId"`
	Facets map[string]any `json:"facets,omitempty"`
}

type lineageJob struct {
	Namespace string         `json:"namespace"`
	Name      string         `json:"name"`
	Facets    map[string]any `json:"facets,omitempty"`
}

type lineageDataset struct {
	Namespace    string         `json:"namespace"`
	Name         string         `json:"name"`
	Facets       map[string]any `json:"facets,omitempty"`
	InputFacets  map[string]any `json:"inputFacets,omitempty"`
	OutputFacets map[string]any `json:"outputFacets,omitempty"`
}

const lineageSpec = "https://openlineage.io/spec/"

// The schemas of the facets, below the specification.
const (
	errorFacet      = "facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
	parentFacet     = "facets/1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet"
	jobTypeFacet    = "facets/2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"
	versionFacet    = "facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
	schemaFacet     = "facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
	symlinksFacet   = "facets/1-0-1/SymlinksDatasetFacet.json#/$defs/SymlinksDatasetFacet"
	inputStatistics = "facets/1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet"
	outputFacet     = "facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet"
)

// lineage writes an event where it is asked for. A server that can't be reached does not
// keep the event from the file.
func (b *Book) lineage(kind string, inputs []Input, published *release.Release, failure error) {
	if b.Lineage.File == "" && b.Lineage.URL == "" {
		return
	}
	text, wrong, err := b.event(kind, inputs, published, failure)
	b.warn("lineage", errors.Join(wrong, err))
	if err != nil {
		return
	}
	if b.Lineage.File != "" {
		b.warn("openlineage_file", durable.AppendLine(b.Lineage.File, text))
	}
	if b.Lineage.URL != "" {
		b.warn("openlineage_url", send(b.Lineage.URL, kind, text))
	}
}

// event makes an event. wrong is what could not be said in it.
func (b *Book) event(kind string, inputs []Input, published *release.Release, failure error) (text []byte, wrong, err error) {
	out, err := filepath.Abs(b.Out)
	if err != nil {
		return nil, nil, err
	}
	e := lineageEvent{Type: kind, Time: b.Now().UTC().Format(time.RFC3339Nano), Run: lineageRun{ID: b.RunID, Facets: map[string]any{}},
		Job:    lineageJob{namespaceOfJobs(), out, map[string]any{"jobType": b.facet(jobTypeFacet, map[string]any{"processingType": "BATCH", "integration": "ENTREPOT", "jobType": "JOB"})}},
		Inputs: []lineageDataset{}, Outputs: []lineageDataset{}, Producer: b.producer(), SchemaURL: lineageSpec + "2-0-2/OpenLineage.json#/$defs/RunEvent"}
	parent, wrong := parentRun()
	if parent != nil {
		e.Run.Facets["parent"] = b.facet(parentFacet, parent)
	}
	if failure != nil {
		e.Run.Facets["errorMessage"] = b.facet(errorFacet, map[string]any{"message": failure.Error(), "programmingLanguage": "Go"})
	}
	for _, in := range inputs {
		d, err := b.input(in)
		if err != nil {
			return nil, nil, err
		}
		e.Inputs = append(e.Inputs, d)
	}
	if published != nil {
		e.Outputs = b.outputs(published, out)
	}
	text, err = json.Marshal(e)
	return text, wrong, err
}

// namespaceOfJobs is that of the other tools around, where the environment names it.
func namespaceOfJobs() string {
	if name := os.Getenv("OPENLINEAGE_NAMESPACE"); name != "" {
		return name
	}
	return "entrepot"
}

// parentRun says which run of which job started this one, as schedulers tell it in the
// environment; nil when none does.
func parentRun() (map[string]any, error) {
	text := os.Getenv("OPENLINEAGE_PARENT_ID")
	if text == "" {
		return nil, nil
	}
	parent, err := runOf("OPENLINEAGE_PARENT_ID", text)
	if err != nil {
		return nil, err
	}
	if root := os.Getenv("OPENLINEAGE_ROOT_PARENT_ID"); root != "" {
		if parent["root"], err = runOf("OPENLINEAGE_ROOT_PARENT_ID", root); err != nil {
			return nil, err
		}
	}
	return parent, nil
}

// runOf reads namespace/job/run-id. A namespace may have slashes of its own.
func runOf(variable, text string) (map[string]any, error) {
	rest, run := cutLast(text)
	namespace, job := cutLast(rest)
	if _, err := uuid.Parse(run); err != nil || namespace == "" || job == "" {
		return nil, fmt.Errorf("%s is %q, not namespace/job/run-id with a UUID at its end; the event has no parent", variable, text)
	}
	return map[string]any{"run": map[string]any{"runId": run}, "job": map[string]any{"namespace": namespace, "name": job}}, nil
}

func cutLast(text string) (before, after string) {
	at := strings.LastIndex(text, "/")
	if at < 0 {
		return "", text
	}
	return text[:at], text[at+1:]
}

func (b *Book) input(in Input) (lineageDataset, error) {
	namespace, name, err := placeOf(b.Data, in.Name)
	if err != nil {
		return lineageDataset{}, err
	}
	d := lineageDataset{Namespace: namespace, Name: name,
		InputFacets: map[string]any{"inputStatistics": b.facet(inputStatistics, map[string]any{"rowCount": in.Rows, "size": in.Bytes})}}
	if in.SHA256 != "" {
		d.Facets = map[string]any{"version": b.facet(versionFacet, map[string]any{"datasetVersion": in.SHA256})}
	}
	return d, nil
}

// placeOf names a file below a folder or an object store by the specification's rules: the
// bucket is the namespace of objects, and the local file system that of paths.
func placeOf(base, name string) (namespace, place string, err error) {
	if !objects.IsURL(base) {
		base, err = filepath.Abs(base)
		return "file", filepath.Join(base, filepath.FromSlash(name)), err
	}
	parsed, err := url.Parse(base)
	if err != nil {
		return "", "", errors.New("the URL of the object store can't be read")
	}
	if parsed.Scheme == "file" {
		return "file", path.Join(parsed.Path, name), nil
	}
	return parsed.Scheme + "://" + parsed.Host, strings.TrimPrefix(path.Join(parsed.Path, name), "/"), nil
}

// outputs are the published tables. A table has the name that its readers know it by,
// below current, whatever release that is; which one it is, its version says, and
// where its files are, its links.
func (b *Book) outputs(r *release.Release, out string) []lineageDataset {
	all := []lineageDataset{}
	for _, f := range r.Manifest.Files {
		table := release.TableOf(f.Name)
		if table == "" {
			continue // it describes the data sets
		}
		d := lineageDataset{Namespace: "file", Name: filepath.Join(out, "current", f.Name),
			Facets: map[string]any{
				"version":  b.facet(versionFacet, map[string]any{"datasetVersion": r.ID}),
				"symlinks": b.facet(symlinksFacet, map[string]any{"identifiers": b.places(r, out, f.Name)})},
			OutputFacets: map[string]any{"outputStatistics": b.facet(outputFacet, map[string]any{"rowCount": f.Rows, "size": f.Bytes})}}
		if fields := fieldsOf(r.Catalogue(), table); fields != nil {
			d.Facets["schema"] = b.facet(schemaFacet, map[string]any{"fields": fields})
		}
		all = append(all, d)
	}
	return all
}

// places are where the file of a table is.
func (b *Book) places(r *release.Release, out, file string) []map[string]any {
	places := []map[string]any{{"namespace": "file", "name": filepath.Join(out, "releases", r.ID, file), "type": "FILE"}}
	if b.Lineage.Copy != "" {
		if namespace, name, err := placeOf(b.Lineage.Copy, "releases/"+r.ID+"/"+file); err == nil {
			places = append(places, map[string]any{"namespace": namespace, "name": name, "type": "FILE"})
		}
	}
	return places
}

// fieldsOf describes the columns of a published table.
func fieldsOf(all schemas.Catalogue, table string) []map[string]any {
	o, err := all.Lookup(table)
	if err != nil {
		return nil // of another version
	}
	var fields []map[string]any
	for _, c := range o.Columns {
		fields = append(fields, map[string]any{"name": c.Name, "type": string(c.Type), "description": c.Description})
	}
	return fields
}

func (b *Book) producer() string { return "urn:entrepot:" + b.Version }

func (b *Book) facet(schema string, content map[string]any) map[string]any {
	content["_producer"], content["_schemaURL"] = b.producer(), lineageSpec+schema
	return content
}
