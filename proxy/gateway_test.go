package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// What comes in by the gateway path goes out as what comes in by the forward
// proxy, but for the client's key and for cookies.
func TestGatewayRequestHead(t *testing.T) {
	r, dial := record(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	e := start(t, open, dial)
	const via = "Accept-Encoding: identity\r\nVia: 1.1 PSEUDONYM"
	for _, test := range []struct{ name, request, want string }{
		{
			"a path",
			lines("GET /to/http/api.acme.test/a?b=c HTTP/1.1", "Host: localhost"),
			lines("GET /a?b=c HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"path and query byte for byte",
			lines("GET /to/http/api.acme.test//a/../%2e%2E/%2F;p=1/./b%20c+d?x=%7e&y[]=1&z=a/b?c&&=/to/http/x/ HTTP/1.1", "Host: localhost"),
			lines("GET //a/../%2e%2E/%2F;p=1/./b%20c+d?x=%7e&y[]=1&z=a/b?c&&=/to/http/x/ HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"no path",
			lines("GET /to/http/api.acme.test HTTP/1.1", "Host: localhost"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"OPTIONS without a path",
			lines("OPTIONS /to/http/api.acme.test HTTP/1.1", "Host: localhost"),
			lines("OPTIONS / HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"a query without a path",
			lines("GET /to/http/api.acme.test?a=b HTTP/1.1", "Host: localhost"),
			lines("GET /?a=b HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"a gateway path behind one is the upstream's",
			lines("GET /to/http/api.acme.test/to/https/b.test/ HTTP/1.1", "Host: localhost"),
			lines("GET /to/https/b.test/ HTTP/1.1", "Host: api.acme.test", via),
		},
		{
			"a port, in upper case with a dot",
			lines("PURGE /to/http/API.Acme.Test.:8080/ HTTP/1.1", "Host: localhost"),
			lines("PURGE / HTTP/1.1", "Host: api.acme.test:8080", via),
		},
		{
			"an IPv6 address",
			lines("GET /to/http/[2001:db8::1]:8080/a HTTP/1.1", "Host: localhost"),
			lines("GET /a HTTP/1.1", "Host: [2001:db8::1]:8080", via),
		},
		{
			"an IPv6 address in encoded brackets",
			lines("GET /to/http/%5B2001:db8::1%5d:8080?a=%5B HTTP/1.1", "Host: localhost"),
			lines("GET /?a=%5B HTTP/1.1", "Host: [2001:db8::1]:8080", via),
		},
		{
			"the key in any case and number, cookies, and what is for one connection",
			lines("GET /to/http/api.acme.test/ HTTP/1.1", "Host: localhost", "Egret-Key: a", "Authorization: Bearer x", "Cookie: a=b", "EGRET-KEY: b",
				"cookie: c=d", "Proxy-Authorization: Bearer y", "Connection: X-One", "X-One: 1", "X-Two: 2"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "Authorization: Bearer x", "X-Two: 2", via),
		},
		{
			"the words of Node's fetch",
			lines("GET /to/http/api.acme.test/ HTTP/1.1", "Host: localhost", "sec-fetch-mode: cors"),
			lines("GET / HTTP/1.1", "Host: api.acme.test", "sec-fetch-mode: cors", via),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, answer := r.exchange(t, e, test.request)
			got = strings.ReplaceAll(got, pseudonym(t, got), "PSEUDONYM")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the upstream received (-want +got):\n%s\nand the client %s", diff, answer)
			}
		})
	}
}

// TestGatewayTarget: what could be read as another host than it says goes nowhere.
func TestGatewayTarget(t *testing.T) {
	e := start(t, open)
	const malformed, rejected, nothing = "malformed_request", "host_rejected", "not_found"
	for target, want := range map[string]string{
		"/to/https/api.acme.test%2f@evil.test/":     malformed,
		"/to/https/user:pass@api.acme.test/":        malformed,
		"/to/https/api.acme.test@/":                 malformed,
		"/to/https//evil.test/":                     malformed,
		"/to/https/":                                malformed,
		"/to/https/?a=b":                            malformed,
		"/to/https/api.acme.test:/":                 malformed,
		"/to/https/api.acme.test:0/":                malformed,
		"/to/https/api.acme.test:65536/":            malformed,
		"/to/https/api.acme.test:+80/":              malformed,
		"/to/https/:443/":                           malformed,
		"/to/https/api.acme.test%2fx/":              rejected,
		"/to/https/api.acme.test%3A8443/":           rejected,
		"/to/https/%61pi.acme.test/":                rejected,
		"/to/https/api.acme.test%00/":               rejected,
		"/to/https/../http/api.acme.test/":          rejected,
		"/to/https/%2e%2e/":                         rejected,
		"/to/https/127.1/":                          rejected,
		"/to/https/0x7f000001/":                     rejected,
		"/to/https/[::1/":                           rejected,
		"/to/https/%5B::1/":                         rejected,
		"/to/https/::1%5D/":                         rejected,
		"/to/https/%5Bapi.acme.test%5D/":            rejected,
		"/to/https/[%5B::1%5D]/":                    rejected,
		"/to/https/%255B::1%255D/":                  rejected,
		"/to/https":                                 nothing,
		"/to/https?x":                               nothing,
		"/to/HTTPS/api.acme.test/":                  nothing,
		"/to/ftp/api.acme.test/":                    nothing,
		"/to/https:/api.acme.test/":                 nothing,
		"/to/https:%2f%2fapi.acme.test/":            nothing,
		"/to/https%2fapi.acme.test/":                nothing,
		"/to/api.acme.test/":                        nothing,
		"/to//https/api.acme.test/":                 nothing,
		"/to/":                                      nothing,
		"/to":                                       nothing,
		"/TO/https/api.acme.test/":                  nothing,
		"//to/https/api.acme.test/":                 nothing,
		"/%74o/https/api.acme.test/":                nothing,
		"/./to/https/api.acme.test/":                nothing,
		"/v1/functions/../../to/https/evil.test/":   "unknown_function",
		"/.well-known/jwks.json/to/https/evil.test": nothing,
	} {
		c := e.Connect()
		c.Send(lines("GET "+target+" HTTP/1.1", "Host: localhost"))
		if got := c.Answer("GET"); got.Code() != want {
			t.Errorf("%s: got %d %s, want %s", target, got.Status, got.Body, want)
		}
	}
	if got := e.Upstream.Dialled(); got != nil {
		t.Errorf("egret dialled %v, want nothing", got)
	}
}

func TestGatewayKey(t *testing.T) {
	e := startWithClients(t, acme)
	key := clientKeys["all"]
	for _, test := range []struct {
		name   string
		fields []string
		want   string // "" is 200
	}{
		{"the key", []string{"Egret-Key", key}, ""},
		{"in lower case", []string{"egret-key", key}, ""},
		{"beside an upstream's credential", []string{"Egret-Key", key, "Authorization", "Bearer x"}, ""},
		{"named away", []string{"Egret-Key", key, "Connection", "Egret-Key"}, ""},
		{"none", nil, "unauthenticated"},
		{"empty", []string{"Egret-Key", ""}, "unauthenticated"},
		{"another", []string{"Egret-Key", key + "x"}, "unauthenticated"},
		{"a part", []string{"Egret-Key", key[1:]}, "unauthenticated"},
		{"with a scheme", []string{"Egret-Key", "Bearer " + key}, "unauthenticated"},
		{"two", []string{"Egret-Key", key, "egret-KEY", key}, "unauthenticated"},
		{"in the field of the API", []string{"Authorization", "Bearer " + key}, "unauthenticated"},
		{"in the field of the proxy", []string{"Proxy-Authorization", "Bearer " + key}, "unauthenticated"},
		{"with an underscore", []string{"Egret_Key", key}, "unauthenticated"},
		{"of a client that may name no cache", []string{"Egret-Key", clientKeys["nothing"]}, "egress_denied"},
	} {
		got := e.Get(e.URL+"/to/https/api.acme.test/", test.fields...)
		switch test.want {
		case "":
			wantOK(t, got)
			if request := e.Upstream.Last(t); len(request.Header["Egret-Key"]) > 0 || request.Scheme != "https" {
				t.Errorf("%s: the upstream got %s %v, want https without the key", test.name, request.Scheme, request.Header)
			}
		case "egress_denied":
			wantRefusal(t, got, 403, test.want)
		default:
			wantRefusal(t, got, 401, test.want)
			if challenge := got.Header.Get("WWW-Authenticate"); challenge != `Egret-Key realm="egret"` || len(got.Header["Proxy-Authenticate"]) > 0 {
				t.Errorf("%s: got the challenge %q", test.name, challenge)
			}
		}
	}
	refused := e.Get(e.URL + "/to/https/api.acme.test:8443/private?q")
	if got := refused.Get("detail"); !strings.Contains(got, "Egret-Key: KEY") {
		t.Errorf("got the detail %q, want it to say what to add", got)
	}
	list := e.Journal("")
	if got, want := told(list[len(list)-1]), "gateway - GET api.acme.test:8443 - - - refused clients unauthenticated 401"; got != want {
		t.Errorf("the record says %q, want %q", got, want)
	}
}

// TestGatewayBrowser: nothing that a browser shows or runs comes by the gateway.
func TestGatewayBrowser(t *testing.T) {
	e := start(t, open)
	addr := e.Server.Addr()
	for _, test := range []struct {
		fields string
		passes bool
	}{
		{"", true},
		{"Sec-Fetch-Mode: cors", true},
		{"Sec-Fetch-Site: none\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty", true}, // an extension
		{"Origin: http://" + addr, true},                                                // some WebSocket clients
		{"Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-User: ?1", false},
		{"Sec-Fetch-Mode: navigate", false},
		{"sec-fetch-mode: Navigate", false},
		{"Sec-Fetch-Mode: cors\r\nSec-Fetch-Mode: navigate", false},
		{"Sec-Fetch-Mode: websocket", false},
		{"Sec-Fetch-Mode: ", false},
		{"Sec-Fetch-Site: same-origin", false},
		{"Sec-Fetch-Site: same-site", false},
		{"Sec-Fetch-Site: cross-site", false},
		{"Sec-Fetch-Dest: document", false},
		{"Sec-Fetch-Dest: iframe", false},
		{"Sec-Fetch-Dest: frame", false},
		{"Sec-Fetch-Dest: object", false},
		{"Sec-Fetch-Dest: embed", false},
		{"Sec-Fetch-Dest: serviceworker", false},
		{"Sec-Fetch-Dest: image", false},
		{"Upgrade-Insecure-Requests: 1", false},
		{"Origin: http://evil.test", false},
		{"Origin: null", false},
		{"Origin: http://evil.test\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization", false},
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			fields := test.fields
			if fields != "" {
				fields += "\r\n"
			}
			c := e.Connect()
			c.Send(method + " /to/http/api.acme.test/ HTTP/1.1\r\nHost: " + addr + "\r\n" + fields + "\r\n")
			got := c.Answer(method)
			if test.passes {
				wantOK(t, got)
				continue
			}
			wantRefusal(t, got, http.StatusForbidden, "host_rejected")
			for name := range got.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%q: got the field %s, want none that opens egret to a page", test.fields, name)
				}
			}
		}
	}
	c := e.Connect()
	c.Send(lines("GET /to/http/api.acme.test/ HTTP/1.1", "Host: evil.test"))
	wantRefusal(t, c.Answer("GET"), http.StatusForbidden, "host_rejected")
}

// TestGatewaySwap: IDs are swapped and scrubbed, by the rules of the forward proxy.
func TestGatewaySwap(t *testing.T) {
	e := start(t, acme+"\negress: {allow: [{host: part.test, paths: [/v1/*]}, {host: tls.test, schemes: [https]}]}\n")
	e.Upstream.Handle("", echoAll)
	got := e.Get(e.URL+"/to/https/api.acme.test/v1/models", "Authorization", "Bearer "+staticID)
	wantOK(t, got)
	if sent := e.Upstream.Last(t).Header.Get("Authorization"); sent != "Bearer "+staticKey {
		t.Errorf("the upstream got another Authorization than the value")
	}
	if !strings.Contains(got.Body, staticID) || strings.Contains(got.Body, staticKey) {
		t.Errorf("got %s, want the ID in place of the value", got.Body)
	}
	for _, test := range []struct{ path, id, want string }{
		{"/to/https/other.test/", staticID, "cache_host_denied"},
		{"/to/https/unknown.test/", "x", "egress_denied"},
		{"/to/https/part.test/v1/x", "x", ""},
		{"/to/https/part.test/v2/x", "x", "egress_denied"},
		{"/to/https/part.test/v1/%2e%2e/v2", "x", "egress_denied"},
		{"/to/https/tls.test/", "x", ""},
		{"/to/http/tls.test/", "x", "egress_denied"},
		{"/to/http/" + e.Server.Addr() + "/v1/functions", "x", "loop"},
		{"/to/http/" + e.Server.Addr() + "/to/https/api.acme.test/", "x", "loop"},
	} {
		if got := e.Get(e.URL+test.path, "X-Api-Key", test.id); got.Code() != test.want {
			t.Errorf("%s: got %d %s, want %s", test.path, got.Status, got.Body, test.want)
		}
	}
	record := e.Journal("")[0]
	for _, r := range e.Journal("") {
		if gjson.Get(r, "path").Str == "/v1/models" {
			record = r
		}
	}
	want := []string{"gateway", "GET", "api.acme.test", "/v1/models", staticID}
	have := []string{gjson.Get(record, "way").Str, gjson.Get(record, "method").Str, gjson.Get(record, "host").Str, gjson.Get(record, "path").Str, gjson.Get(record, "caches.0.id").Str}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the record (-want +got):\n%s\n%s", diff, record)
	}
}

