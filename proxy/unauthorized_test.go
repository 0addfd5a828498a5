package proxy_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// revocable has a Function with a token that is made ahead, with one that is made
// for each request, with a static credential, and with one that is not replaced
// before it is old.
const revocable = `
admin: 127.0.0.1:0
journal: {entries: 1000}
caches:
  - {name: ahead, id: ` + tokenID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: static, id: ` + staticID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: once, id: ` + resultID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: aged, id: aaaaaaaa-4b4a-4f5e-8d6c-7b7a7f7e7d7c, ttl: 15m, hosts: [api.acme.test]}
tokens:
  - {name: ahead, cache: ahead, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, jti: true}
  - {name: static, cache: static, value: ` + staticKey + `}
  - {name: once, cache: once, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, jti: true, sign: on_use}
  - {name: aged, cache: aged, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, jti: true, min_age: 5m}
functions:
  - {name: order, method: POST, parameters: {properties: {token: {}}}, url: 'http://api.acme.test/orders', headers: {Authorization: Bearer </token>}}
  - {name: login, method: POST, url: 'http://api.acme.test/login'}
`

// revoking is an upstream that accepts no token which it has been told to
// revoke, and counts what it accepted and what it did not.
type revoking struct {
	mu       sync.Mutex
	revoked  map[string]bool
	last     string
	accepted int
	refused  int
}

func (u *revoking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last = r.Header.Get("Authorization")
	if u.last == "" || u.revoked[u.last] || u.revoked["all"] {
		u.refused++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	u.accepted++
	_, _ = fmt.Fprint(w, "{}")
}

// revoke revokes the token that came last, or all of them.
func (u *revoking) revoke(all bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.revoked[u.last], u.revoked["all"] = true, all
}

func (u *revoking) counted() (accepted, refused int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	accepted, refused = u.accepted, u.refused
	u.accepted, u.refused = 0, 0
	return accepted, refused
}

func startRevoking(t *testing.T) (*proxytest.Egret, *revoking) {
	e, u := start(t, revocable), &revoking{revoked: map[string]bool{}}
	e.Upstream.Handle("api.acme.test", u.ServeHTTP)
	return e, u
}

// However many calls find their token revoked at once, one new token is made,
// and all of them succeed with it.
func TestRevokedTokenIsRenewedOnce(t *testing.T) {
	const callers = 100
	e, u := startRevoking(t)
	arguments := `{"token":"` + tokenID + `"}`
	wantOK(t, e.Call("order", arguments))
	u.revoke(false)
	u.counted()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			if got := e.Call("order", arguments); got.Get("status") != "200" {
				t.Errorf("got %d %s, want an answer with status 200", got.Status, got.Body)
			}
		})
	}
	all.Wait()
	if accepted, refused := u.counted(); accepted != callers || refused == 0 || refused > callers {
		t.Errorf("%d requests were accepted and %d refused, want %d, and at most as many", accepted, refused, callers)
	}
	if got := tokenSamples(e)[`egret_token_refreshes_total{cache="ahead",result="ok"}`]; got != "2" {
		t.Errorf("%s tokens were made, want 2", got)
	}
	// A second one is not made so soon: what is not accepted is the answer.
	u.revoke(false)
	u.counted()
	if got := e.Call("order", arguments); got.Get("status") != "401" {
		t.Errorf("got %d %s, want an answer with status 401", got.Status, got.Body)
	}
	if _, refused := u.counted(); refused != 1 {
		t.Errorf("%d requests were refused, want 1", refused)
	}
}

// TestUnauthorizedIsTheAnswer: what cannot be made anew is not sent again, and
// what is refused twice is refused.
func TestUnauthorizedIsTheAnswer(t *testing.T) {
	e, u := startRevoking(t)
	u.revoke(true)
	for _, c := range []struct {
		name, function, token string
		want                  int
	}{
		{"a token made ahead", "order", tokenID, 2},
		{"a static credential", "order", staticID, 1},
		{"a token of its own", "order", resultID, 1},
		{"a token that is too young", "order", "aaaaaaaa-4b4a-4f5e-8d6c-7b7a7f7e7d7c", 1},
		{"no token", "order", "text", 1},
		{"nothing", "login", "", 1},
	} {
		arguments := "{}"
		if c.token != "" {
			arguments = `{"token":"` + c.token + `"}`
		}
		got := e.Call(c.function, arguments)
		if _, refused := u.counted(); refused != c.want || got.Get("status") != "401" || got.Get("ok") != "false" {
			t.Errorf("%s: sent %d times, and got %s, want %d times and status 401", c.name, refused, got.Body, c.want)
		}
	}
}

// The record of a call says how often its request was sent, and which token was
// in the last one.
func TestJournalAttempts(t *testing.T) {
	e, u := startRevoking(t)
	arguments := `{"token":"` + tokenID + `"}`
	wantOK(t, e.Call("order", arguments))
	u.revoke(false)
	wantOK(t, e.Call("order", arguments))
	var records []string
	eventually(t, "both records are there", func() bool {
		records = e.Journal("?function=order")
		return len(records) == 2
	})
	if n := gjson.Get(records[0], "attempts"); n.Exists() {
		t.Errorf("the first record has %s attempts, want nothing of them", n)
	}
	if n := gjson.Get(records[1], "attempts").Int(); n != 2 {
		t.Errorf("the second record has %d attempts, want 2", n)
	}
	first, second := gjson.Get(records[0], "caches.0.jti").String(), gjson.Get(records[1], "caches.0.jti").String()
	_, last := bearer(t, http.Header{"Authorization": {u.last}})
	if first == second || second != last || gjson.Get(records[1], "caches.#").Int() != 1 {
		t.Errorf("the records have the tokens %s and %s, want another second one, %s", first, second, last)
	}
	if text := e.Get(e.AdminURL + "/metrics").Body; !strings.Contains(text, `egret_retries_total{reason="renewed"} 1`) {
		t.Error("the metric of repeated requests has not counted the one that was renewed")
	}
}
