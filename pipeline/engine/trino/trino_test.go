package trino

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// open connects to a fake server, with a lake in a folder.
func open(t *testing.T, f *fake, c Config) *Engine {
	t.Helper()
	c.URL = strings.Replace(f.URL, "://", "://anna@", 1) + "/lake"
	if c.Lake == "" {
		c.Lake = t.TempDir()
	}
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	e.pause = time.Millisecond
	if err := e.Begin(t.Context(), "r1"); err != nil {
		t.Fatal(err)
	}
	return e
}

// random is the part of a folder's name that differs from attempt to attempt.
var random = regexp.MustCompile(`-[A-Z2-7]{26}`)

func checkStatements(t *testing.T, f *fake, want ...string) {
	t.Helper()
	got := f.statements()
	for i := range got {
		got[i] = random.ReplaceAllString(got[i], "-RANDOM")
	}
	if !slices.Equal(got, want) {
		t.Errorf("the server was sent\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A run's statements, from its schema to the end of it.
func TestRun(t *testing.T) {
	t.Parallel()
	f := serve(t, func(text string, _ int) answer {
		switch {
		case strings.HasPrefix(text, "SHOW TABLES"):
			return answer{rows: [][]any{{"sums"}, {`a"b`}}}
		case strings.Contains(text, "$path"):
			return answer{rows: [][]any{{"local:///runs/entrepot_r1/sums-X/a b.parquet"}}}
		case strings.Contains(text, "AS\nSELECT"):
			return answer{written: 42}
		}
		return answer{}
	})
	var told []Progress
	e := open(t, f, Config{Progress: func(p Progress) { told = append(told, p) }})
	ctx := t.Context()
	if e.Name() != "trino" || e.Version() != "476" {
		t.Errorf("the engine is %s %s", e.Name(), e.Version())
	}
	if err := e.External(ctx, "staged", []Column{{"code", "VARCHAR"}, {"value", "DECIMAL(18,3)"}}, "staged/it's"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(e.lake.folder, "staged", "it's")); err != nil {
		t.Errorf("the folder of an external table must be there: %v", err)
	}
	q, err := e.Create(ctx, "sums", "SELECT 1 AS x")
	if err != nil {
		t.Fatal(err)
	}
	want := Query{ID: "q6", Rows: 42, CPU: 1500 * time.Millisecond, Wall: 2500 * time.Millisecond, Read: 4096, Written: 512, Peak: 1 << 20, Tries: 1}
	if q != want {
		t.Errorf("the query is %+v, and not %+v", q, want)
	}
	files, err := e.Files(ctx, "sums")
	if want := []string{filepath.Join(e.lake.folder, "runs/entrepot_r1/sums-X/a b.parquet")}; err != nil || !slices.Equal(files, want) {
		t.Errorf("files %q, %v, and not %q", files, err, want)
	}
	if tables, err := e.Tables(ctx); err != nil || !slices.Equal(tables, []string{"sums", `a"b`}) {
		t.Errorf("tables %q, %v", tables, err)
	}
	if err := e.End(ctx, "r1", true); err != nil {
		t.Fatal(err)
	}
	if err := e.End(ctx, "r1", false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(e.lake.folder, "runs", "entrepot_r1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the files of the run are still there: %v", err)
	}
	checkStatements(t, f,
		`CREATE SCHEMA IF NOT EXISTS "entrepot_r1"`,
		`DROP TABLE IF EXISTS "staged"`,
		`CREATE TABLE "staged" ("code" VARCHAR, "value" DECIMAL(18,3)) WITH (format = 'PARQUET', external_location = 'local:///staged/it''s')`,
		`DROP TABLE IF EXISTS "sums"`,
		"CREATE TABLE \"sums\" WITH (format = 'PARQUET', external_location = 'local:///runs/entrepot_r1/sums-RANDOM') AS\nSELECT 1 AS x",
		`SELECT DISTINCT "$path" FROM "sums" ORDER BY 1`,
		"SHOW TABLES",
		`SHOW TABLES FROM "entrepot_r1"`,
		`DROP TABLE IF EXISTS "entrepot_r1"."sums"`,
		`DROP TABLE IF EXISTS "entrepot_r1"."a""b"`,
		`DROP SCHEMA IF EXISTS "entrepot_r1"`)
	checkProgress(t, told)
}

func checkProgress(t *testing.T, told []Progress) {
	t.Helper()
	for _, p := range told {
		if p.Step == "table sums" && p.Query == "q6" && p.State == "FINISHED" {
			want := Progress{Step: "table sums", Query: "q6", State: "FINISHED", StagesDone: 2, Stages: 3, SplitsDone: 3, Splits: 4,
				Rows: 10, Bytes: 1000, Elapsed: 2 * time.Second, Nodes: 2, Attempt: 1, Attempts: 1}
			if p != want {
				t.Errorf("told %+v, and not %+v", p, want)
			}
			return
		}
	}
	t.Errorf("nothing was told of the finished query: %+v", told)
}

// Who asks, for which catalog, schema, run and step, goes with each statement.
func TestHeaders(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	e := open(t, f, Config{Timeout: 90 * time.Second, Session: map[string]string{"retry_policy": "TASK"}})
	if _, err := e.Create(t.Context(), "sums", "SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"X-Trino-User": "anna", "X-Trino-Catalog": "lake", "X-Trino-Schema": "entrepot_r1",
		"X-Trino-Source": "entrepot", "X-Trino-Client-Info": "table sums", "X-Trino-Trace-Token": "entrepot-r1",
		"X-Trino-Session": "query_max_run_time=90s retry_policy=TASK", "Authorization": ""} {
		got := f.header().Values(name)
		slices.Sort(got)
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is %q, and not %q", name, got, want)
		}
	}
}

// A type that engines don't share is a mistake of the program's.
func TestExternalTypes(t *testing.T) {
	t.Parallel()
	e := open(t, serve(t, nil), Config{})
	err := e.External(t.Context(), "staged", []Column{{"code", "HUGEINT"}}, "staged")
	if err == nil || !strings.Contains(err.Error(), `internal error: column code of staged has the type "HUGEINT"`) {
		t.Errorf("got %v", err)
	}
}

// The same run finds its schema again, and different runs have different ones.
func TestSchemaOf(t *testing.T) {
	t.Parallel()
	for run, want := range map[string]string{"r1": "entrepot_r1", "Run 1": "entrepot_run_1_4fdc93", "run-1": "entrepot_run_1_4e65d3"} {
		if got := SchemaOf(run); got != want {
			t.Errorf("SchemaOf(%q) is %s, and not %s", run, got, want)
		}
	}
}

// What fails for a reason that may pass is tried again, the table dropped before; what the
// user has to mend is not.
func TestRetries(t *testing.T) {
	t.Parallel()
	lost := fails("REMOTE_HOST_GONE", "INTERNAL_ERROR", "The node is gone")
	for name, c := range map[string]struct {
		first   answer
		retries int
		want    int // attempts
	}{
		"lost node":                    {lost, 2, 2},
		"lost node, no retries":        {lost, 0, 1},
		"store out of order":           {fails("HIVE_WRITER_CLOSE_ERROR", "EXTERNAL", "Error committing write"), 2, 2},
		"queue full":                   {fails("QUERY_QUEUE_FULL", "INSUFFICIENT_RESOURCES", "Too many queued queries"), 2, 2},
		"coordinator started again":    {answer{lost: true}, 2, 2},
		"server failed":                {answer{status: http.StatusInternalServerError, body: "out of order"}, 2, 2},
		"user's mistake":               {fails("SYNTAX_ERROR", "USER_ERROR", "line 1:1: mismatched input"), 2, 1},
		"too slow":                     {fails("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", "Query exceeded the maximum run time limit"), 2, 1},
		"too large":                    {fails("EXCEEDED_LOCAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES", "Query exceeded per-node memory limit"), 2, 1},
		"an internal error that stays": {fails("COMPILER_ERROR", "INTERNAL_ERROR", "Compiler failed"), 2, 1},
		"full":                         {fails("HIVE_WRITER_DATA_ERROR", "EXTERNAL", "Failed to write", "java.io.IOException: No space left on device"), 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, func(text string, number int) answer {
				if strings.HasPrefix(text, "CREATE TABLE") && number == 0 {
					return c.first
				}
				return answer{written: 7}
			})
			e := open(t, f, Config{Retries: c.retries})
			q, err := e.Create(t.Context(), "sums", "SELECT 1 AS x")
			if c.want == 1 && err == nil || c.want > 1 && (err != nil || q.Rows != 7 || q.Tries != c.want) {
				t.Errorf("got %+v, %v", q, err)
			}
			want := []string{`CREATE SCHEMA IF NOT EXISTS "entrepot_r1"`}
			for range c.want {
				want = append(want, `DROP TABLE IF EXISTS "sums"`,
					"CREATE TABLE \"sums\" WITH (format = 'PARQUET', external_location = 'local:///runs/entrepot_r1/sums-RANDOM') AS\nSELECT 1 AS x")
			}
			checkStatements(t, f, want...)
			folders := map[string]bool{}
			for _, text := range f.statements() {
				folders[random.FindString(text)] = true
			}
			if len(folders) != c.want+1 { // and "" of the statements without
				t.Errorf("%d attempts wrote into %d folders", c.want, len(folders)-1)
			}
		})
	}
}

