package egress_test

import (
	"errors"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

// TestDecide: each decision names the line that made it.
func TestDecide(t *testing.T) {
	rule := func(path, host string, methods ...string) configs.Rule {
		return configs.Rule{Path: path, Host: hosts(t, host)[0], Methods: methods}
	}
	policy := func(verdict configs.Verdict) *egress.Policy {
		return egress.NewPolicy(configs.Egress{Default: verdict, Allow: []configs.Rule{
			rule("egress.allow[0]", "read.test", "GET"),
			rule("egress.allow[1]", "*.test", "PUT"),
			rule("egress.allow[2]", "read.test"),
			rule("egress.allow[3]", "only.example", "GET"),
		}}, []configs.Cache{
			{Path: "caches[0]", Name: "other", Hosts: hosts(t, "api.example")},
			{Path: "caches[1]", Name: "acme", Hosts: hosts(t, "api.example")},
		})
	}
	acme := func(c *configs.Cache) bool { return c.Name == "acme" }
	for _, test := range []struct {
		verdict      configs.Verdict
		host, method string
		mayName      func(*configs.Cache) bool
		want         string
		refused      bool
	}{
		{configs.Deny, "read.test", "GET", nil, "egress.allow[0]", false},
		{configs.Deny, "read.test", "PUT", nil, "egress.allow[1]", false},
		{configs.Deny, "read.test", "POST", nil, "egress.allow[2]", false},
		{configs.Deny, "only.example", "POST", nil, "egress.allow[3]", true},
		{configs.Allow, "only.example", "POST", nil, "egress.allow[3]", true},
		{configs.Deny, "api.example", "POST", acme, "caches[1].hosts", false},
		{configs.Allow, "api.example", "POST", acme, "caches[1].hosts", false},
		{configs.Deny, "api.example", "POST", nil, "egress.default", true},
		{configs.Allow, "api.example", "POST", nil, "egress.default", false},
		{configs.Deny, "no.example", "GET", acme, "egress.default", true},
	} {
		destination := policy(test.verdict).Destination(test.host, 443)
		_, rule, err := destination.Decide(egress.ForwardRequest{Host: test.host, Port: 443, Method: test.method, MayName: test.mayName})
		refusal, refused := errors.AsType[*functions.Refusal](err)
		if refused {
			rule = refusal.Rule
		}
		if rule != test.want || refused != test.refused {
			t.Errorf("%s %s, default %s: got %s, refused %t, want %s, refused %t", test.method, test.host, test.verdict, rule, refused, test.want, test.refused)
		}
	}
}
