package proxy_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// kept has clients that may do different things, and a token with a name.
const kept = `
admin: {listen: 127.0.0.1:0, key: admin-key-0123456789}
clients:
  - {name: agent, key: agent-key-0123456789}
  - {name: limited, key: limited-key-0123456789, functions: [plain], caches: []}
egress:
  allow: [open.test, {host: part.test, methods: [GET], paths: [/v1/*]}, broken.test]
caches:
  - {name: results, id: ` + resultID + `, ttl: 1m}
  - {name: acme_token, id: ` + tokenID + `, ttl: 15m, hosts: [api.acme.test], surfaces: [header, query]}
  - {name: static_key, id: ` + staticID + `, ttl: 15m, hosts: [api.acme.test, other.test]}
tokens:
  - {name: acme_jwt, cache: acme_token, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, header: {kid: "2026-11"}, claims: {jti: "t-1"}}
  - {name: static, cache: static_key, value: ` + staticKey + `}
functions:
  - name: plain
    parameters: {type: object, properties: {id: {type: integer}}}
    url: http://api.acme.test/plain
    query: {id: </id>, page: "1"}
  - name: order
    parameters: {type: object, properties: {id: {type: string}, token: {type: string}, key: {type: string}}}
    url: http://api.acme.test/orders/{/id}
    query: {t: </token>}
    headers: {Authorization: Bearer </token>, X-Key: </key>}
  - name: stored
    parameters: {type: object, properties: {token: {type: string}}}
    url: http://api.acme.test/stored
    headers: {Authorization: Bearer </token>}
    cache: results
  - name: configured
    parameters: {type: object, properties: {id: {type: string}}}
    url: http://${env:HOST}/${env:IN_PATH}/{/id}?k=${env:IN_QUERY}&id={/id}
  - name: broken
    parameters: {type: object, properties: {token: {type: string}}}
    url: http://broken.test/
  - {name: needs, parameters: {type: object, properties: {latest: {type: string}}}, url: "http://api.acme.test/", json: {latest: </latest>}}
`

var keptEnvironment = proxytest.Environment(map[string]string{
	"HOST": "secret-host.test", "IN_PATH": "secret-in-path", "IN_QUERY": "secret-in-query",
})

// told is what a record says, but for times and sizes.
func told(record string) string {
	var out strings.Builder
	for _, name := range []string{"way", "client", "method", "host", "path", "function", "source", "verdict", "rule", "code", "status"} {
		text := gjson.Get(record, name).String()
		if text == "" {
			text = "-"
		}
		out.WriteString(text + " ")
	}
	for _, swap := range gjson.Get(record, "caches").Array() {
		name := map[string]string{tokenID: "token", staticID: "static", resultID: "results"}[swap.Get("id").Str]
		fmt.Fprintf(&out, "%s:%s", name, swap.Get("surface").Str)
		if id := swap.Get("jti").Str + swap.Get("kid").Str; id != "" {
			fmt.Fprintf(&out, "(%s %s)", swap.Get("jti").Str, swap.Get("kid").Str)
		}
		out.WriteString(" ")
	}
	return strings.TrimSuffix(out.String(), " ")
}

// nextRecord waits for the record behind those that there were before.
func nextRecord(t *testing.T, e *proxytest.Egret, before int) string {
	t.Helper()
	var list []string
	eventually(t, "there is one record more", func() bool {
		list = e.Journal("")
		return len(list) > before
	})
	if len(list) != before+1 {
		t.Fatalf("got %d records, want %d: %s", len(list), before+1, list)
	}
	return list[before]
}

