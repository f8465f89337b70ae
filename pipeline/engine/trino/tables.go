package trino

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"path"
	"regexp"
	"strings"

	"entrepot/schemas/sqltext"
)

// Column is a column of a table over Parquet files, which have it by this name.
type Column struct {
	Name string
	Type string // BOOLEAN, SMALLINT, INTEGER, BIGINT, DOUBLE, DECIMAL(p,s), VARCHAR or DATE
}

var columnType = regexp.MustCompile(`^(BOOLEAN|SMALLINT|INTEGER|BIGINT|DOUBLE|VARCHAR|DATE|DECIMAL\(\d+, ?\d+\))$`)

// notInNames is what names of schemas can't have everywhere.
var notInNames = regexp.MustCompile(`[^a-z0-9_]`)

// SchemaOf is the name of a run's schema: the same for the same run, and for no other.
func SchemaOf(run string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(run), "_")
	if name != run {
		name += fmt.Sprintf("_%x", sha256.Sum256([]byte(run)))[:7]
	}
	return "entrepot_" + name
}

// Begin makes the schema of a run, or finds the one that an interrupted run has left, with
// the tables that were finished.
func (e *Engine) Begin(ctx context.Context, run string) error {
	schema := SchemaOf(run)
	e.run = run
	err := e.retried(ctx, func(attempt int) error {
		_, err := e.exec(ctx, "create the schema "+schema, attempt, "CREATE SCHEMA IF NOT EXISTS "+sqltext.Name(schema))
		return err
	})
	if err != nil {
		return err
	}
	return e.connect(schema)
}

// Tables lists the tables of the run's schema. One that Create made is there only when it
// is whole.
func (e *Engine) Tables(ctx context.Context) (names []string, err error) {
	err = e.retried(ctx, func(int) (err error) {
		names, err = e.strings(ctx, "list the tables of "+e.schema, "SHOW TABLES")
		return err
	})
	return names, err
}

// External makes a table of all Parquet files of a folder of the lake, such as
// "staged/comtrade". The folder is not a part of the table: dropping the table keeps it.
func (e *Engine) External(ctx context.Context, table string, columns []Column, folder string) error {
	var declared []string
	for _, c := range columns {
		if !columnType.MatchString(c.Type) {
			return fmt.Errorf("internal error: column %s of %s has the type %q, which engines don't share; please report it", c.Name, table, c.Type)
		}
		declared = append(declared, sqltext.Name(c.Name)+" "+c.Type)
	}
	_, err := e.make(ctx, table, strings.Join(declared, ", "), "", func() string { return folder })
	return err
}

// Create makes a table of what a query gives, in place of one that is there. Each attempt
// writes into a folder of its own, so that no file of one that failed is ever read.
func (e *Engine) Create(ctx context.Context, table, selectSQL string) (Query, error) {
	return e.make(ctx, table, "", selectSQL, func() string { return folderOf(e.schema) + "/" + table + "-" + rand.Text() })
}

// folderOf is the folder of the lake where the tables of a schema lie.
func folderOf(schema string) string { return "runs/" + schema }

// make drops a table and makes it anew, of columns or of a query; both, whenever one of them
// failed for a reason that may pass.
func (e *Engine) make(ctx context.Context, table, columns, query string, folder func() string) (done Query, err error) {
	step, name := "table "+table, sqltext.Name(table)
	err = e.retried(ctx, func(attempt int) error {
		if _, err := e.exec(ctx, step, attempt, "DROP TABLE IF EXISTS "+name); err != nil {
			return err
		}
		at := folder()
		needed := at // a table of files that are there
		if query != "" {
			needed = path.Dir(at) // the server makes the folder itself
		}
		if err := e.lake.prepare(needed); err != nil {
			return err
		}
		done, err = e.exec(ctx, step, attempt, create(name, columns, query, e.lake.at(at)))
		if query != "" && isNamed(err, "HIVE_METASTORE_ERROR") && strings.Contains(err.Error(), "External table location does not exist") {
			// On a local disk there is no folder where no file was written: no row came out.
			done, err = e.exec(ctx, step, attempt, "CREATE TABLE "+name+" WITH (format = 'PARQUET') AS\n"+query+"\nWITH NO DATA")
		}
		return err
	})
	return done, err
}

// create is the statement that makes a table of Parquet files in one place.
func create(name, columns, query, location string) string {
	text := "CREATE TABLE " + name
	if columns != "" {
		text += " (" + columns + ")"
	}
	text += " WITH (format = 'PARQUET', external_location = " + sqltext.Literal(location) + ")"
	if query != "" {
		text += " AS\n" + query
	}
	return text
}

// Files lists the Parquet files of a table: paths, or URLs of the object store. A table
// without rows has none. Other files may lie beside them, of queries that failed.
func (e *Engine) Files(ctx context.Context, table string) (files []string, err error) {
	err = e.retried(ctx, func(int) (err error) {
		files, err = e.strings(ctx, "files of "+table, `SELECT DISTINCT "$path" FROM `+sqltext.Name(table)+" ORDER BY 1")
		return err
	})
	for i, file := range files {
		files[i] = e.lake.from(file)
	}
	return files, err
}

// End drops the schema of a run with its tables and their files; with keep it leaves
// everything for the next run with this name.
func (e *Engine) End(ctx context.Context, run string, keep bool) error {
	if keep {
		return nil
	}
	schema := sqltext.Name(SchemaOf(run))
	return e.retried(ctx, func(attempt int) error {
		tables, err := e.strings(ctx, "list the tables of "+SchemaOf(run), "SHOW TABLES FROM "+schema)
		if isNamed(err, "SCHEMA_NOT_FOUND") {
			return e.lake.remove(ctx, folderOf(SchemaOf(run)))
		}
		for i := 0; err == nil && i < len(tables); i++ {
			_, err = e.exec(ctx, "drop the table "+tables[i], attempt, "DROP TABLE IF EXISTS "+schema+"."+sqltext.Name(tables[i]))
		}
		if err == nil {
			_, err = e.exec(ctx, "drop the schema "+SchemaOf(run), attempt, "DROP SCHEMA IF EXISTS "+schema)
		}
		if err != nil {
			return err
		}
		return e.lake.remove(ctx, folderOf(SchemaOf(run)))
	})
}
