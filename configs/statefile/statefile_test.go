package statefile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/configs/statefile"
)

// check compares what is in a file, and that nothing is beside it.
func check(t *testing.T, path, want string, mode fs.FileMode) {
	t.Helper()
	if got, err := os.ReadFile(path); string(got) != want {
		t.Errorf("got %q and error %v, want %q", got, err, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != mode && runtime.GOOS != "windows" {
		t.Errorf("got mode %v and error %v, want %v", info.Mode(), err, mode)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("got %v and error %v, want one file", entries, err)
	}
}

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "key")
	if err := statefile.Create(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	check(t, path, "first", 0o600)
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 && runtime.GOOS != "windows" {
		t.Errorf("got the directory's mode %v and error %v, want 0700", info.Mode(), err)
	}
	if err := statefile.Create(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got error %v, want fs.ErrExist", err)
	}
	check(t, path, "first", 0o600)
}

// Of many who create a file one has its way.
func TestCreateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "key")
	var created atomic.Value
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			text := fmt.Sprint(i)
			if err := statefile.Create(path, []byte(text)); err == nil {
				if !created.CompareAndSwap(nil, text) {
					t.Errorf("both %s and %v were written", text, created.Load())
				}
			} else if !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	check(t, path, fmt.Sprint(created.Load()), 0o600)
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "certificate")
	for _, text := range []string{"first", "second"} {
		if err := statefile.Replace(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		check(t, path, text, 0o644)
	}
	if err := statefile.Replace(dir, nil, 0o644); err == nil {
		t.Error("a directory was replaced")
	}
	if err := statefile.Replace(os.DevNull, nil, 0o644); err == nil {
		t.Error("a device was replaced")
	}
	if err := statefile.Replace(filepath.Join(dir, "missing", "file"), nil, 0o644); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
}