// Each failure names the step, the query, what the server said and the way out.
func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		want   string
	}{
		"time": {fails("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", "Query exceeded the maximum run time limit of 1.00s"),
			"trino: table sums: query q4: Query exceeded the maximum run time limit of 1.00s (EXCEEDED_TIME_LIMIT); raise the engine's timeout, " +
				"or the server's query.max-run-time or query.max-execution-time"},
		"memory": {fails("EXCEEDED_LOCAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES", "Query exceeded per-node memory limit of 10MB"),
			"trino: table sums: query q4: Query exceeded per-node memory limit of 10MB (EXCEEDED_LOCAL_MEMORY_LIMIT); add workers or memory " +
				"(query.max-memory-per-node, query.max-memory), or let queries go on in parts with retry-policy=TASK"},
		"rights": {fails("PERMISSION_DENIED", "USER_ERROR", "Access Denied: Cannot create table x"),
			"trino: table sums: query q4: Access Denied: Cannot create table x (PERMISSION_DENIED); ask who runs the server for the rights to create and drop " +
				"schemas and tables in this catalog"},
		"killed": {fails("ADMINISTRATIVELY_KILLED", "USER_ERROR", "Query killed. Message: too busy"),
			"trino: table sums: query q4: Query killed. Message: too busy (ADMINISTRATIVELY_KILLED); someone ended the query on the server: ask why, and run again; " +
				"finished tables are kept"},
		"disk": {fails("GENERIC_INTERNAL_ERROR", "INTERNAL_ERROR", "Failed\nat line", "x", "java.io.IOException: No space left on device"),
			"trino: table sums: query q4: java.io.IOException: No space left on device (LAKE_FULL); make room in the lake and run again; finished tables are kept"},
		"store": {fails("HIVE_WRITER_CLOSE_ERROR", "EXTERNAL", "Error committing write parquet to Hive", "The quota of the bucket is used up (Service: S3)"),
			"trino: table sums: query q4: The quota of the bucket is used up (Service: S3) (LAKE_FULL); make room in the lake and run again; finished tables are kept"},
		"catalog": {fails("NOT_SUPPORTED", "USER_ERROR", "Writes to non-managed Hive tables is disabled"),
			"trino: table sums: query q4: Writes to non-managed Hive tables is disabled (NOT_SUPPORTED); " +
				"the catalog needs hive.non-managed-table-writes-enabled=true; docs/scale.md shows its properties"},
		"no advice": {fails("DIVISION_BY_ZERO", "USER_ERROR", "Division by zero\nand more"), "trino: table sums: query q4: Division by zero (DIVISION_BY_ZERO)"},
		"lost": {answer{lost: true}, "trino: table sums: query q4: the server answers 404 Not Found: Query not found (QUERY_LOST); the coordinator has been started again, " +
			"or has dropped a query that nobody asked for in minutes: run again; finished tables are kept. With retry-policy=TASK and an exchange manager queries survive a lost node"},
		"login": {answer{status: http.StatusUnauthorized, body: "Invalid credentials"}, "trino: table sums: the server answers 401 Unauthorized: Invalid credentials " +
			"(AUTHENTICATION_FAILED); look at the user in the engine's URL, and at ENTREPOT_ENGINE_PASSWORD or ENTREPOT_ENGINE_TOKEN"},
		"forbidden": {answer{status: http.StatusForbidden, body: "<html>no</html>"}, "trino: table sums: the server answers 403 Forbidden " +
			"(FORBIDDEN); ask who runs the server for the rights to create and drop schemas and tables in this catalog"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, func(text string, _ int) answer {
				if strings.HasPrefix(text, "CREATE TABLE") {
					return c.answer
				}
				return answer{}
			})
			_, err := open(t, f, Config{}).Create(t.Context(), "sums", "SELECT 1 AS x")
			if err == nil || err.Error() != c.want {
				t.Errorf("got\n%v\nand not\n%s", err, c.want)
			}
		})
	}
}

