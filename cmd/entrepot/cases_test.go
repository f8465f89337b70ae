package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entrepot/transforms/portable/portabletest"

	"github.com/google/go-cmp/cmp"
)

// casesFolder has a folder for each case; its README says what stands in one.
const casesFolder = "../../fixtures/cases"

// TestCases runs each folder of fixtures/cases through the command. A case that is
// pending must still fail: what mends it has to delete the file that says so.
func TestCases(t *testing.T) {
	entries, err := os.ReadDir(casesFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			c, err := readCase(filepath.Join(casesFolder, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if c.generated != "" && testing.Short() {
				t.Skip("its input is large")
			}
			c.test(t)
		})
	}
}

// A tradeCase is a folder of fixtures/cases.
type tradeCase struct {
	dir       string
	pending   string // what is missing, or "" when the case must succeed
	generated string // the text of the file generate: inputs too large to keep
	steps     []step
}

// A step puts its files over those of the steps before, and runs commands.
type step struct {
	dir      string
	calls    []call
	overlays bool // dir is a folder within the case: its files go over the others
}

// A call is one command line, and the exit code that it must have.
type call struct {
	exit int
	args []string
}

func readCase(dir string) (*tradeCase, error) {
	c := &tradeCase{dir: dir}
	for _, name := range []string{"README.md", "entrepot.yaml"} {
		if text, err := readIfThere(filepath.Join(dir, name)); err != nil || text == "" {
			return nil, errors.Join(fmt.Errorf("a case needs a %s", name), err)
		}
	}
	var err error
	if c.pending, err = readIfThere(filepath.Join(dir, "pending")); err != nil {
		return nil, err
	}
	if c.generated, err = readIfThere(filepath.Join(dir, "generate")); err != nil {
		return nil, err
	}
	calls, err := readCalls(filepath.Join(dir, "commands"), []call{{0, []string{"run"}}})
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		step := step{dir: filepath.Join(dir, fmt.Sprint("step", n)), overlays: true}
		if _, err := os.Stat(step.dir); errors.Is(err, fs.ErrNotExist) {
			break
		}
		if step.calls, err = readCalls(filepath.Join(step.dir, "commands"), calls); err != nil {
			return nil, err
		}
		c.steps = append(c.steps, step)
	}
	if len(c.steps) == 0 {
		c.steps = []step{{dir: dir, calls: calls}}
	}
	return c, nil
}

// readCalls reads lines such as "3 run --reporter DEU". Without the file, they are
// the usual ones.
func readCalls(file string, usual []call) ([]call, error) {
	text, err := readIfThere(file)
	if err != nil || text == "" {
		return usual, err
	}
	var calls []call
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			return nil, fmt.Errorf("%s: %q must be an exit code and a command line", file, line)
		}
		exit, err := strconv.Atoi(fields[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %q does not begin with an exit code", file, line)
		}
		calls = append(calls, call{exit, fields[1:]})
	}
	return calls, nil
}

// readIfThere reads a file; without it, the text is "".
func readIfThere(file string) (string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

func (c *tradeCase) test(t *testing.T) {
	t.Helper()
	p := play{work: t.TempDir()}
	if err := p.all(c); err != nil {
		t.Fatal(err)
	}
	if len(p.faults) > 0 {
		p.fault("all that was said:\n%s", p.said.String())
	}
	pending := strings.TrimSpace(c.pending)
	switch {
	case pending != "" && len(p.faults) == 0:
		t.Errorf("all comes out right: delete %s (%q), run the test with -update, and read what it writes in %s",
			filepath.Join(c.dir, "pending"), pending, filepath.Join(c.dir, "want"))
	case pending != "":
		t.Skipf("pending: %s\n%s", pending, strings.Join(p.faults, "\n"))
	}
	for _, fault := range p.faults {
		t.Error(fault)
	}
	if !t.Failed() {
		c.compare(t, &p)
		c.elsewhere(t, &p)
		if !testing.Short() && (*allOverLake || chosen(c.dir)) {
			c.overLake(t, &p)
		}
	}
}

var allOverLake = flag.Bool("lake.all", false, "stage every case in a lake, not one in eight; takes twice as long")

// chosen takes one in eight of the cases.
func chosen(dir string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(filepath.Base(dir))) // which never fails
	return h.Sum32()%8 == 0
}

