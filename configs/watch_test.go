package configs_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egret-proxy/egret/configs"
)

const (
	quiet    = 10 * time.Millisecond
	deadline = 10 * time.Second
)

func watch(t *testing.T, files ...string) *configs.Watcher {
	t.Helper()
	w, err := configs.Watch(t.Context(), look(files...), quiet, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// look looks at files now.
func look(files ...string) []configs.Watched {
	var watched []configs.Watched
	for _, file := range files {
		watched = append(watched, configs.Look(file))
	}
	return watched
}

func changed(t *testing.T, w *configs.Watcher, what string) {
	t.Helper()
	select {
	case <-w.Changed():
	case <-time.After(deadline):
		t.Fatalf("%s: got no change, want one", what)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWatchWritesInPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.yaml")
	write(t, file, "a")
	w := watch(t, file)
	write(t, file, "b") // Truncates, then writes.
	changed(t, w, "written in place")
	write(t, file, "c")
	changed(t, w, "written again")
}

func TestWatchRename(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(directory, "egret.yaml")
	write(t, file, "a")
	w := watch(t, file)
	for _, text := range []string{"b", "c"} {
		write(t, filepath.Join(directory, ".egret.yaml.swp"), text)
		must(t, os.Rename(filepath.Join(directory, ".egret.yaml.swp"), file))
		changed(t, w, "replaced by a rename")
	}
}

// TestWatchLinkSwap does what Kubernetes does with a mounted ConfigMap: the
// file is a link into a directory that is itself a link, and that one is
// replaced.
func TestWatchLinkSwap(t *testing.T) {
	directory := t.TempDir()
	for _, version := range []string{"1", "2", "3"} {
		must(t, os.Mkdir(filepath.Join(directory, version), 0o700))
		write(t, filepath.Join(directory, version, "egret.yaml"), version)
	}
	must(t, os.Symlink("1", filepath.Join(directory, "data")))
	file := filepath.Join(directory, "egret.yaml")
	must(t, os.Symlink(filepath.Join("data", "egret.yaml"), file))
	w := watch(t, file)
	for _, version := range []string{"2", "3"} {
		must(t, os.Symlink(version, filepath.Join(directory, "next")))
		must(t, os.Rename(filepath.Join(directory, "next"), filepath.Join(directory, "data")))
		changed(t, w, "link to "+version)
	}
	write(t, filepath.Join(directory, "3", "egret.yaml"), "3b")
	changed(t, w, "file behind the links")
}

func TestWatchFileThatComes(t *testing.T) {
	directory := t.TempDir()
	w := watch(t, filepath.Join(directory, "keys", "acme.pem"))
	must(t, os.Mkdir(filepath.Join(directory, "keys"), 0o700))
	write(t, filepath.Join(directory, "keys", "acme.pem"), "a")
	changed(t, w, "file in a new directory")
	must(t, os.Remove(filepath.Join(directory, "keys", "acme.pem")))
	changed(t, w, "file that is gone")
}

func TestWatchDirectorySwap(t *testing.T) {
	directory := t.TempDir()
	for _, name := range []string{"conf", "next"} {
		must(t, os.Mkdir(filepath.Join(directory, name), 0o700))
		write(t, filepath.Join(directory, name, "egret.yaml"), name)
	}
	file := filepath.Join(directory, "conf", "egret.yaml")
	w := watch(t, file)
	must(t, os.Rename(filepath.Join(directory, "conf"), filepath.Join(directory, "old")))
	must(t, os.Rename(filepath.Join(directory, "next"), filepath.Join(directory, "conf")))
	changed(t, w, "directory replaced")
	write(t, file, "again")
	changed(t, w, "file in the new directory")
}

// TestWatchIgnores changes another file, and the file to what it was.
func TestWatchIgnores(t *testing.T) {
	directory := t.TempDir()
	file, other := filepath.Join(directory, "egret.yaml"), filepath.Join(directory, "other")
	write(t, file, "a")
	w := watch(t, file)
	write(t, other, "x")
	write(t, file, "a")
	must(t, os.Chtimes(file, time.Now(), time.Now().Add(time.Hour)))
	after := filepath.Join(directory, "after")
	last := watch(t, after)
	write(t, after, "x") // Its watcher has waited as long as w would.
	changed(t, last, "a file of another watcher")
	select {
	case <-w.Changed():
		t.Error("got a change, want none: no content is another")
	default:
	}
}

func TestWatchSetFiles(t *testing.T) {
	directory := t.TempDir()
	first, second := filepath.Join(directory, "first"), filepath.Join(t.TempDir(), "second")
	write(t, first, "a")
	write(t, second, "a")
	w := watch(t, first)
	must(t, w.SetFiles(look(second)))
	write(t, second, "b")
	changed(t, w, "the new file")
}

// TestWatchLateStart changes the file between the look at it and the start of
// the watching.
func TestWatchLateStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.yaml")
	write(t, file, "a")
	before := look(file)
	write(t, file, "b")
	w, err := configs.Watch(t.Context(), before, quiet, nil)
	must(t, err)
	defer w.Close()
	changed(t, w, "changed before it was watched")
	before = look(file)
	write(t, file, "c")
	must(t, w.SetFiles(before))
	changed(t, w, "changed before it was set")
}

func TestWatchOneSignal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.yaml")
	write(t, file, "a")
	w, err := configs.Watch(t.Context(), look(file), time.Second, nil)
	must(t, err)
	defer w.Close()
	for range 20 {
		write(t, file, "")
		write(t, file, "b")
	}
	changed(t, w, "many writes")
	select {
	case <-w.Changed():
		t.Error("got a second signal for one burst of writes, want one")
	default:
	}
}

func TestWatchEnds(t *testing.T) {
	before := goleak.IgnoreCurrent()
	file := filepath.Join(t.TempDir(), "egret.yaml")
	write(t, file, "a")
	ctx, cancel := context.WithCancel(t.Context())
	w, err := configs.Watch(ctx, look(file), quiet, nil)
	must(t, err)
	cancel()
	must(t, w.Close())
	must(t, w.Close())
	goleak.VerifyNone(t, before)
}

// TestWatchPattern lets files come and go that a pattern matches, and others.
func TestWatchPattern(t *testing.T) {
	directory := t.TempDir()
	w := watch(t, filepath.Join(directory, "*.d", "*.yaml"))
	must(t, os.Mkdir(filepath.Join(directory, "conf.d"), 0o700))
	write(t, filepath.Join(directory, "conf.d", "a.yaml"), "")
	changed(t, w, "file in a new directory")
	write(t, filepath.Join(directory, "conf.d", "b.yaml"), "")
	changed(t, w, "second file")
	must(t, os.Rename(filepath.Join(directory, "conf.d", "a.yaml"), filepath.Join(directory, "conf.d", "a.off")))
	changed(t, w, "file renamed")
	write(t, filepath.Join(directory, "conf.d", ".c.yaml"), "")
	write(t, filepath.Join(directory, "conf.d", "c.txt"), "")
	last := watch(t, filepath.Join(directory, "conf.d", "after"))
	write(t, filepath.Join(directory, "conf.d", "after"), "x") // Its watcher has waited as long as w would.
	changed(t, last, "a file of another watcher")
	select {
	case <-w.Changed():
		t.Error("got a change, want none: the pattern matches the same files")
	default:
	}
	must(t, os.Rename(filepath.Join(directory, "conf.d"), filepath.Join(directory, "conf.off")))
	changed(t, w, "directory that is gone")
}
