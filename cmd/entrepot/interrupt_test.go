package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// SIGTERM ends any command within two seconds, whatever it is at. Each of these takes far
// longer when it is left alone.
func TestInterrupted(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, data string)
		command []string
	}{
		"looking through workbooks":      {slowWorkbooks, []string{"run"}},
		"looking through workbooks once": {slowWorkbooks, []string{"plan"}},
		"checking workbooks":             {slowWorkbooks, []string{"sources", "check"}},
		"unpacking":                      {slowArchives, []string{"run"}},
		"hashing":                        {hugeFile, []string{"extract"}},
		"reading rows":                   {manyRows, []string{"run"}},
	} {
		t.Run(name, func(t *testing.T) {
			data, out := t.TempDir(), t.TempDir()
			test.prepare(t, data)
			command := test.command
			if command[0] == "sources" {
				command = append(command, data)
			} else {
				command = append(command, "--data", data, "--out", out, "--quiet")
			}
			took, code, text := interrupt(t, 700*time.Millisecond, command...)
			if took > 2*time.Second || code != exitInterrupted || !strings.Contains(text, "interrupted") {
				t.Errorf("ended after %v with exit code %d: %s", took, code, text)
			}
		})
	}
}

// The same at moments all over a run, and over commands that read what it published.
func TestInterruptedAtAnyMoment(t *testing.T) {
	common := publishedSample(t)
	out, where := copyOf(t, filepath.Join(common, "at30")), []string{"--quiet", "--data", filepath.Join(common, "data")}
	for _, test := range []struct {
		command []string
		after   []time.Duration
	}{
		{[]string{"run", "--force"}, []time.Duration{200, 500, 900, 1500}}, {[]string{"verify"}, []time.Duration{700}},
		{[]string{"verify", "--hashes"}, []time.Duration{200}}, {[]string{"report"}, []time.Duration{150, 400}},
	} {
		command := append(test.command, "--out", out)
		if test.command[0] != "report" {
			command = append(command, where...)
		}
		for _, after := range test.after {
			took, code, text := interrupt(t, after*time.Millisecond, command...)
			early := code == -1 // the signal came before the program had begun
			if took > 2*time.Second || code != exitInterrupted && code != exitDone && !early {
				t.Errorf("%v after %d ms: ended after %v with exit code %d: %s", command, after, took, code, text)
			}
		}
	}
}

// interrupt begins a command, sends it SIGTERM after a while, and tells how long it took to
// end then, and how it ended.
func interrupt(t *testing.T, after time.Duration, args ...string) (took time.Duration, code int, text string) {
	t.Helper()
	var b bytes.Buffer
	c := exec.Command("entrepot", args...)
	c.Stdout, c.Stderr = &b, &b
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	started := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = c.Wait() // the exit code tells
	return time.Since(started), c.ProcessState.ExitCode(), b.String()
}

// slowWorkbooks are twenty links to a workbook of which the first cell stands behind two
// million empty rows.
func slowWorkbooks(t *testing.T, data string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        "<Types/>",
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   "<worksheet><sheetData>" + strings.Repeat("<row/>", 2_000_000) + `<row><c t="str"><v>x</v></c></row></sheetData></worksheet>`,
	} {
		part, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	manyNames(t, data, "a.xlsx", b.Bytes(), 20)
}

// slowArchives are archives of 60 MB of text each, no table.
func slowArchives(t *testing.T, data string) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for i := range 2_000_000 {
		fmt.Fprintf(z, "%d,%d,a line of text\n", i, i*i)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	manyNames(t, data, "a.csv.gz", b.Bytes(), 40)
}

// hugeFile is a file of 16 GiB without content.
func hugeFile(t *testing.T, data string) {
	t.Helper()
	path := filepath.Join(data, "a.csv")
	if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 16<<30); err != nil {
		t.Skip(err) // a file system without sparse files
	}
}

// manyRows are sound rows, in a form that is read as text.
func manyRows(t *testing.T, data string) {
	t.Helper()
	header := "typeCode,freqCode,refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"
	manyNames(t, data, "a.csv", []byte(header+strings.Repeat("C,A,2019,2019,156,M,0,H5,880240,1\nC,A,2019,2019,156,M,0,H5,880241,x\n", 1_000_000)), 20)
}

// manyNames writes a file, and further names of it.
func manyNames(t *testing.T, dir, name string, content []byte, names int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < names; i++ {
		if err := os.Link(filepath.Join(dir, name), filepath.Join(dir, fmt.Sprintf("%d-%s", i, name))); err != nil {
			t.Fatal(err)
		}
	}
}
