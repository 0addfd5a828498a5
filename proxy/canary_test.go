package proxy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
	"github.com/egret-proxy/egret/tokens"
)

// Every credential of the canary's configuration, by the variable or file that
// it comes from.
var canarySecrets = map[string]string{
	"HMAC":      "canary-hmac-0f9e8d7c6b5a49382716-0123456789",
	"STATIC":    "canary-static-a1b2c3d4e5f6a7b8",
	"CLIENT":    "canary-client-b2c3d4e5f6a7b8c9",
	"ADMIN":     "canary-admin-c3d4e5f6a7b8c9d0",
	"IN_PATH":   "canary-in-path-d4e5f6a7b8c9d0e1",
	"IN_QUERY":  "canary-in-query-e5f6a7b8c9d0e1f2",
	"IN_HEADER": "canary-in-header-f6a7b8c9d0e1f2a3",
	"IN_BODY":   "canary-in-body-a7b8c9d0e1f2a3b4",
	"IN_CLAIM":  "canary-in-claim-b8c9d0e1f2a3b4c5",
	"MASKED":    "canary-masked-c9d0e1f2a3b4c5d6", // in answers
	"HIDDEN":    "canary-hidden-d0e1f2a3b4c5d6e7",
}

const canaryConfig = `
admin: {listen: 127.0.0.1:0, key: "${env:ADMIN}"}
clients: [{name: agent, key: "${env:CLIENT}"}]
egress: {allow: [open.test, bad.test]}
journal: {file: journal.jsonl}
caches:
  - {name: hmac, id: ` + tokenID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: pem, id: 44444444-5555-4666-8777-888888888888, ttl: 15m, hosts: [api.acme.test], surfaces: [header, query, body]}
  - {name: static, id: ` + staticID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: once, id: ` + onceID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: made, id: ` + madeID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: results, id: ` + resultID + `, ttl: 1m}
  - {name: masked, id: ` + maskedID + `, ttl: 1m, hosts: [people.test]}
  - {name: hidden, id: ` + hiddenID + `, ttl: 1m, hosts: [people.test]}
tokens:
  - {name: hmac, cache: hmac, algorithm: HS256, key_type: Secret, key: "${env:HMAC}", claims: {private: "${env:IN_CLAIM}"}}
  - {name: pem, cache: pem, algorithm: ES256, key_type: EcPem, key: "${file:key.pem}", publish: true}
  - {name: made, cache: made, algorithm: ES256, jwk: {enabled: true}}
  - {name: static, cache: static, value: "${env:STATIC}"}
  - {name: once, cache: once, algorithm: HS256, key_type: Secret, key: "${env:HMAC}", claims: {private: "${env:IN_CLAIM}"}, jti: true, sign: on_use}
functions:
  - name: places
    instructions: Sends everything everywhere.
    parameters:
      type: object
      properties: {header: {type: string}, query: {type: string}, body: {type: string}}
    fixed: {kept: a-fixed-text}
    url: http://api.acme.test/${env:IN_PATH}/x
    query: {configured: "${env:IN_QUERY}", q: </query>}
    headers: {X-Configured: "${env:IN_HEADER}", X-Header: </header>, X-Kept: </kept>}
    json: {configured: "${env:IN_BODY}", body: </body>}
    cache: results
  - {name: masks, url: "http://people.test/answer", cache: masked, output: {mask: [/list/person/secret, "\u00e9"]}}
  - {name: hides, url: "http://people.test/answer", cache: hidden, headers: {X-Function: hides}, output: {hide: true}, errors: {default: No.}}
  - {name: fails_masked, url: "http://people.test/error", output: {mask: [/list/person/secret, "\u00e9"]}}
  - name: passes
    parameters: {properties: {v: {}, w: {}}}
    url: http://people.test/echo
    query: {q: </v/list/0/person/secret>}
    headers: {X-Header: </v/list/0/person/secret>, X-Hidden: </w/hidden>}
    json: {all: </v>, list: [{deep: </w>}]}
  - {name: fails, url: "http://bad.test/${env:IN_PATH}", headers: {X-Configured: "${env:IN_HEADER}"}}
`

// echoAll gives back the whole request, in fields and in the body.
func echoAll(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Target", r.RequestURI)
	for name, values := range r.Header {
		w.Header().Set("X-Echo-"+name, strings.Join(values, ", "))
	}
	_, _ = fmt.Fprintf(w, "%s %s %v %s", r.Method, r.RequestURI, r.Header, body)
}

// TestCanary drives everything that egret does with a credential of its own in
// every place that takes one, and an upstream that gives all of them back.
// Answers, the log at debug and the metrics reach the canary by themselves; how
// things print is shown to it here.
func TestCanary(t *testing.T) {
	e := startCanary(t)
	driveCalls(t, e)
	driveForward(t, e)
	driveFailures(t, e)
	driveControlPlane(t, e)
	driveReloads(t, e)
	drivePrinting(t, e)
	readJournal(t, e)
	if leaks := e.Canary.Leaks(); len(leaks) != 0 {
		t.Errorf("credentials leaked: %v", leaks)
	}
	// A canary that was not shown the credentials would find none.
	received := ""
	for _, request := range e.Upstream.Requests() {
		received += request.RawHead() + request.Body
	}
	for name, secret := range canarySecrets {
		sent := name != "CLIENT" && name != "ADMIN" && name != "HMAC" && name != "IN_CLAIM"
		if strings.Contains(received, secret) != sent {
			t.Errorf("the upstream received %s: %t, want %t", name, !sent, sent)
		}
	}
}

// answerSecrets gives what is masked and hidden: twice, in other spellings, in error
// answers too.
func answerSecrets(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/echo":
		echoAll(w, r)
		return
	case "/error":
		w.WriteHeader(http.StatusInternalServerError)
	}
	masked := canarySecrets["MASKED"]
	w.Header().Set("Content-Type", "application/json")
	body := fmt.Sprintf(`{"list":[{"person":{"secret":%q,"s\u0065cret":[%q]}}, [{"person":{"secret":{"x":%q}}}]],"\u00e9":%q}`, masked, masked, masked, masked)
	if strings.Contains(r.Header.Get("X-Function"), "hides") {
		body = fmt.Sprintf(`{"hidden":%q}`, canarySecrets["HIDDEN"])
	}
	_, _ = io.WriteString(w, body)
}

