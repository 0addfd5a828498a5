package liberty

import (
	"fmt"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// An element is one of server.xml. Liberty compares the names of attributes
// without letter case.
type element struct {
	name       string
	place      configs.Problem // the file and the line
	shown      string          // the file as comments name it
	attributes []attribute
	children   []*element
	text       string // without the white space around it
	includes   []inclusion
}

// An attribute is one of an element, as it is written.
type attribute struct{ name, value string }

// get gives an attribute of an element. Liberty takes a child that has text
// alone for one, too.
func (e *element) get(name string) (string, bool) {
	for _, a := range e.attributes {
		if strings.EqualFold(a.name, name) {
			return a.value, true
		}
	}
	for _, c := range e.children {
		if strings.EqualFold(c.name, name) && c.plain() {
			return c.text, true
		}
	}
	return "", false
}

// all gives the values of an attribute that may have several, and of the
// children of that name.
func (e *element) all(name string) []string {
	var values []string
	for _, a := range e.attributes {
		if strings.EqualFold(a.name, name) {
			values = append(values, a.value)
		}
	}
	for _, c := range e.children {
		if strings.EqualFold(c.name, name) && c.plain() {
			values = append(values, escapeList(c.text))
		}
	}
	return values
}

// plain reports whether an element has text alone.
func (e *element) plain() bool { return len(e.attributes) == 0 && len(e.children) == 0 }

// set writes an attribute.
func (e *element) set(a attribute) {
	for i := range e.attributes {
		if strings.EqualFold(e.attributes[i].name, a.name) {
			e.attributes[i].value = a.value
			return
		}
	}
	e.attributes = append(e.attributes, a)
}

// where names the place of an element, as in "server.xml:12".
func (e *element) where() string {
	if e.place.Line == 0 {
		return yamltext.Safe(e.shown) + " does not write it"
	}
	return fmt.Sprintf("%s:%d", yamltext.Safe(e.shown), e.place.Line)
}

// problem is one of an element.
func (e *element) problem(message, hint string) configs.Problems {
	p := e.place
	p.Message, p.Hint = message, hint
	return configs.Problems{p}
}
