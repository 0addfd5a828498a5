package functions

import (
	"encoding/json"
	"net"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A Function is one configured call, compiled.
type Function struct {
	config *configs.Function
	fixed  []member
	shown  json.RawMessage
	schema *jsonschema.Schema
	port   uint16
	places []place
	output *configs.Cache // nil without an output cache
	// needsNothing says that a call with no arguments is a valid one.
	needsNothing bool
	literal      bool // the host is an IP literal or localhost
	hidden       []Hidden
}

// A place is where a template puts one argument.
type place struct {
	pointer  templates.Pointer
	surface  configs.Surfaces
	escaping templates.Escaping
}

// A Description is what agents read about a Function.
type Description struct {
	Name         string          `json:"name"`
	Instructions string          `json:"instructions"`
	Parameters   json.RawMessage `json:"parameters"`
}

// compile makes a Function ready, or says what is wrong with its parameters.
func compile(cfg *configs.Config, c *configs.Function, index *caches.Index) (*Function, *configs.Problem) {
	f := &Function{config: c, fixed: members(c.Fixed)}
	problem := func(err error) *configs.Problem {
		p := cfg.Problem(c.Path+".parameters", err.Error(), "")
		return &p
	}
	var err error
	if f.shown, err = shownParameters(c.Parameters, f.fixed); err != nil {
		return nil, problem(err)
	}
	if f.schema, err = compileSchema(f.shown); err != nil {
		return nil, problem(err)
	}
	port, err := strconv.ParseUint(c.URL.Port(), 10, 16)
	if err != nil {
		return nil, problem(err)
	}
	f.port = uint16(port)
	f.literal = c.URL.Host() == "localhost" || net.ParseIP(c.URL.Host()) != nil
	f.needsNothing = validateArguments(f.schema, []byte("{}"), nil) == nil
	f.places = placesOf(c)
	if c.Cache != "" {
		f.output, _ = index.ByName(c.Cache)
	}
	for _, secret := range c.Configured {
		f.hidden = append(f.hidden, Hidden{Value: secret, With: "(configured)"})
	}
	return f, nil
}

// placesOf lists every place of a Function's templates.
func placesOf(c *configs.Function) []place {
	var list []place
	add := func(placeholders []templates.Placeholder) {
		for _, p := range placeholders {
			list = append(list, place{pointer: p.Pointer, surface: surfaceOf(p.Escaping), escaping: p.Escaping})
		}
	}
	add(c.URL.Placeholders())
	for _, header := range c.Headers {
		add(header.Placeholders())
	}
	if c.Body != nil {
		add(c.Body.Placeholders())
	}
	return list
}

// surfaceOf is the surface to which a way of escaping belongs.
func surfaceOf(e templates.Escaping) configs.Surfaces {
	switch e {
	case templates.PathSegment:
		return configs.Path
	case templates.QueryValue:
		return configs.Query
	case templates.HeaderValue:
		return configs.Header
	default:
		return configs.Body
	}
}

// Name is the Function's name.
func (f *Function) Name() string { return f.config.Name }

func (f *Function) describe() Description {
	return Description{Name: f.config.Name, Instructions: f.config.Instructions, Parameters: f.shown}
}

// isFixed reports whether the argument at pointer is set by the configuration.
func (f *Function) isFixed(parameter string) bool {
	for _, m := range f.fixed {
		if m.name == parameter {
			return true
		}
	}
	return false
}