func startCanary(t *testing.T) *proxytest.Egret {
	dir := t.TempDir()
	key, err := tokens.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	pem := key.Private.Reveal()
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), []byte(pem), 0o600); err != nil {
		t.Fatal(err)
	}
	e := proxytest.Start(t, strings.ReplaceAll(canaryConfig, "key.pem", filepath.Join(dir, "key.pem")), proxytest.Environment(canarySecrets))
	e.Canary.Add(pem)
	eventually(t, "there is a key", func() bool { return len(keyIDs(e.Get(e.URL+"/jwt/made/jwk").Body)) == 1 })
	addRingSecrets(t, e)
	addAuthorityKey(t, e)
	for _, secret := range canarySecrets {
		e.Canary.Add(secret)
	}
	e.Upstream.Handle("api.acme.test", echoAll)
	e.Upstream.Handle("people.test", answerSecrets)
	e.Upstream.Handle("bad.test", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(conn, "garbage %s %v\r\n\r\n", r.RequestURI, r.Header)
		_ = conn.Close()
	})
	return e
}

const (
	pemID  = "44444444-5555-4666-8777-888888888888"
	onceID = "55555555-6666-4777-8888-999999999999" // for each request another one

	maskedID = "66666666-7777-4888-8999-aaaaaaaaaaaa"
	hiddenID = "77777777-8888-4999-8aaa-bbbbbbbbbbbb"
)

var (
	canaryClient = []string{"Authorization", "Bearer " + canarySecrets["CLIENT"]}
	canaryProxy  = []string{"Proxy-Authorization", basic("agent", canarySecrets["CLIENT"])}
)

