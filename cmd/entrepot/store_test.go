package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"entrepot/pipeline/objects/objectstest"
)

// operator works with the program in a folder, beside an object store.
type operator struct {
	t     *testing.T
	dir   string
	store *objectstest.Server
}

func newOperator(t *testing.T) operator {
	t.Helper()
	o := operator{t, t.TempDir(), objectstest.Start(t)}
	o.write("in/china.csv", tradeHeader+"2019,2019,156,M,0,H5,880240,300\n2019,2019,156,X,0,H5,880240,100\n")
	return o
}

const tradeHeader = "refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"

func (o operator) write(name, content string) {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		o.t.Fatal(err)
	}
}

func (o operator) command(arguments ...string) *exec.Cmd {
	c := exec.Command("entrepot", arguments...)
	c.Dir = o.dir
	c.Env = append(append(os.Environ(), objectstest.Credentials()...), "ENTREPOT_PUBLISH="+o.store.At("figures"))
	return c
}

// run runs the program, and fails unless it ends with the code and prints what it should.
func (o operator) run(code int, says string, arguments ...string) {
	o.t.Helper()
	printed, err := o.command(arguments...).CombinedOutput()
	ended := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		ended = failed.ExitCode()
	}
	if ended != code || !strings.Contains(string(printed), says) {
		o.t.Errorf("%s ended with %d, expected %d and %q:\n%s", arguments, ended, code, says, printed)
	}
	if strings.Contains(string(printed), objectstest.Secret) {
		o.t.Errorf("%s prints the key:\n%s", arguments, printed)
	}
}

// current is the release that the pointer of the store names.
func (o operator) current() string {
	_, rest, _ := strings.Cut(o.store.Get(o.t, "figures/current.json"), `"release": "`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func (o operator) local() string {
	target, err := os.Readlink(filepath.Join(o.dir, "o", "current"))
	if err != nil {
		o.t.Error(err)
	}
	return filepath.Base(target)
}

func (o operator) together(when string) {
	o.t.Helper()
	if o.current() != o.local() {
		o.t.Errorf("%s: the store has %q, the output folder %q", when, o.current(), o.local())
	}
}

// The store follows the output folder: a run, one that fails to copy, the next, a rollback,
// a pin, and what nobody changed.
func TestStoreFollows(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	run := []string{"run", "--quiet", "--data", "in", "--out", "o"}
	o.run(0, "Copied to s3://trade/figures (", run...)
	o.together("after the first run")
	o.store.Break(nil)
	o.run(0, "Nothing changed", run...)
	if written := o.store.Written(); len(written) > 0 {
		t.Errorf("nothing changed, and %q were written", written)
	}
	first := o.local()
	o.store.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "dominance.parquet") {
			objectstest.Fails(w)
			return
		}
		next.ServeHTTP(w, r)
	})
	o.write("in/china.csv", tradeHeader+"2019,2019,156,M,0,H5,880240,900\n2019,2019,156,X,0,H5,880240,100\n")
	o.run(7, "in o/current, but not in s3://trade/figures, whose readers keep what they have: copy release ", run...)
	if o.current() != first || o.local() == first {
		t.Errorf("the store has %q, the output folder %q; before there was %q", o.current(), o.local(), first)
	}
	o.run(0, `"outcome": "failed"`, "history", "--out", "o", "--json")
	o.store.Break(nil)
	o.run(0, "Copied to s3://trade/figures (", run...)
	o.together("after the copy was made up for")
	o.run(0, "is release "+first+" now", "rollback", "--out", "o", "--pin")
	o.together("after the rollback")
	o.run(0, "pinned to release "+first, run...)
	o.together("after a run beside a pinned release")
	o.run(0, "is not pinned any more", "unpin", "--out", "o")
	o.run(0, "Switched o/current to release", run...)
	o.together("after the pin was taken away")
	o.run(7, "not in s3://trade/figures, whose readers keep what they have: it has the releases of another output folder",
		"run", "--quiet", "--data", "in", "--out", "other")
	o.together("after the run of another folder")
	o.run(2, "--publish: publish is not allowed: it holds credentials", append(run, "--publish", "s3://key:"+objectstest.Secret+"@trade/figures")...)
}

// SIGTERM ends a run that copies to a slow store within two seconds, and the next goes on.
func TestStoreTerm(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	run := []string{"run", "--quiet", "--data", "in", "--out", "o"}
	copies := make(chan struct{}, 100)
	o.store.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut {
			copies <- struct{}{}
			o.store.Hangs(r, time.Minute)
		}
		next.ServeHTTP(w, r)
	})
	c := o.command(run...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-copies
	told := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	if took := time.Since(told); took > 2*time.Second || c.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("it ended %s after SIGTERM: %v", took, err)
	}
	o.store.Break(nil)
	o.run(0, "Copied to s3://trade/figures (", run...)
	o.together("after the next run")
}

