package untables

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/schemas"
)

// DeriveFrom is Derive of a folder: the UN's workbooks, its lists
// classificationH0.json and so on, and hs6_sitc4_isic3.csv.
func DeriveFrom(ctx context.Context, folder string) (*Tables, error) {
	tables, err := readTables(ctx, folder)
	if err != nil {
		return nil, err
	}
	lists := map[string]map[string]string{}
	for _, r := range schemas.HS() {
		content, err := os.ReadFile(filepath.Join(folder, "classification"+r.ID+".json"))
		if err != nil {
			return nil, fmt.Errorf("read the codes of %s: %w", r.ID, err)
		}
		if lists[r.ID], err = ReadList(content); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	manufactured, err := readManufactured(filepath.Join(folder, "hs6_sitc4_isic3.csv"))
	if err != nil {
		return nil, err
	}
	return Derive(tables, lists, manufactured)
}

// readTables reads the workbooks of neighbouring revisions, by the newer one.
func readTables(ctx context.Context, folder string) (map[string]*schemas.Table, error) {
	files, err := filepath.Glob(filepath.Join(folder, "HS*.xls*"))
	if err != nil {
		return nil, fmt.Errorf("list workbooks: %w", err)
	}
	tables := map[string]*schemas.Table{}
	for _, file := range files {
		t, err := Read(ctx, file)
		if err != nil {
			return nil, err
		}
		if schemas.HS().Step(t.From, -1) == t.To {
			tables[t.From] = t
		}
	}
	for _, r := range schemas.HS()[1:] {
		if tables[r.ID] == nil {
			return nil, fmt.Errorf("%s has no workbook from %s to %s", folder, r.Name(), schemas.HS().Step(r.ID, -1))
		}
	}
	return tables, nil
}

// readManufactured reads which codes are of SITC sections 5 to 8 without division 68.
func readManufactured(path string) (map[schemas.Code]bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read manufactured goods: %w", err)
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read manufactured goods: %w", err)
	}
	made := map[schemas.Code]bool{}
	columns := []int{}
	for _, name := range []string{"hs_revision", "hs6", "manufactured_sitc5to8_less68"} {
		columns = append(columns, slices.Index(rows[0], name))
	}
	if slices.Contains(columns, -1) {
		return nil, fmt.Errorf("%s: the header is %q, without a column hs_revision, hs6 or manufactured_sitc5to8_less68", path, strings.Join(rows[0], ","))
	}
	for _, row := range rows[1:] {
		made[schemas.Code{Revision: row[columns[0]], HS6: row[columns[1]]}] = row[columns[2]] == "1"
	}
	return made, nil
}
