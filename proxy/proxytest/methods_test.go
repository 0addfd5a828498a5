package proxytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// Every method that somebody would write arrives, with a body and without one.
func TestMethods(t *testing.T) {
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PROPFIND"}
	var config strings.Builder
	config.WriteString("functions:\n")
	for _, method := range methods {
		fmt.Fprintf(&config, "  - {name: %s, method: %s, url: \"https://api.acme.test/\"}\n", method, method)
		if method != "HEAD" {
			fmt.Fprintf(&config, "  - {name: %s_body, method: %s, url: \"https://api.acme.test/\", json: {a: 1}}\n", method, method)
		}
	}
	config.WriteString("  - {name: left_out, url: \"https://api.acme.test/\"}\n  - {name: left_out_body, url: \"https://api.acme.test/\", multipart: {a: 1}}\n")
	egret := proxytest.Start(t, config.String())
	sent := func(function string) proxytest.Request {
		t.Helper()
		if answer := egret.Call(function, "{}"); answer.Status != 200 || answer.Get("ok") != "true" {
			t.Errorf("%s gave %d %s", function, answer.Status, answer.Body)
		}
		return egret.Upstream.Last(t)
	}
	for _, method := range methods {
		if r := sent(method); r.Method != method || r.Body != "" {
			t.Errorf("%s sent %s with %q", method, r.Method, r.Body)
		}
		if method == "HEAD" {
			continue
		}
		if r := sent(method + "_body"); r.Method != method || r.Body != `{"a":1}` {
			t.Errorf("%s_body sent %s with %q", method, r.Method, r.Body)
		}
	}
	if r := sent("left_out"); r.Method != "GET" {
		t.Errorf("without a method and a body %s was sent, want GET", r.Method)
	}
	if r := sent("left_out_body"); r.Method != "POST" {
		t.Errorf("without a method %s was sent, want POST", r.Method)
	}
}
