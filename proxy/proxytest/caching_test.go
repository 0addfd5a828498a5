package proxytest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

func driveCaching(t *testing.T, egret *proxytest.Egret) {
	var count atomic.Int64
	egret.Upstream.Handle("shop.acme.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/A-0"):
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/prices/A-2":
			w.Header().Set("Cache-Control", "max-age=1")
		}
		fmt.Fprintf(w, `{"n":%d}`, count.Add(1))
	})
	support := []string{"Authorization", "Bearer " + exampleEnvironment["SUPPORT_AGENT_KEY"]}
	report := []string{"Authorization", "Bearer " + exampleEnvironment["REPORT_AGENT_KEY"]}
	for _, test := range []struct {
		function, arguments string
		header              []string
		source, n           string
	}{
		{"price", `{"article":"A-1","note":"first"}`, support, "upstream", "1"},
		{"price", `{"article":"A-1","note":"second"}`, support, "cache", "1"},
		{"price", `{"article":"A-1"}`, report, "cache", "1"},
		{"price", `{"article":"A-0"}`, support, "upstream", "2"},
		{"price", `{"article":"A-0"}`, support, "cache", "2"},
		{"new_basket", `{}`, support, "upstream", "3"},
		{"new_basket", `{}`, report, "upstream", "4"},
		{"new_basket", `{}`, support, "cache", "3"},
		{"new_basket", `{}`, report, "cache", "4"},
		{"price", `{"article":"A-2"}`, support, "upstream", "5"},
	} {
		answer := egret.Call(test.function, test.arguments, test.header...)
		if answer.Get("source") != test.source || answer.Get("output.n") != test.n {
			t.Errorf("%s %s: got %d %s, want number %s from %s", test.function, test.arguments, answer.Status, answer.Body, test.n, test.source)
		}
	}
	// It is good for a second, then stale, then new.
	var sources []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		answer := egret.Call("price", `{"article":"A-2"}`, support...)
		sources = append(sources, answer.Get("source"))
		if n := answer.Get("output.n"); n == "6" {
			break
		} else if n != "5" {
			t.Fatalf("got %d %s, want number 5 or 6", answer.Status, answer.Body)
		}
	}
	if got := strings.Join(sources, " "); !strings.HasSuffix(got, "stale cache") {
		t.Errorf("the answers came from %s, want a stale one and then a new one at the end", got)
	}
}
