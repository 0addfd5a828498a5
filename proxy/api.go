package proxy

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/journal"
	"github.com/egret-proxy/egret/proxy/wire"
)

// apiPath is where Functions are.
const apiPath = "/v1/functions"

// apiMethods are the methods of all that is there.
const apiMethods = "GET, HEAD, POST, OPTIONS"

// splitAPI gives the path of a request for egret itself, the Function that it
// names, and its query.
func (x *exchange) splitAPI() (path, name, query []byte, one bool) {
	path, query, _ = bytes.Cut(x.head.target, []byte("?"))
	name, one = bytes.CutPrefix(path, []byte(apiPath+"/"))
	return path, name, query, one
}

// checkAPI decides who may ask what of egret itself, in origin form.
func (x *exchange) checkAPI() error {
	if x.isAsterisk() {
		return nil
	}
	if x.head.target[0] != '/' {
		return malformed("the target is neither a path nor an absolute URI")
	}
	path, _, _, one := x.splitAPI()
	all := string(path) == apiPath
	if all || one {
		x.way = list
		if one && x.head.method == fasthttp.MethodPost {
			x.way = call
		}
	}
	if isGateway(x.head.target) {
		x.way = gateway
	}
	keysOf, isKeys := keysPath(path)
	if isKeys {
		x.way = keys
	}
	if err := checkOrigin(&x.head, x.rt.cfg, x.rt.clients.open(), x.conn.tls != nil); err != nil {
		return err
	}
	if isKeys {
		return x.checkKeys(keysOf)
	}
	if x.way == gateway {
		return x.checkGateway()
	}
	if !all && !one {
		return nothingHere()
	}
	var err error
	if x.client, err = x.rt.clients.bearer(x.head.only(wire.Authorization)); err != nil {
		return err
	}
	if err := x.enterClient(); err != nil {
		return err
	}
	switch x.head.method {
	case fasthttp.MethodGet:
		return nil
	case fasthttp.MethodPost:
		if one {
			return nil
		}
	}
	if all {
		return x.notAllowed("GET")
	}
	return x.notAllowed("GET, POST")
}

func nothingHere() *functions.Refusal {
	return functions.Refuse(functions.NotFound, "there is nothing here; Functions are under "+apiPath)
}

// isAsterisk reports whether a request asks for what egret itself can do.
func (x *exchange) isAsterisk() bool {
	return len(x.head.target) == 1 && x.head.target[0] == '*' && x.head.method == fasthttp.MethodOptions
}

// serveAPI answers a request for egret itself.
func (x *exchange) serveAPI() error {
	if x.isAsterisk() {
		x.writeOptions(apiMethods)
		return nil
	}
	_, name, query, one := x.splitAPI()
	switch {
	case !one:
		return x.serveList()
	case x.way == call:
		return x.serveCall(name, query)
	default:
		return x.serveDescription(x.functionName(name))
	}
}

// notAllowed refuses a method. The answer names those that there are.
func (x *exchange) notAllowed(allow string) error {
	x.allow = allow
	return functions.Refuse(functions.MethodNotAllowed, "the methods are "+allow)
}

// serveList answers with the Functions that the client may call.
func (x *exchange) serveList() error {
	return x.writeJSON(struct {
		Functions []functions.Description `json:"functions"`
	}{x.rt.functions.List(x.client)})
}

// serveDescription answers with one Function.
func (x *exchange) serveDescription(name string) error {
	description, err := x.rt.functions.Describe(name, x.client)
	if err != nil {
		return err
	}
	return x.writeJSON(description)
}

// serveCall performs a call, or explains it.
func (x *exchange) serveCall(name, query []byte) error {
	function := x.functionName(name)
	raw, explain := false, false
	if len(query) > 0 {
		var err error
		if raw, explain, err = callOptions(string(query)); err != nil {
			return err
		}
	}
	x.enter(journal.Body)
	body, err := x.readAll()
	x.enter(journal.Checks)
	if err != nil {
		return err
	}
	field, found := x.head.only(wire.ContentType)
	if err := checkContentType(field, found, len(body) == 0); err != nil {
		return err
	}
	c := functions.Call{Function: function, Arguments: body, Client: x.client}
	directives(&c, x.head.fields)
	if c.Timeout, err = callTimeout(x.head.fields); err != nil {
		return err
	}
	if explain {
		return x.serveExplanation(c)
	}
	x.conn.waiting.begin(x.start, !x.head.http10)
	if x.note.kept {
		c.Trace = &x.note.trace
	}
	if raw {
		_, err := x.rt.functions.Raw(&x.conn.life, c, &x.raw)
		if x.noteCall(); err != nil {
			return err
		}
		x.writeRaw(&x.raw)
		return nil
	}
	x.scratch, _, err = x.rt.functions.AppendEnvelope(&x.conn.life, x.scratch[:0], c)
	if x.noteCall(); err != nil {
		return err
	}
	x.write(x.scratch)
	return nil
}

// functionName gives a name as a string, which costs nothing for a Function that
// there is. Its label is then known, too.
func (x *exchange) functionName(name []byte) string {
	if known, ok := x.rt.labels[string(name)]; ok {
		x.note.label = known
		return known.Function
	}
	return string(name)
}

func (x *exchange) serveExplanation(c functions.Call) error {
	x.note.explain = true
	explanation, err := x.rt.functions.Explain(&x.conn.life, c)
	if err != nil {
		return err
	}
	text, err := explanation.JSON()
	if err != nil {
		return err
	}
	x.write(text)
	return nil
}
