package egress_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

// tunnelRules are rules of every kind, each with its place as its path.
func tunnelRules(t testing.TB) []configs.Rule {
	rules := []configs.Rule{
		{Host: hosts(t, "open.test")[0]},
		{Host: hosts(t, "part.test")[0], Methods: []string{"GET"}},
		{Host: hosts(t, "part.test")[0], Paths: paths(t, "/*")},
		{Host: hosts(t, "both.test")[0], Methods: []string{"GET"}},
		{Host: hosts(t, "both.test")[0]},
		{Host: hosts(t, "tls.test")[0], Schemes: []string{"https"}},
		{Host: hosts(t, "plain.test")[0], Schemes: []string{"http"}},
		{Host: hosts(t, "either.test")[0], Schemes: []string{"http"}},
		{Host: hosts(t, "either.test")[0], Schemes: []string{"https"}},
		{Host: hosts(t, "mine.test")[0], Clients: []string{"one", "two"}},
		{Host: hosts(t, "named.test")[0]},
		{Host: hosts(t, "theirs.test")[0], Clients: []string{"two"}, Methods: []string{"GET"}},
		{Host: hosts(t, "port.test:8443")[0]},
		{Host: hosts(t, "any.test:*")[0]},
		{Host: hosts(t, "10.0.0.1:*")[0], Schemes: []string{"https"}},
		{Host: hosts(t, "*.wild.test")[0]},
	}
	for i := range rules {
		rules[i].Path = fmt.Sprintf("egress.allow[%d]", i)
	}
	return rules
}

func tunnelPolicy(t testing.TB, intercept bool, verdict configs.Verdict) *egress.Policy {
	return egress.NewPolicy(configs.Egress{Default: verdict, Intercept: intercept, Allow: tunnelRules(t)}, []configs.Cache{
		{Path: "caches[0]", Name: "acme", Hosts: hosts(t, "acme.test", "named.test", "part.test", "theirs.test", "[::1]:8443")},
		{Path: "caches[1]", Name: "other", Hosts: hosts(t, "other.test")},
	})
}

func TestConnect(t *testing.T) {
	const deny, allow = configs.Deny, configs.Allow
	const blind, tls, literal, intercept = "blind ", "TLS alone ", "literal ", "intercept "
	for _, test := range []struct {
		verdict   configs.Verdict
		host      string
		port      uint16
		client    string
		want      string // what becomes of it, and by which line; of a refusal the remedy
		undecoded string // the same with intercept: false, "" for no difference
	}{
		{deny, "open.test", 443, "", blind + "egress.allow[0]", ""},
		{deny, "open.test", 80, "", blind + "egress.allow[0]", ""},
		{deny, "open.test", 8443, "", "egress: {allow: [open.test:8443]}", ""},
		{deny, "port.test", 8443, "", blind + "egress.allow[12]", ""},
		{deny, "port.test", 443, "", "egress: {allow: [port.test]}", ""},
		{deny, "any.test", 22, "", blind + "egress.allow[13]", ""},
		{deny, "a.b.wild.test", 443, "", blind + "egress.allow[15]", ""},
		{deny, "wild.test", 443, "", "egress: {allow: [wild.test]}", ""},
		{deny, "unknown.test", 443, "", "egress: {allow: [unknown.test]}", ""},
		{allow, "unknown.test", 25, "", blind + "egress.default", ""},

		// What a CONNECT hides.
		{deny, "part.test", 443, "", intercept + "egress.allow[1]", "egress: {intercept: true}"},
		{allow, "part.test", 443, "", intercept + "egress.allow[1]", "egress: {intercept: true}"},
		{deny, "both.test", 443, "", blind + "egress.allow[4]", ""},
		{deny, "tls.test", 443, "", blind + tls + "egress.allow[5]", ""},
		{deny, "plain.test", 443, "", intercept + "egress.allow[6]", "egress: {intercept: true}"},
		{deny, "either.test", 443, "", blind + tls + "egress.allow[8]", ""},

		// A cache that names the host, whoever may name the cache.
		{deny, "acme.test", 443, "acme", intercept + "caches[0].hosts", blind + "caches[0].hosts"},
		{deny, "acme.test", 8443, "acme", "egress: {allow: [acme.test:8443]}", ""},
		{deny, "other.test", 443, "acme", "egress: {allow: [other.test]}", ""},
		{allow, "other.test", 443, "acme", intercept + "egress.default", blind + "egress.default"},
		{deny, "named.test", 443, "", intercept + "egress.allow[10]", blind + "egress.allow[10]"},

		// A rule for some clients.
		{deny, "mine.test", 443, "two", blind + "egress.allow[9]", ""},
		{deny, "mine.test", 443, "three", "egress: {allow: [mine.test]}", ""},
		{deny, "mine.test", 443, "", "egress: {allow: [mine.test]}", ""},
		{allow, "mine.test", 443, "three", blind + "egress.default", ""},
		{deny, "theirs.test", 443, "two", intercept + "egress.allow[11]", "egress: {intercept: true}"},
		{deny, "theirs.test", 443, "acme", intercept + "caches[0].hosts", blind + "caches[0].hosts"},

		// Literals.
		{deny, "10.0.0.1", 5432, "", blind + literal + tls + "egress.allow[14]", ""},
		{deny, "::1", 8443, "acme", intercept + "caches[0].hosts", blind + literal + "caches[0].hosts"},
	} {
		for _, decrypts := range []bool{true, false} {
			req := egress.ForwardRequest{
				Host: test.host, Port: test.port, Method: "CONNECT", Client: test.client,
				MayName: func(c *configs.Cache) bool { return c.Name == test.client },
			}
			got, err := tunnelPolicy(t, decrypts, test.verdict).Destination(test.host, test.port).Connect(req)
			want := test.want
			if !decrypts && test.undecoded != "" {
				want = test.undecoded
			}
			if diff := cmp.Diff(want, shownTunnel(t, got, err)); diff != "" {
				t.Errorf("%s:%d, client %q, default %s, intercept %t (-want +got):\n%s", test.host, test.port, test.client, test.verdict, decrypts, diff)
			}
		}
	}
}

