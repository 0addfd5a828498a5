//go:build unix

package journal_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

// A named pipe would be waited for until somebody reads it.
func TestPipeIsNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := journal.New(journal.Options{}).Apply(configs.Journal{File: file}); err == nil || !strings.HasSuffix(err.Error(), "it is no regular file") {
		t.Errorf("got error %v, want that it is no regular file", err)
	}
}
