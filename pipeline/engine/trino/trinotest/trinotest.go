// Package trinotest stands in for a Trino cluster in tests: a server that speaks its protocol
// and lets DuckDB run the SQL, over a lake in a folder. It knows the statements that package
// trino sends, and Trino's names of the functions that transforms need.
package trinotest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entrepot/schemas/sqltext"

	_ "github.com/duckdb/duckdb-go/v2"
)

// Server is one.
type Server struct {
	*httptest.Server
	Lake string // a folder

	// Before is asked about each statement before it runs; what it returns becomes of it. nil
	// runs all.
	Before func(statement string) Fate

	lock    sync.Mutex
	db      *sql.DB
	folders map[[2]string]string // of tables, by schema and name
	queries []*query
}

// Fate is what becomes of a statement.
type Fate int

// The fates: a statement runs, fails for a reason that may pass or not, or goes on until it is
// cancelled.
const (
	Runs Fate = iota
	LosesWorker
	Fails
	Hangs
)

type query struct {
	text      string
	answer    map[string]any
	hangs     bool
	cancelled bool
}

// Catalog is the only catalog.
const Catalog = "lake"

// Start starts a server over a lake in a folder.
func Start(t testing.TB, lake string) *Server {
	t.Helper()
	db, err := sql.Open("duckdb", "?threads=1")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Lake: lake, db: db, folders: map[[2]string]string{}}
	if _, err := db.ExecContext(t.Context(), functions); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.Close()
		db.Close()
	})
	return s
}

// functions are those that DuckDB has under another name.
const functions = `
	CREATE MACRO bitwise_left_shift(a, b) AS a << b;
	CREATE MACRO bitwise_and(a, b) AS a & b;
	CREATE MACRO bitwise_or_agg(a) AS bit_or(a);
	CREATE MACRO bits_of(a) AS bit_count(a)::BIGINT;
	CREATE MACRO sequence(a, b) AS generate_series(a, b);
	CREATE MACRO array_join(a, b) AS array_to_string(a, b);
	CREATE MACRO to_utf8(a) AS a;
	CREATE MACRO xxhash64(a) AS hash(a);
	CREATE MACRO from_big_endian_64(a) AS (a::HUGEINT - 9223372036854775808)::BIGINT;`

// Address is that of the catalog, for a user without a password.
func (s *Server) Address() string {
	return strings.Replace(s.URL, "://", "://test@", 1) + "/" + Catalog
}

// Statements lists what was sent that begins with some words, without what changes each time.
func (s *Server) Statements(words string) (all []string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, q := range s.queries {
		if strings.HasPrefix(q.text, words) {
			all = append(all, q.text)
		}
	}
	return all
}

// Cancelled lists the statements that were cancelled.
func (s *Server) Cancelled() (all []string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, q := range s.queries {
		if q.cancelled {
			all = append(all, q.text)
		}
	}
	return all
}

// Schemas lists the schemas of runs that there are.
func (s *Server) Schemas(t testing.TB) []string {
	t.Helper()
	names, err := s.strings(context.Background(), "", "SELECT schema_name FROM duckdb_schemas() WHERE starts_with(schema_name, 'entrepot_') ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/v1/info":
		fmt.Fprint(w, `{"nodeVersion":{"version":"test"},"coordinator":true,"starting":false}`)
	case r.Method == http.MethodPost:
		s.take(w, r)
	default:
		s.goOn(w, r)
	}
}

// take runs a statement, and says its answer when it is asked for the next time.
func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	q := &query{text: string(content)}
	fate := Runs
	if s.Before != nil {
		fate = s.Before(q.text)
	}
	switch fate {
	case Runs:
		q.answer = s.run(r.Context(), r.Header.Get("X-Trino-Schema"), q.text)
	case LosesWorker:
		q.answer = failure("REMOTE_HOST_GONE", "INTERNAL_ERROR", "Encountered too many errors talking to a worker node")
	case Fails:
		q.answer = failure("EXCEEDED_LOCAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES", "Query exceeded per-node memory limit")
	case Hangs:
		q.hangs = true
	}
	s.lock.Lock()
	s.queries = append(s.queries, q)
	id := "q" + strconv.Itoa(len(s.queries))
	s.lock.Unlock()
	s.say(w, id, "QUEUED", map[string]any{"nextUri": s.next(id)})
}

func (s *Server) next(id string) string { return s.URL + "/v1/statement/executing/" + id + "/1" }

