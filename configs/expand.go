package configs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 1 << 20

// An expander gives the text of references. It reads each file once, so that
// one load sees one state of it.
type expander struct {
	getenv  func(string) (string, bool)
	lenient bool // what is not there is permitted
	files   map[string]fileText
	watched []Watched // in the order of the file
	noted   map[string]bool
	// variables are the names that were looked up.
	variables map[string]bool
}

type fileText struct {
	text string
	err  error
}

func newExpander(o ReadOptions) *expander {
	getenv := o.Getenv
	if getenv == nil {
		getenv = os.LookupEnv
	}
	return &expander{getenv: getenv, lenient: o.AllowUnset, files: map[string]fileText{}, noted: map[string]bool{}, variables: map[string]bool{}}
}

// text gives what stands in the place of a reference in a file of the
// configuration, in whose directory relative paths begin.
func (e *expander) text(from string, r reference) (string, error) {
	if r.scheme == "env" {
		return e.variable(r)
	}
	path, pointer, pointed := e.path(from, r)
	text, err := e.file(path)
	if err == nil && pointed {
		return pointInto(text, path, "/"+pointer)
	}
	return text, err
}

// path gives the file of a reference, and the pointer into it when it has one.
func (e *expander) path(from string, r reference) (path, pointer string, pointed bool) {
	path, pointer, pointed = strings.Cut(r.name, "#/")
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(from), path)
	}
	return path, pointer, pointed
}

// variable looks a variable up. As in a shell, ":-" stands in for an empty one
// too.
func (e *expander) variable(r reference) (string, error) {
	e.variables[r.name] = true
	value, ok := e.getenv(r.name)
	switch {
	case r.optional && value == "":
		return r.standby, nil
	case !ok:
		return "", &unsetError{"the environment variable " + r.name + " is not set"}
	}
	return value, nil
}

// An unsetError is a text that is not there at all.
type unsetError struct{ message string }

func (e *unsetError) Error() string { return e.message }

// permits reports whether err is of a text that may be missing.
func (e *expander) permits(err error) bool {
	_, unset := errors.AsType[*unsetError](err)
	return unset && e.lenient
}

// file gives the text of a file.
func (e *expander) file(path string) (string, error) {
	f, seen := e.files[path]
	if !seen {
		e.watch(path) // before it is read
		f.text, f.err = readText(path)
		e.files[path] = f
	}
	if errors.Is(f.err, fs.ErrNotExist) {
		return "", &unsetError{fmt.Sprintf("cannot read %s: %s", path, f.err)}
	}
	if f.err != nil {
		return "", fmt.Errorf("cannot read %s: %w", path, f.err)
	}
	return f.text, nil
}

// watch notes a file, also one that is not there yet, or a pattern, and what it
// holds now.
func (e *expander) watch(path string) {
	if abs, err := filepath.Abs(path); err == nil && !e.noted[abs] {
		e.watched, e.noted[abs] = append(e.watched, Look(abs)), true
	}
}

// readText reads a regular file of at most maxFile bytes. What could block or
// never end, such as a pipe or a device, is not opened.
func readText(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", pathless(err)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no regular file")
	}
	f, err := os.Open(path) //nolint:gosec // The operator's own configuration names it.
	if err != nil {
		return "", pathless(err)
	}
	defer f.Close() //nolint:errcheck // Nothing was written.
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", pathless(err)
	}
	if len(data) > maxFile {
		return "", errors.New("it is larger than 1 MiB")
	}
	return string(data), nil
}

// pathless drops the operation and the path, which the caller names itself.
func pathless(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

// pointInto gives the scalar at an RFC 6901 pointer of a JSON file.
func pointInto(text, path, pointer string) (string, error) {
	if !json.Valid([]byte(text)) {
		return "", fmt.Errorf("%s is no JSON, so #%s leads nowhere", path, pointer)
	}
	p, err := templates.ParsePointer(pointer)
	if err != nil {
		return "", fmt.Errorf("#%s is no JSON Pointer", pointer)
	}
	switch v := templates.Lookup(gjson.Parse(text), p); {
	case !v.Exists():
		return "", fmt.Errorf("%s has nothing at #%s", path, pointer)
	case v.IsObject(), v.IsArray(), v.Type == gjson.Null:
		return "", fmt.Errorf("%s has no text at #%s", path, pointer)
	case v.Type == gjson.String:
		return v.String(), nil
	default:
		return v.Raw, nil
	}
}