// overLake stages the files of a case that published something in a lake, and publishes over
// that without the files: the same release, to the last byte.
func (c *tradeCase) overLake(t *testing.T, p *play) {
	t.Helper()
	release, err := os.Readlink(filepath.Join(p.work, "out", "current"))
	calls := c.steps[len(c.steps)-1].calls
	last := calls[len(calls)-1]
	if err != nil || last.args[0] != "run" || last.exit != exitDone && last.exit != exitIncomplete {
		return
	}
	configured := filepath.Join(p.work, "entrepot.yaml")
	text, err := os.ReadFile(configured)
	if err != nil {
		t.Fatal(err)
	}
	without := filepath.Join(p.work, "without.yaml")
	if err := os.WriteFile(without, bytes.Replace(text, []byte("data: data\n"), nil, 1), 0o644); err != nil {
		t.Fatal(err)
	}
	lake, out := filepath.Join(p.work, "lake"), filepath.Join(p.work, "over")
	var said bytes.Buffer
	if exit := command([]string{"stage", "--config", configured, "--lake", lake, "--out", filepath.Join(p.work, "staging")}, &said, &said); exit != 0 {
		t.Errorf("stage: exit code %d: %s", exit, said.String())
		return
	}
	if exit := command(append(slices.Clone(last.args), "--config", without, "--lake", lake, "--out", out), &said, &said); exit != exitDone && exit != exitIncomplete {
		t.Errorf("run over the lake: exit code %d: %s", exit, said.String())
		return
	}
	if over, err := os.Readlink(filepath.Join(out, "current")); err != nil || over != release {
		t.Errorf("over the lake the release is %s, not %s (%v)", over, release, err)
	}
	files, err := filepath.Glob(filepath.Join(p.work, "out", "current", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the release has %d files, %v", len(files), err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(out, "current", filepath.Base(file))); err != nil || !bytes.Equal(want, got) {
			t.Errorf("over the lake %s differs (%v)", filepath.Base(file), err)
		}
	}
}

// elsewhere makes the tables of the last run that look through all rows by the SQL that is
// written for other engines, too. The clean run's are those of the last, as its release is.
func (c *tradeCase) elsewhere(t *testing.T, p *play) {
	t.Helper()
	for _, database := range workspaces(t, p.work) {
		if !strings.HasPrefix(database, cleanFolder(p.work)) {
			portabletest.Equal(t, database)
		}
	}
}

