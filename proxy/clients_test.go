package proxy_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// clientKeys are the keys of the clients below, by name.
var clientKeys = map[string]string{
	"all":     "key-of-all-0123456789",
	"narrow":  "key-of-narrow-0123456789",
	"nothing": "key-of-nothing-0123456789",
}

// withClients has a client that may do everything, one that may use a part,
// and one that may use nothing.
const withClients = `
clients:
  - {name: all, key: key-of-all-0123456789}
  - {name: narrow, key: key-of-narrow-0123456789, functions: [order], caches: [acme_token]}
  - {name: nothing, key: key-of-nothing-0123456789, functions: [], caches: []}
`

func startWithClients(t *testing.T, yaml string) *proxytest.Egret {
	e := start(t, yaml+withClients)
	for _, key := range clientKeys {
		e.Canary.Add(key)
	}
	return e
}

func basic(name, key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+key))
}

func TestAuthentication(t *testing.T) {
	e := startWithClients(t, acme)
	key := clientKeys["all"]
	api := func(header ...string) proxytest.Answer { return e.Get(e.URL+"/v1/functions", header...) }
	call := func(header ...string) proxytest.Answer { return e.Call("order", `{"id":"1","token":"t"}`, header...) }
	proxied := func(header ...string) proxytest.Answer { return e.Get("http://api.acme.test/", header...) }
	tests := []struct {
		name   string
		do     func(...string) proxytest.Answer
		header []string
		status int
	}{
		{"call", call, []string{"Authorization", "Bearer " + key}, 200},
		{"list", api, []string{"Authorization", "Bearer " + key}, 200},
		{"scheme in lower case", api, []string{"Authorization", "bearer " + key}, 200},
		{"two spaces", api, []string{"Authorization", "Bearer  " + key}, 200},
		{"no key", api, nil, 401},
		{"call without a key", call, nil, 401},
		{"wrong key", api, []string{"Authorization", "Bearer " + key + "x"}, 401},
		{"part of the key", api, []string{"Authorization", "Bearer " + key[:len(key)-1]}, 401},
		{"empty key", api, []string{"Authorization", "Bearer "}, 401},
		{"key without a scheme", api, []string{"Authorization", key}, 401},
		{"two fields", api, []string{"Authorization", "Bearer " + key, "Authorization", "Bearer " + key}, 401},
		{"Basic", api, []string{"Authorization", basic("all", key)}, 401},
		{"the field of the proxy", api, []string{"Proxy-Authorization", "Bearer " + key}, 401},
		{"key of another client as a name", api, []string{"Authorization", "Bearer all"}, 401},

		{"proxy, Bearer", proxied, []string{"Proxy-Authorization", "Bearer " + key}, 200},
		{"proxy, Basic", proxied, []string{"Proxy-Authorization", basic("all", key)}, 200},
		{"proxy, no key", proxied, nil, 407},
		{"proxy, wrong key", proxied, []string{"Proxy-Authorization", "Bearer wrong-key-0123456789"}, 407},
		{"proxy, wrong name", proxied, []string{"Proxy-Authorization", basic("narrow", key)}, 407},
		{"proxy, unknown name", proxied, []string{"Proxy-Authorization", basic("nobody", key)}, 407},
		{"proxy, no name", proxied, []string{"Proxy-Authorization", basic("", key)}, 407},
		{"proxy, name alone", proxied, []string{"Proxy-Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("all"))}, 407},
		{"proxy, wrong key in Basic", proxied, []string{"Proxy-Authorization", basic("all", "wrong-key-0123456789")}, 407},
		{"proxy, no base64", proxied, []string{"Proxy-Authorization", "Basic all:" + key}, 407},
		{"proxy, two fields", proxied, []string{"Proxy-Authorization", "Bearer " + key, "Proxy-Authorization", basic("all", key)}, 407},
		{"proxy, another scheme", proxied, []string{"Proxy-Authorization", "Digest " + key}, 407},
		{"proxy, the field of the API", proxied, []string{"Authorization", "Bearer " + key}, 407},
	}
	challenges := map[int]struct {
		field string
		want  []string
	}{
		401: {"Www-Authenticate", []string{`Bearer realm="egret"`}},
		407: {"Proxy-Authenticate", []string{`Bearer realm="egret"`, `Basic realm="egret", charset="UTF-8"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(e.Upstream.Requests())
			got := tt.do(tt.header...)
			if tt.status == 200 {
				wantOK(t, got)
				return
			}
			wantRefusal(t, got, tt.status, "unauthenticated")
			challenge := challenges[tt.status]
			if diff := cmp.Diff(challenge.want, got.Header.Values(challenge.field)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", challenge.field, diff)
			}
			if n := len(e.Upstream.Requests()); n != before {
				t.Errorf("the upstream received %d requests, want none", n-before)
			}
		})
	}
}

// A client's key is for egret alone.
func TestKeyIsNotForwarded(t *testing.T) {
	e := startWithClients(t, acme)
	wantOK(t, e.Get("http://api.acme.test/", "Proxy-Authorization", basic("all", clientKeys["all"])))
	wantOK(t, e.Call("order", `{"id":"1","token":"t"}`, "Authorization", "Bearer "+clientKeys["all"]))
	for _, request := range e.Upstream.Requests() {
		if head := request.RawHead(); strings.Contains(head, "Proxy-") || strings.Contains(head, clientKeys["all"]) {
			t.Errorf("the upstream received a client's key: %s", head)
		}
	}
}

func TestPermissions(t *testing.T) {
	e := startWithClients(t, acme)
	call := func(client, function, arguments string) proxytest.Answer {
		return e.Call(function, arguments, "Authorization", "Bearer "+clientKeys[client])
	}
	proxied := func(client, url string, header ...string) proxytest.Answer {
		return e.Get(url, append(header, "Proxy-Authorization", "Bearer "+clientKeys[client])...)
	}
	const api = "http://api.acme.test/"
	withToken, withStatic := `{"id":"1","token":"`+tokenID+`"}`, `{"id":"1","token":"`+staticID+`"}`
	tests := []struct {
		name string
		got  proxytest.Answer
		code string // "" is 200
	}{
		{"all calls", call("all", "stored", "{}"), ""},
		{"all names a cache", call("all", "order", withStatic), ""},
		{"all forwards", proxied("all", api, "X-Api-Key", staticID), ""},
		{"narrow calls what it may", call("narrow", "order", withToken), ""},
		{"narrow calls another", call("narrow", "stored", "{}"), "function_denied"},
		{"narrow names another cache", call("narrow", "order", withStatic), "cache_denied"},
		{"narrow names another cache, in upper case", call("narrow", "order", strings.Replace(withStatic, staticID, strings.ToUpper(staticID), 1)), "cache_denied"},
		{"narrow forwards what it may", proxied("narrow", api, "Authorization", "Bearer "+tokenID), ""},
		{"narrow forwards another cache's ID", proxied("narrow", api, "X-Api-Key", strings.ToUpper(staticID)), "cache_denied"},
		{"nothing calls", call("nothing", "order", withToken), "function_denied"},
		{"nothing calls what does not exist", call("nothing", "no_such", "{}"), "unknown_function"},
		{"nothing forwards an ID", proxied("nothing", api, "Authorization", "Bearer "+tokenID), "cache_denied"},
		{"a cache does not open its host to who may not name it", proxied("nothing", api), "egress_denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.code == "" {
				wantOK(t, tt.got)
				return
			}
			if tt.got.Code() != tt.code {
				t.Errorf("got %d %q, want %s; body: %s", tt.got.Status, tt.got.Code(), tt.code, tt.got.Body)
			}
		})
	}
}

func TestList(t *testing.T) {
	e := startWithClients(t, strings.Replace(acme, "    cache: results\n", `    cache: results
  - name: fixed
    parameters: {type: object, required: [site, id], properties: {site: {type: string}, id: {type: string}}}
    fixed: {site: fixed-site-name}
    url: http://api.acme.test/{/site}/{/id}
`, 1))
	list := func(client string) []string {
		answer := e.Get(e.URL+"/v1/functions", "Authorization", "Bearer "+clientKeys[client])
		wantOK(t, answer)
		names := []string{}
		for _, function := range gjson.Get(answer.Body, "functions").Array() {
			names = append(names, function.Get("name").Str)
		}
		return names
	}
	for client, want := range map[string][]string{"all": {"fixed", "order", "stored"}, "narrow": {"order"}, "nothing": {}} {
		if diff := cmp.Diff(want, list(client)); diff != "" {
			t.Errorf("Functions of %s (-want +got):\n%s", client, diff)
		}
	}
	one := func(client, name string) proxytest.Answer {
		return e.Get(e.URL+"/v1/functions/"+name, "Authorization", "Bearer "+clientKeys[client])
	}
	got := one("all", "fixed")
	want := `{"name":"fixed","instructions":"","parameters":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}}`
	if got.Status != http.StatusOK || got.Body != want {
		t.Errorf("got %d %s, want 200 %s", got.Status, got.Body, want)
	}
	if got := one("narrow", "stored"); got.Code() != "function_denied" {
		t.Errorf("got %d %s, want function_denied", got.Status, got.Body)
	}
	if got := one("narrow", "no_such"); got.Code() != "unknown_function" {
		t.Errorf("got %d %s, want unknown_function", got.Status, got.Body)
	}
}
