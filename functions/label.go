package functions

import (
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A Label is what a record of a call may show of its Function: where it leads,
// with placeholders where arguments would stand and "(configured)" for text
// from the environment or a file.
type Label struct {
	Function string
	Path     string // of the entry, such as "functions[0]"
	Host     string // with its port where that is written
	Target   string // path and query
}

// Label gives the label of a Function.
func (s *Set) Label(name string) (Label, bool) {
	f, ok := s.functions[name]
	if !ok {
		return Label{}, false
	}
	return labelOf(f.config), true
}

func labelOf(c *configs.Function) Label {
	label := Label{Function: c.Name, Path: c.Path, Host: c.URL.Authority(), Target: configuredText}
	url, err := c.URL.AppendURL(nil, placeholders{})
	if err != nil {
		return label
	}
	target, err := c.URL.AppendTarget(nil, placeholders{})
	if err != nil {
		return label
	}
	label.Target = string(target)
	if origin := strings.TrimSuffix(string(url), label.Target); strings.Contains(origin, configuredText) || origin == "" {
		label.Host = configuredText
	}
	return label
}

// configuredText is shown in place of text from the environment or a file.
const configuredText = "(configured)"

// placeholders are arguments that are the placeholders themselves.
type placeholders struct{}

// Lookup gives the text of the placeholder.
func (placeholders) Lookup(p templates.Pointer) templates.Value {
	return templates.Value{JSON: text("{" + p.String() + "}"), StandIn: true}
}

// Shown is true: people read the result.
func (placeholders) Shown() bool { return true }
