package proxy

import (
	"encoding/json"
	"mime"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
)

// apiPath is where Functions are.
const apiPath = "/v1/functions"

// serveAPI answers a request for egret itself, in origin form.
func (x *exchange) serveAPI() error {
	if x.head.target == "*" && x.head.method == fasthttp.MethodOptions {
		x.ctx.Response.SetStatusCode(fasthttp.StatusNoContent)
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

// callOptions reads the query of a call. A parameter that is not known is
// refused: who mistypes explain must not get a call performed.
func callOptions(query string) (raw, explain bool, err error) {
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return false, false, malformed("the query of the call cannot be read")
	}
	for name := range parameters {
		switch name {
		case "raw":
			raw = true
		case "explain":
			explain = true
		default:
			return false, false, malformed("a call has the query parameters raw and explain only")
		}
	}
	if raw && explain {
		return false, false, malformed("a call is either raw or explained")
	}
	return raw, explain, nil
}

// checkContentType wants JSON. A form or plain text can be sent by any web page
// without asking, JSON cannot.
func checkContentType(fields []string, empty bool) error {
	if len(fields) == 0 && empty {
		return nil
	}
	if len(fields) == 1 {
		mediaType, parameters, err := mime.ParseMediaType(fields[0])
		charset, given := parameters["charset"]
		if err == nil && mediaType == "application/json" && (!given || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	return functions.Refuse(functions.UnsupportedMediaType, "the arguments are sent as Content-Type: application/json")
}

// directives reads the Cache-Control of a call, RFC 9111 section 5.2.1.
func directives(c *functions.Call, fields []string) {
	for _, field := range fields {
		for _, directive := range strings.Split(field, ",") {
			switch strings.ToLower(strings.TrimSpace(directive)) {
			case "no-cache":
				c.NoCache = true
			case "no-store":
				c.NoStore = true
			case "only-if-cached":
				c.OnlyIfCached = true
			}
		}
	}
}

func (x *exchange) writeJSON(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	x.write(text)
	return nil
}

// write answers with JSON that no cache on the way may keep.
func (x *exchange) write(text []byte) {
	response := &x.ctx.Response
	response.Header.SetContentType("application/json")
	response.Header.Set("Cache-Control", "no-store")
	response.SetBodyRaw(text)
}

// writeRaw answers with the upstream's own answer.
func (x *exchange) writeRaw(result *functions.Result) {
	response := &x.ctx.Response
	response.SetStatusCode(result.Status)
	for _, f := range result.Header {
		response.Header.Add(f.Name, f.Value)
	}
	response.SetBodyRaw(result.Body)
}
