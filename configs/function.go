package configs

import (
	"strconv"
	"time"

	"github.com/egret-proxy/egret/templates"
)

// defaultTimeout is how long a call may take when its Function does not say.
const defaultTimeout = 30 * time.Second

// A functionEntry is a Function, and what the checks across sections need of it.
type functionEntry struct {
	Function
	node       *node
	names      []string        // of the parameters and of what is fixed
	known      map[string]bool // those names
	fixed      *node
	host       string // canonical
	port       uint16
	headers    []headerEntry
	byHeader   map[string]int // index of a header by its name in lower case
	uses       []use          // set by findUses
	allowances []allowanceEntry
	needs      []*Cache // set by findNeeds
	placements []placement
}

// A placement is a placeholder and where it was written.
type placement struct {
	templates.Placeholder
	in expansion
}

// function has the keys of a Function. Those with templates come last, in one
// step, as they need to know the parameters.
var function = section[functionEntry]{aFunction, []field[functionEntry]{
	{"name", true, func(d *decoder, n *node, f *functionEntry) { f.Name = d.name(n) }},
	{"instructions", false, func(d *decoder, n *node, f *functionEntry) { f.Instructions, _ = d.plain(n) }},
	{"parameters", false, decodeParameters},
	{"fixed", false, decodeFixed},
	{"allowed_from", false, decodeAllowedFrom},
	{"prompt", false, decodePrompt},
	{"method", false, func(d *decoder, n *node, f *functionEntry) { f.Method = d.method(n) }},
	{"url", true, template},
	{"query", false, template},
	{"headers", false, template},
	{"basic", false, template},
	{"idempotency_key", false, decodeIdempotencyKey},
	{"json", false, template},
	{"form", false, template},
	{"multipart", false, template},
	{"body", false, template},
	{"cache", false, func(d *decoder, n *node, f *functionEntry) { f.Cache = d.name(n) }},
	{"caching", false, decodeCaching},
	{"credential", false, decodeCredential},
	{"output", false, decodeOutput},
	{"errors", false, decodeErrors},
	{"ok_statuses", false, decodeOKStatuses},
	{"timeout", false, func(d *decoder, n *node, f *functionEntry) {
		f.Timeout = d.duration(n, time.Millisecond)
	}},
	{"limits", false, decodeFunctionLimits},
	{"retry", false, decodeRetry},
}}

// template leaves a key to decodeRequest.
func template(*decoder, *node, *functionEntry) {}

func decodeFunctions(d *decoder, n *node, _ *Config) {
	d.each(n, func(n *node) {
		f := &functionEntry{Function: Function{Path: n.path, Timeout: defaultTimeout}, node: n}
		function.decode(d, n, f)
		if n.kind == mapping {
			d.decodeRequest(f)
			d.checkCaching(f)
		}
		d.functions = append(d.functions, f)
	})
}

// maxParameters bounds the schema of a Function, in bytes of JSON: compiling one
// takes time that grows faster than its size.
const maxParameters = 128 << 10

// decodeParameters keeps the JSON Schema as it is written. Whether it is a good
// one is found out where it is compiled.
func decodeParameters(d *decoder, n *node, f *functionEntry) {
	if f.Parameters = d.object(n, false); len(f.Parameters) > maxParameters {
		d.problem(n, "the schema is larger than "+sizeText(maxParameters), "")
		f.Parameters = nil
	}
	if t := n.member("type"); t != nil && (t.kind != text || t.text != "object") {
		d.problem(t, "the arguments of a call are an object, so the type must be object", "")
	}
	if p := n.member("properties"); p != nil && d.is(p, mapping) {
		for _, m := range p.members {
			f.knows(m.key)
		}
	}
}

func decodeFixed(d *decoder, n *node, f *functionEntry) {
	f.fixed = n
	f.Fixed = d.object(n, false)
	for _, m := range n.members {
		f.knows(m.key)
	}
}

// knows notes a name that placeholders may begin with.
func (f *functionEntry) knows(name string) {
	if f.known == nil {
		f.known = map[string]bool{}
	}
	f.names, f.known[name] = append(f.names, name), true
}

// isFixed reports whether an argument is set by the configuration.
func (f *functionEntry) isFixed(name string) bool {
	return f.fixed != nil && f.fixed.member(name) != nil
}

// title is what messages call the Function.
func (f *functionEntry) title() string {
	if f.Name == "" {
		return "this function"
	}
	return f.Name
}

// dials reports whether the URL could be read.
func (f *functionEntry) dials() bool { return f.URL != nil && f.host != "" }

// setURL keeps the URL and the address that it leads to.
func (d *decoder) setURL(f *functionEntry, x expansion, u *templates.URL) {
	if x.unset {
		f.URL = u
		return
	}
	host, err := CanonicalHost(u.Host())
	if err != nil {
		d.wrong(x, 0, err.Error(), "")
		return
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		d.wrong(x, 0, "the port is not between 1 and 65535", "")
		return
	}
	f.URL, f.host, f.port = u, host, uint16(port)
}
