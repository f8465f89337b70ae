package runlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/workspace"
)

// savedSteps are the steps of a status as they are kept: in a file of their own, which is
// written when they changed. Of twenty thousand input files, to write it takes longer than all
// else that a run does which finds nothing new.
type savedSteps struct {
	Steps []StepStatus `json:"steps"`
	Sum   string       `json:"sum"` // covers the steps; it stands last, so that a file that was cut off has none
}

func stepsFile(out string) string { return filepath.Join(out, "work", "steps.json") }

func readSteps(out string) ([]StepStatus, error) {
	text, err := os.ReadFile(stepsFile(out))
	if errors.Is(err, fs.ErrNotExist) {
		return []StepStatus{}, nil // of a run that has not come so far
	}
	if err != nil {
		return nil, err
	}
	var saved savedSteps
	if err := json.Unmarshal(text, &saved); err != nil {
		return nil, fmt.Errorf("%s: %w", stepsFile(out), err)
	}
	return saved.Steps, nil
}

// saveSteps writes the steps, unless they are there as they are.
func saveSteps(out string, steps []StepStatus) error {
	sum := sumOf(steps)
	if sum == savedSum(out) {
		return nil
	}
	text, err := json.Marshal(savedSteps{steps, sum})
	if err != nil {
		return err
	}
	return durable.Replace(stepsFile(out), text)
}

// savedSum is the sum at the end of the file; "" when there is none.
func savedSum(out string) string {
	file, err := os.Open(stepsFile(out))
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	end := make([]byte, len(workspace.Hash())+len(`"}`))
	if err != nil {
		return ""
	}
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil || string(end[len(end)-2:]) != `"}` {
		return ""
	}
	return string(end[:len(end)-2])
}

// sumOf covers all that is said of steps.
func sumOf(steps []StepStatus) string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return number(t.UnixNano())
	}
	parts := make([]string, 0, 12*len(steps))
	for _, s := range steps {
		parts = append(parts, s.Stage, s.Step, s.State, s.Reason, number(s.RowsIn), number(s.RowsOut), number(s.Bytes),
			strconv.FormatFloat(s.Seconds, 'g', -1, 64), at(s.Finished), at(s.Modified), s.Engine, number(int64(len(s.Queries))))
		parts = append(parts, s.Queries...)
	}
	return workspace.Hash(parts...)
}
