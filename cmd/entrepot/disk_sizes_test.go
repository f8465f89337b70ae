package main

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var disks = flag.Int("disks", 2, "on how many sizes of a full disk TestDiskSizes runs")

// onDisk copies an output folder to a disk of its own that has so many KiB left, runs there,
// makes room and runs again. What each run printed, its exit code and what is published
// after it are kept in folders of their own. 77 is that no disk could be made.
const onDisk = `
base=$1 disk=$2 kept=$3 left=$4; shift 4
mount -t tmpfs -o size=1g tmpfs "$disk" && cp -a "$base" "$disk/out" || exit 77
used=$(du -sk "$disk" | cut -f1)
mount -o remount,size=$((used + left))k "$disk" || exit 77
try() {
	into=$kept/$1; shift; mkdir "$into"; touch "$into/releases"
	entrepot "$@" --out "$disk/out" >"$into/text" 2>&1
	echo $? >"$into/code"
	if [ -e "$disk/out/current" ]; then cp -rL "$disk/out/current" "$into/current"; fi
	if [ -e "$disk/out/releases" ]; then ls -A "$disk/out/releases" >"$into/releases"; fi
}
try full "$@"
mount -o remount,size=1g "$disk" || exit 77
try room "$@"
`

// On a disk that fills up, at whatever moment, a run says so and what was published stays;
// one that says nothing has published all of it. The run that has room again gives what
// one that always had it gives, and nothing half is left.
func TestDiskSizes(t *testing.T) {
	private := func(args ...string) *exec.Cmd {
		return exec.Command("unshare", append([]string{"--user", "--map-root-user", "--mount", "sh", "-c"}, args...)...)
	}
	if err := private("mount -t tmpfs tmpfs " + t.TempDir()).Run(); err != nil {
		t.Skip("no disk of a chosen size can be made here: ", err)
	}
	common := publishedSample(t)
	data, base, calm, nothing := filepath.Join(common, "data"), filepath.Join(common, "at30"), filepath.Join(common, "at31"), t.TempDir()
	run := []string{"run", "--quiet", "--keep-releases", "1", "--data", data, "--dominance-share", "31%"}
	want, filled := published(t, calm), 0
	for i := range *disks {
		// By turns a first run, and one beside an earlier release, which needs little more than its own.
		from, most := nothing, kibibytes(t, calm)
		if i%2 == 1 {
			from, most = base, kibibytes(t, filepath.Join(calm, "releases"))
		}
		before, left, kept := published(t, from), most*int64(i+1)/int64(*disks), t.TempDir()
		script := append([]string{onDisk, "sh", from, t.TempDir(), kept, strconv.FormatInt(left, 10)}, run...)
		if text, err := private(script...).CombinedOutput(); err != nil {
			t.Fatalf("%d KiB: %v: %s", left, err, text)
		}
		full, room := filepath.Join(kept, "full"), filepath.Join(kept, "room")
		text := read(t, filepath.Join(full, "text"))
		switch code, got := read(t, filepath.Join(full, "code")), published(t, full); {
		case code == "0\n" && maps.Equal(got, want):
		case code == "1\n" && (maps.Equal(got, before) || maps.Equal(got, want)) && strings.Contains(text, "the disk of the output folder is full: free some space and run again"):
			filled++
		default:
			t.Errorf("%d KiB: a run ends with %s, and what is published is not whole: %s", left, code, text)
		}
		if code, text := read(t, filepath.Join(room, "code")), read(t, filepath.Join(room, "text")); code != "0\n" || !maps.Equal(published(t, room), want) {
			t.Errorf("%d KiB: the run with room again ends with %s: %s", left, code, text)
		}
		if there := strings.Fields(read(t, filepath.Join(room, "releases"))); len(there) > 2 { // the one that is kept, and the lock
			t.Errorf("%d KiB: left behind: %v", left, there)
		}
	}
	if filled == 0 {
		t.Error("no disk was full")
	}
	t.Logf("%d of %d disks were full", filled, *disks)
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// kibibytes is what the files of a folder take.
func kibibytes(t *testing.T, dir string) (all int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		all += info.Size() / 1024
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
