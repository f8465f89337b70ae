package pipeline

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"
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
func (r *runner) lineage(kind string, s *Summary, failure error) error {
	if r.config.OpenLineageFile == "" {
		return nil
	}
	producer := "urn:entrepot:" + r.version
	facet := func(schema string, content map[string]any) map[string]any {
		content["_producer"], content["_schemaURL"] = producer, lineageSpec+schema
		return content
	}
	out, err := filepath.Abs(r.config.Out)
	if err != nil {
		return fmt.Errorf("write openlineage_file: %w", err)
	}
	data, err := filepath.Abs(r.config.Data)
	if err != nil {
		return fmt.Errorf("write openlineage_file: %w", err)
	}
	e := lineageEvent{Type: kind, Time: r.now().UTC().Format(time.RFC3339Nano), Run: lineageRun{ID: r.runID},
		Job: lineageJob{"entrepot", out}, Inputs: []lineageDataset{}, Outputs: []lineageDataset{},
		Producer: producer, SchemaURL: lineageSpec + "2-0-2/OpenLineage.json#/$defs/RunEvent"}
	if failure != nil {
		e.Run.Facets = map[string]any{"errorMessage": facet("facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
			map[string]any{"message": failure.Error(), "programmingLanguage": "Go"})}
	}
	if s != nil {
		for _, f := range s.Files {
			e.Inputs = append(e.Inputs, lineageDataset{Namespace: "file", Name: filepath.Join(data, filepath.FromSlash(f.Name)),
				InputFacets: map[string]any{"inputStatistics": facet("facets/1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet",
					map[string]any{"rowCount": f.Read, "size": f.Bytes})}})
		}
	}
	if s != nil && s.Release != "" {
		dir := filepath.Join(out, "releases", s.Release)
		m, err := openManifest(dir)
		if err != nil {
			return err
		}
		for _, f := range m.Files {
			if f.Name == packageName {
				continue // it describes the data sets
			}
			e.Outputs = append(e.Outputs, lineageDataset{Namespace: "file", Name: filepath.Join(dir, f.Name),
				OutputFacets: map[string]any{"outputStatistics": facet("facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
					map[string]any{"rowCount": f.Rows, "size": f.Bytes})}})
		}
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write openlineage_file: %w", err)
	}
	if err := appendLine(r.config.OpenLineageFile, line); err != nil {
		return fmt.Errorf("write openlineage_file: %w", err)
	}
	return nil
}

func newRunID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id for the run: %w", err)
	}
	return id.String(), nil
}
