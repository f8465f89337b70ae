package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/fetch"
	"entrepot/pipeline"
	"entrepot/pipeline/export"
	"entrepot/pipeline/release"
	"entrepot/pipeline/report"
	"entrepot/pipeline/runlog"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
)

// outputs are what the commands print with --json, by command.
var outputs = map[string]any{
	"run": runResult{}, "extract": runResult{}, "transform": runResult{}, "load": runResult{}, "stage": stageResult{}, "engine sql": pipeline.EngineSQL{}, "check": []checkResult{},
	"plan": []pipeline.PlannedStep{}, "status": runlog.Status{}, "history": []runlog.Record{}, "explain": release.Explanation{},
	"diff": release.Difference{}, "verify": pipeline.Verification{}, "rejects": []pipeline.RejectGroup{}, "search": searched{},
	"sources check": []pipeline.SourceCheck{}, "sources conflicts": []pipeline.Conflict{}, "report": report.Summary{}, "export": export.Summary{},
	"rollback": release.Move{}, "unpin": pipeline.Unpinning{}, "version": build{}, "init": written{},
	"reference show": []codeLife{}, "reference import": []importedTable{},
	"fetch": fetch.Result{}, "fetch --dry-run": fetch.Plan{}, "fetch status": fetch.Status{}, "fetch verify": fetch.Verified{}, "fetch baci": fetch.FilesResult{}, "fetch comext": fetch.FilesResult{}, "fetch tiva": fetchedTable{},
	"show": release.Shown{},
}

// schemaFile is the schema of a command's output.
func schemaFile(command string) string {
	name := strings.NewReplacer(" --", "-", " ", "-").Replace(command)
	return filepath.Join("..", "..", "docs", "json", name+".schema.json")
}

// Every command has --json, and a schema of what it prints, which follows from the type.
func TestJSONSchemas(t *testing.T) {
	comments := map[string]map[string]string{}
	for command, value := range outputs {
		schema := describer{comments, true}.of(t, reflect.TypeOf(value))
		schema["$schema"], schema["$id"] = "https://json-schema.org/draft/2020-12/schema", "urn:entrepot:json:"+jsonVersion+":"+strings.ReplaceAll(command, " ", "-")
		schema["title"] = "What 'entrepot " + command + " --json' prints"
		text, err := json.MarshalIndent(schema, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		if *update {
			if err := os.WriteFile(schemaFile(command), text, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		was, err := os.ReadFile(schemaFile(command))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(was), string(text)); diff != "" {
			t.Errorf("%s is not what the command prints: when fields were added, -update; when one changed or went, programs break, "+
				"and the version of the contract must change (-file +type):\n%s", schemaFile(command), diff)
		}
	}
	var walk func(c *cobra.Command, path string)
	walk = func(c *cobra.Command, path string) {
		for _, sub := range c.Commands() {
			name := strings.TrimSpace(path + " " + sub.Name())
			walk(sub, name)
			if groups := []string{"help", "completion", "sources", "reference", "engine"}; slices.Contains(groups, sub.Name()) || sub.Parent().Name() == "completion" {
				continue
			}
			if sub.Flags().Lookup("json") == nil {
				t.Errorf("%s has no --json", name)
			}
			if outputs[name] == nil {
				t.Errorf("%s has no schema", name)
			}
		}
	}
	walk(newRoot(), "")
}

// describer makes JSON schemas of types. An open one allows fields that a later version adds.
type describer struct {
	comments map[string]map[string]string // of fields, by package and type
	open     bool
}

func (d describer) of(t *testing.T, typ reflect.Type) map[string]any {
	t.Helper()
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case typ == reflect.TypeFor[release.Row]():
		return map[string]any{"type": "object", "description": "values by column; null is unknown"}
	case typ.Implements(marshaler):
		return map[string]any{}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return d.of(t, typ.Elem())
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": d.of(t, typ.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": d.of(t, typ.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return map[string]any{"type": "integer"}
	case reflect.Interface:
		return map[string]any{}
	case reflect.Struct:
		return d.object(t, typ)
	}
	t.Fatalf("no schema for %s", typ)
	return nil
}

func (d describer) object(t *testing.T, typ reflect.Type) map[string]any {
	t.Helper()
	properties, required := map[string]any{}, []string{}
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" {
			continue
		}
		if name == "" && field.Anonymous { // its fields stand among the others
			inner := d.of(t, field.Type)
			maps.Copy(properties, inner["properties"].(map[string]any))
			required = append(required, inner["required"].([]string)...)
			continue
		}
		if name == "" {
			t.Errorf("%s.%s has no name in JSON", typ, field.Name)
		}
		schema := d.of(t, field.Type)
		if comment := d.comment(t, typ, field.Name); comment != "" && schema["description"] == nil {
			schema["description"] = comment
		}
		properties[name] = schema
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	object := map[string]any{"type": "object", "properties": properties, "required": required}
	if !d.open {
		object["additionalProperties"] = false
	}
	return object
}

// comment is what stands beside or above a field of a type.
func (d describer) comment(t *testing.T, typ reflect.Type, field string) string {
	t.Helper()
	if d.comments == nil {
		return ""
	}
	key := typ.PkgPath() + "." + typ.Name()
	if d.comments[key] == nil {
		d.read(t, typ.PkgPath())
	}
	return d.comments[key][field]
}

func (d describer) read(t *testing.T, path string) {
	t.Helper()
	dir := "."
	if path != "main" && !strings.HasSuffix(path, "/cmd/entrepot") {
		_, inside, _ := strings.Cut(path, "/")
		dir = filepath.Join("..", "..", inside)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			fields := map[string]string{}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					text := f.Comment.Text()
					if text == "" {
						text = f.Doc.Text()
					}
					for _, name := range f.Names {
						fields[name.Name] = strings.Join(strings.Fields(text), " ")
					}
				}
			}
			d.comments[path+"."+spec.Name.Name] = fields
			return true
		})
	}
}

