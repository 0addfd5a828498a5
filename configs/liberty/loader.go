package liberty

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// maxFiles is how many files one import reads.
const maxFiles = 32

// load reads a server.xml and what belongs to it.
func load(server string, files Files) (*document, error) {
	l := &loader{files: files, document: &document{server: server, bootstrap: map[string]string{}}}
	l.readBootstrap()
	data, err := files.Read(server)
	if err != nil {
		return nil, unreadable(server, err)
	}
	if err := l.dropins("defaults"); err != nil {
		return nil, err
	}
	if err := l.take(server, data, nil, merge); err != nil {
		return nil, err
	}
	if err := l.dropins("overrides"); err != nil {
		return nil, err
	}
	return l.document, nil
}

func unreadable(file string, err error) configs.Problems {
	return configs.Problems{{File: file, Message: "cannot read the file: " + err.Error()}}
}

// A loader reads the files of a document.
type loader struct {
	files    Files
	document *document
	elements int
}

// dropins reads the files of one directory of configDropins.
func (l *loader) dropins(which string) error {
	for _, file := range dropins(l.files, l.document.server, which) {
		data, err := l.files.Read(file)
		if err != nil {
			return unreadable(file, err)
		}
		if err := l.take(file, data, nil, merge); err != nil {
			return err
		}
	}
	return nil
}

// take takes the elements of a file, in their order. What it includes stands
// where the include does.
func (l *loader) take(file string, data []byte, stack []inclusion, b behavior) error {
	if len(l.document.read) >= maxFiles {
		return configs.Problems{{File: file, Message: fmt.Sprintf("there are more than %d files", maxFiles)}}
	}
	l.document.read = append(l.document.read, file)
	root, err := scan(file, l.shown(file), data, &l.elements)
	if err != nil {
		return err
	}
	stack = append(slices.Clip(stack), inclusion{file, b})
	for _, e := range root.children {
		e.includes = stack
		switch e.name {
		case "include":
			if err := l.include(e, stack); err != nil {
				return err
			}
		case "variable":
			l.document.variables = append(l.document.variables, e)
		default:
			l.document.elements = append(l.document.elements, e)
		}
	}
	return nil
}

// shown is what comments call a file: its path from the directory of server.xml.
func (l *loader) shown(file string) string {
	path, err := filepath.Rel(filepath.Dir(l.document.server), file)
	if err != nil {
		return filepath.Base(file)
	}
	return filepath.ToSlash(path)
}

// include reads the file that an element names. Liberty takes over what the
// including file said of conflicts when the element says nothing.
func (l *loader) include(e *element, stack []inclusion) error {
	location, _ := e.get("location")
	location = strings.TrimSpace(location)
	if location == "" {
		return e.problem("an include needs a location", "")
	}
	file, rooted, known := l.resolve(location)
	optional, _ := e.get("optional")
	switch {
	case strings.Contains(location, "://"):
		l.document.skipped = append(l.document.skipped, "the include of "+e.where()+": it names a URL")
		return nil
	case !known:
		return e.problem("the location has a variable that is not known here", "write the path, or define the variable in bootstrap.properties")
	case !rooted:
		file = filepath.Join(filepath.Dir(e.place.File), file)
	}
	if slices.ContainsFunc(stack, func(i inclusion) bool { return filepath.Clean(i.file) == filepath.Clean(file) }) {
		l.document.skipped = append(l.document.skipped, "the include of "+e.where()+": the file includes itself")
		return nil
	}
	data, err := l.files.Read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.EqualFold(optional, "true"):
		l.document.skipped = append(l.document.skipped, "the optional include of "+e.where()+": there is no such file")
		return nil
	case err != nil:
		return e.problem("cannot read "+yamltext.Safe(file)+": "+err.Error(), "")
	}
	return l.take(file, data, stack, conflict(e, stack[len(stack)-1].onConflict))
}

// conflict reads onConflict.
func conflict(e *element, inherited behavior) behavior {
	switch said, ok := e.get("onConflict"); {
	case !ok:
		return inherited
	case strings.EqualFold(said, "replace"):
		return replace
	case strings.EqualFold(said, "ignore"):
		return ignore
	default:
		return merge
	}
}

// resolve puts in what a location may refer to: the directories of Liberty, and
// bootstrap.properties. One that is rooted does not count from the file that
// includes.
func (l *loader) resolve(location string) (file string, rooted, known bool) {
	known = true
	file = variablePattern.ReplaceAllStringFunc(location, func(ref string) string {
		name := ref[2 : len(ref)-1]
		if dir, ok := directories[name]; ok {
			rooted = rooted || strings.HasPrefix(location, ref)
			return filepath.Join(filepath.Dir(l.document.server), filepath.FromSlash(dir))
		}
		value, ok := l.document.bootstrap[name]
		known = known && ok
		return value
	})
	file = filepath.FromSlash(file)
	return file, rooted || filepath.IsAbs(file), known
}

// readBootstrap reads bootstrap.properties beside server.xml, if it is there.
func (l *loader) readBootstrap() {
	data, err := l.files.Read(filepath.Join(filepath.Dir(l.document.server), "bootstrap.properties"))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		if at := strings.IndexAny(line, "=:"); at > 0 {
			l.document.bootstrap[strings.TrimSpace(line[:at])] = strings.TrimSpace(line[at+1:])
		}
	}
}
