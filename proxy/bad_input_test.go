package proxy_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// badConfig has a Function for each bad upstream, named by its number, and all
// that a request can be refused for.
func badConfig(upstreams []string, addresses map[string]string) string {
	var yaml strings.Builder
	yaml.WriteString(strings.Replace(acme, `hosts: ["api.acme.test:*"]`, `hosts: ["api.acme.test:*", "127.0.0.1:*", 192.0.2.1]`, 1))
	for i, name := range upstreams {
		timeout := "1m"
		if strings.HasPrefix(name, "stalls") {
			timeout = "300ms"
		}
		fmt.Fprintf(&yaml, "  - {name: bad%d, url: \"http://%s/\", timeout: %s}\n", i, addresses[name], timeout)
	}
	fmt.Fprintf(&yaml, "  - {name: bad_tls, url: \"https://%s/\"}\n", addresses["talks"])
	fmt.Fprintf(&yaml, "  - {name: good, url: \"http://%s/\"}\n", addresses["talks"])
	yaml.WriteString(`
  - name: places
    parameters:
      type: object
      properties:
        path: {type: string}
        query: {}
        header: {}
        fixed: {type: string}
        token: {type: string}
    fixed: {fixed: set-by-egret}
    url: http://api.acme.test/{/path}
    query: {q: </query>, t: </token>}
    headers: {X-Header: </header>, X-Fixed: </fixed>}
  - name: elsewhere
    parameters: {type: object, properties: {token: {type: string}}}
    url: http://other.test/
    headers: {Authorization: Bearer </token>}
  - name: needs_result
    parameters: {type: object, properties: {from: {type: string}}}
    url: http://other.test/
    headers: {X-From: </from>}
egress:
  default: allow
  allow:
    - {host: ruled.test, methods: [GET], paths: [/open/*]}
    - 127.0.0.1:*
`)
	// An argument fills the cache, so that its ID alone finds it empty.
	return strings.Replace(yaml.String(), "parameters: {type: object, properties: {id: {type: string}}}\n    url: http://api.acme.test/stored",
		"parameters: {type: object, required: [id], properties: {id: {type: string}}}\n    url: http://api.acme.test/stored", 1)
}

// bad is one way to be refused.
type bad struct {
	name       string
	do         func() proxytest.Answer
	status     int
	code       string
	proxyError string
}