// TestGatewayAnswer: what would mean the origin of the answer is not passed on,
// and references lead back to the gateway.
func TestGatewayAnswer(t *testing.T) {
	r, dial := record(t, "HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\nLink: </a>\r\n\r\n"+
		"HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\nAlt-Svc: h3=\":443\"\r\nStrict-Transport-Security: max-age=1\r\n"+
		"Clear-Site-Data: \"*\"\r\nService-Worker-Allowed: /\r\nlocation: https://b.test/c?d\r\nContent-Location: /e\r\n"+
		"WWW-Authenticate: Bearer\r\nX-Other: /f\r\nContent-Length: 0\r\n\r\n")
	e := start(t, open, dial)
	for _, test := range []struct{ target, want string }{
		{"/to/http/api.acme.test:8080/x", "HTTP/1.1 103 Early Hints|Link: </to/http/api.acme.test:8080/a>||HTTP/1.1 302 Found|location: /to/https/b.test/c?d|Content-Location: /to/http/api.acme.test:8080/e|WWW-Authenticate: Bearer|X-Other: /f|Content-Length: 0|"},
		{"http://api.acme.test:8080/x", "HTTP/1.1 103 Early Hints|Set-Cookie: early=1|Link: </a>||HTTP/1.1 302 Found|Set-Cookie: a=b|set-cookie: c=d|Alt-Svc: h3=\":443\"|Strict-Transport-Security: max-age=1|Clear-Site-Data: \"*\"|Service-Worker-Allowed: /|location: https://b.test/c?d|Content-Location: /e|WWW-Authenticate: Bearer|X-Other: /f|Content-Length: 0|"},
	} {
		_, answer := r.exchange(t, e, lines("GET "+test.target+" HTTP/1.1", "Host: localhost"))
		got, _, _ := strings.Cut(strings.ReplaceAll(answer, "\r\n", "|"), "Date:")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.target, diff)
		}
	}
}

