package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// A source is what one Go file tells about the layout.
type source struct {
	file string // such as "proxy/egress/guard.go"
	dir  string // of its package, such as "proxy/egress"
	pkg  string
	doc  string // its comment above the package clause
	test bool
	// imports are the paths that it imports, such as "net/http"; names is what
	// it takes from them, such as "net/http.Server".
	imports, names []string
}

// documentsPackage tells whether the file has the package's comment, in the
// form that go doc expects.
func (s *source) documentsPackage() bool {
	return !s.test && (strings.HasPrefix(s.doc, "Package "+s.pkg+" ") || s.pkg == "main" && strings.HasPrefix(s.doc, "Command "))
}

// readSources reads the Go files of a module, those too that this platform
// does not build: the rules hold on all of them.
func readSources(module fs.FS) ([]*source, error) {
	var sources []*source
	err := fs.WalkDir(module, ".", func(file string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(module, file)
		if err != nil {
			return err
		}
		s, err := readSource(file, text)
		sources = append(sources, s)
		return err
	})
	return sources, err
}

func readSource(file string, text []byte) (*source, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	s := &source{
		file: file,
		dir:  path.Dir(file),
		pkg:  f.Name.Name,
		doc:  f.Doc.Text(),
		test: strings.HasSuffix(file, "_test.go"),
	}
	paths := map[string]string{} // by the name that the file gives them
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		s.imports = append(s.imports, imported)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		paths[name] = imported
	}
	ast.Inspect(f, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && paths[x.Name] != "" {
				s.names = append(s.names, paths[x.Name]+"."+selector.Sel.Name)
			}
		}
		return true
	})
	return s, nil
}