// A cancelled context ends the query on the server, and the error says whether it did.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		want   string
	}{
		"ends":      {answer{hangs: true}, "cancelled, and the server has ended the query (USER_CANCELED)"},
		"has ended": {answer{hangs: true, told: true}, "cancelled, and the server has ended the query (USER_CANCELED)"},
		"does not hear": {answer{hangs: true, deaf: true}, "cancelled, and whether the server has ended the query is not known: 300ms after it was told to, " +
			"the server answers 200 {"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, func(text string, _ int) answer {
				if strings.HasPrefix(text, "CREATE TABLE") {
					return c.answer
				}
				return answer{}
			})
			ctx, cancel := context.WithCancel(t.Context())
			e := open(t, f, Config{Retries: 5, Progress: func(p Progress) {
				if p.State == "RUNNING" {
					cancel()
				}
			}})
			e.patience = 300 * time.Millisecond
			_, err := e.Create(ctx, "sums", "SELECT 1 AS x")
			if want := "trino: table sums: query q4: " + c.want; !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, and not %s", err, want)
			}
			if !f.isCancelled("q4") {
				t.Error("the server was not told to end the query")
			}
			if got := len(f.statements()); got != 3 {
				t.Errorf("a cancelled query was tried again: %d statements", got)
			}
		})
	}
}