// TestGatewayNoPath: of a request without a path the client takes the host for the
// last segment, so that a relative reference would lead to another host.
func TestGatewayNoPath(t *testing.T) {
	r, dial := record(t, "HTTP/1.1 302 Found\r\nLocation: evil.test/x\r\nLink: <b>\r\nContent-Length: 0\r\n\r\n")
	e := start(t, open, dial)
	for target, want := range map[string]string{
		"/to/http/api.acme.test":    "Location: /to/http/api.acme.test/evil.test/x|Link: </to/http/api.acme.test/b>|",
		"/to/http/api.acme.test?q":  "Location: /to/http/api.acme.test/evil.test/x|Link: </to/http/api.acme.test/b>|",
		"/to/http/api.acme.test/":   "Location: evil.test/x|Link: <b>|",
		"/to/http/api.acme.test/?q": "Location: evil.test/x|Link: <b>|",
	} {
		_, answer := r.exchange(t, e, lines("GET "+target+" HTTP/1.1", "Host: localhost"))
		if got := strings.ReplaceAll(answer, "\r\n", "|"); !strings.Contains(got, "|"+want) {
			t.Errorf("%s: got %q, want %q in it", target, got, want)
		}
	}
}

// TestGatewayReferenceScrubbed: a value in a reference is not there any more when
// that is written anew, whose host is in lower case and whose path has no dots.
func TestGatewayReferenceScrubbed(t *testing.T) {
	const value = "Static-Key-5F2C9D1E7B"
	for _, test := range []struct{ field, want string }{
		{"Location: https://" + value + ".evil.test/", "Location: /to/https/" + staticID + ".evil.test/"},
		{"Link: <//" + value + ".evil.test/a>; rel=next", "Link: </to/http/" + staticID + ".evil.test/a>; rel=next"},
		{"Content-Location: ../" + value, "Content-Location: /to/http/api.acme.test/" + staticID},
	} {
		for _, first := range []string{"", "HTTP/1.1 103 Early Hints\r\n" + test.field + "\r\n\r\n"} {
			r, dial := record(t, first+"HTTP/1.1 302 Found\r\n"+test.field+"\r\nContent-Length: 0\r\n\r\n")
			e := start(t, strings.ReplaceAll(open, staticKey, value), dial)
			_, answer := r.exchange(t, e, lines("GET /to/http/api.acme.test/a HTTP/1.1", "Host: localhost", "X-Api-Key: "+staticID))
			if !strings.Contains(answer, "\r\n"+test.want+"\r\n") || strings.Contains(strings.ToLower(answer), strings.ToLower(value)) {
				t.Errorf("%s: got %q, want %q in it", test.field, answer, test.want)
			}
		}
	}
}
