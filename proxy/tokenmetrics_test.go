package proxy_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// manyTokens is a configuration of n token caches, named prefix-0 and so on.
func manyTokens(prefix string, n int) string {
	var caches, tokens strings.Builder
	for i := range n {
		fmt.Fprintf(&caches, "  - {name: %s-%d, ttl: 1h, hosts: [api.acme.test]}\n", prefix, i)
		fmt.Fprintf(&tokens, "  - {name: %s-%d, cache: %s-%d, value: static-value-of-a-test}\n", prefix, i, prefix, i)
	}
	return "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ncaches:\n" + caches.String() + "tokens:\n" + tokens.String()
}

var sample = regexp.MustCompile(`(?m)^(egret_tokens?[a-z_]*)(\{[^}]*\})? (\S+)$`)

// tokenSamples gives the values of the metrics of tokens by name and labels.
// Histograms and what depends on the time are left out.
func tokenSamples(e *proxytest.Egret) map[string]string {
	samples := map[string]string{}
	for _, m := range sample.FindAllStringSubmatch(e.Get(e.AdminURL+"/metrics").Body, -1) {
		if !strings.Contains(m[1], "seconds") {
			samples[m[1]+m[2]] = m[3]
		}
	}
	return samples
}

func TestTokenMetrics(t *testing.T) {
	e := start(t, manyTokens("few", 2))
	warm := func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 }
	eventually(t, "every token cache is warm", warm)
	want := map[string]string{
		`egret_token_failures{cache="few-0"}`:                    "0",
		`egret_token_failures{cache="few-1"}`:                    "0",
		`egret_token_refreshes_total{cache="few-0",result="ok"}`: "1",
		`egret_token_refreshes_total{cache="few-1",result="ok"}`: "1",
		`egret_tokens_refreshes_total{result="ok"}`:              "2",
		`egret_tokens_late_refreshes_total`:                      "0",
		`egret_tokens{state="fresh"}`:                            "2",
		`egret_tokens{state="failing"}`:                          "0",
		`egret_tokens{state="missing"}`:                          "0",
	}
	if diff := cmp.Diff(want, tokenSamples(e)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	body := e.Get(e.AdminURL + "/metrics").Body
	for _, pattern := range []string{
		`egret_token_seconds_left\{cache="few-0"\} 3[56]\d\d`,
		`egret_token_age_seconds\{cache="few-1"\} [0-9.e-]+`,
		`egret_tokens_least_seconds_left 3[56]\d\d`,
		`egret_token_make_duration_seconds_count\{result="ok"\} 2`,
	} {
		if !regexp.MustCompile(`(?m)^` + pattern).MatchString(body) {
			t.Errorf("no %s in the metrics:\n%s", pattern, body)
		}
	}
}

// TestTokenMetricsAreBounded: however many caches there are, and have been, the
// series are few; and what counts all counts all.
func TestTokenMetricsAreBounded(t *testing.T) {
	e := start(t, manyTokens("old", 1100))
	warm := func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 }
	for _, prefix := range []string{"old", "new"} {
		if err := e.Reload(manyTokens(prefix, 1100)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "every token cache is warm", warm)
		got := tokenSamples(e)
		named := slices.Sorted(maps.Keys(got))
		named = slices.DeleteFunc(named, func(s string) bool { return !strings.HasPrefix(s, "egret_token_failures{") })
		if len(named) != 1001 || slices.Contains(named, `egret_token_failures{cache="`+prefix+`-1000"}`) {
			t.Errorf("%d caches have metrics of their own, want the first 1000, and the others together", len(named))
		}
		for series, want := range map[string]string{
			`egret_tokens{state="fresh"}`:                                       "1100",
			`egret_token_failures{cache="(other)"}`:                             "0",
			`egret_token_refreshes_total{cache="` + prefix + `-0",result="ok"}`: "1",
		} {
			if got[series] != want {
				t.Errorf("%s is %q, want %s", series, got[series], want)
			}
		}
		if prefix == "new" && got[`egret_token_refreshes_total{cache="old-0",result="ok"}`] != "" {
			t.Error("a cache that is gone is still counted")
		}
	}
}