// shownTunnel is a tunnel in words.
func shownTunnel(t *testing.T, tunnel egress.Tunnel, err error) string {
	t.Helper()
	refusal, refused := errors.AsType[*functions.Refusal](err)
	switch {
	case refused && (refusal.Code != functions.EgressDenied || refusal.Rule == "" || tunnel != egress.Tunnel{}):
		t.Fatalf("got %+v and %v by %q, want egress_denied alone, and its line", tunnel, err, refusal.Rule)
	case refused:
		return refusal.Remedy
	case err != nil:
		t.Fatal(err)
	case tunnel.Intercept && (tunnel.OnlyTLS || tunnel.Grant != egress.Grant{}):
		t.Fatalf("got %+v, want nothing granted to a tunnel that is decrypted", tunnel)
	case tunnel.Intercept:
		return "intercept " + tunnel.Rule
	case !tunnel.Grant.Cleartext || tunnel.Grant.TLS:
		t.Fatalf("got %+v, want any text to pass", tunnel)
	}
	text := "blind "
	if tunnel.Grant.Literal {
		text += "literal "
	}
	if tunnel.OnlyTLS {
		text += "TLS alone "
	}
	return text + tunnel.Rule
}

// TestForwardSchemesAndClients: a rule permits its schemes, and its clients.
func TestForwardSchemesAndClients(t *testing.T) {
	for _, test := range []struct {
		host, client string
		secure       bool
		want         string // the line, or the words of the refusal
	}{
		{"tls.test", "", true, "egress.allow[5]"},
		{"tls.test", "", false, "an egress rule names tls.test, but not by http"},
		{"plain.test", "", false, "egress.allow[6]"},
		{"plain.test", "", true, "an egress rule names plain.test, but not by https"},
		{"either.test", "", true, "egress.allow[8]"},
		{"either.test", "", false, "egress.allow[7]"},
		{"mine.test", "one", true, "egress.allow[9]"},
		{"mine.test", "three", true, "no egress rule names mine.test"},
		{"theirs.test", "two", true, "an egress rule names theirs.test, but without this method and path"},
		{"theirs.test", "acme", true, "caches[0].hosts"},
		{"theirs.test", "one", true, "no egress rule names theirs.test"},
	} {
		destination := tunnelPolicy(t, true, configs.Deny).Destination(test.host, 443)
		_, got, err := destination.Decide(egress.ForwardRequest{
			Host: test.host, Port: 443, Secure: test.secure, Method: "POST", Path: "/", Client: test.client,
			MayName: func(c *configs.Cache) bool { return c.Name == test.client },
		})
		if refusal, ok := errors.AsType[*functions.Refusal](err); ok {
			got = refusal.Detail
		}
		if got != test.want {
			t.Errorf("%s, client %q, https %t: got %s, want %s", test.host, test.client, test.secure, got, test.want)
		}
	}
}

// TestDecideCosts: a decision costs no memory.
func TestDecideCosts(t *testing.T) {
	for _, host := range []string{"mine.test", "acme.test", "both.test"} {
		destination := tunnelPolicy(t, true, configs.Deny).Destination(host, 443)
		req := egress.ForwardRequest{Host: host, Port: 443, Secure: true, Method: "GET", Path: "/", Client: "two", MayName: func(*configs.Cache) bool { return true }}
		if n := testing.AllocsPerRun(100, func() { _, _, _ = destination.Decide(req) }); n > 0 {
			t.Errorf("%s: got %v allocations, want none", host, n)
		}
	}
}