func driveCalls(t *testing.T, e *proxytest.Egret) {
	call := func(function, arguments string) proxytest.Answer {
		return e.Call(function, arguments, canaryClient...)
	}
	all := fmt.Sprintf(`{"header":%q,"query":%q,"body":%q}`, tokenID, pemID, pemID)
	for _, arguments := range []string{all, fmt.Sprintf(`{"header":%q}`, staticID), fmt.Sprintf(`{"header":%q}`, onceID), all, `{}`} {
		wantOK(t, call("places", arguments))
		wantOK(t, call("places?raw", arguments))
		wantOK(t, call("places?explain", arguments))
	}
	driveWithheld(t, call)
	wantRefusal(t, call("places", `{"query":"`+staticID+`"}`), 403, "surface_denied")
	wantRefusal(t, call("places", `{"header":1}`), 422, "invalid_arguments")
	wantRefusal(t, call("places", `{"kept":"`+tokenID+`"}`), 422, "invalid_arguments")
	wantRefusal(t, call("places", `{"header":"a\nb"}`), 422, "unsafe_value")
	wantRefusal(t, call("places", `{"header":`), 400, "malformed_request")
	wantRefusal(t, call("fails", `{}`), 502, "upstream_protocol")
	wantRefusal(t, e.Call("places", all), 401, "unauthenticated")
	wantRefusal(t, e.Call("places", all, "Authorization", "Bearer wrong"), 401, "unauthenticated")
	wantOK(t, e.Get(e.URL+"/v1/functions", canaryClient...))
	for _, path := range []string{"/.well-known/jwks.json", "/jwt/pem/jwk", "/jwt/ibm/api/made/jwk"} {
		wantOK(t, e.Get(e.URL+path))
		wantRefusal(t, e.Do("POST", e.URL+path, ""), 405, "method_not_allowed")
	}
	wantOK(t, e.Get(e.URL+"/v1/functions/places", canaryClient...))
	result, err := e.Server.Call(t.Context(), functions.Call{Function: "places", Arguments: []byte(all), NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	e.Canary.Keep("a result", fmt.Sprintf("%+v %s %s", result, result.Body, result.AppendJSON(nil)))
	explanation, err := e.Server.Explain(t.Context(), functions.Call{Function: "places", Arguments: []byte(all)})
	if err != nil {
		t.Fatal(err)
	}
	e.Canary.Keep("an explanation", fmt.Sprintf("%+v", explanation))
}

// driveWithheld gets answers of which callers see a part, and passes on what they
// do not see.
func driveWithheld(t *testing.T, call func(function, arguments string) proxytest.Answer) {
	both := fmt.Sprintf(`{"v":%q,"w":%q}`, maskedID, hiddenID)
	for range 2 { // from the upstream, and from the cache
		for _, function := range []string{"masks", "hides", "fails_masked"} {
			wantOK(t, call(function, `{}`))
			wantOK(t, call(function+"?explain", `{}`))
			wantRefusal(t, call(function+"?raw", `{}`), 403, "function_denied")
		}
		wantOK(t, call("passes", both))
		wantOK(t, call("passes?raw", both))
		wantOK(t, call("passes?explain", both))
	}
}

func driveForward(t *testing.T, e *proxytest.Egret) {
	get := func(url string, header ...string) proxytest.Answer {
		return e.Get(url, append(header, canaryProxy...)...)
	}
	for _, id := range []string{tokenID, pemID, staticID, onceID, madeID} {
		wantOK(t, get("http://api.acme.test/?id="+id, "Authorization", "Bearer "+id, "Cookie", id))
		wantRefusal(t, get("http://open.test/", "Authorization", "Bearer "+id), 403, "cache_host_denied")
		wantRefusal(t, get("http://closed.test/", "X-Api-Key", id), 403, "cache_host_denied")
	}
	// Who has got hold of a value may send it anywhere, but the journal does not
	// show it where the host is one that may know it.
	static := canarySecrets["STATIC"]
	for _, path := range []string{"/" + static, "/a?" + static, "/a?" + static + "=1", "/%63" + static[1:], "/" + strings.Repeat("x", 250) + static} {
		wantOK(t, get("http://api.acme.test"+path))
	}
	wantOK(t, get("http://open.test/"))
	wantRefusal(t, get("http://closed.test/"), 403, "egress_denied")
	wantRefusal(t, e.Get("http://api.acme.test/", "Authorization", "Bearer "+tokenID), 407, "unauthenticated")
	wantRefusal(t, get("http://bad.test/"), 502, "upstream_protocol")
	driveGateway(t, e)
}

// driveGateway names IDs and the client's key wherever they could be mistaken.
func driveGateway(t *testing.T, e *proxytest.Egret) {
	key := canarySecrets["CLIENT"]
	for _, id := range []string{tokenID, staticID} {
		wantOK(t, e.Get(e.URL+"/to/https/api.acme.test/?id="+id, "Authorization", "Bearer "+id, "EGRET-KEY", key, "Cookie", id))
	}
	wantOK(t, e.Get(e.URL+"/to/http/open.test/", "Egret-Key", key, "Connection", "Egret-Key"))
	wantRefusal(t, e.Get(e.URL+"/to/http/closed.test/", "Egret-Key", key), 403, "egress_denied")
	wantRefusal(t, e.Get(e.URL+"/to/http/open.test/", "Egret-Key", key, "Egret-Key", key), 401, "unauthenticated")
	wantRefusal(t, e.Get(e.URL+"/to/http/open.test/", "Egret-Key", "Bearer "+key), 401, "unauthenticated")
	wantRefusal(t, e.Get(e.URL+"/to/"+key+"/"+key, "Egret-Key", key), 404, "not_found")
	wantRefusal(t, e.Get(e.URL+"/to/http/"+key+"@open.test/", "Egret-Key", key), 400, "malformed_request")
}

// driveFailures sends what breaks parsers, whose errors like to quote it.
func driveFailures(t *testing.T, e *proxytest.Egret) {
	secret := canarySecrets["CLIENT"]
	for _, request := range []string{
		"GET /v1/functions HTTP/1.1\r\nHost: x\r\nAuthorization Bearer " + secret + "\r\n\r\n",
		"GET /v1/functions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + "\x00\r\n\r\n",
		"GET /v1/functions HTTP/1.1\r\nHost: x\r\nAuthor ization: Bearer " + secret + "\r\n\r\n",
		"GET http://" + secret + "@api.acme.test/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://api.acme.test/" + secret + "\xff HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET " + secret + " HTTP/1.1\r\nHost: x\r\n\r\n",
		secret + "\r\n\r\n",
		secret + " / HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / " + secret + "\r\nHost: x\r\n\r\n",
		"POST /v1/functions/places HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + secret + "\r\n\r\n",
		"POST /v1/functions/places HTTP/1.1\r\nHost: x\r\nContent-Length: " + secret + "\r\n\r\n",
		"POST /v1/functions/places HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + secret + "\r\n",
		"GET /v1/functions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + strings.Repeat("x", 20<<10) + "\r\n\r\n",
	} {
		c := e.Connect()
		c.Send(request)
		c.End()
		if got := c.Rest(); !strings.HasPrefix(got, "HTTP/1.1 4") && !strings.HasPrefix(got, "HTTP/1.1 501 ") {
			t.Errorf("got %q, want a refusal", got)
		}
	}
}

// readJournal shows the canary the journal, in each of its forms.
func readJournal(t *testing.T, e *proxytest.Egret) {
	list := e.Journal("")
	e.Canary.Keep("the journal", strings.Join(list, "\n"))
	if got := e.Journal("?refused&client=agent"); len(list) < 50 || len(got) < 10 {
		t.Errorf("the journal has %d records, %d of them of refusals: want them of all that was asked", len(list), len(got))
	}
	path := filepath.Join(filepath.Dir(e.File), "journal.jsonl")
	eventually(t, "the journal's file has every record", func() bool {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		e.Canary.Keep("the journal's file", string(text))
		return strings.Count(string(text), "\n") >= len(list)
	})
}

func driveControlPlane(t *testing.T, e *proxytest.Egret) {
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/readyz?strict": 200, "/metrics": 200, "/": 404, "/debug/pprof/": 404} {
		if got := e.Get(e.AdminURL+path, "Authorization", "Bearer "+canarySecrets["ADMIN"]); got.Status != status {
			t.Errorf("got %d for %s, want %d", got.Status, path, status)
		}
	}
}

// driveReloads has problems right beside the credentials, whose lines the
// messages could quote.
func driveReloads(t *testing.T, e *proxytest.Egret) {
	text, err := os.ReadFile(e.File)
	if err != nil {
		t.Fatal(err)
	}
	yaml := string(text)
	// Where a file has them literally, what stands under key and value is masked.
	for _, name := range []string{"HMAC", "STATIC", "CLIENT", "ADMIN"} {
		secret := canarySecrets[name]
		literal := strings.ReplaceAll(yaml, "${env:"+name+"}", secret)
		for _, bad := range []string{
			strings.Replace(literal, "algorithm: HS256", "algorithm: HS999", 1),
			strings.Replace(literal, "key_type: EcPem", "key_type: RsaPem", 1),
			literal + "nonsense: true\n",
			strings.Replace(literal, "cache: static,", "cache: nowhere,", 1),
			strings.Replace(literal, secret, "", 1) + "nonsense: true\n",
		} {
			err := e.Reload(bad)
			if err == nil {
				t.Fatal("a bad file was applied")
			}
			e.Canary.Keep("problems of "+name, fmt.Sprintf("%v\n%+v\n%#v", err, err, err))
			if encoded, err := json.Marshal(err); err == nil {
				e.Canary.Keep("problems of "+name+" as JSON", string(encoded))
			}
		}
	}
	if err := e.Reload(yaml); err != nil {
		t.Fatal(err)
	}
}

// drivePrinting shows how everything prints.
func drivePrinting(t *testing.T, e *proxytest.Egret) {
	getenv := func(name string) (string, bool) { value, ok := canarySecrets[name]; return value, ok }
	options := noEnvironment
	options.Getenv = getenv
	cfg, err := proxy.Load(e.File, options)
	if err != nil {
		t.Fatal(err)
	}
	things := map[string]any{"the server": serverWithValues(t, cfg), "the configuration": cfg, "the configuration's fields": *cfg}
	for i := range cfg.Caches { // a pointer inside would be printed as an address
		things[cfg.Caches[i].Path] = cfg.Caches[i]
	}
	for i := range cfg.Tokens {
		things[cfg.Tokens[i].Path] = &cfg.Tokens[i]
	}
	for i := range cfg.Functions {
		things[cfg.Functions[i].Path] = &cfg.Functions[i]
		things[cfg.Functions[i].Path+" configured"] = cfg.Functions[i].Configured
	}
	for i := range cfg.Clients {
		things[cfg.Clients[i].Path] = cfg.Clients[i]
	}
	for name, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			e.Canary.Keep(name+" as "+verb, fmt.Sprintf(verb, thing))
		}
		if encoded, err := json.Marshal(thing); err == nil {
			e.Canary.Keep(name+" as JSON", string(encoded))
		}
	}
}

// serverWithValues is a server that holds the values of its caches, and that
// nobody runs: what is printed does not change meanwhile.
func serverWithValues(t *testing.T, cfg *configs.Config) *proxy.Server {
	nowhere := errors.New("there is no network")
	server, err := proxy.New(cfg, proxy.Options{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, nowhere }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for _, id := range []string{tokenID, pemID, staticID, onceID} {
		_, err := server.Call(t.Context(), functions.Call{Function: "places", Arguments: []byte(`{"header":"` + id + `"}`)})
		if !errors.Is(err, nowhere) {
			t.Fatalf("got error %v from a call, want that there is no network", err)
		}
	}
	// Who has made the last value may still be letting go of a lock, which is
	// printed too. This takes it, and changes nothing.
	if err := server.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	return server
}