// A context that ends by its time is one that is cancelled, before a query and in it.
func TestDeadline(t *testing.T) {
	t.Parallel()
	f := serve(t, func(text string, _ int) answer { return answer{hangs: strings.HasPrefix(text, "CREATE TABLE")} })
	e := open(t, f, Config{Retries: 5})
	for wait, want := range map[time.Duration]string{
		0:                      "trino: table sums: cancelled (USER_CANCELED)",
		300 * time.Millisecond: "trino: table sums: query q4: cancelled, and the server has ended the query (USER_CANCELED)",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		_, err := e.Create(ctx, "sums", "SELECT 1 AS x")
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != want {
			t.Errorf("got %v, and not %s", err, want)
		}
	}
}

// A server that doesn't keep to the timeout is told to end the query.
func TestTimeout(t *testing.T) {
	t.Parallel()
	f := serve(t, func(text string, _ int) answer { return answer{hangs: strings.HasPrefix(text, "CREATE TABLE")} })
	e := open(t, f, Config{Retries: 5, Timeout: 100 * time.Millisecond})
	e.grace = 0
	if err := e.connect("entrepot_r1"); err != nil {
		t.Fatal(err)
	}
	_, err := e.Create(t.Context(), "sums", "SELECT 1 AS x")
	if !isNamed(err, "EXCEEDED_TIME_LIMIT") || !f.isCancelled("q4") {
		t.Errorf("got %v, cancelled: %v", err, f.isCancelled("q4"))
	}
}

