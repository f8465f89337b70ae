package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"entrepot/pipeline/report"
)

// The page says what changed since the release before, and what the checks found.
func TestPageOfTwoReleases(t *testing.T) {
	t.Parallel()
	data, out := partners(t, 2021, 2022, 2023), filepath.Join(t.TempDir(), "out")
	var told [2]struct {
		Release string
		Changes *struct {
			From   string
			Causes []string
			Tables []struct {
				Title   string
				Changed int
				Rows    []string
			}
		}
		Checks struct {
			Passed, Warned int
			Rows           []any
		}
	}
	for i, ratio := range []string{"3", "5"} {
		publish(t, data, out, "dependence_ratio", ratio)
		dir, _ := draw(t, report.Options{Out: out})
		html, err := os.ReadFile(filepath.Join(dir, report.PageFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(regexp.MustCompile(`(?s) id="data">(.*?)</script>`).FindSubmatch(html)[1], &told[i]); err != nil {
			t.Fatal(err)
		}
		if c := told[i].Checks; len(c.Rows) == 0 || c.Passed+c.Warned != len(c.Rows) {
			t.Errorf("checks %+v", c)
		}
	}
	if told[0].Changes != nil {
		t.Errorf("the first release changes %+v", told[0].Changes)
	}
	c := told[1].Changes
	if c == nil || c.From != told[0].Release || len(c.Causes) != 1 || c.Causes[0] != "dependence_ratio 5, was 3" {
		t.Fatalf("the second release changes %+v", c)
	}
	if len(c.Tables) != 1 || c.Tables[0].Title != "Figure 14: Products of which China imports at least 5 times as much as it exports" || c.Tables[0].Changed != 3 ||
		c.Tables[0].Rows[0] != "Aerospace equipment, 2021: 0.0%, was 100.0% (parameter dependence_ratio)" {
		t.Errorf("the tables changed %+v", c.Tables)
	}
}
