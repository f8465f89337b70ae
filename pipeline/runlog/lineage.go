package runlog

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/release"
)

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
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type lineageDataset struct {
	Namespace    string         `json:"namespace"`
	Name         string         `json:"name"`
	InputFacets  map[string]any `json:"inputFacets,omitempty"`
	OutputFacets map[string]any `json:"outputFacets,omitempty"`
}

const lineageSpec = "https://openlineage.io/spec/"

// lineage writes an event, if a file for them is set. Datasets are named by their
// paths, as the specification's naming rules say for local files.
func (b *Book) lineage(kind string, inputs []Input, published *release.Release, failure error) error {
	if b.OpenLineageFile == "" {
		return nil
	}
	if err := b.appendEvent(kind, inputs, published, failure); err != nil {
		return fmt.Errorf("write openlineage_file: %w", err)
	}
	return nil
}

func (b *Book) appendEvent(kind string, inputs []Input, published *release.Release, failure error) error {
	out, err := filepath.Abs(b.Out)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(b.Data)
	if err != nil {
		return err
	}
	e := lineageEvent{Type: kind, Time: b.Now().UTC().Format(time.RFC3339Nano), Run: lineageRun{ID: b.RunID},
		Job: lineageJob{"entrepot", out}, Inputs: []lineageDataset{}, Outputs: []lineageDataset{},
		Producer: b.producer(), SchemaURL: lineageSpec + "2-0-2/OpenLineage.json#/$defs/RunEvent"}
	if failure != nil {
		e.Run.Facets = map[string]any{"errorMessage": b.facet("facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
			map[string]any{"message": failure.Error(), "programmingLanguage": "Go"})}
	}
	for _, in := range inputs {
		e.Inputs = append(e.Inputs, lineageDataset{Namespace: "file", Name: filepath.Join(data, filepath.FromSlash(in.Name)),
			InputFacets: map[string]any{"inputStatistics": b.facet("facets/1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet",
				map[string]any{"rowCount": in.Rows, "size": in.Bytes})}})
	}
	if published != nil {
		e.Outputs = b.outputs(published, out)
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return durable.AppendLine(b.OpenLineageFile, line)
}

func (b *Book) outputs(r *release.Release, out string) []lineageDataset {
	all := []lineageDataset{}
	for _, f := range r.Manifest.Files {
		if f.Name == release.PackageName {
			continue // it describes the data sets
		}
		all = append(all, lineageDataset{Namespace: "file", Name: filepath.Join(out, "releases", r.ID, f.Name),
			OutputFacets: map[string]any{"outputStatistics": b.facet("facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
				map[string]any{"rowCount": f.Rows, "size": f.Bytes})}})
	}
	return all
}

func (b *Book) producer() string { return "urn:entrepot:" + b.Version }

func (b *Book) facet(schema string, content map[string]any) map[string]any {
	content["_producer"], content["_schemaURL"] = b.producer(), lineageSpec+schema
	return content
}
