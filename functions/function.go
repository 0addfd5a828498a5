package functions

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A Function is one configured call, compiled.
type Function struct {
	config *configs.Function
	fixed  []member
	// arranged are the fixed arguments. They are not merged with those of a
	// caller: each pointer leads into one or the other.
	arranged document
	headers  []*templates.Header // those that are sent
	shown    json.RawMessage
	schema   *jsonschema.Schema
	// checker is nil when the schema has something that only the library knows.
	checker    *checker
	filling    *filling // nil without defaults
	host       string   // canonical
	port       uint16
	places     []place
	output     *configs.Cache // nil without an output cache
	view       *view          // nil when callers see all of an answer
	latest     latestKeys
	allowances []allowance
	// needsNothing says that a call with no arguments is a valid one.
	needsNothing bool
	literal      bool  // the host is an IP literal or localhost
	maxAnswer    int64 // bytes of an answer's body
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
func compile(cfg *configs.Config, c *configs.Function, index *caches.Index) (*Function, configs.Problems) {
	f := &Function{config: c, fixed: members(gjson.ParseBytes(c.Fixed)), places: placesOf(c), view: newView(c)}
	var err error
	if f.shown, err = shownParameters(c.Parameters, f.fixed); err != nil {
		return nil, configs.Problems{cfg.Problem(c.Path+".fixed", err.Error(), "")}
	}
	if f.schema, err = compileSchema(f.shown); err != nil {
		return nil, schemaProblems(cfg, c.Path+".parameters", f.shown, err)
	}
	if quick, ok := newChecker(f.schema); ok {
		f.checker = quick
	}
	if problems := fixedElsewhere(cfg, c.Path+".parameters", c.Parameters, f.fixed); problems != nil {
		return nil, problems
	}
	var defaults []*jsonschema.Schema
	f.filling, defaults = newFilling(f.schema)
	if problems := badDefaults(cfg, c.Path+".parameters", f.shown, defaults); problems != nil {
		return nil, problems
	}
	if err := f.setAddress(c.URL); err != nil {
		return nil, configs.Problems{cfg.Problem(c.Path+".url", err.Error(), "")}
	}
	if len(f.fixed) > 0 && !f.arranged.index(string(c.Fixed)) {
		return nil, configs.Problems{cfg.Problem(c.Path+".fixed", "cannot read the fixed arguments", "")}
	}
	f.arranged.recognise(index)
	f.allowances = allowancesOf(c, index)
	for _, header := range c.Headers {
		// The Sender asks for what it can scrub, whatever is configured.
		if !strings.EqualFold(header.Name(), "Accept-Encoding") {
			f.headers = append(f.headers, header)
		}
	}
	if f.maxAnswer = c.Limits.AnswerBytes; f.maxAnswer == 0 {
		f.maxAnswer = cfg.Limits.WithDefaults().AnswerBytes
	}
	if c.Cache != "" {
		f.output, _ = index.ByName(c.Cache)
	}
	for _, secret := range c.Configured {
		f.hidden = append(f.hidden, Hidden{Value: secret, With: configuredText})
	}
	var nothing document
	_, err = parseArguments(&nothing, nil, shallow)
	f.needsNothing = err == nil && f.validate(&nothing) == nil
	if !f.needsNothing && f.isKept() {
		return nil, configs.Problems{cfg.Problem(c.Path+".parameters", "egret itself calls this function, and its schema does not accept a call without arguments", "")}
	}
	return f, nil
}

// setAddress notes where the URL leads to, the host in the one form in which
// hosts are compared.
func (f *Function) setAddress(u *templates.URL) error {
	host, err := configs.CanonicalHost(u.Host())
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return fmt.Errorf("cannot read port: %w", err)
	}
	_, notIP := netip.ParseAddr(host)
	f.host, f.port, f.literal = host, uint16(port), host == "localhost" || notIP == nil
	return nil
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
	case templates.HeaderValue, templates.BasicUser, templates.BasicPassword:
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
