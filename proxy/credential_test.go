package proxy_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
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
	firsts, accesses atomic.Int64  // how often each was asked for
	status           atomic.Int64  // of its answers, 0 for 200
	life             int           // in seconds, of the second token; 0 for an hour
	same             bool          // it is the same each time
	hold             chan struct{} // nobody is answered before it is closed, if there is one
}

// accessToken is the second token when it is asked for the n-th time.
func accessToken(n int64) string { return fmt.Sprintf("access-token-5f2c9d1e-%d", n) }

func firstToken(n int64) string { return fmt.Sprintf("first-token-0a1b2c3d-%d", n) }

const refreshToken = "refresh-token-9d8c7b6a5e"

// startExchange runs exchangeConfig, with the caching of the second exchange.
func startExchange(t testing.TB, l *login, caching string) *proxytest.Egret {
	t.Helper()
	return startServed(t, strings.Replace(exchangeConfig, "CACHING", caching, 1), l.serve)
}

// startServed runs a configuration when its upstreams are there: what is kept warm
// is asked for at once.
func startServed(t testing.TB, config string, serve func(*proxytest.Egret)) *proxytest.Egret {
	t.Helper()
	e := start(t, "admin: 127.0.0.1:0\n")
	serve(e)
	if err := e.Reload(config); err != nil {
		t.Fatal(err)
	}
	return e
}

// serve answers for login.test and api.acme.test.
func (l *login) serve(e *proxytest.Egret) {
	e.Canary.Add(refreshToken)
	for n := range int64(20) {
		e.Canary.Add(accessToken(n), firstToken(n))
	}
	e.Upstream.Handle("login.test", l.answer)
	e.Upstream.Handle("api.acme.test", showCredentials)
}

// showCredentials is the API.
func showCredentials(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"authorization":%q,"region":%q}`, r.Header.Get("Authorization"), r.Header.Get("X-Region"))
}

func (l *login) answer(w http.ResponseWriter, r *http.Request) {
	if l.hold != nil {
		<-l.hold
	}
	w.Header().Set("Content-Type", "application/json")
	life, bearer := cmp.Or(l.life, 3600), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	status := int(l.status.Load())
	switch {
	case status != 0:
		l.count(r)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"nothing for %s"}`, bearer)
	case r.URL.Path == "/first" && r.Method == http.MethodPost && jwt.MatchString(bearer):
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer"}`, firstToken(l.count(r)))
	case r.URL.Path == "/access" && strings.HasPrefix(bearer, "first-token-0a1b2c3d-"):
		_, _ = fmt.Fprintf(w, `{"data":{"token":%q,"region":"eu-central-7"},"refresh_token":%q,"expires_in":%d}`, l.token(l.count(r)), refreshToken, life)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (l *login) token(n int64) string {
	if l.same {
		n = 1
	}
	return accessToken(n)
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

// However many ask first, there is one exchange for all of them.
func TestExchangeOnce(t *testing.T) {
	l := &login{hold: make(chan struct{})}
	e := startExchange(t, l, "")
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if got := e.Call("orders", `{}`); got.Status != http.StatusOK {
				t.Errorf("got %d: %s", got.Status, got.Body)
			}
		})
	}
	eventually(t, "all of them are in flight", func() bool {
		return strings.Contains(e.Get(e.AdminURL+"/metrics").Body, "egret_requests_in_flight 100")
	})
	close(l.hold)
	all.Wait()
	l.want(t, 1, 1)
}