// Input files come from a store; what stands behind a figure names them there.
func TestDataFromStore(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.store.Put(t, "raw/2019/china.csv", tradeHeader+"2019,2019,156,M,0,H5,880240,300\n2019,2019,156,X,0,H5,880240,100\n")
	o.store.Put(t, "raw/notes.csv.part", "half")
	run := []string{"run", "--quiet", "--data", o.store.At("raw"), "--out", "o", "--publish", "file://" + o.dir + "/copy", "--openlineage-file", "l.ndjson"}
	o.run(0, "Published release", run...)
	o.run(0, "s3://trade/raw/2019/china.csv:2", "explain", "figure14", "--lines", "--sector", "aerospace", "--year", "2019", "--out", "o")
	o.store.Break(nil)
	o.run(0, "Nothing changed", run...)
	if requests := o.store.Requests(); len(requests) != 1 {
		t.Errorf("nothing changed, and there were %q", requests)
	}
	events, err := os.ReadFile(filepath.Join(o.dir, "l.ndjson"))
	for _, want := range []string{`"namespace":"s3://trade","name":"raw/2019/china.csv"`, `"namespace":"file","name":"` + o.dir + `/o/current/dominance.parquet"`} {
		if err != nil || strings.Count(string(events), want) != 2 {
			t.Errorf("the two runs should have noted %s: %v\n%s", want, err, events)
		}
	}
	plan := []string{"plan", "--data", o.store.At("raw"), "--out", "o"}
	o.run(0, "1 step would run,", plan...)
	o.run(0, "computing it anew gives the same bytes", "verify", "--data", o.store.At("raw"), "--out", "o")
	o.store.Break(func(_ int, w http.ResponseWriter, _ *http.Request, _ http.Handler) { objectstest.Fails(w) })
	o.run(1, "download the input files from s3://trade/raw: list the bucket trade: the store failed (500 Internal Server Error)", run...)
	o.run(0, "the plan is of the input files as the last run downloaded them", plan...)
	o.run(1, "list the input files of s3://trade/raw: list the bucket trade: the store failed", "plan", "--data", o.store.At("raw"), "--out", "never")
	o.store.Break(nil)
	o.store.Put(t, "raw/2020/china.csv", tradeHeader+"2020,2020,156,M,0,H5,880240,300\n")
	step := func(name, action, reason string) string {
		return fmt.Sprintf("\"step\": %q,\n    \"action\": %q,\n    \"reason\": %q", name, action, reason)
	}
	o.run(0, step("2020/china.csv", "run", "new in the object store"), append(plan, "--json")...)
	o.run(0, step("2020/china.csv", "run", "new in the object store"), "plan", "--data", o.store.At("raw"), "--out", "never", "--json")
	o.store.Put(t, "raw/2019/china.csv", tradeHeader+"2019,2019,156,M,0,H5,880240,900\n2019,2019,156,X,0,H5,880240,100\n")
	o.run(0, step("2019/china.csv", "run", "changed in the object store"), append(plan, "--json")...)
	o.store.Delete(t, "raw/2019/china.csv")
	o.run(0, step("2019/china.csv", "remove", "the file is gone"), append(plan, "--json")...)
	o.run(0, "the input files are taken as the last run downloaded them", "verify", "--data", o.store.At("raw"), "--out", "o")
	o.run(1, "no files in s3://trade/empty", append(run, "--data", o.store.At("empty"))...)
}

// The hook is run when readers get another release, and never else.
func TestHook(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.write("hook.sh", "echo $ENTREPOT_RELEASE $ENTREPOT_PREVIOUS_RELEASE $(ls $ENTREPOT_RELEASE_FOLDER/manifest.json | wc -l) $ENTREPOT_RELEASE_URL >> hooked\n"+
		"entrepot plan --data in --out o >> hooked.plan\n")
	run := []string{"run", "--quiet", "--data", "in", "--out", "o", "--hook", "sh hook.sh"}
	expect := func(when string, lines ...string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(o.dir, "hooked"))
		if got := strings.TrimSpace(string(text)); got != strings.Join(lines, "\n") {
			t.Errorf("%s: the hook noted %q, %v; expected %q", when, got, err, lines)
		}
	}
	o.run(0, "Published release", run...)
	first := o.local()
	at := " 1 s3://trade/figures/releases/"
	expect("after the first run", first+at+first)
	o.run(0, "Nothing changed", run...)
	expect("after a run that found nothing new", first+at+first)
	o.write("in/china.csv", tradeHeader+"2019,2019,156,M,0,H5,880240,900\n2019,2019,156,X,0,H5,880240,100\n")
	o.store.Break(func(_ int, w http.ResponseWriter, _ *http.Request, _ http.Handler) { objectstest.Fails(w) })
	o.run(7, "", run...)
	expect("after a run that could not copy", first+at+first)
	o.store.Break(nil)
	o.run(0, "Copied", run...)
	second := o.local()
	expect("after the next", first+at+first, second+" "+first+at+second)
	o.run(0, "", "rollback", "--out", "o")
	o.run(6, "release "+second+" is published, but the hook after it failed: exit status 7: no such dashboard; it is not run again",
		append(run, "--hook", "echo no such dashboard; exit 7")...)
	o.together("after a hook that failed")
	o.run(0, "Nothing changed", run...)
	expect("at the end", first+at+first, second+" "+first+at+second)
	o.run(2, "--hook-timeout: hook_timeout \"0s\" is not allowed", append(run, "--hook-timeout", "0s")...)
}
