package liberty

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// A Result is what an import made.
type Result struct {
	YAML []byte // egret.yaml, with comments
	// Todo says in sentences what is left to the reader, such as a variable to
	// set. It holds no secret.
	Todo []string
}

// Import reads a server.xml, what it includes, and the directory configDropins
// and the file bootstrap.properties beside it. The paths in the result count
// from the directory of server.xml.
//
// The error is [configs.Problems] when a file cannot be read or is no
// server.xml. What egret cannot do is no error: it is left out with a comment. A
// builder that would be weaker without what is left out, such as one that
// encrypts, is left out as a whole.
func Import(file string, files Files) (*Result, error) {
	doc, err := load(file, files)
	if err != nil {
		return nil, err
	}
	im := &importer{document: doc, vars: newVariables(doc), names: newEnvironment(doc)}
	im.readRegistry()
	for _, e := range doc.merged("jwtBuilder", "defaultJWT") {
		im.readBuilder(e)
	}
	im.readPublicURL()
	im.noteRest()
	text := im.yaml()
	return &Result{YAML: text, Todo: im.todo()}, nil
}

// An importer is one import, and what it has made so far.
type importer struct {
	*document
	vars      *variables
	names     *environment
	publicURL string
	keys      []*entry // key_stores
	trusts    []*entry // trust_stores
	subjects  []*entry
	tokens    []*entry
	caches    []*entry
	needURL   bool     // a token has the default issuer
	needed    []held   // variables that the result reads
	left      []string // sentences on what was not carried over
}

// An entry is one element of a list of egret.yaml.
type entry struct {
	name     string
	comments []string // above it
	pairs    []pair
}

// pass notes that something was not carried over.
func (im *importer) pass(format string, a ...any) {
	if s := fmt.Sprintf(format, a...); !slices.Contains(im.left, s) {
		im.left = append(im.left, s)
	}
}

// silent are the elements that say nothing about tokens, or that are read.
var silent = []string{"basicRegistry", "featureManager", "httpEndpoint", "jwtBuilder", "keyStore", "ssl", "sslDefault"}

// noteRest notes the elements that nothing reads.
func (im *importer) noteRest() {
	var names []string
	for _, e := range im.elements {
		if !slices.Contains(silent, e.name) && !slices.Contains(names, e.name) {
			names = append(names, e.name)
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		for i := range names {
			names[i] = yamltext.Safe(names[i])
		}
		im.pass("elements that no builder needs: %s", strings.Join(names, ", "))
	}
	var stores []string
	im.left = append(im.left, im.skipped...)
	for _, e := range im.merged("keyStore", defaultKeyStore) {
		if id := im.id(e, defaultKeyStore); !im.used(id) {
			stores = append(stores, yamltext.Safe(id))
		}
	}
	if len(stores) > 0 {
		im.pass("keyStores that no builder uses: %s", strings.Join(stores, ", "))
	}
}

// todo says what is left to do.
func (im *importer) todo() []string {
	var todo []string
	if len(im.tokens) == 0 {
		todo = append(todo, "there is no jwtBuilder that could be carried over")
	} else {
		todo = append(todo, "replace the host "+placeholderHost+" of each cache by the hosts that its token may be sent to")
	}
	var names []string
	for _, v := range im.needed {
		names = append(names, v.name)
	}
	return append(todo, yamltext.Remaining(names, len(im.left))...)
}

// unwritten is a keyStore that Liberty has without being told.
func (im *importer) unwritten() *element {
	return &element{name: "keyStore", shown: filepath.Base(im.server)}
}