// An empty result on a local disk has no folder, and so the metastore refuses its table.
func TestEmptyOnDisk(t *testing.T) {
	t.Parallel()
	f := serve(t, func(text string, _ int) answer {
		if strings.Contains(text, "external_location") {
			return fails("HIVE_METASTORE_ERROR", "EXTERNAL", "External table location does not exist")
		}
		return answer{}
	})
	e := open(t, f, Config{Retries: 5})
	if q, err := e.Create(t.Context(), "sums", "SELECT 1 AS x WHERE false"); err != nil || q.Rows != 0 {
		t.Errorf("got %+v, %v", q, err)
	}
	checkStatements(t, f, `CREATE SCHEMA IF NOT EXISTS "entrepot_r1"`, `DROP TABLE IF EXISTS "sums"`,
		"CREATE TABLE \"sums\" WITH (format = 'PARQUET', external_location = 'local:///runs/entrepot_r1/sums-RANDOM') AS\nSELECT 1 AS x WHERE false",
		"CREATE TABLE \"sums\" WITH (format = 'PARQUET') AS\nSELECT 1 AS x WHERE false\nWITH NO DATA")
}

// Over TLS the password or the token goes with each statement, and the server's certificate
// must be known.
func TestTLS(t *testing.T) {
	f := newFake(nil)
	f.Server = httptest.NewUnstartedServer(f)
	f.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	f.StartTLS()
	defer f.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{URL: strings.Replace(f.URL, "://", "://anna@", 1) + "/lake", Lake: t.TempDir()}
	if _, err := Open(t.Context(), c); !isNamed(err, untrusted) || !strings.Contains(err.Error(), "ENTREPOT_ENGINE_CA") {
		t.Errorf("an unknown certificate: %v", err)
	}
	t.Setenv("ENTREPOT_ENGINE_CA", ca)
	t.Setenv("ENTREPOT_ENGINE_PASSWORD", "sesame")
	checkAuthorization(t, f, c, "Basic YW5uYTpzZXNhbWU=")
	t.Setenv("ENTREPOT_ENGINE_PASSWORD", "")
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("a.b.c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ENTREPOT_ENGINE_TOKEN_FILE", file)
	checkAuthorization(t, f, c, "Bearer a.b.c")
}

func checkAuthorization(t *testing.T, f *fake, c Config, want string) {
	t.Helper()
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if got := f.header().Get("Authorization"); got != want {
		t.Errorf("the server was sent the authorization %q, and not %q", got, want)
	}
}