// workspaces are the databases of the workspaces below a folder.
func workspaces(t *testing.T, folder string) (all []string) {
	t.Helper()
	if err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == "entrepot.duckdb" {
			all = append(all, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// compare compares what may be rewritten.
func (c *tradeCase) compare(t *testing.T, p *play) {
	t.Helper()
	golden(t, filepath.Join(c.dir, "want", "message.txt"), p.said.String())
	queries, err := filepath.Glob(filepath.Join(c.dir, "want", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if len(queries) == 0 {
		return
	}
	results, err := openResults(p.work)
	if err != nil {
		t.Fatal(err)
	}
	defer results.Close()
	for _, file := range queries {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := results.csv(string(query))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		golden(t, strings.TrimSuffix(file, ".sql")+".csv", rows)
	}
}

// golden compares text with a file, or with -update writes it there.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := readIfThere(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-update rewrites it; read the difference): %s", file, diff)
	}
}

// A play is a case at work in a folder of its own.
type play struct {
	work   string
	said   bytes.Buffer // what all commands wrote, without what differs from run to run
	faults []string
}

func (p *play) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// all does the steps. An error is a fault of the case's own files; what the program
// does wrong is in p.faults.
func (p *play) all(c *tradeCase) error {
	if err := copyInputs(c.dir, p.work); err != nil {
		return err
	}
	if err := generate(c.generated, p.work); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(c.dir, "generate"), err)
	}
	for _, s := range c.steps {
		if err := p.step(s); err != nil || len(p.faults) > 0 {
			return err
		}
	}
	if len(c.steps) == 1 {
		return nil
	}
	if err := p.assert(c.dir); err != nil {
		return err
	}
	return p.repeatClean(c.steps[len(c.steps)-1])
}

func (p *play) step(s step) error {
	if s.overlays {
		fmt.Fprintf(&p.said, "# %s\n", filepath.Base(s.dir))
		if err := p.change(s.dir); err != nil {
			return err
		}
	}
	for _, call := range s.calls {
		p.call(call)
	}
	if len(p.faults) > 0 {
		return nil
	}
	return p.assert(s.dir)
}

// call runs a command and notes what it says.
func (p *play) call(call call) {
	args, err := arguments(call.args, p.work)
	if err != nil {
		p.fault("%v", err)
		return
	}
	var out bytes.Buffer
	exit := command(args, &out, &out)
	fmt.Fprintf(&p.said, "$ entrepot %s\n%s", strings.Join(call.args, " "), steady(out.String(), p.work))
	if exit != 0 {
		fmt.Fprintf(&p.said, "[exit code %d]\n", exit)
	}
	if exit != call.exit {
		p.fault("entrepot %s: exit code %d, expected %d", strings.Join(call.args, " "), exit, call.exit)
	}
}

// arguments makes patterns of input files paths, and names the configuration.
func arguments(args []string, work string) ([]string, error) {
	var out []string
	for _, arg := range args {
		if !strings.HasPrefix(arg, "data/") {
			out = append(out, arg)
			continue
		}
		files, err := filepath.Glob(filepath.Join(work, arg))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("no file fits %s", arg)
		}
		out = append(out, files...)
	}
	return append(out, "--config", filepath.Join(work, "entrepot.yaml")), nil
}

// What differs from run to run, and the figures, which are asserted in SQL.
var (
	logTime    = regexp.MustCompile(`(?m)^time=\S+ `)
	logInfo    = regexp.MustCompile(`(?m)^level=INFO .*\n`)
	figures    = regexp.MustCompile(`(?m)^(Figure \d+: .*|[┌│├└].*|Reporter .* Cells: .*)\n`)
	logLines   = regexp.MustCompile(`(?m)(^level=.*\n)+`) // files are read at once, and end in any order
	emptyLines = regexp.MustCompile(`(?m)^\n`)
	durations  = regexp.MustCompile(` \(\d[\d.]*(µs|ms|s|m\d+s)\)`)
	releaseIDs = regexp.MustCompile(`((releases?|was)[ /=])?\b[0-9a-f]{12}\b`)
)

// steady takes out of a text what differs from run to run.
func steady(text, work string) string {
	text = strings.ReplaceAll(text, work+string(filepath.Separator), "")
	text = logTime.ReplaceAllString(text, "")
	for _, gone := range []*regexp.Regexp{logInfo, figures, emptyLines, durations} {
		text = gone.ReplaceAllString(text, "")
	}
	text = logLines.ReplaceAllStringFunc(text, func(lines string) string {
		return strings.Join(slices.Sorted(strings.Lines(lines)), "")
	})
	return releaseIDs.ReplaceAllStringFunc(text, func(found string) string {
		before, id := found[:len(found)-12], found[len(found)-12:]
		if before != "" || strings.ContainsAny(id, "abcdef") { // else it is a number
			return before + "ID"
		}
		return found
	})
}