// TestBadInput is refused in every way that there is, and after each one egret
// is as well as before.
func TestBadInput(t *testing.T) {
	addresses := serveBadly(t)
	var upstreams []string
	for name := range addresses {
		upstreams = append(upstreams, name)
	}
	slices.Sort(upstreams)
	e := start(t, badConfig(upstreams, addresses), proxytest.Dialling())
	guarded := startWithClients(t, acme)

	call := func(function, arguments string, header ...string) func() proxytest.Answer {
		return func() proxytest.Answer { return e.Call(function, arguments, header...) }
	}
	do := func(method, url, body string, header ...string) func() proxytest.Answer {
		return func() proxytest.Answer { return e.Do(method, url, body, header...) }
	}
	get := func(url string, header ...string) func() proxytest.Answer { return do("GET", url, "", header...) }
	raw := func(request string) func() proxytest.Answer {
		return func() proxytest.Answer {
			c := e.Connect()
			c.Send(request)
			return c.Answer("GET")
		}
	}
	called := func(client, function, arguments string) func() proxytest.Answer {
		return func() proxytest.Answer {
			return guarded.Call(function, arguments, "Authorization", "Bearer "+clientKeys[client])
		}
	}
	tests := []bad{
		{"no JSON", call("order", `not json`), 400, "malformed_request", "http_request_error"},
		{"half an object", call("order", `{"id":"1"`), 400, "malformed_request", "http_request_error"},
		{"more than an object", call("order", `{"id":"1"}{}`), 400, "malformed_request", "http_request_error"},
		{"a list", call("order", `[1]`), 400, "malformed_request", "http_request_error"},
		{"null", call("order", `null`), 400, "malformed_request", "http_request_error"},
		{"duplicate members", call("order", `{"id":"1","id":"2"}`), 400, "malformed_request", "http_request_error"},
		{"duplicate members inside", call("places", `{"query":[{"a":{"b":1,"b":2}}]}`), 400, "malformed_request", "http_request_error"},
		{"duplicate members, one escaped", call("order", `{"id":"1","\u0069d":"2"}`), 400, "malformed_request", "http_request_error"},
		{"invalid UTF-8", call("order", "{\"id\":\"\xff\"}"), 400, "malformed_request", "http_request_error"},
		{"lone surrogate", call("order", `{"id":"\ud800"}`), 400, "malformed_request", "http_request_error"},
		{"byte order mark", call("order", "\ufeff{}"), 400, "malformed_request", "http_request_error"},
		{"deep nesting", call("places", `{"query":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+"}"), 422, "invalid_arguments", "http_request_error"},
		{"unknown parameter of a call", call("order?explian", `{}`), 400, "malformed_request", "http_request_error"},
		{"raw and explained", call("order?raw&explain", `{}`), 400, "malformed_request", "http_request_error"},
		{"bad query of a call", call("order?%zz", `{}`), 400, "malformed_request", "http_request_error"},
		{"body that is cut", func() proxytest.Answer {
			c := e.Connect()
			c.Send("POST /v1/functions/order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{}")
			c.End()
			return c.Answer("POST")
		}, 400, "malformed_request", "http_request_error"},
		{"long body that is cut after what would be enough", func() proxytest.Answer {
			c := e.Connect()
			c.Send("POST /v1/functions/good HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n{}" + strings.Repeat(" ", 20<<10))
			c.End()
			return c.Answer("POST")
		}, 400, "malformed_request", "http_request_error"},
		{"chunks that are cut", func() proxytest.Answer {
			c := e.Connect()
			c.Send("POST /v1/functions/order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
			c.End()
			return c.Answer("POST")
		}, 400, "malformed_request", "http_request_error"},
		{"a chunk that is none", raw("POST /v1/functions/order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n"), 400, "malformed_request", "http_request_error"},

		{"no key", func() proxytest.Answer { return guarded.Call("order", "{}") }, 401, "unauthenticated", "http_request_denied"},
		{"no key at the proxy", func() proxytest.Answer { return guarded.Get("http://api.acme.test/") }, 407, "unauthenticated", "http_request_denied"},
		{"Function of others", called("narrow", "stored", "{}"), 403, "function_denied", "http_request_denied"},
		{"cache of others", called("narrow", "order", `{"id":"1","token":"`+staticID+`"}`), 403, "cache_denied", "http_request_denied"},
		{"cache for another host", call("elsewhere", `{"token":"`+tokenID+`"}`), 403, "cache_host_denied", "http_request_denied"},
		{"cache for another host, forwarded", get("http://other.test/", "Authorization", "Bearer "+tokenID), 403, "cache_host_denied", "http_request_denied"},
		{"value in a query", call("places", `{"path":"a","header":"h","token":"`+tokenID+`"}`), 403, "surface_denied", "http_request_denied"},
		{"value in a path", call("places", `{"path":"`+tokenID+`","header":"h"}`), 403, "surface_denied", "http_request_denied"},
		{"value in the clear", get("http://192.0.2.1/", "X-Api-Key", staticID), 403, "cleartext_denied", "http_request_denied"},
		{"outside a rule's methods", do("DELETE", "http://ruled.test/open/a", ""), 403, "egress_denied", "http_request_denied"},
		{"outside a rule's paths", get("http://ruled.test/closed"), 403, "egress_denied", "http_request_denied"},
		{"private address", get("http://10.0.0.1/"), 403, "private_address", "destination_ip_prohibited"},
		{"cloud metadata", get("http://169.254.169.254/latest/meta-data/"), 403, "private_address", "destination_ip_prohibited"},
		{"name of loopback", get("http://localhost:1/"), 403, "private_address", "destination_ip_prohibited"},
		{"foreign Host", raw("GET /v1/functions HTTP/1.1\r\nHost: evil.test\r\n\r\n"), 403, "host_rejected", "http_request_denied"},
		{"host as a number", raw("GET http://2130706433/ HTTP/1.1\r\nHost: x\r\n\r\n"), 403, "host_rejected", "http_request_denied"},

		{"unknown Function", call("no_such", "{}"), 404, "unknown_function", "http_request_error"},
		{"empty name", call("", "{}"), 404, "unknown_function", "http_request_error"},
		{"unknown path", get(e.URL + "/v2"), 404, "not_found", "http_request_error"},
		{"method of the list", do("DELETE", e.URL+"/v1/functions", ""), 405, "method_not_allowed", "http_request_error"},
		{"method of a Function", do("PUT", e.URL+"/v1/functions/order", "{}"), 405, "method_not_allowed", "http_request_error"},
		{"TRACE", do("TRACE", "http://api.acme.test/", "", "Authorization", "Bearer "+tokenID), 405, "method_not_allowed", "http_request_error"},
		{"too long a body", call("order", `{"id":"`+strings.Repeat("x", 10<<20)+`"}`), 413, "body_too_large", "http_request_error"},
		{"too long a chunked body", func() proxytest.Answer {
			c := e.Connect()
			c.Send("POST /v1/functions/order HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
			c.Send(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 11<<20, strings.Repeat(" ", 11<<20)))
			return c.Answer("POST")
		}, 413, "body_too_large", "http_request_error"},
		{"a form", do("POST", e.URL+"/v1/functions/order", "id=1", "Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type", "http_request_error"},
		{"too long a head", get(e.URL+"/v1/functions", "X-Long", strings.Repeat("x", 20<<10)), 431, "headers_too_large", "http_request_error"},

		{"wrong type", call("order", `{"id":1}`), 422, "invalid_arguments", "http_request_error"},
		{"missing member", call("order", `{}`), 422, "invalid_arguments", "http_request_error"},
		{"fixed name", call("places", `{"path":"a","header":"h","fixed":"mine"}`), 422, "invalid_arguments", "http_request_error"},
		{"empty path argument", call("places", `{"path":"","header":"h"}`), 422, "unsafe_value", "http_request_error"},
		{"no path argument", call("places", `{"header":"h"}`), 422, "missing_argument", "http_request_error"},
		{"null in a path", call("places", `{"path":null}`), 422, "invalid_arguments", "http_request_error"},
		{"line break in a header", call("places", `{"path":"a","header":"a\r\nX-Evil: 1"}`), 422, "unsafe_value", "http_request_error"},
		{"NUL in a header", call("places", `{"path":"a","header":"a\u0000b"}`), 422, "unsafe_value", "http_request_error"},
		{"object in a header", call("places", `{"path":"a","header":{"b":1}}`), 422, "unsafe_value", "http_request_error"},
		{"object in a query", call("places", `{"path":"a","query":{"b":1}}`), 422, "unsafe_value", "http_request_error"},
		{"dot segment", call("places", `{"path":".."}`), 422, "unsafe_value", "http_request_error"},

		{"scheme that is not forwarded", raw("GET ftp://api.acme.test/ HTTP/1.1\r\nHost: x\r\n\r\n"), 501, "not_implemented", "http_request_error"},
		{"tunnel without a port", raw("CONNECT api.acme.test HTTP/1.1\r\nHost: x\r\n\r\n"), 400, "malformed_request", "http_request_error"},
		{"gateway path", get(e.URL + "/to/ftp/api.acme.test/"), 404, "not_found", "http_request_error"},
		{"HTTP/2", raw("GET / HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n"), 505, "version_not_supported", "http_request_error"},
		{"TLS with who does not speak it", call("bad_tls", "{}"), 502, "upstream_tls", "tls_protocol_error"},
		{"empty cache", call("needs_result", `{"from":"`+resultID+`"}`), 503, "cache_empty", "proxy_internal_error"},
		{"nothing stored", call("stored", `{"id":"1"}`, "Cache-Control", "only-if-cached"), 504, "not_cached", "proxy_internal_response"},
		{"own address", raw("GET http://" + e.Server.Addr() + "/v1/functions HTTP/1.1\r\nHost: x\r\n\r\n"), 508, "loop", "proxy_loop_detected"},
		{"own address of the control plane", raw("GET http://" + e.Server.AdminAddr() + "/metrics HTTP/1.1\r\nHost: x\r\n\r\n"), 508, "loop", "proxy_loop_detected"},
	}
	failures := map[string]struct {
		status     int
		code       string
		proxyError string
	}{
		"is not there":       {502, "upstream_unreachable", "connection_refused"},
		"resets":             {502, "upstream_protocol", "connection_terminated"},
		"hangs up":           {502, "upstream_protocol", "connection_terminated"},
		"stalls":             {504, "upstream_timeout", "http_response_timeout"},
		"stalls in the body": {504, "upstream_timeout", "http_response_timeout"},
		"talks garbage":      {502, "upstream_protocol", "http_protocol_error"},
		"breaks its head":    {502, "upstream_protocol", "connection_terminated"},
		"has a bad field":    {502, "upstream_protocol", "http_protocol_error"},
		"has two lengths":    {502, "upstream_protocol", "http_protocol_error"},
		"has a long head":    {502, "upstream_protocol", "http_response_header_section_size"},
		"switches":           {502, "upstream_protocol", "http_protocol_error"},
		"cuts its body":      {502, "upstream_protocol", "http_response_incomplete"},
		"cuts its chunks":    {502, "upstream_protocol", "http_response_incomplete"},
		"cuts in a chunk":    {502, "upstream_protocol", "http_response_incomplete"},
		"has a bad chunk":    {502, "upstream_protocol", "http_protocol_error"},
		"codes its answer":   {502, "upstream_protocol", "http_response_content_coding"},
		"announces a lot":    {502, "upstream_too_large", "http_response_body_size"},
		"does not end":       {502, "upstream_too_large", "http_response_body_size"},
	}
	for i, name := range upstreams {
		if want, ok := failures[name]; ok {
			tests = append(tests, bad{"an upstream that " + name, call("bad"+strconv.Itoa(i), "{}"), want.status, want.code, want.proxyError})
		} else if name != "talks" {
			t.Errorf("nobody asks the upstream that %s", name)
		}
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.do()
			wantRefusal(t, got, tt.status, tt.code)
			if want := fmt.Sprintf(`egret;error=%s;details="%s"`, tt.proxyError, tt.code); got.Header.Get("Proxy-Status") != want {
				t.Errorf("got Proxy-Status %q, want %q", got.Header.Get("Proxy-Status"), want)
			}
			good := e.Call("good", "{}")
			wantOK(t, good)
			if output := good.Get("output"); output != "hello" {
				t.Errorf("a good call gave %q afterwards, want hello", output)
			}
		})
		seen[tt.code] = true
	}
	for _, code := range codes(t) {
		if !seen[code] && elsewhere[code] == "" {
			t.Errorf("no bad input is refused with %s", code)
		}
	}
}

// elsewhere are the codes that TestBadInput does not see, and why.
var elsewhere = map[string]string{
	"request_timeout":   "it takes its time: TestSlowHead",
	"draining":          "TestDrain",
	"too_many_requests": "it takes several: TestClientLimits",
	"circuit_open":      "it takes several: TestCircuit",
	"internal":          "nothing outside leads to it",
	"token_unavailable": "TestTokenUnavailable",
}

// codes reads the list of codes out of the source that declares them.
func codes(t *testing.T) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "../functions/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			for _, value := range spec.Values {
				code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, code)
			}
		}
		return true
	})
	if len(list) < 30 {
		t.Fatalf("found %d codes, want at least 30: %v", len(list), list)
	}
	return list
}

// A head must come within ten seconds.
func TestSlowHead(t *testing.T) {
	t.Parallel()
	e := start(t, acme)
	c := e.Connect()
	c.Send("GET /v1/functions HTTP/1.1\r\nHost: 127.0.0.1\r\n")
	wantRefusal(t, c.Answer(http.MethodGet), 408, "request_timeout")
	if c.Alive() {
		t.Error("the connection is open afterwards")
	}
}
