package proxytest_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A credential that was revoked is got anew, like a Token, by the exchange that
// made it, and the request is sent once more.
func TestRevokedCredential(t *testing.T) {
	e := proxytest.Start(t, `
caches:
  - {name: access, id: 11111111-2222-3333-4444-555555555555, ttl: 1h, hosts: [api.acme.test]}
functions:
  - {name: exchange, method: POST, url: 'https://login.acme.test/token', cache: access, credential: /access_token}
  - name: order
    method: POST
    fixed: {token: 11111111-2222-3333-4444-555555555555}
    url: https://api.acme.test/orders
    headers: {Authorization: Bearer </token>}
`)
	var exchanges, orders, refused atomic.Int64
	var revoked atomic.Pointer[string]
	e.Upstream.Handle("login.acme.test", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"access-token-%d"}`, exchanges.Add(1))
	})
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		if bad := revoked.Load(); bad != nil && r.Header.Get("Authorization") == *bad {
			refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		orders.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"saw":%q}`, r.Header.Get("Authorization"))
	})
	for _, want := range []struct{ exchanges, orders, refused int64 }{{1, 1, 0}, {2, 2, 1}, {2, 3, 1}} {
		answer := e.Call("order", `{}`)
		if got, shown := answer.Get("output.saw"), "Bearer 11111111-2222-3333-4444-555555555555"; answer.Status != 200 || got != shown {
			t.Fatalf("got %d %s, want the ID in place of the credential", answer.Status, answer.Body)
		}
		if exchanges.Load() != want.exchanges || orders.Load() != want.orders || refused.Load() != want.refused {
			t.Errorf("got %d exchanges, %d orders and %d refused, want %+v", exchanges.Load(), orders.Load(), refused.Load(), want)
		}
		first := "Bearer access-token-1"
		revoked.Store(&first)
	}
}
