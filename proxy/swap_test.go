package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestSwap puts cache IDs everywhere, and looks at what the upstream receives.
// In want, STATIC is the value of static_key, and TOKEN a JWT.
func TestSwap(t *testing.T) {
	e := start(t, open)
	tests := []struct{ name, field, value, want string }{
		{"Authorization", "Authorization", "Bearer " + tokenID, "Bearer TOKEN"},
		{"an API key", "X-Api-Key", staticID, "STATIC"},
		{"name in lower case", "x-api-key", staticID, "STATIC"},
		{"a field of one's own", "X-Custom-Thing", "a=" + staticID + "; b", "a=STATIC; b"},
		{"ID in upper case", "X-Api-Key", strings.ToUpper(staticID), "STATIC"},
		{"two IDs", "X-Api-Key", staticID + "," + tokenID, "STATIC,TOKEN"},
		{"the same ID thrice", "X-Api-Key", staticID + " " + staticID + "." + staticID, "STATIC STATIC.STATIC"},
		{"in quotes", "X-Api-Key", `"` + staticID + `"`, `"STATIC"`},
		{"in braces", "X-Api-Key", "{" + staticID + "}", "{STATIC}"},
		{"after a colon", "Authorization", "Token token=" + staticID, "Token token=STATIC"},
		{"behind a letter", "X-Api-Key", "x" + staticID, "x" + staticID},
		{"before a letter", "X-Api-Key", staticID + "x", staticID + "x"},
		{"behind a digit", "X-Api-Key", "1" + staticID, "1" + staticID},
		{"before a hyphen", "X-Api-Key", staticID + "-", staticID + "-"},
		{"behind an underscore", "X-Api-Key", "_" + staticID, "_" + staticID},
		{"side by side", "X-Api-Key", staticID + tokenID, staticID + tokenID},
		{"without hyphens", "X-Api-Key", strings.ReplaceAll(staticID, "-", ""), strings.ReplaceAll(staticID, "-", "")},
		{"unknown UUID", "X-Api-Key", "99999999-9999-4999-8999-999999999999", "99999999-9999-4999-8999-999999999999"},
		{"unknown and known", "X-Api-Key", "99999999-9999-4999-8999-999999999999 " + staticID, "99999999-9999-4999-8999-999999999999 STATIC"},
		{"with bytes beyond ASCII", "X-Api-Key", "é" + staticID, "éSTATIC"},
	}
	for _, never := range []string{
		"Cookie", "Forwarded", "Via", "Referer", "Origin", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-anything", "COOKIE",
	} {
		tests = append(tests, struct{ name, field, value, want string }{"never in " + never, never, "a " + staticID, "a " + staticID})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Connect()
			c.Send(fmt.Sprintf("GET http://api.acme.test/?q=%s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\n\r\n", staticID, staticID, tt.field, tt.value))
			wantOK(t, c.Answer("GET"))
			request := e.Upstream.Last(t)
			got := request.Header.Get(tt.field)
			if token := jwt.FindString(got); token != "" {
				got = strings.ReplaceAll(got, token, "TOKEN")
			}
			if got = strings.ReplaceAll(got, staticKey, "STATIC"); got != tt.want {
				t.Errorf("the upstream received %s: %s, want %s", tt.field, got, tt.want)
			}
			if want := "/?q=" + staticID; request.Target != want || request.Host != "api.acme.test" {
				t.Errorf("the upstream received target %s for host %s, want %s for api.acme.test", request.Target, request.Host, want)
			}
		})
	}
}

// An ID in a body stays an ID: a cache would have to permit it there.
func TestNoSwapInBody(t *testing.T) {
	e := start(t, open)
	wantOK(t, e.Do("POST", "http://api.acme.test/", `{"key":"`+staticID+`"}`, "Content-Type", "application/json"))
	if got, want := e.Upstream.Last(t).Body, `{"key":"`+staticID+`"}`; got != want {
		t.Errorf("the upstream received %s, want %s", got, want)
	}
}

// An ID is refused where its value may not go, before anything is dialled, and
// whatever the egress rules say.
func TestSwapRefused(t *testing.T) {
	e := start(t, strings.Replace(open, "tokens:\n", `  - {name: body_only, id: 44444444-5555-4666-8777-888888888888, ttl: 1m, hosts: [api.acme.test], surfaces: [body, query]}
tokens:
  - {name: body_only, cache: body_only, value: body-only-key-0123456789}
`, 1))
	e.Canary.Add("body-only-key-0123456789")
	tests := []struct{ name, url, id, code string }{
		{"another host", "http://other.test/", staticID, "cache_host_denied"},
		{"a host that begins like it", "http://api.acme.test.evil.test/", staticID, "cache_host_denied"},
		{"a host that ends like it", "http://evilapi.acme.test/", staticID, "cache_host_denied"},
		{"the suffix of a wildcard", "http://acme.test/", tokenID, "cache_host_denied"},
		{"another port", "http://www.acme.test:8080/", tokenID, "cache_host_denied"},
		{"an output cache, which no host may have", "http://api.acme.test/", resultID, "cache_host_denied"},
		{"another surface", "http://api.acme.test/", "44444444-5555-4666-8777-888888888888", "surface_denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(e.Upstream.Dialled())
			wantRefusal(t, e.Get(tt.url, "X-Api-Key", tt.id), 403, tt.code)
			wantRefusal(t, e.Get(tt.url, "X-Api-Key", "x", "X-Other", "a, "+strings.ToUpper(tt.id)), 403, tt.code)
			if n := len(e.Upstream.Dialled()); n != before {
				t.Errorf("%d addresses were dialled, want none", n-before)
			}
		})
	}
	t.Run("what is permitted passes", func(t *testing.T) {
		for _, url := range []string{"http://api.acme.test/", "http://API.acme.test.:9090/", "http://www.acme.test/", "http://a.b.acme.test/"} {
			wantOK(t, e.Get(url, "Authorization", "Bearer "+tokenID))
		}
	})
}