// What every command prints is valid by its schema, without a field more, whether there is
// much to say or nothing. No list is null.
func TestJSONOutputs(t *testing.T) {
	schemaFolder := absolute(t, "../../docs/json")
	books, err := filepath.Glob(absolute(t, "../../sources/untables/testdata/*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	header := "refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"
	for name, rows := range map[string]string{
		"one/china.csv": "2019,2019,156,M,0,H5,880240,300\n2019,2019,156,X,0,H5,880240,100\n",
		"two/china.csv": "2019,2019,156,M,0,H5,880240,300\n2019,2019,156,X,0,H5,880240,900\n2019,2019,156,M,0,H5,854231,many\n",
		"two/usa.csv":   "2019,2019,842,M,0,H5,880240,300\n2019,2019,842,X,0,H5,880240,100\n",
		"two/other.csv": "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(header+rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	one, two := "--quiet --data one --out o", "--quiet --data two --out o --max-rejects 90%"
	ran := map[string]bool{}
	for _, tt := range []struct {
		command, args string
		code          int
	}{
		{"plan", one, 0}, {"history", "--out o", 0}, {"run", one, 0}, {"run", one, 0}, {"run", two, exitIncomplete}, {"run", two + " --allow-incomplete --force", 0},
		{"run", two + " --dominance-share 40% --allow-incomplete", 0},
		{"plan", two, 0}, {"status", "--out o", 0}, {"history", "--out o", 0}, {"extract", one + " --force", 0}, {"transform", two + " --force", 0}, {"check", two, 0},
		{"explain", "figure14 --sector aerospace --year 2019 --out o --lines", 0}, {"explain", "lines --out o", 0},
		{"verify", one + "v", 1}, {"rejects", "--out o", 0}, {"sources check", "one two", exitIncomplete}, {"sources conflicts", "--out o", 0},
		{"search", "aeroplanes", 0}, {"show", "dominance --out o", 0}, {"report", "--out o", 0}, {"export", "--out o dominance", 0}, {"version", "", 0}, {"init", "new.yaml", 0},
		{"reference show", "880240", 0}, {"rollback", "--out o --pin", 0}, {"status", "--out o", 0}, {"unpin", "--out o", 0}, {"unpin", "--out o", 0}, {"history", "--out o", 0},
		{"load", two, 0}, {"stage", two + " --lake lake", 0}, {"stage", two + " --lake lake --shard 1/1", 0}, {"engine sql", "--quiet code_sums", 0},
	} {
		args := append(strings.Fields(tt.command), strings.Fields(tt.args)...)
		validOutput(t, schemaFolder, tt.command, append(args, "--json"), tt.code)
		ran[tt.command] = true
	}
	releases, err := release.List("o")
	if err != nil || len(releases) < 3 {
		t.Fatalf("%d releases, %v", len(releases), err)
	}
	for _, r := range releases {
		validOutput(t, schemaFolder, "diff", []string{"diff", r.ID, "--out", "o", "--json"}, 0)
	}
	validOutput(t, schemaFolder, "verify", []string{"verify", releases[0].ID, "--quiet", "--data", "two", "--out", "o", "--json"}, 0)
	if len(books) > 0 {
		validOutput(t, schemaFolder, "reference import", []string{"reference", "import", books[0], "--json"}, 0)
	}
	for command := range outputs {
		if !ran[command] && !slices.Contains([]string{"diff", "reference import"}, command) && !strings.HasPrefix(command, "fetch") {
			t.Errorf("%s was not run", command)
		}
	}
}

// validOutput runs a command and holds what it prints against its schema.
func validOutput(t *testing.T, schemaFolder, name string, args []string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := command(args, &stdout, &stderr); got != code {
		t.Errorf("%v ends with %d, expected %d:\n%s", args, got, code, &stderr)
	}
	if stdout.Len() == 0 && code == exitFailed {
		return
	}
	printed, err := jsonschema.UnmarshalJSON(&stdout)
	if err != nil {
		t.Fatalf("%v prints no JSON: %v\n%s", args, err, &stderr)
	}
	for _, strict := range []bool{false, true} {
		if err := compileSchema(t, schemaFolder, name, strict).Validate(printed); err != nil {
			t.Errorf("%v (strict %v): %v", args, strict, err)
		}
	}
}

// compileSchema is the schema in the file, or a strict one of the type.
func compileSchema(t *testing.T, schemaFolder, command string, strict bool) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(schemaFolder, filepath.Base(schemaFile(command))))
	if strict {
		text, err = json.Marshal(describer{nil, false}.of(t, reflect.TypeOf(outputs[command])))
	}
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("urn:"+command, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("urn:" + command)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