// goOn tells the end of a statement, or cancels it.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	id := parts[len(parts)-1]
	if strings.HasPrefix(r.URL.Path, "/v1/statement") {
		id = parts[4]
	}
	number, err := strconv.Atoi(strings.TrimPrefix(id, "q"))
	if err != nil {
		panic(err)
	}
	s.lock.Lock()
	q := s.queries[number-1]
	if r.Method == http.MethodDelete {
		q.cancelled = true
	}
	hangs, cancelled, answer := q.hangs, q.cancelled, q.answer
	s.lock.Unlock()
	switch {
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case cancelled:
		s.say(w, id, "FAILED", failure("USER_CANCELED", "USER_ERROR", "Query was canceled"))
	case hangs:
		time.Sleep(5 * time.Millisecond)
		s.say(w, id, "RUNNING", map[string]any{"nextUri": s.next(id)})
	case answer["error"] != nil:
		s.say(w, id, "FAILED", answer)
	default:
		s.say(w, id, "FINISHED", answer)
	}
}

func (s *Server) say(w http.ResponseWriter, id, state string, fields map[string]any) {
	answer := map[string]any{"id": id, "infoUri": s.URL, "stats": map[string]any{"state": state, "nodes": 1, "totalSplits": 2, "completedSplits": 1,
		"cpuTimeMillis": 5, "elapsedTimeMillis": 10, "processedRows": 100, "processedBytes": 1000, "physicalInputBytes": 500, "peakMemoryBytes": 700,
		"rootStage": map[string]any{"stageId": "0", "done": state == "FINISHED"}}}
	for name, value := range fields {
		answer[name] = value
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(err)
	}
}

func failure(name, kind, message string) map[string]any {
	return map[string]any{"error": map[string]any{"errorName": name, "errorType": kind, "message": message, "failureInfo": map[string]any{"message": message}}}
}

// external is Trino's table over a folder, and what a query gives.
var (
	external = regexp.MustCompile(`(?s)^CREATE TABLE ("\w+")(?: \((.*?)\))? WITH \(format = 'PARQUET', external_location = 'local:///([^']*)'\)(?: AS\n(.*))?$`)
	withNone = regexp.MustCompile(`(?s)^CREATE TABLE ("\w+") WITH \(format = 'PARQUET'\) AS\n(.*)\nWITH NO DATA$`)
	paths    = regexp.MustCompile(`^SELECT DISTINCT "\$path" FROM "(\w+)" ORDER BY 1$`)
	drop     = regexp.MustCompile(`^DROP TABLE IF EXISTS (.*)$`)
	bitCount = regexp.MustCompile(`\bbit_count\((.*?), 64\)`)
)

var errNoLocation = errors.New("the message: External table location does not exist")

// run is the answer to a statement.
func (s *Server) run(ctx context.Context, schema, text string) map[string]any {
	rows, written, err := s.execute(ctx, schema, text)
	switch {
	case errors.Is(err, errNoLocation):
		return failure("HIVE_METASTORE_ERROR", "EXTERNAL", err.Error())
	case err != nil:
		return failure("SYNTAX_ERROR", "USER_ERROR", err.Error())
	case rows == nil:
		return map[string]any{"updateType": "CREATE TABLE", "updateCount": written}
	}
	data := [][]string{}
	for _, row := range rows {
		data = append(data, []string{row})
	}
	kind := map[string]any{"name": "x", "type": "varchar", "typeSignature": map[string]any{"rawType": "varchar", "arguments": []any{map[string]any{"kind": "LONG", "value": 2147483647}}}}
	return map[string]any{"columns": []any{kind}, "data": data}
}

// execute runs a statement: rows of one column, or how many it wrote.
func (s *Server) execute(ctx context.Context, schema, text string) (rows []string, written int64, err error) {
	text = bitCount.ReplaceAllString(text, "bits_of($1)")
	switch {
	case strings.Contains(text, "system.metadata.catalogs"):
		return []string{Catalog + " hive"}, 0, nil
	case strings.HasPrefix(text, "SHOW TABLES"):
		if _, from, named := strings.Cut(text, " FROM "); named {
			schema = strings.Trim(from, `"`)
		}
		rows, err = s.strings(ctx, schema, "SELECT table_name FROM information_schema.tables WHERE table_schema = "+sqltext.Literal(schema)+" ORDER BY 1")
		return append([]string{}, rows...), 0, err
	case strings.HasPrefix(text, "CREATE SCHEMA"), strings.HasPrefix(text, "DROP SCHEMA"):
		return nil, 0, s.exec(ctx, "", text)
	}
	if m := drop.FindStringSubmatch(text); m != nil {
		return nil, 0, s.drop(ctx, schema, m[1])
	}
	if m := paths.FindStringSubmatch(text); m != nil {
		rows, err = s.paths(schema, m[1])
		return rows, 0, err
	}
	if m := withNone.FindStringSubmatch(text); m != nil {
		return nil, 0, s.exec(ctx, schema, "CREATE VIEW "+m[1]+" AS SELECT * FROM ("+m[2]+") LIMIT 0")
	}
	m := external.FindStringSubmatch(text)
	if m == nil {
		return nil, 0, fmt.Errorf("the stand-in does not know the statement %s", text)
	}
	written, err = s.table(ctx, schema, m[1], m[2], filepath.Join(s.Lake, filepath.FromSlash(m[3])), m[4])
	return nil, written, err
}

