package proxy_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestIntercepted sends a request with a cache's ID through a tunnel that is
// decrypted: the upstream gets the value, and the client gets it back as the ID.
func TestIntercepted(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("X-Api-Key")))
	})
	got := e.Get("https://api.acme.test/echo?x=%2F", "X-Api-Key", staticID)
	wantOK(t, got)
	if got.Body != staticID {
		t.Errorf("got %q, want the ID", got.Body)
	}
	last := e.Upstream.Last(t)
	if last.Scheme != "https" || last.Header.Get("X-Api-Key") != staticKey || last.Target != "/echo?x=%2F" || last.Host != "api.acme.test" {
		t.Errorf("the upstream got %+v", last)
	}
	if via := last.Header.Get("Via"); !strings.HasPrefix(via, "1.1 egret-") {
		t.Errorf("got Via %q", via)
	}
	for _, line := range e.Journal("") {
		t.Log(line)
	}
}
