package liberty

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 1 << 20

// Files is where an import reads from.
type Files interface {
	// Read gives the bytes of a file. The error is [fs.ErrNotExist] when there
	// is none.
	Read(name string) ([]byte, error)
	// List gives the names in a directory, or none when it is not there.
	List(dir string) []string
}

// Disk is the files of the machine. It reads regular files of at most 1 MiB.
type Disk struct{}

// Read gives the bytes of a file. What could block or never end, such as a pipe
// or a device, is not opened. An error does not name the file.
func (Disk) Read(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, pathless(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := os.Open(name) //nolint:gosec // The operator names it, or a file that the operator names.
	if err != nil {
		return nil, pathless(err)
	}
	defer f.Close() //nolint:errcheck // Nothing was written.
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, pathless(err)
	}
	if len(data) > maxFile {
		return nil, errors.New("it is larger than 1 MiB")
	}
	return data, nil
}

// List gives the names in a directory.
func (Disk) List(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// pathless drops the operation and the path, which the caller names itself.
func pathless(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// dropins lists the XML files of one directory of configDropins, in the order
// in which Liberty reads them.
func dropins(files Files, server, which string) []string {
	dir := filepath.Join(filepath.Dir(server), "configDropins", which)
	var names []string
	for _, name := range files.List(dir) {
		if strings.EqualFold(filepath.Ext(name), ".xml") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for i := range names {
		names[i] = filepath.Join(dir, names[i])
	}
	return names
}