// TestJournal sends a request of every kind, and reads its record.
func TestJournal(t *testing.T) {
	e := proxytest.Start(t, kept, keptEnvironment)
	e.Canary.Add(staticKey, "agent-key-0123456789", "limited-key-0123456789", "secret-host", "secret-in-path", "secret-in-query")
	e.Upstream.Handle("broken.test", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	const host = "Host: 127.0.0.1\r\n"
	as := func(client string) string { return host + "Authorization: Bearer " + client + "-key-0123456789\r\n" }
	through := func(client string) string {
		return "Host: x\r\nProxy-Authorization: Bearer " + client + "-key-0123456789\r\n"
	}
	call := func(client, function, arguments string) string {
		return fmt.Sprintf("POST /v1/functions/%s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", function, as(client), len(arguments), arguments)
	}
	get := func(client, url, fields string) string {
		return "GET " + url + " HTTP/1.1\r\n" + through(client) + fields + "\r\n"
	}
	bearer := "Authorization: Bearer " + tokenID + "\r\n"
	tests := []struct{ name, request, want string }{
		{"call", call("agent", "plain", `{"id":1}`), "call agent POST api.acme.test /plain?id&page plain upstream allowed functions[0] - 200"},
		{"call of a limited client", call("limited", "plain", `{}`), "call limited POST api.acme.test /plain?id&page plain upstream allowed functions[0] - 200"},
		{
			"call with swaps", call("agent", "order", `{"id":"A-1","token":"`+tokenID+`","key":"`+staticID+`"}`),
			"call agent POST api.acme.test /orders/{/id}?t order upstream allowed functions[1] - 200 token:query(t-1 2026-11) token:header(t-1 2026-11) static:header",
		},
		{"call that is stored", call("agent", "stored", `{"token":"`+tokenID+`"}`), "call agent POST api.acme.test /stored stored upstream allowed functions[2] - 200 token:header(t-1 2026-11)"},
		{"call out of the cache", call("agent", "stored", `{"token":"`+tokenID+`"}`), "call agent POST api.acme.test /stored stored cache allowed functions[2] - 200"},
		{"raw call", call("agent", "order?raw", `{"id":"A-1","token":"`+tokenID+`"}`), "call agent POST api.acme.test /orders/{/id}?t order upstream allowed functions[1] - 200 token:query(t-1 2026-11) token:header(t-1 2026-11)"},
		{"call with configured text", call("agent", "configured", `{"id":"x"}`), "call agent POST (configured) /(configured)/{/id}?k&id configured upstream allowed functions[3] - 200"},
		{"explain", call("agent", "order?explain", `{"id":"A-1","token":"`+tokenID+`"}`), "call agent POST api.acme.test /orders/{/id}?t order explain allowed functions[1] - 200"},
		{"call that fails upstream", call("agent", "broken", `{}`), "call agent POST broken.test / broken - allowed functions[4] upstream_protocol 502"},
		{"call that is not cached", strings.Replace(call("agent", "stored", `{}`), "Content-Type", "Cache-Control: only-if-cached\r\nContent-Type", 1), "call agent POST api.acme.test /stored stored - refused functions[2] not_cached 504"},
		{"function denied", call("limited", "order", `{}`), "call limited POST api.acme.test /orders/{/id}?t order - refused clients[1].functions function_denied 403"},
		{"unknown function", call("agent", "secret-name", `{}`), "call agent POST - /v1/functions/… - - refused functions unknown_function 404"},
		{"invalid arguments", call("agent", "plain", `{"id":"secret"}`), "call agent POST api.acme.test /plain?id&page plain - refused functions[0].parameters invalid_arguments 422"},
		{"missing argument", call("agent", "order", `{}`), "call agent POST api.acme.test /orders/{/id}?t order - refused functions[1] missing_argument 422"},
		{"malformed arguments", call("agent", "plain", `{"id":`), "call agent POST api.acme.test /plain?id&page plain - refused gate malformed_request 400"},
		{"surface denied", call("agent", "order", `{"id":"x","token":"`+staticID+`"}`), "call agent POST api.acme.test /orders/{/id}?t order - refused caches[2].surfaces surface_denied 403"},
		{"cache host denied in a call", call("agent", "broken", `{"token":"`+tokenID+`"}`), "call agent POST broken.test / broken - refused caches[1].hosts cache_host_denied 403"},
		{"call with an answer", call("agent", "needs", `{"latest":"`+resultID+`"}`), "call agent POST api.acme.test / needs upstream allowed functions[5] - 200 results:body"},
		{"no key", "POST /v1/functions/plain HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}", "call - POST - /v1/functions/… - - refused clients unauthenticated 401"},
		{"call, too large", "POST /v1/functions/plain HTTP/1.1\r\n" + as("agent") + "Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n", "call agent POST api.acme.test /plain?id&page plain - refused limits.call_bytes body_too_large 413"},
		{"media type", strings.Replace(call("agent", "plain", `{}`), "application/json", "text/plain", 1), "call agent POST api.acme.test /plain?id&page plain - refused gate unsupported_media_type 415"},

		{"list", "GET /v1/functions HTTP/1.1\r\n" + as("limited") + "\r\n", "list limited GET - /v1/functions - - allowed clients[1].functions - 200"},
		{"description", "GET /v1/functions/plain HTTP/1.1\r\n" + as("limited") + "\r\n", "list limited GET - /v1/functions/plain plain - allowed clients[1].functions - 200"},
		{"description denied", "GET /v1/functions/order HTTP/1.1\r\n" + as("limited") + "\r\n", "list limited GET - /v1/functions/order order - refused clients[1].functions function_denied 403"},
		{"method not allowed", "PUT /v1/functions HTTP/1.1\r\n" + as("agent") + "Content-Length: 0\r\n\r\n", "list agent PUT - /v1/functions - - refused gate method_not_allowed 405"},
		{"nothing here", "GET /secret?secret HTTP/1.1\r\n" + as("agent") + "\r\n", "other - GET - … - - refused gate not_found 404"},
		{"foreign page", "GET /v1/functions HTTP/1.1\r\n" + as("agent") + "Origin: http://evil.test\r\n\r\n", "list - GET - /v1/functions - - refused gate host_rejected 403"},
		{"options", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "other - OPTIONS - * - - allowed gate - 200"},

		{"forward by a rule", get("agent", "http://open.test/a?limit=10&sk_live_1234&page=2", ""), "forward agent GET open.test /a?limit&…&page - - allowed egress.allow[0] - 200"},
		{"forward by a narrow rule", get("agent", "http://part.test/v1/a", ""), "forward agent GET part.test /v1/a - - allowed egress.allow[1] - 200"},
		{"forward by a cache", get("agent", "http://api.acme.test", ""), "forward agent GET api.acme.test - - - allowed caches[1].hosts - 200"},
		{"forward with a swap", get("agent", "http://api.acme.test/o", bearer+"X-Key: "+staticID+"\r\nX-Again: "+tokenID+"\r\n"), "forward agent GET api.acme.test /o - - allowed caches[1].hosts - 200 token:header(t-1 2026-11) static:header"},
		{"forward with a body", strings.Replace(get("agent", "http://open.test/a", "Content-Length: 5\r\n"), "GET", "POST", 1) + "hello", "forward agent POST open.test /a - - allowed egress.allow[0] - 200"},
		{"HEAD", strings.Replace(get("agent", "http://open.test/a", ""), "GET", "HEAD", 1), "forward agent HEAD open.test /a - - allowed egress.allow[0] - 200"},
		{"a method of its own", strings.Replace(get("agent", "http://open.test/a", ""), "GET", "PROPFIND", 1), "forward agent PROPFIND open.test /a - - allowed egress.allow[0] - 200"},
		{"a method that may be a secret", strings.Replace(get("agent", "http://open.test/a", ""), "GET", "sk_live_1234", 1), "forward agent … open.test /a - - allowed egress.allow[0] - 200"},
		{"a method that may be a secret, too", strings.Replace(get("agent", "http://open.test/a", ""), "GET", "AKIAIOSFODNNEX", 1), "forward agent … open.test /a - - allowed egress.allow[0] - 200"},
		{"Max-Forwards", strings.Replace(get("agent", "http://open.test/a", "Max-Forwards: 0\r\n"), "GET", "OPTIONS", 1), "forward agent OPTIONS open.test /a - - allowed egress.allow[0] - 200"},
		{"forward that fails upstream", get("agent", "http://broken.test/", ""), "forward agent GET broken.test / - - allowed egress.allow[2] upstream_protocol 502"},
		{"a port that nothing names", get("agent", "http://other.test:8080/", ""), "forward agent GET other.test:8080 / - - refused egress.default egress_denied 403"},
		{"a value in the path", get("agent", "http://api.acme.test/"+staticKey+"/x?"+staticKey+"=1", ""), "forward agent GET api.acme.test /" + staticID + "/x?" + staticID + " - - allowed caches[1].hosts - 200"},
		{"an encoded value in the path", get("agent", "http://api.acme.test/%73"+staticKey[1:]+"/x", ""), "forward agent GET api.acme.test … - - allowed caches[1].hosts - 200"},
		{"a value in the path that is encoded twice", get("agent", "http://api.acme.test/%2573"+staticKey[1:]+"/x", ""), "forward agent GET api.acme.test … - - allowed caches[1].hosts - 200"},
		{"a percent sign that is encoded", get("agent", "http://api.acme.test/100%25", ""), "forward agent GET api.acme.test /100%25 - - allowed caches[1].hosts - 200"},
		{"a value in a refused path", get("limited", "http://api.acme.test/"+staticKey, ""), "forward limited GET api.acme.test /" + staticID + " - - refused egress.default egress_denied 403"},
		{"a long path", get("agent", "http://open.test/"+strings.Repeat("x", 300), ""), "forward agent GET open.test /" + strings.Repeat("x", 252) + "… - - allowed egress.allow[0] - 200"},
		{"no rule", get("agent", "http://closed.test/a?b=c", ""), "forward agent GET closed.test /a?b - - refused egress.default egress_denied 403"},
		{"outside of a rule", get("agent", "http://part.test/v2", ""), "forward agent GET part.test /v2 - - refused egress.allow[1] egress_denied 403"},
		{"cache denied", get("limited", "http://api.acme.test/", bearer), "forward limited GET api.acme.test / - - refused clients[1].caches cache_denied 403"},
		{"cache host denied", get("agent", "http://open.test/", bearer), "forward agent GET open.test / - - refused caches[1].hosts cache_host_denied 403"},
		{"not authenticated", "GET http://open.test/secret HTTP/1.1\r\nHost: x\r\n\r\n", "forward - GET open.test - - - refused clients unauthenticated 407"},
		{"TRACE", strings.Replace(get("agent", "http://open.test/", ""), "GET", "TRACE", 1), "forward agent TRACE open.test / - - refused gate method_not_allowed 405"},
		{"loop", get("agent", "http://"+e.Server.Addr()+"/", ""), "forward agent GET " + e.Server.Addr() + " / - - refused loop loop 508"},
		{"tunnel", "CONNECT closed.test:443 HTTP/1.1\r\n" + through("agent") + "\r\n", "tunnel agent CONNECT closed.test:443 - - - refused egress.default egress_denied 403"},
		{"tunnel, not authenticated", "CONNECT closed.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", "tunnel - CONNECT closed.test:443 - - - refused clients unauthenticated 407"},
		{"no host", get("agent", "http://user:secret@open.test/", ""), "forward agent GET - - - - refused gate malformed_request 400"},

		{"bad head", "GET /v1/functions HTTP/1.1\r\nHost: x\r\nSecret Name: x\r\n\r\n", "other - - - - - - refused gate malformed_request 400"},
		{"bad target", "GET http://open.test/\"secret HTTP/1.1\r\n" + through("agent") + "\r\n", "forward - - - - - - refused gate malformed_request 400"},
		{"no HTTP", "secret / secret\r\n\r\n", "other - - - - - - refused gate malformed_request 400"},
		{"large head", "GET /v1/functions HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 17<<10) + "\r\n\r\n", "other - - - - - - refused gate headers_too_large 431"},
		{"version", "GET /v1/functions HTTP/2.0\r\nHost: x\r\n\r\n", "other - - - - - - refused gate version_not_supported 505"},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Connect()
			c.Send(tt.request)
			method, _, _ := strings.Cut(tt.request, " ")
			c.Answer(method)
			record := nextRecord(t, e, i)
			if diff := cmp.Diff(tt.want, told(record)); diff != "" {
				t.Errorf("the record (-want +got):\n%s%s", diff, record)
			}
			c.Close()
		})
	}
	if refused := e.Journal("?refused&client=limited"); len(refused) != 4 {
		t.Errorf("got %d records of refused requests of a client, want 4: %s", len(refused), refused)
	}
	if last := e.Journal("?tail=2&function=order"); len(last) != 2 || !strings.Contains(last[1], `"function_denied"`) {
		t.Errorf("got %s, want the last two of a Function", last)
	}
}
