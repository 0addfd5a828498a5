package proxy

import (
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
)

// apiPath is where Functions are.
const apiPath = "/v1/functions"

// serveAPI answers a request for egret itself, in origin form.
func (x *exchange) serveAPI() error {
	if x.head.target == "*" && x.head.method == fasthttp.MethodOptions {
		beginAnswer(&x.ctx.Response.Header, fasthttp.StatusNoContent, nil)
		return nil
	}
	if x.head.target[0] != '/' {
		return malformed("the target is neither a path nor an absolute URI")
	}
	path, query, _ := strings.Cut(x.head.target, "?")
	name, one := strings.CutPrefix(path, apiPath+"/")
	if path == apiPath || one {
		x.way = list
		if one && x.head.method == fasthttp.MethodPost {
			x.way = call
		}
	}
	if err := checkOrigin(x.head, x.rt.cfg.Listen, x.rt.clients.open()); err != nil {
		return err
	}
	if strings.HasPrefix(path, "/to/") {
		return functions.Refuse(functions.NotImplemented, "the gateway path is not supported yet")
	}
	if path != apiPath && !one {
		return functions.Refuse(functions.NotFound, "there is nothing here; Functions are under "+apiPath)
	}
	var err error
	if x.client, err = x.rt.clients.bearer(x.head.values("Authorization")); err != nil {
		return err
	}
	switch {
	case path == apiPath:
		return x.serveList()
	case x.head.method == fasthttp.MethodPost:
		return x.serveCall(name, query)
	case x.head.method == fasthttp.MethodGet:
		return x.serveDescription(name)
	default:
		return x.notAllowed("GET, POST")
	}
}

// notAllowed refuses a method. The answer names those that there are.
func (x *exchange) notAllowed(allow string) error {
	x.allow = allow
	return functions.Refuse(functions.MethodNotAllowed, "the methods are "+allow)
}

// serveList answers with the Functions that the client may call.
func (x *exchange) serveList() error {
	if x.head.method != fasthttp.MethodGet {
		return x.notAllowed("GET")
	}
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
func (x *exchange) serveCall(name, query string) error {
	raw, explain, err := callOptions(query)
	if err != nil {
		return err
	}
	body, err := x.readAll()
	if err != nil {
		return err
	}
	if err := checkContentType(x.head.values("Content-Type"), len(body) == 0); err != nil {
		return err
	}
	c := functions.Call{Function: name, Arguments: body, Client: x.client}
	directives(&c, x.head.values("Cache-Control"))
	if explain {
		return x.serveExplanation(c)
	}
	result, err := x.rt.functions.Call(x.context(), c)
	if err != nil {
		return err
	}
	if raw {
		x.writeRaw(result)
		return nil
	}
	x.write(result.AppendJSON(nil))
	return nil
}

func (x *exchange) serveExplanation(c functions.Call) error {
	explanation, err := x.rt.functions.Explain(x.context(), c)
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