// What is kept warm is got before anybody asks. While the next exchange fails the
// old value serves, and when that is dead there is none.
func TestExchangeFails(t *testing.T) {
	l := &login{life: 6}
	e := startExchange(t, l, "caching: {ttl_from: /expires_in, warm: true}")
	eventually(t, "there is a token without a call", func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 })
	l.want(t, 1, 1)
	l.status.Store(400)
	eventually(t, "the next exchange has failed", func() bool {
		return strings.Contains(e.Get(e.AdminURL+"/metrics").Body, `egret_token_refreshes_total{cache="access",result="failed"}`)
	})
	wantOK(t, e.Call("orders", `{}`))
	if bearer := e.Upstream.Last(t).Header.Get("Authorization"); bearer != "Bearer "+accessToken(1) {
		t.Errorf("the API got %q, want the token that is still alive", bearer)
	}
	eventually(t, "the old token is dead", func() bool { return e.Call("orders", `{}`).Code() == "token_unavailable" })
	wantRefusal(t, e.Get("http://api.acme.test/", "Authorization", "Bearer "+accessID), 503, "token_unavailable")
	if got := e.Get(e.AdminURL + "/readyz?strict").Status; got != 503 {
		t.Errorf("readyz?strict = %d, want 503", got)
	}
	log := e.Log()
	if !strings.Contains(log, `"cache":"access"`) || !strings.Contains(log, "status 400, invalid_grant") || strings.Contains(log, "nothing for") {
		t.Errorf("the log does not name the cache, the status and the error, or shows the answer:\n%s", log)
	}
}

// A server may give the same token again, and its own host may be one that the
// token goes to: that is no echo.
func TestExchangeSameTokenAgain(t *testing.T) {
	l := &login{life: 2, same: true}
	e := startExchange(t, l, "caching: {ttl_from: /expires_in, warm: true}")
	eventually(t, "it was asked for three times", func() bool { return l.accesses.Load() >= 3 })
	wantOK(t, e.Call("orders", `{}`))
	if bearer := e.Upstream.Last(t).Header.Get("Authorization"); bearer != "Bearer "+accessToken(1) {
		t.Errorf("the API got %q, want the token", bearer)
	}
}

