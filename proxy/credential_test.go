package proxy_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

const (
	firstID  = "aaaaaaaa-0001-4000-8000-000000000001" // of the token that another one is got with
	accessID = "aaaaaaaa-0002-4000-8000-000000000002" // of the token for the API
)

// exchangeConfig has a business Function, what it needs, and what that needs: a
// JWT gets a token, and that a second one. CACHING is where that of the
// second one goes.
const exchangeConfig = `
admin: 127.0.0.1:0
caches:
  - {name: jwt, id: ` + tokenID + `, ttl: 15m, hosts: [login.test], surfaces: [header, body], cleartext: true}
  - {name: first, id: ` + firstID + `, ttl: 15m, hosts: [login.test], surfaces: [header, body], cleartext: true}
  - {name: access, id: ` + accessID + `, ttl: 15m, hosts: [api.acme.test, login.test], cleartext: true}
tokens:
  - {name: jwt, cache: jwt, algorithm: HS256, key_type: Secret, key: 0123456789abcdef0123456789abcdef-hmac, claims: {iss: egret}}
functions:
  - name: get_first
    method: POST
    url: http://login.test/first
    fixed: {assertion: ` + tokenID + `}
    json: {assertion: </assertion>}
    headers: {Authorization: Bearer </assertion>}
    cache: first
    credential: /access_token
  - name: get_access
    url: http://login.test/access
    fixed: {first: ` + firstID + `}
    headers: {Authorization: Bearer </first>}
    cache: access
    credential: /data/token
    CACHING
  - name: orders
    parameters: {properties: {tenant: {type: string}}}
    fixed: {token: ` + accessID + `}
    url: http://api.acme.test/orders
    query: {tenant: </tenant>}
    headers: {Authorization: Bearer </token>, X-Region: </token/data/region>}
  - name: by_caller
    parameters: {properties: {token: {type: string}}}
    url: http://api.acme.test/caller
    headers: {Authorization: Bearer </token>}
`

// A login is the service that gets what exchangeConfig sends to login.test, and
// the API behind it.
type login struct {
	firsts, accesses atomic.Int64 // how often each was asked for
	status           atomic.Int64 // of its answers, 0 for 200
	life             string       // in seconds, of the second token
	token            func(n int64) string

	mu   sync.Mutex
	hold chan struct{} // while it is not nil, nobody is answered before it is closed
}

// accessToken is the second token when it is asked for the n-th time.
func accessToken(n int64) string { return fmt.Sprintf("access-token-5f2c9d1e-%d", n) }

const refreshToken = "refresh-token-9d8c7b6a5e"

// startExchange runs exchangeConfig, with the caching of the second exchange.
func startExchange(t testing.TB, l *login, caching string) *proxytest.Egret {
	e := start(t, strings.Replace(exchangeConfig, "CACHING", caching, 1))
	l.serve(e)
	return e
}

// serve answers for login.test and api.acme.test.
func (l *login) serve(e *proxytest.Egret) {
	if l.life == "" {
		l.life = "3600"
	}
	if l.token == nil {
		l.token = accessToken
	}
	e.Canary.Add(refreshToken)
	e.Upstream.Handle("login.test", l.answer)
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"authorization":%q,"region":%q}`, r.Header.Get("Authorization"), r.Header.Get("X-Region"))
	})
}

func (l *login) answer(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	hold := l.hold
	l.mu.Unlock()
	if hold != nil {
		<-hold
	}
	w.Header().Set("Content-Type", "application/json")
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	status := int(l.status.Load())
	switch {
	case status != 0:
		l.count(r)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"nothing for %s"}`, bearer)
	case r.URL.Path == "/first" && r.Method == http.MethodPost && jwt.MatchString(bearer):
		_, _ = fmt.Fprintf(w, `{"access_token":"first-token-0a1b2c3d-%d","token_type":"Bearer"}`, l.count(r))
	case r.URL.Path == "/access" && strings.HasPrefix(bearer, "first-token-0a1b2c3d-"):
		_, _ = fmt.Fprintf(w, `{"data":{"token":%q,"region":"eu-central-7"},"refresh_token":%q,"expires_in":%s}`, l.token(l.count(r)), refreshToken, l.life)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (l *login) count(r *http.Request) int64 {
	if r.URL.Path == "/first" {
		return l.firsts.Add(1)
	}
	return l.accesses.Add(1)
}

func (l *login) want(t *testing.T, firsts, accesses int64) {
	t.Helper()
	if l.firsts.Load() != firsts || l.accesses.Load() != accesses {
		t.Errorf("%d first and %d second tokens were asked for, want %d and %d", l.firsts.Load(), l.accesses.Load(), firsts, accesses)
	}
}

// A credential that is got with another one, which is got with a JWT, goes where a
// token would: from Functions and through the forward proxy, and nowhere else.
func TestExchange(t *testing.T) {
	l := &login{}
	e := startExchange(t, l, "caching: {ttl_from: /expires_in}")
	eventually(t, "egret is ready, with nothing asked for", func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 })
	l.want(t, 0, 0)
	for range 3 {
		got := e.Call("orders", `{"tenant":"t-1"}`)
		wantOK(t, got)
		request := e.Upstream.Last(t)
		if bearer, region := request.Header.Get("Authorization"), request.Header.Get("X-Region"); bearer != "Bearer "+accessToken(1) || region != "eu-central-7" {
			t.Errorf("the API got %q and region %q, want the second token and its region", bearer, region)
		}
		want := fmt.Sprintf(`{"authorization":"Bearer %s","region":"%s/data/region"}`, accessID, accessID)
		if output := got.Get("output"); output != want {
			t.Errorf("output = %s, want %s", output, want)
		}
	}
	l.want(t, 1, 1)
	for name, got := range map[string]proxytest.Answer{
		"a caller's argument": e.Call("by_caller", `{"token":"`+accessID+`"}`),
		"the forward proxy":   e.Get("http://api.acme.test/forwarded", "Authorization", "Bearer "+accessID),
	} {
		wantOK(t, got)
		if !strings.Contains(got.Body, "Bearer "+accessID) || strings.Contains(got.Body, accessToken(1)) {
			t.Errorf("%s: got %s, want the ID in the place of the token", name, got.Body)
		}
	}
	if bearer := e.Upstream.Last(t).Header.Get("Authorization"); bearer != "Bearer "+accessToken(1) {
		t.Errorf("the API got %q, want the second token", bearer)
	}
	l.want(t, 1, 1)
	wantRefusal(t, e.Get("http://other.test/", "Authorization", "Bearer "+accessID), 403, "cache_host_denied")
	wantRefusal(t, e.Call("by_caller", `{"token":"`+firstID+`"}`), 403, "cache_host_denied")
}

// Nobody but egret calls a Function that gets a credential, or learns of it.
func TestExchangeIsEgretsOwn(t *testing.T) {
	l := &login{}
	e := startExchange(t, l, "")
	for _, name := range []string{"get_first", "get_access"} {
		for _, how := range []string{"", "?raw", "?explain"} {
			wantRefusal(t, e.Call(name+how, `{}`), 403, "function_denied")
		}
		wantRefusal(t, e.Get(e.URL+"/v1/functions/"+name), 403, "function_denied")
	}
	if list := e.Get(e.URL + "/v1/functions").Body; strings.Contains(list, "get_") || !strings.Contains(list, "orders") {
		t.Errorf("got the list %s, want it without the exchanges", list)
	}
	l.want(t, 0, 0)
}