// What can't work, or would give a secret away, is refused before anything is sent.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		url, lake string
		env       map[string]string
		want      string
	}{
		"password in the URL":  {url: "https://anna:sesame@host/lake", want: "the engine's URL holds a password: give it in the environment"},
		"password without TLS": {url: "http://anna@host/lake", env: map[string]string{"ENTREPOT_ENGINE_PASSWORD": "sesame"}, want: "asked without TLS, and the password would be readable"},
		"token without TLS":    {url: "http://anna@host/lake", env: map[string]string{"ENTREPOT_ENGINE_TOKEN": "a.b.c"}, want: "asked without TLS, and the token would be readable"},
		"both":                 {url: "https://anna@host/lake", env: map[string]string{"ENTREPOT_ENGINE_TOKEN": "a", "ENTREPOT_ENGINE_PASSWORD": "b"}, want: "both ENTREPOT_ENGINE_PASSWORD and"},
		"value and file":       {url: "https://anna@host/lake", env: map[string]string{"ENTREPOT_ENGINE_PASSWORD": "a", "ENTREPOT_ENGINE_PASSWORD_FILE": "b"}, want: "both ENTREPOT_ENGINE_PASSWORD and ENTREPOT_ENGINE_PASSWORD_FILE are set"},
		"no file":              {url: "https://anna@host/lake", env: map[string]string{"ENTREPOT_ENGINE_PASSWORD_FILE": "/nowhere"}, want: "read ENTREPOT_ENGINE_PASSWORD_FILE: open /nowhere"},
		"no certificate":       {url: "https://anna@host/lake", env: map[string]string{"ENTREPOT_ENGINE_CA": "trino_test.go"}, want: "holds no certificate in PEM"},
		"no user":              {url: "https://host/lake", want: "the engine's URL names no user"},
		"no catalog":           {url: "https://anna@host", want: "names no server and catalog; it has the form https://user@host:443/catalog"},
		"other scheme":         {url: "trino://anna@host/lake", want: "names no server and catalog"},
		"no lake":              {url: "https://anna@host/lake", lake: "-", want: "an engine needs a lake"},
		"unknown lake":         {url: "https://anna@host/lake", lake: "ftp://host/x", want: `the lake ftp://host/x: there is no kind of store "ftp"`},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			lake := t.TempDir()
			if c.lake != "" {
				lake = strings.TrimPrefix(c.lake, "-")
			}
			_, err := Open(t.Context(), Config{URL: c.url, Lake: lake})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, and not %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "sesame") {
				t.Errorf("the error gives the password away: %v", err)
			}
		})
	}
}

// Where there is no Trino, or none with this catalog, the error says what is there.
func TestConnect(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	defer other.Close()
	starting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"nodeVersion":{"version":"476"},"starting":true}`))
	}))
	defer starting.Close()
	for _, c := range []struct{ url, name, want string }{
		{f.URL + "/nowhere", "CATALOG_NOT_FOUND", `the server shows no catalog "nowhere" to this user; there are lake, ice, system`},
		{f.URL + "/ice", wrongConnector, "the catalog ice is of the connector iceberg, and a lake needs hive"},
		{other.URL + "/lake", notTrino, "what answers there is not Trino"},
		{starting.URL + "/lake", "SERVER_STARTING_UP", "the server is still starting up"},
		{"http://127.0.0.1:1/lake", unreachable, "connection refused"},
		{"http://nowhere.invalid/lake", unknownHost, "nowhere.invalid"},
		{strings.Replace(f.URL, "http:", "https:", 1) + "/lake", noTLS, "server gave HTTP response to HTTPS client"},
	} {
		_, err := Open(t.Context(), Config{URL: strings.Replace(c.url, "://", "://anna@", 1), Lake: t.TempDir()})
		if !isNamed(err, c.name) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "; ") {
			t.Errorf("%s: got %v, and not %s with a way out", c.url, err, c.want)
		}
	}
}

// The lake has a name here and one on the server.
func TestLake(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for _, c := range []struct{ lake, at, said, from string }{
		{"/srv/lake", "local:///staged/x", "local:///runs/a b/1", "/srv/lake/runs/a b/1"},
		{"file:///srv/lake", "local:///staged/x", "local:///runs/1", "/srv/lake/runs/1"},
		{"s3://bucket/pre/fix?region=eu-central-1", "s3://bucket/pre/fix/staged/x", "s3a://bucket/pre/fix/1", "s3://bucket/pre/fix/1"},
		{"s3://bucket", "s3://bucket/staged/x", "s3://bucket/1", "s3://bucket/1"},
	} {
		l, err := lakeOf(c.lake)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.at("staged/x/"); got != c.at {
			t.Errorf("%s: the server's name is %s, and not %s", c.lake, got, c.at)
		}
		if got := l.from(c.said); got != c.from {
			t.Errorf("%s: %s is %s here, and not %s", c.lake, c.said, got, c.from)
		}
	}
}