// A reload while an exchange is on its way does not disturb it. One that changes
// what the value is got with makes another value.
func TestExchangeReload(t *testing.T) {
	l := &login{hold: make(chan struct{})}
	e := startExchange(t, l, "")
	config := strings.Replace(exchangeConfig, "CACHING", "", 1)
	answers := make(chan proxytest.Answer)
	go func() { answers <- e.Call("orders", `{}`) }()
	eventually(t, "an exchange is on its way", func() bool { return len(e.Upstream.Requests()) == 1 })
	if err := e.Reload(config + "# the same\n"); err != nil {
		t.Fatal(err)
	}
	close(l.hold)
	wantOK(t, <-answers)
	wantOK(t, e.Call("orders", `{}`))
	l.want(t, 1, 1)
	for _, change := range [][2]string{
		{"url: http://login.test/access", "url: http://login.test/access?again"},
		{"claims: {iss: egret}", "claims: {iss: another}"}, // of the JWT that all begins with
	} {
		config = strings.Replace(config, change[0], change[1], 1)
		if err := e.Reload(config); err != nil {
			t.Fatal(err)
		}
		wantOK(t, e.Call("orders", `{}`))
	}
	l.want(t, 2, 3)
	// The older values live, and do not come back from where they went.
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, accessToken(1), " ", accessToken(2), " ", accessToken(3))
	})
	if got, want := e.Call("orders", `{}`).Get("output"), strings.Join([]string{accessID, accessID, accessID}, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// An egret that does not serve, as on the command line, makes what it needs.
func TestExchangeWithoutRun(t *testing.T) {
	l := &login{}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "login.test" {
			l.answer(w, r)
			return
		}
		showCredentials(w, r)
	}))
	defer upstream.Close()
	cfg, err := proxy.Parse(filepath.Join(t.TempDir(), "egret.yaml"), []byte(strings.Replace(exchangeConfig, "CACHING", "", 1)), configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := proxy.New(cfg, proxy.Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", upstream.Listener.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	result, err := server.Call(t.Context(), functions.Call{Function: "orders"})
	if err != nil || !result.OK || !strings.Contains(string(result.Output()), "Bearer "+accessID) {
		t.Fatalf("got %v and error %v, want an answer with the ID of the token", result, err)
	}
	l.want(t, 1, 1)
	_, err = server.Call(t.Context(), functions.Call{Function: "get_first"})
	if refusal, ok := errors.AsType[*functions.Refusal](err); !ok || refusal.Code != functions.FunctionDenied {
		t.Errorf("got error %v, want %s", err, functions.FunctionDenied)
	}
	if _, err = server.Explain(t.Context(), functions.Call{Function: "get_first"}); err == nil {
		t.Error("got an explanation of an exchange, want none")
	}
}

// Fifty exchanges that each need a token of their own are more than there are
// workers: none waits for another, and none for an upstream that does not answer.
func TestExchangesDoNotStarve(t *testing.T) {
	const n = 50
	var cacheLines, tokenLines, functionLines strings.Builder
	for i := range n {
		jwtID, id := configs.DefaultID(fmt.Sprint("jwt", i)), configs.DefaultID(fmt.Sprint("access", i))
		fmt.Fprintf(&cacheLines, "  - {name: jwt%d, ttl: 15m, hosts: [login.test], cleartext: true}\n  - {name: access%d, ttl: 15m, hosts: [api.acme.test], cleartext: true}\n", i, i)
		fmt.Fprintf(&tokenLines, "  - {name: jwt%d, cache: jwt%d, algorithm: HS256, key_type: Secret, key: 0123456789abcdef0123456789abcdef-hmac}\n", i, i)
		fmt.Fprintf(&functionLines, "  - {name: get%d, url: 'http://login.test/%d', fixed: {a: %s}, headers: {Authorization: Bearer </a>}, cache: access%d, credential: /token, caching: {warm: true}}\n", i, i, jwtID, i)
		fmt.Fprintf(&functionLines, "  - {name: use%d, url: http://api.acme.test/, fixed: {a: %s}, headers: {Authorization: Bearer </a>}}\n", i, id)
	}
	silent := make(chan struct{})
	e := startServed(t, "admin: 127.0.0.1:0\ncaches:\n  - {name: silent, ttl: 15m, hosts: [api.acme.test]}\n"+cacheLines.String()+
		"tokens:\n"+tokenLines.String()+"functions:\n  - {name: silent, url: http://silent.test/, cache: silent, credential: /token, caching: {warm: true}}\n"+functionLines.String(), func(e *proxytest.Egret) {
		e.Upstream.Handle("silent.test", func(http.ResponseWriter, *http.Request) { <-silent })
		e.Upstream.Handle("login.test", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"token":"access-token-8e7d6c5b%s"}`, r.URL.Path)
		})
	})
	defer close(silent)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if got := e.Call(fmt.Sprint("use", i), `{}`); got.Status != http.StatusOK {
				t.Errorf("got %d: %s", got.Status, got.Body)
			}
		})
	}
	all.Wait()
	eventually(t, "every exchange but one is made", func() bool {
		return strings.Contains(e.Get(e.AdminURL+"/metrics").Body, `egret_tokens{state="fresh"} 100`)
	})
}

// A Function without a credential is kept warm, too: callers are answered out of
// the cache, and what was stored is replaced before it ends.
func TestKeptWarm(t *testing.T) {
	var asked atomic.Int64
	e := startServed(t, `
admin: 127.0.0.1:0
caches: [{name: rates, ttl: 2s}]
functions: [{name: rates, url: http://api.acme.test/rates, cache: rates, caching: {warm: true}}]
`, func(e *proxytest.Egret) {
		e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"n":%d}`, asked.Add(1))
		})
	})
	eventually(t, "the cache is warm", func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 })
	eventually(t, "it was filled three times", func() bool {
		if got := e.Call("rates", `{}`); got.Status != http.StatusOK || got.Get("source") != "cache" {
			t.Fatalf("got %d: %s, want an answer out of the cache", got.Status, got.Body)
		}
		return asked.Load() >= 3
	})
}