// FuzzDecide makes rules and requests out of bits, and holds what is decided
// against the plainest reading of the rules.
func FuzzDecide(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0}, uint16(0))
	f.Add([]byte{1, 2, 3, 4, 0xff, 0x5a}, uint16(0x1234))
	f.Add([]byte{0x11, 0x41, 0x81, 0x21, 0x09}, uint16(0xffff))
	names := []string{"a.test", "*.test", "a.test:8443", "b.test:*"}
	patterns, methods, texts, clients := hosts(f, names...), []string{"GET", "POST"}, paths(f, "/v1/*", "/"), []string{"one", "two"}
	f.Fuzz(func(t *testing.T, bits []byte, asked uint16) {
		policy := configs.Egress{Default: configs.Deny, Intercept: asked&1 > 0}
		if asked&2 > 0 {
			policy.Default = configs.Allow
		}
		var list []configs.Cache
		for i, b := range bits {
			if b&3 == 3 { // a cache
				list = append(list, configs.Cache{Name: clients[b>>2&1], Path: fmt.Sprint(i), Hosts: patterns[b>>3&3 : b>>3&3+1]})
				continue
			}
			rule := configs.Rule{Path: fmt.Sprint(i), Host: patterns[b&3]}
			if b&4 > 0 {
				rule.Schemes = []string{[]string{"http", "https"}[b>>3&1]}
			}
			if b&16 > 0 {
				rule.Methods = methods[b>>3&1 : b>>3&1+1]
			}
			if b&32 > 0 {
				rule.Paths = texts[b>>3&1 : b>>3&1+1]
			}
			if b&64 > 0 {
				rule.Clients = clients[b>>7 : b>>7+1]
			}
			policy.Allow = append(policy.Allow, rule)
		}
		client := append(clients, "")[asked>>2%3]
		req := egress.ForwardRequest{
			Host: []string{"a.test", "b.test", "c.b.test"}[asked>>4%3], Port: []uint16{443, 8443}[asked>>6&1], Secure: asked>>7&1 > 0,
			Method: methods[asked>>8&1], Path: []string{"/v1/x", "/", "/v2"}[asked>>9%3], Client: client,
			MayName: func(c *configs.Cache) bool { return c.Name == client },
		}
		destination := egress.NewPolicy(policy, list).Destination(req.Host, req.Port)
		_, _, err := destination.Decide(req)
		if want := isPermitted(policy, list, req); want != (err == nil) {
			t.Fatalf("%+v\n%+v\n%+v: got %v, want it permitted: %t", policy.Allow, list, req, err, want)
		}
		checkTunnel(t, policy, list, req)
	})
}

// isPermitted is the plainest reading of the rules.
func isPermitted(policy configs.Egress, list []configs.Cache, req egress.ForwardRequest) bool {
	named := false
	for _, r := range policy.Allow {
		if !r.Host.Match(req.Host, req.Port) || r.Clients != nil && !slices.Contains(r.Clients, req.Client) {
			continue
		}
		named = true
		by := map[bool]string{true: "https", false: "http"}[req.Secure]
		if (r.Schemes == nil || slices.Contains(r.Schemes, by)) && (r.Methods == nil || slices.Contains(r.Methods, req.Method)) && (r.Paths == nil || r.Paths[0].Match(req.Path)) {
			return true
		}
	}
	if named {
		return false
	}
	for i := range list {
		if list[i].Names(req.Host, req.Port) && req.MayName(&list[i]) {
			return true
		}
	}
	return policy.Default == configs.Allow
}

// checkTunnel: no tunnel passes what a request would not, and none to a host that
// a cache names is left undecrypted, unless nothing is decrypted.
func checkTunnel(t *testing.T, policy configs.Egress, list []configs.Cache, req egress.ForwardRequest) {
	t.Helper()
	tunnel, err := egress.NewPolicy(policy, list).Destination(req.Host, req.Port).Connect(req)
	named := slices.ContainsFunc(list, func(c configs.Cache) bool { return c.Names(req.Host, req.Port) })
	all, some := true, false
	for _, secure := range []bool{true, false} {
		for _, method := range []string{"GET", "POST", "PURGE"} {
			for _, path := range []string{"/", "/v1/x", "/v2"} {
				req.Secure, req.Method, req.Path = secure, method, path
				permitted := isPermitted(policy, list, req)
				some = some || permitted
				if secure || err == nil && !tunnel.OnlyTLS {
					all = all && permitted
				}
			}
		}
	}
	switch {
	case err == nil && !some:
		t.Fatalf("%+v\n%+v\n%+v: got %+v, want a refusal: no request is permitted", policy, list, req, tunnel)
	case err == nil && !tunnel.Intercept && !all:
		t.Fatalf("%+v\n%+v\n%+v: got %+v, want no tunnel that hides what is not permitted", policy, list, req, tunnel)
	case err == nil && tunnel.Intercept && !policy.Intercept, err == nil && !tunnel.Intercept && policy.Intercept && named:
		t.Fatalf("%+v\n%+v\n%+v: got %+v, a cache names the host: %t", policy, list, req, tunnel, named)
	case err != nil && some && policy.Intercept:
		t.Fatalf("%+v\n%+v\n%+v: got %v, want a tunnel", policy, list, req, err)
	}
}
