package egress_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

func hosts(t testing.TB, texts ...string) []configs.HostPattern {
	t.Helper()
	list := []configs.HostPattern{}
	for _, text := range texts {
		p, err := configs.ParseHostPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func paths(t testing.TB, texts ...string) []configs.PathPattern {
	t.Helper()
	list := []configs.PathPattern{}
	for _, text := range texts {
		p, err := configs.ParsePathPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// testPolicy has a rule or a cache of every kind.
func testPolicy(t testing.TB, verdict configs.Verdict) *egress.Policy {
	rule := func(host string, methods []string, path ...string) configs.Rule {
		return configs.Rule{Host: hosts(t, host)[0], Methods: methods, Paths: paths(t, path...)}
	}
	return egress.NewPolicy(configs.Egress{Default: verdict, Allow: []configs.Rule{
		rule("open.test", nil),
		rule("*.below.test", nil),
		rule("port.test:8080", nil),
		rule("part.test", []string{"GET", "HEAD"}, "/v1/*", "/v2"),
		rule("part.test", []string{"POST"}, "/v3"),
		rule("read.test", []string{"GET"}),
		rule("path.test", nil, "/*"),
		rule("10.0.0.1:*", nil),
		rule("localhost:8080", nil),
		rule("127.0.0.1:9090", []string{"GET"}),
		rule("*.net.test", nil),
	}}, []configs.Cache{
		{Name: "acme", Hosts: hosts(t, "acme.test", "[::1]:8443", "read.test", "shared.test")},
		{Name: "other", Hosts: hosts(t, "other.test", "shared.test", "127.0.0.1:9090")},
		{Name: "nowhere"},
	})
}

func TestForward(t *testing.T) {
	const deny, allow = configs.Deny, configs.Allow
	acme := func(c *configs.Cache) bool { return c.Name == "acme" }
	none := func(*configs.Cache) bool { return false }
	all := func(*configs.Cache) bool { return true }
	for _, test := range []struct {
		verdict configs.Verdict
		host    string
		port    uint16
		method  string
		path    string
		mayName func(*configs.Cache) bool
		want    string // "", "literal", or the remedy
	}{
		{deny, "open.test", 443, "GET", "/", none, ""},
		{deny, "open.test", 8080, "GET", "/", none, "egress: {allow: [open.test:8080]}"},
		{deny, "a.b.below.test", 443, "PUT", "/x", none, ""},
		{deny, "below.test", 443, "PUT", "/x", none, "egress: {allow: [below.test]}"},
		{deny, "port.test", 8080, "GET", "/", none, ""},
		{deny, "port.test", 443, "GET", "/", none, "egress: {allow: [port.test]}"},
		{deny, "unknown.test", 443, "GET", "/", all, "egress: {allow: [unknown.test]}"},
		{deny, "2001:db8::1", 443, "GET", "/", all, `egress: {allow: ["2001:db8::1"]}`},
		{deny, "2001:db8::1", 8443, "GET", "/", all, `egress: {allow: ["[2001:db8::1]:8443"]}`},
		{allow, "unknown.test", 443, "GET", "/", none, ""},
		{allow, "10.0.0.2", 443, "GET", "/", none, ""},

		// A rule with methods or paths.
		{deny, "part.test", 443, "GET", "/v1/a/b", none, ""},
		{deny, "part.test", 443, "HEAD", "/v2", none, ""},
		{deny, "part.test", 443, "POST", "/v3", none, ""},
		{deny, "part.test", 443, "POST", "/v2", none, "egress: {allow: [part.test]}"},
		{deny, "part.test", 443, "get", "/v2", none, "egress: {allow: [part.test]}"},
		{deny, "part.test", 443, "GET", "/v3", none, "egress: {allow: [part.test]}"},
		{deny, "part.test", 443, "GET", "/v1/../v3", none, "egress: {allow: [part.test]}"},
		{deny, "part.test", 443, "GET", "/v1/%2e%2e/v3", none, "egress: {allow: [part.test]}"},
		{deny, "path.test", 443, "PUT", "/any", none, ""},
		{allow, "part.test", 443, "GET", "/v3", none, "egress: {allow: [part.test]}"},

		// A cache opens its hosts, to who may name it, unless a rule decides.
		{deny, "acme.test", 443, "POST", "/any", acme, ""},
		{deny, "acme.test", 443, "POST", "/any", none, "egress: {allow: [acme.test]}"},
		{deny, "acme.test", 443, "POST", "/any", nil, "egress: {allow: [acme.test]}"},
		{deny, "other.test", 443, "GET", "/", acme, "egress: {allow: [other.test]}"},
		{deny, "shared.test", 443, "GET", "/", acme, ""},
		{deny, "read.test", 443, "GET", "/", none, ""},
		{deny, "read.test", 443, "POST", "/", acme, "egress: {allow: [read.test]}"},
		{allow, "acme.test", 443, "POST", "/any", none, ""},

		// Literals.
		{deny, "10.0.0.1", 5432, "GET", "/", none, "literal"},
		{deny, "localhost", 8080, "GET", "/", none, "literal"},
		{deny, "localhost", 8081, "GET", "/", none, "egress: {allow: [localhost:8081]}"},
		{deny, "::1", 8443, "GET", "/", acme, "literal"},
		{deny, "::1", 8443, "GET", "/", none, `egress: {allow: ["[::1]:8443"]}`},
		{deny, "127.0.0.1", 9090, "GET", "/", all, "literal"},
		{deny, "127.0.0.1", 9090, "POST", "/", all, "egress: {allow: [127.0.0.1:9090]}"},
	} {
		t.Run(fmt.Sprintf("%s %s:%d%s %s", test.method, test.host, test.port, test.path, test.verdict), func(t *testing.T) {
			grant, err := testPolicy(t, test.verdict).Forward(egress.ForwardRequest{
				Host: test.host, Port: test.port, Method: test.method, Path: test.path, MayName: test.mayName,
			})
			checkForward(t, grant, err, test.want)
		})
	}
}

func checkForward(t *testing.T, grant egress.Grant, err error, want string) {
	t.Helper()
	if want == "" || want == "literal" {
		if err != nil || grant != (egress.Grant{Literal: want == "literal"}) {
			t.Errorf("got %+v, %v, want it to pass, literal %v", grant, err, want == "literal")
		}
		return
	}
	r, ok := errors.AsType[*functions.Refusal](err)
	if !ok || r.Code != functions.EgressDenied {
		t.Fatalf("got %+v, %v, want egress_denied", grant, err)
	}
	if r.Remedy != want || grant != (egress.Grant{}) {
		t.Errorf("got remedy %s, %+v, want %s", r.Remedy, grant, want)
	}
}

// TestForwardDetail: a refusal says whether a rule is missing or too narrow,
// and never repeats the path, in which a value may stand.
func TestForwardDetail(t *testing.T) {
	policy := testPolicy(t, configs.Deny)
	for host, want := range map[string]string{
		"part.test": "an egress rule names part.test, but without this method and path",
		"nope.test": "no egress rule names nope.test",
	} {
		_, err := policy.Forward(egress.ForwardRequest{Host: host, Port: 443, Method: "GET", Path: "/canary"})
		r, _ := errors.AsType[*functions.Refusal](err)
		if r == nil || r.Detail != want || strings.Contains(r.Error()+r.Remedy, "canary") {
			t.Errorf("%s: got %v, want %s", host, err, want)
		}
	}
}

// TestRemedyPermits: with the remedy in the file, the request passes.
func TestRemedyPermits(t *testing.T) {
	for _, req := range []egress.ForwardRequest{
		{Host: "api.acme.test", Port: 443},
		{Host: "api.acme.test", Port: 8080},
		{Host: "10.1.2.3", Port: 80},
		{Host: "10.1.2.3", Port: 81},
		{Host: "2001:db8::1", Port: 443},
		{Host: "2001:db8::1", Port: 444},
		{Host: "localhost", Port: 1},
	} {
		req.Method, req.Path = "GET", "/"
		_, err := egress.NewPolicy(configs.Egress{Default: configs.Deny}, nil).Forward(req)
		r, ok := errors.AsType[*functions.Refusal](err)
		if !ok {
			t.Fatalf("%s: got %v, want a refusal", req.Host, err)
		}
		entry := strings.TrimSuffix(strings.TrimPrefix(r.Remedy, "egress: {allow: ["), "]}")
		rule := configs.Rule{Host: hosts(t, strings.Trim(entry, `"`))[0]}
		if _, err := egress.NewPolicy(configs.Egress{Default: configs.Deny, Allow: []configs.Rule{rule}}, nil).Forward(req); err != nil {
			t.Errorf("%s:%d: with %s: %v", req.Host, req.Port, r.Remedy, err)
		}
	}
}

func ExamplePolicy_Forward() {
	api, _ := configs.ParseHostPattern("api.acme.test")
	policy := egress.NewPolicy(configs.Egress{Default: configs.Deny, Allow: []configs.Rule{{Host: api}}}, nil)

	_, err := policy.Forward(egress.ForwardRequest{Host: "api.acme.test", Port: 8080, Method: "GET", Path: "/"})
	refusal, _ := errors.AsType[*functions.Refusal](err)
	fmt.Println(refusal.Detail)
	fmt.Println(refusal.Remedy)
	// Output:
	// no egress rule names api.acme.test:8080
	// egress: {allow: [api.acme.test:8080]}
}

func BenchmarkForward(b *testing.B) {
	policy := testPolicy(b, configs.Deny)
	req := egress.ForwardRequest{Host: "shared.test", Port: 443, Method: "GET", Path: "/v1/orders", MayName: func(*configs.Cache) bool { return true }}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Forward(req); err != nil {
			b.Fatal(err)
		}
	}
}
