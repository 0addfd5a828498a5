// Package statefile writes the files that egret keeps: keys and certificates in
// the state directory. A file is there whole or not at all, whatever happens
// meanwhile. The package knows nothing of what is in them, and imports nothing
// of egret.
package statefile

import (
	"errors"
	"os"
	"path/filepath"
)

// Unfinished is how the names of files begin as long as they are written. They
// stay behind when a process is killed meanwhile.
const Unfinished = ".new-"

// Create writes a file that only its owner may read, and the directories above
// it that are missing. It never replaces a file: the error is [fs.ErrExist]
// when there is one, which another process may have made in the same moment.
// The file is on the disk when Create returns, and so is its name.
func Create(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return write(path, text, 0o600, os.Link)
}

// errNoFile is a name of something else than a file, which is not replaced.
var errNoFile = errors.New("it is there already, and is no regular file")

// Replace writes a file with the permissions of mode, in a directory that is
// there. A file of that name stays what it was until the new one takes its
// place; anything else, such as a device, is left alone.
func Replace(path string, text []byte, mode os.FileMode) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &os.PathError{Op: "replace", Path: path, Err: errNoFile}
	}
	return write(path, text, mode, os.Rename)
}

// write makes a file under another name and gives it the right one by place.
func write(path string, text []byte, mode os.FileMode, place func(from, to string) error) error {
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, Unfinished+"*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // when it is there under that name still
	_, err = file.Write(text)
	if mode != 0o600 {
		err = errors.Join(err, file.Chmod(mode))
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := place(file.Name(), path); err != nil {
		return err
	}
	if dir, err := os.Open(dir); err == nil { //nolint:gosec // The directory of the path.
		_ = dir.Sync() // not every system can do that
		_ = dir.Close()
	}
	return nil
}
