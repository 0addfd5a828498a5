package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// stdoutName is what means standard output instead of a file.
const stdoutName = "-"

// A turn is what the writer is to write to from now on.
type turn struct {
	path string
	file io.Writer // nil for nothing
	torn bool      // its last line has no end
	from uint64    // the first record for it, where nothing was written before
}

// open opens a file to append to. It is made, for its owner alone, when it is
// not there.
func (j *Journal) open(path string) (*turn, error) {
	switch path {
	case "":
		return &turn{}, nil
	case stdoutName:
		return &turn{path: path, file: j.stdout}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular() && info.Mode()&fs.ModeCharDevice == 0:
		// To open a named pipe could wait for ever.
		return nil, fmt.Errorf("cannot open journal file=%q: it is no regular file", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("cannot open journal: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // A path of the configuration.
	if err != nil {
		return nil, fmt.Errorf("cannot open journal: %w", err)
	}
	return &turn{path: path, file: file, torn: err == nil && info != nil && endsTorn(path, info)}, nil
}

// endsTorn reports whether the last line of a file has no end: a process that
// wrote it was killed, or its disk was full.
func endsTorn(path string, info fs.FileInfo) bool {
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	file, err := os.Open(path) //nolint:gosec // A path of the configuration.
	if err != nil {
		return false // who may only append cannot know
	}
	defer file.Close() //nolint:errcheck // It was only read.
	var last [1]byte
	_, err = file.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Reopen opens the file anew, which a log rotation has given another name. When
// that fails, the journal goes on with the file that it has.
func (j *Journal) Reopen() error {
	j.settings.Lock()
	defer j.settings.Unlock()
	if j.path == "" || j.path == stdoutName {
		return nil
	}
	next, err := j.open(j.path)
	if err != nil {
		j.log.Error("journal not reopened", "file", j.path, "error", err.Error())
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.turnLocked(next)
	return nil
}

// turnLocked tells the writer to take next.
func (j *Journal) turnLocked(next *turn) {
	next.from = j.next
	if before := j.turn; before != nil {
		if before.file != nil {
			next.from = before.from // what was meant for that one
		}
		before.close() // nothing was written to it
	}
	j.turn = next
	j.writer.ringLocked()
}

// takeTurn gives what the writer is to take, or nil.
func (j *Journal) takeTurn() *turn {
	j.mu.Lock()
	defer j.mu.Unlock()
	next := j.turn
	j.turn = nil
	return next
}

// close closes the file, if it is one.
func (t *turn) close() {
	if file, ok := t.file.(*os.File); ok && t.path != stdoutName {
		_ = file.Close() // what was written is in it
	}
}

// same reports whether t and other are the same file, opened twice.
func (t *turn) same(other *turn) bool {
	a, isFile := t.file.(*os.File)
	b, areFiles := other.file.(*os.File)
	if !isFile || !areFiles {
		return false
	}
	first, err := a.Stat()
	second, err2 := b.Stat()
	return err == nil && err2 == nil && os.SameFile(first, second)
}