// assert checks what must hold whatever the golden files say.
func (p *play) assert(dir string) error {
	if err := p.assertSaid(filepath.Join(dir, "assert.txt")); err != nil {
		return err
	}
	file := filepath.Join(dir, "assert.sql")
	text, err := readIfThere(file)
	if err != nil || text == "" {
		return err
	}
	assertions, err := parseAssertions(text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	results, err := openResults(p.work)
	if err != nil {
		return err
	}
	defer results.Close()
	for _, a := range assertions {
		got, err := results.rows(a.query)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", file, err, a.query)
		}
		if diff := cmp.Diff(a.want, got); diff != "" {
			p.fault("%s:\n%s\n%s", file, a.query, diff)
		}
	}
	return nil
}

// assertSaid compares what was said with patterns, one a line. What follows an
// exclamation mark must not be said.
func (p *play) assertSaid(file string) error {
	text, err := readIfThere(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, unsaid := strings.CutPrefix(line, "! ")
		expression, err := regexp.Compile("(?i)" + pattern)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		switch found := expression.MatchString(p.said.String()); {
		case found && unsaid:
			p.fault("%s: %q is said", file, pattern)
		case !found && !unsaid:
			p.fault("%s: %q is not said", file, pattern)
		}
	}
	return nil
}

// cleanFolder is where a case's last step is repeated.
func cleanFolder(work string) string { return filepath.Join(work, "clean") }

// repeatClean does the last step once more in a new folder: what it publishes must
// be the same, byte for byte.
func (p *play) repeatClean(last step) error {
	clean := play{work: cleanFolder(p.work)}
	if err := copyInputs(p.work, clean.work); err != nil {
		return err
	}
	for _, call := range last.calls {
		clean.call(call)
	}
	p.faults = append(p.faults, clean.faults...)
	if _, err := os.Lstat(filepath.Join(p.work, "out", "current")); errors.Is(err, fs.ErrNotExist) {
		return nil // no step publishes
	}
	differences, err := compareReleases(p.work, clean.work)
	for _, d := range differences {
		p.fault("after the steps, and after a clean run: %s", d)
	}
	return err
}

// copyInputs copies what a run reads: the folder data and the files beside it.
func copyInputs(from, to string) error {
	if err := os.MkdirAll(filepath.Join(to, "data"), 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() || slices.Contains([]string{"README.md", "pending"}, entry.Name()) {
			continue
		}
		if err := copyFile(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	if err := useOneThread(filepath.Join(to, "entrepot.yaml")); err != nil {
		return err
	}
	return copyTree(filepath.Join(from, "data"), filepath.Join(to, "data"))
}

// useOneThread adds the setting to a configuration that does not have it: so little
// work takes a third less on one processor, and cases run beside each other.
func useOneThread(config string) error {
	text, err := os.ReadFile(config)
	if err != nil || bytes.Contains(text, []byte("threads:")) {
		return err
	}
	return os.WriteFile(config, append(text, "\nthreads: 1\n"...), 0o644)
}

// copyTree copies the files of a folder over those of another. A folder that is not
// there has none.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if path == from && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// change does what the file changes of a step says ("move a b", "remove a"), and
// then puts the step's files over the others.
func (p *play) change(dir string) error {
	text, err := readIfThere(filepath.Join(dir, "changes"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		if err := p.changeFile(strings.Fields(line)); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, "changes"), err)
		}
	}
	return copyInputs(dir, p.work)
}

func (p *play) changeFile(words []string) error {
	switch {
	case len(words) == 3 && words[0] == "move":
		to := filepath.Join(p.work, words[2])
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.Rename(filepath.Join(p.work, words[1]), to)
	case len(words) == 2 && words[0] == "remove":
		return os.Remove(filepath.Join(p.work, words[1]))
	}
	return fmt.Errorf("%q must be 'move FROM TO' or 'remove FILE'", strings.Join(words, " "))
}
