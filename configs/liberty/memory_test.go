package liberty_test

import (
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"testing"

	"github.com/egret-proxy/egret/configs/liberty"
)

// A memory is files that a test makes up.
type memory map[string]string

func (m memory) Read(name string) ([]byte, error) {
	text, ok := m[filepath.ToSlash(name)]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

func (m memory) List(dir string) []string {
	var names []string
	for name := range m {
		if path.Dir(name) == filepath.ToSlash(dir) {
			names = append(names, path.Base(name))
		}
	}
	return names
}

// imported imports s/server.xml, whose elements are given.
func imported(t *testing.T, elements string, others memory) string {
	t.Helper()
	files := memory{"s/server.xml": "<server>" + elements + "</server>"}
	maps.Copy(files, others)
	got, err := liberty.Import("s/server.xml", files)
	if err != nil {
		t.Fatalf("got %v for %s", err, elements)
	}
	return string(got.YAML)
}
