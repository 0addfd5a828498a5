package main_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// modulePath is how egret's own packages begin.
const modulePath = "github.com/egret-proxy/egret/"

// importOrder is the order of egret's packages: one may import what stands
// before it, and nothing else of egret. A new package gets its line here.
//
// A package of test helpers such as caches/cachestest needs no line. It stands
// right behind its parent, and only tests and other helpers may import it.
var importOrder = []string{
	"templates",
	"configs",
	"configs/statefile",
	"configs/yamltext",
	"configs/curl",
	"configs/liberty",
	"caches",
	"tokens",
	"functions",
	"proxy/journal",
	"proxy/egress",
	"proxy/scrub",
	"proxy/wire",
	"proxy/upstream",
	"proxy/intercept",
	"proxy/console",
	"proxy",
	"proxy/proxytest",
	"cmd/egret",
	"cmd/egretbench",
}

// topLevel are the directories that a module of egret has, and maybeTopLevel
// those that it may have, beside the ones whose names begin with a dot.
var (
	topLevel      = []string{"caches", "cmd", "configs", "functions", "proxy", "templates", "tokens"}
	maybeTopLevel = []string{"bin", "docs"} // bin is what was built, and not in git
)

// confined says where a package that is not egret's, or one name of it, may be
// used: in one directory and below, and in one file beside them at most, or in
// the benchmark.
//
// The demo has such files: its order API is no part of egret, but the service
// of somebody else that listens and verifies what it is sent. The benchmark has
// a proxy of its own that egret is held against.
var confined = []struct {
	use     string
	in      string
	but     string // a file, or a directory with its slash
	inTests bool   // the rule holds for tests too
	why     string
}{
	{use: "github.com/valyala/fasthttp", in: "proxy", but: "cmd/egretbench/", inTests: true, why: "its bytes are valid in the handler only"},
	{use: "github.com/golang-jwt/jwt/v5", in: "tokens", but: "cmd/egret/orderapi.go", why: "tokens alone signs"},
	{use: "net/http.Serve", in: "proxy", why: serversInProxy},
	{use: "net/http.ServeTLS", in: "proxy", why: serversInProxy},
	{use: "net/http.Server", in: "proxy", but: "cmd/egret/demo.go", why: serversInProxy},
	{use: "net/http.ListenAndServe", in: "proxy", why: serversInProxy},
	{use: "net/http.ListenAndServeTLS", in: "proxy", why: serversInProxy},
	{use: "net/http/httptest", in: "proxy", why: serversInProxy},
	{use: "os.Exit", in: "cmd/egret", but: "cmd/egretbench/main.go", why: exitsInMain},
	{use: "syscall.Exit", in: "cmd/egret", why: exitsInMain},
	{use: "log.Fatal", in: "cmd/egret", why: exitsInMain},
	{use: "log.Fatalf", in: "cmd/egret", why: exitsInMain},
	{use: "log.Fatalln", in: "cmd/egret", why: exitsInMain},
}

const (
	serversInProxy = "whatever listens stands in proxy"
	exitsInMain    = "main alone ends the process"
)

// importProblem says why a file of the package in dir may not import another
// package of egret, or is nil. Both are directories such as "proxy/egress".
func importProblem(dir, imported string, test bool) error {
	from, known := place(dir)
	if !known {
		return fmt.Errorf("%s has no place in the import order", dir)
	}
	to, known := place(imported)
	switch {
	case !known:
		return fmt.Errorf("%s, which has no place in the import order", imported)
	case dir == "functions" && imported == "tokens":
		return fmt.Errorf("tokens: a Function meets a token only as the value of a cache")
	case test && (imported == dir || isHelper(imported)):
		return nil
	case to >= from:
		return fmt.Errorf("%s, which does not stand before %s in the import order", imported, dir)
	case !isHelper(dir) && isHelper(imported) && !slices.Contains(importOrder, imported):
		return fmt.Errorf("%s, which is for tests", imported)
	default:
		return nil
	}
}

// place is where a package stands in the import order.
func place(dir string) (at int, known bool) {
	behind := 0
	if isHelper(dir) && !slices.Contains(importOrder, dir) {
		dir, behind = path.Dir(dir), 1
	}
	at = slices.Index(importOrder, dir)
	return 2*at + behind, at >= 0
}

// isHelper tells packages of test helpers by their name, as in
// caches/cachestest.
func isHelper(dir string) bool {
	return path.Base(dir) == path.Base(path.Dir(dir))+"test"
}

// useProblem says why a file may not use something that is not egret's, or is
// nil.
func useProblem(file, use string, test bool) error {
	for _, c := range confined {
		if use != c.use && !strings.HasPrefix(use, c.use+"/") {
			continue
		}
		if !strings.HasPrefix(file, c.in+"/") && !isAt(file, c.but) && (!test || c.inTests) {
			return fmt.Errorf("%s, which belongs in %s: %s", use, c.in, c.why)
		}
	}
	return nil
}

// isAt tells whether a file is the one of a place, or in its directory.
func isAt(file, place string) bool {
	return file == place || strings.HasSuffix(place, "/") && strings.HasPrefix(file, place)
}

// layoutProblems lists what is wrong with the layout of a module, sorted.
func layoutProblems(module fs.FS) ([]string, error) {
	problems, err := topLevelProblems(module)
	if err != nil {
		return nil, err
	}
	files, err := readSources(module)
	if err != nil {
		return nil, err
	}
	documented := map[string]bool{}
	for _, f := range files {
		documented[f.dir] = documented[f.dir] || f.documentsPackage()
		for _, err := range f.problems() {
			problems = append(problems, fmt.Sprintf("%s uses %v", f.file, err))
		}
	}
	for dir, ok := range documented {
		if _, known := place(dir); !known {
			problems = append(problems, dir+" has no place in the import order")
		}
		if !ok {
			problems = append(problems, dir+" has no package comment")
		}
	}
	slices.Sort(problems)
	return problems, nil
}

// problems lists what the file uses and may not.
func (s *source) problems() []error {
	var problems []error
	for _, imported := range s.imports {
		if own, ok := strings.CutPrefix(imported, modulePath); ok {
			problems = append(problems, importProblem(s.dir, own, s.test))
		}
	}
	for _, use := range slices.Concat(s.imports, s.names) {
		problems = append(problems, useProblem(s.file, use, s.test))
	}
	return slices.DeleteFunc(problems, func(err error) bool { return err == nil })
}

// topLevelProblems lists the top-level directories that are too many, and those
// that are missing.
func topLevelProblems(module fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(module, ".")
	if err != nil {
		return nil, err
	}
	var problems, seen []string
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || slices.Contains(maybeTopLevel, name) || strings.HasPrefix(name, ".") {
			continue
		}
		seen = append(seen, name)
		if !slices.Contains(topLevel, name) {
			problems = append(problems, name+" is no top-level directory of egret")
		}
	}
	for _, name := range topLevel {
		if !slices.Contains(seen, name) {
			problems = append(problems, name+" is missing")
		}
	}
	return problems, nil
}

func TestLayout(t *testing.T) {
	problems, err := layoutProblems(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}
