package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/durable"
)

// TiVA is what is asked of the OECD's Trade in Value Added.
type TiVA struct {
	URL    string // of the OECD's service
	Area   string // whose final demand, by its ISO-3 code
	Target string // the file that is written
}

// tivaFlow is the table "origin of value added in final demand". The key asks for value
// added of the World, the OECD and each of its members by name, of all activities together,
// in the area's final demand, by activity.
const tivaFlow = "/OECD.STI.PIE,DSD_TIVA_FDVA@DF_FDVA,1.1/"

// tivaColumns are what the table must have in its header.
var tivaColumns = []string{"VALUE_ADDED_SOURCE_AREA", "FINAL_DEMAND_AREA", "FINAL_DEMAND_ACTIVITY", "TIME_PERIOD", "OBS_VALUE"}

// RunTiVA brings the OECD's table for one area, in the place of the one that is there. It
// tells whether anything changed.
func RunTiVA(ctx context.Context, o Options, t TiVA) (rows int, changed bool, err error) {
	f, err := open(ctx, o)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = f.folder.closeWith(err) }()
	s := newSite("the OECD", f.Options, f.folder)
	address := strings.TrimSuffix(t.URL, "/") + tivaFlow + ".W+OECD._T." + t.Area + "...A?format=csvfilewithlabels"
	temp := f.folder.path(filepath.Join("incoming", "tiva.tmp"))
	defer func() { _ = os.Remove(temp) }() // it has a name of its own by then
	if err := s.retried(ctx, func() error { return s.tiva(ctx, address, temp) }); err != nil {
		return 0, false, err
	}
	if rows, err = checkTiVA(temp, t.Area); err != nil {
		return 0, false, fmt.Errorf("%s: %w", address, err)
	}
	before, failed := hashFile(t.Target)
	now, err := hashFile(temp)
	if err != nil || failed == nil && before == now {
		return rows, false, err
	}
	content, err := os.Open(temp)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = content.Close() }() // it was only read
	if err := os.MkdirAll(filepath.Dir(t.Target), 0o755); err != nil {
		return 0, false, fmt.Errorf("make a folder for %s: %w", t.Target, err)
	}
	err = durable.Write(t.Target, func(w io.Writer) error {
		_, err := io.Copy(w, content)
		return err
	})
	return rows, err == nil, err
}

// tiva brings the table into a file.
func (s *site) tiva(ctx context.Context, address, temp string) error {
	response, err := s.request(ctx, http.MethodGet, address, map[string]string{"Accept": "application/vnd.sdmx.data+csv; labels=both"})
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // what was read of it counts
	if response.StatusCode != http.StatusOK {
		return s.status(response, address)
	}
	file, err := os.Create(temp)
	if err != nil {
		return fmt.Errorf("store the table: %w", err)
	}
	_, err = io.Copy(file, io.LimitReader(response.Body, mostWire))
	if err = errors.Join(err, file.Close()); err != nil {
		return &transportError{fmt.Errorf("read the table of the OECD: %s", plain(err))}
	}
	return nil
}

// checkTiVA sees that a file is the table, ends with a line, and is of the area.
func checkTiVA(file, area string) (rows int, err error) {
	content, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer func() { _ = content.Close() }() // it was only read
	lines := bufio.NewReader(content)
	for {
		text, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			if text != "" {
				return 0, errors.New("the table ends in the middle of a line")
			}
			break
		}
		if err != nil {
			return 0, err
		}
		if rows++; rows > 1 {
			if !strings.Contains(text, area) {
				return 0, fmt.Errorf("line %d is not of %s", rows, area)
			}
			continue
		}
		for _, column := range tivaColumns {
			if !strings.Contains(text, column) {
				return 0, fmt.Errorf("what came is no table of it: %.80q", text)
			}
		}
	}
	if rows < 2 {
		return 0, errors.New("the table is empty")
	}
	return rows - 1, nil
}