// table makes a table over a folder, of the files there or of what a query gives.
func (s *Server) table(ctx context.Context, schema, name, columns, folder, query string) (written int64, err error) {
	if query != "" {
		file := filepath.Join(folder, "20260417_115435_00000_"+strings.Trim(name, `"`)) // without an extension, as Trino's
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return 0, err
		}
		if written, err = s.write(ctx, schema, name, query, file); err != nil {
			return 0, err
		}
		if written == 0 {
			return 0, errors.Join(errNoLocation, os.RemoveAll(folder), s.drop(ctx, schema, name))
		}
		s.note(schema, name, folder)
		return written, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return 0, err
	}
	// As in Trino, what is put into the folder later is in the table, too.
	from, value := " FROM read_parquet("+sqltext.Literal(filepath.Join(folder, "*"))+")", func(name string) string { return name }
	if len(files) == 0 {
		from, value = " LIMIT 0", func(string) string { return "NULL" }
	}
	var list []string
	for _, m := range column.FindAllStringSubmatch(columns, -1) {
		list = append(list, fmt.Sprintf("CAST(%s AS %s) AS %s", value(m[1]), m[2], m[1]))
	}
	s.note(schema, name, folder)
	return 0, s.exec(ctx, schema, "CREATE VIEW "+name+" AS SELECT "+strings.Join(list, ", ")+from)
}

// note notes where a table lies.
func (s *Server) note(schema, name, folder string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.folders[[2]string{schema, strings.Trim(name, `"`)}] = folder
}

// drop drops what is there under a name, which may have a schema before it.
func (s *Server) drop(ctx context.Context, schema, name string) error {
	if before, after, has := strings.Cut(name, `"."`); has {
		schema, name = strings.Trim(before, `"`), after
	}
	name = strings.Trim(name, `"`)
	s.note(schema, name, "")
	kinds, err := s.strings(ctx, schema, "SELECT table_type FROM information_schema.tables WHERE table_schema = "+sqltext.Literal(schema)+" AND table_name = "+sqltext.Literal(name))
	if err != nil || len(kinds) == 0 {
		return err
	}
	return s.exec(ctx, schema, "DROP "+strings.TrimPrefix(kinds[0], "BASE ")+" "+sqltext.Name(name))
}

var column = regexp.MustCompile(`("\w+") (\w+(?:\(\d+, ?\d+\))?)`)

func (s *Server) write(ctx context.Context, schema, name, query, file string) (rows int64, err error) {
	conn, err := s.connect(ctx, schema)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "CREATE TABLE "+name+" AS\n"+query); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, query)
	}
	result, err := conn.ExecContext(ctx, "COPY "+name+" TO "+sqltext.Literal(file)+" (FORMAT parquet)")
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// paths are the files of a table, as Trino names them.
func (s *Server) paths(schema, table string) ([]string, error) {
	s.lock.Lock()
	folder := s.folders[[2]string{schema, table}]
	s.lock.Unlock()
	found := []string{}
	if folder == "" {
		return found, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	for _, file := range files {
		found = append(found, "local://"+strings.TrimPrefix(filepath.ToSlash(file), filepath.ToSlash(s.Lake)))
	}
	slices.Sort(found)
	return found, err
}

func (s *Server) connect(ctx context.Context, schema string) (*sql.Conn, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	path := "'main'"
	if schema != "" {
		path = sqltext.Literal(schema + ",main")
	}
	if _, err := conn.ExecContext(ctx, "SET search_path = "+path); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (s *Server) exec(ctx context.Context, schema, text string) error {
	conn, err := s.connect(ctx, schema)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err = conn.ExecContext(ctx, text); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}

func (s *Server) strings(ctx context.Context, schema, text string) (found []string, err error) {
	conn, err := s.connect(ctx, schema)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, rows.Err()
}