// The rules of egress, for requests without any ID.
func TestEgress(t *testing.T) {
	e := start(t, acme+`
egress:
  allow:
    - open.test
    - {host: "*.read.test", methods: [GET, HEAD], paths: [/public/*, /health]}
    - port.test:8080
    - any.test:*
    - {host: api.acme.test, paths: [/v1/*]}
`)
	tests := []struct {
		method, url string
		allowed     bool
	}{
		{"GET", "http://open.test/", true},
		{"DELETE", "http://OPEN.test./x?y", true},
		{"GET", "http://open.test:8080/", false},
		{"GET", "http://sub.open.test/", false},
		{"GET", "http://unnamed.test/", false},
		{"GET", "http://www.read.test/public/a/b", true},
		{"HEAD", "http://www.read.test/health", true},
		{"GET", "http://www.read.test/%70ublic/a", true},
		{"POST", "http://www.read.test/public/a", false},
		{"get", "http://www.read.test/public/a", false},
		{"GET", "http://www.read.test/private", false},
		{"GET", "http://www.read.test/", false},
		{"GET", "http://www.read.test/public", false},
		{"GET", "http://www.read.test/public/../private", false},
		{"GET", "http://www.read.test/public/%2e%2e/private", false},
		{"GET", "http://www.read.test/public/..%2fprivate", false},
		{"GET", "http://www.read.test/public%2Fa", false},
		{"GET", "http://www.read.test/public/..;/private", false},
		{"GET", "http://read.test/public/a", false},
		{"GET", "http://port.test:8080/", true},
		{"GET", "http://port.test/", false},
		{"GET", "http://any.test:12345/", true},
		{"GET", "http://www.acme.test/", true},      // a cache names it
		{"GET", "http://api.acme.test/v1/x", true},  // a rule names it
		{"GET", "http://api.acme.test/v2/x", false}, // a rule decides against the cache
		{"GET", "http://1.1.1.1/", false},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.url, func(t *testing.T) {
			before := len(e.Upstream.Dialled())
			c := e.Connect()
			c.Send(tt.method + " " + tt.url + " HTTP/1.1\r\nHost: x\r\n\r\n")
			// To a HEAD the client does not see the problem itself.
			got := c.Answer(tt.method)
			if tt.allowed {
				wantOK(t, got)
				return
			}
			wantRefusal(t, got, 403, "egress_denied")
			if remedy := got.Get("remedy"); !strings.HasPrefix(remedy, "egress: {allow: [") {
				t.Errorf("got the remedy %q, want the YAML that would permit it", remedy)
			}
			if n := len(e.Upstream.Dialled()); n != before {
				t.Errorf("%d addresses were dialled, want none", n-before)
			}
		})
	}
}

// The remedy is what the refusal says: with it in the file, the request passes.
func TestRemedy(t *testing.T) {
	for _, host := range []string{"new.test", "new.test:8080", "[2001:db8::5]", "[2001:db8::5]:8080", "192.0.2.7"} {
		t.Run(host, func(t *testing.T) {
			e := start(t, acme)
			refused := e.Get("http://" + host + "/")
			wantRefusal(t, refused, 403, "egress_denied")
			if err := e.Reload(acme + refused.Get("remedy") + "\n"); err != nil {
				t.Fatalf("the remedy %s: %v", refused.Get("remedy"), err)
			}
			wantOK(t, e.Get("http://"+host+"/"))
		})
	}
}

// A Function's own host needs no rule, and opens nothing for the proxy.
func TestFunctionOpensNothing(t *testing.T) {
	upstream := serve(t, readAndTalk)
	e := start(t, fmt.Sprintf("functions: [{name: own, url: \"http://%s/\"}]\n", upstream), proxytest.Dialling())
	wantRefusal(t, e.Get("http://"+upstream+"/"), 403, "egress_denied")
	if err := e.Reload(fmt.Sprintf("egress: {default: allow}\nfunctions: [{name: own, url: \"http://%s/\"}]\n", upstream)); err != nil {
		t.Fatal(err)
	}
	refused := e.Get("http://" + upstream + "/")
	wantRefusal(t, refused, 403, "private_address")
	if got, want := refused.Get("remedy"), "egress: {allow_private: [127.0.0.1/32]}"; got != want {
		t.Errorf("got the remedy %q, want %q", got, want)
	}
	explained := e.Call("own?explain", "{}")
	wantOK(t, explained)
	if got := explained.Get("verdict"); got != "allowed" {
		t.Errorf("got the verdict %q, want allowed", got)
	}
}

// Literals are permitted by being written out, in a rule or in a cache, and a
// value may go to loopback in the clear.
func TestLiterals(t *testing.T) {
	upstream := serve(t, readAndTalk)
	_, port, _ := strings.Cut(upstream, ":")
	e := start(t, fmt.Sprintf(`
egress: {allow: ["localhost:%s"]}
caches: [{name: local, id: %s, ttl: 1m, hosts: [%q]}]
tokens: [{name: local, cache: local, value: %s}]
`, port, staticID, upstream, staticKey), proxytest.Dialling())
	wantOK(t, e.Get("http://localhost:"+port+"/"))
	wantOK(t, e.Get("http://"+upstream+"/", "X-Api-Key", staticID))
	wantRefusal(t, e.Get("http://127.0.0.2:"+port+"/"), 403, "egress_denied")
}
