package proxy_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// onUse has a token that is made for each request, and one that is made ahead.
const onUse = `
admin: 127.0.0.1:0
egress: {default: allow}
caches:
  - {name: once, id: ` + tokenID + `, ttl: 15m, hosts: [api.acme.test], surfaces: [header, query]}
  - {name: results, id: ` + resultID + `, ttl: 1m}
tokens:
  - {name: once, cache: once, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, jti: true, sign: on_use}
functions:
  - name: order
    parameters: {type: object, properties: {token: {type: string}, again: {type: string}}}
    url: http://api.acme.test/orders
    query: {t: </again>}
    headers: {Authorization: Bearer </token>, X-Again: </token>}
  - name: stored
    parameters: {type: object, properties: {token: {type: string}}}
    url: http://api.acme.test/stored
    headers: {Authorization: Bearer </token>}
    cache: results
`

// ahead is onUse with the usual token.
var ahead = strings.ReplaceAll(onUse, ", sign: on_use", "")

var once = []string{"Authorization", "Bearer " + tokenID}

// bearer gives the token of a request, and its jti.
func bearer(t testing.TB, header http.Header) (token, id string) {
	t.Helper()
	token = strings.TrimPrefix(header.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("the upstream received Authorization %q, want a JWT", header.Get("Authorization"))
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return token, gjson.GetBytes(claims, "jti").String()
}

// made gives how many tokens were made.
func made(e *proxytest.Egret) string {
	return tokenSamples(e)[`egret_token_refreshes_total{cache="once",result="ok"}`]
}

// TestOnUse has an upstream that takes each jti once, as those do to which
// assertions are sent, and says what it was sent.
func TestOnUse(t *testing.T) {
	const clients, requests = 8, 504
	e := start(t, onUse)
	var mu sync.Mutex
	seen := map[string]bool{}
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		_, id := bearer(t, r.Header)
		mu.Lock()
		defer mu.Unlock()
		if id == "" || seen[id] {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		seen[id] = true
		_, _ = fmt.Fprintf(w, "you sent %s", r.Header.Get("Authorization"))
	})
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			c := e.Connect()
			for i := range requests / clients {
				if (i+n)%3 == 0 {
					c.Send(post("order", `{"token":"`+tokenID+`"}`))
				} else {
					c.Send("GET http://api.acme.test/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + tokenID + "\r\n\r\n")
				}
				got := c.Answer("GET")
				if want := "you sent Bearer " + tokenID; got.Status != 200 || !strings.Contains(got.Body, want) {
					t.Errorf("got %d %s, want 200 and %s", got.Status, got.Body, want)
				}
			}
		})
	}
	all.Wait()
	if len(seen) != requests {
		t.Errorf("the upstream has seen %d tokens, want %d", len(seen), requests)
	}
	if got := made(e); got != fmt.Sprint(requests) {
		t.Errorf("%s tokens were made, want %d", got, requests)
	}
}

// In one request an ID stands for one token, wherever it is.
func TestOnUseTwiceInOneRequest(t *testing.T) {
	e := start(t, onUse)
	wantOK(t, e.Get("http://api.acme.test/", "Authorization", "Bearer "+tokenID, "X-Again", tokenID+" "+tokenID))
	wantOK(t, e.Call("order", `{"token":"`+tokenID+`","again":"`+strings.ToUpper(tokenID)+`"}`))
	requests := e.Upstream.Requests()
	first, _ := bearer(t, requests[0].Header)
	if got := requests[0].Header.Get("X-Again"); got != first+" "+first {
		t.Error("the second and the third place of a forwarded request have not got the token of the first one")
	}
	second, _ := bearer(t, requests[1].Header)
	if again := requests[1].Header.Get("X-Again"); again != "Bearer "+second && again != second || requests[1].Target != "/orders?t="+second {
		t.Error("the places of a call have not got the same token")
	}
	if first == second {
		t.Error("two requests carried the same token")
	}
	if got := made(e); got != "2" {
		t.Errorf("%s tokens were made, want 2", got)
	}
}

// A call that is answered from the output cache makes no token, and calls that
// share one request share its token.
func TestOnUseOfSharedAnswers(t *testing.T) {
	e := start(t, onUse)
	began, proceed := make(chan struct{}), make(chan struct{})
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-proceed
		_, _ = io.WriteString(w, "found")
	})
	var all sync.WaitGroup
	ask := func() { wantOK(t, e.Call("stored", `{"token":"`+tokenID+`"}`)) }
	all.Go(ask)
	<-began
	for range 5 {
		all.Go(ask)
	}
	eventually(t, "all callers are there", func() bool {
		return strings.Contains(e.Get(e.AdminURL+"/metrics").Body, "egret_requests_in_flight 6\n")
	})
	close(proceed)
	all.Wait()
	ask()
	wantOK(t, e.Call("stored?explain", `{"token":"`+tokenID+`"}`))
	if got := made(e); got != "1" {
		t.Errorf("%s tokens were made for one request to the upstream, want 1", got)
	}
}

// Nobody misses a token that is not made ahead.
func TestOnUseIsNotMissing(t *testing.T) {
	e := start(t, onUse)
	for _, path := range []string{"/readyz", "/readyz?strict"} {
		if got := e.Get(e.AdminURL + path); got.Status != 200 {
			t.Errorf("got %d for %s, want 200", got.Status, path)
		}
	}
	wantOK(t, e.Get("http://api.acme.test/", once...))
	samples := tokenSamples(e)
	for series, want := range map[string]string{
		`egret_tokens{state="fresh"}`: "0", `egret_tokens{state="failing"}`: "0", `egret_tokens{state="missing"}`: "0",
		`egret_token_failures{cache="once"}`: "", `egret_tokens_refreshes_total{result="ok"}`: "1",
	} {
		if samples[series] != want {
			t.Errorf("%s is %q, want %q", series, samples[series], want)
		}
	}
}

// The journal names the very token that a request carried.
func TestOnUseInTheJournal(t *testing.T) {
	e := start(t, onUse)
	for i, ask := range []func() proxytest.Answer{
		func() proxytest.Answer { return e.Get("http://api.acme.test/", once...) },
		func() proxytest.Answer { return e.Call("order", `{"token":"`+tokenID+`"}`) },
	} {
		wantOK(t, ask())
		_, id := bearer(t, e.Upstream.Last(t).Header)
		record := nextRecord(t, e, i)
		if got := gjson.Get(record, "caches.0.jti").Str; got != id || id == "" {
			t.Errorf("the record has jti %q, want %q: %s", got, id, record)
		}
	}
}

// A value that comes back is replaced in the answer of its own request, and in
// later ones, whoever asks.
func TestOnUseEchoedLater(t *testing.T) {
	e := start(t, onUse)
	var before string
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "[%s] [%s]", before, r.Header.Get("Authorization"))
		before = r.Header.Get("Authorization")
	})
	wantOK(t, e.Get("http://api.acme.test/", once...))
	id := "[Bearer " + tokenID + "]"
	if got := e.Get("http://api.acme.test/", once...); got.Body != id+" "+id {
		t.Errorf("got %q, want the ID for both tokens", got.Body)
	}
	if got := e.Get("http://api.acme.test/"); got.Body != id+" []" {
		t.Errorf("got %q, want the ID for the token of the request before", got.Body)
	}
}

// However many tokens are made while an answer is coming, that of its own request
// is not forgotten.
func TestOnUseEchoedAfterManyOthers(t *testing.T) {
	e := start(t, onUse)
	began, proceed := make(chan string), make(chan struct{})
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/slow" && r.URL.Query().Get("t") == "" {
			return
		}
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		token, _ := bearer(t, r.Header)
		began <- token
		<-proceed
		_, _ = io.WriteString(w, token+"}")
	})
	answers := make(chan proxytest.Answer)
	go func() { answers <- e.Get("http://api.acme.test/slow", once...) }()
	go func() { answers <- e.Call("order", `{"token":"`+tokenID+`","again":"x"}`) }()
	<-began
	<-began
	c := e.Connect()
	for range 300 {
		c.Send("GET http://api.acme.test/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + tokenID + "\r\n\r\n")
		wantOK(t, c.Answer("GET"))
	}
	close(proceed)
	for range 2 {
		if got := <-answers; !strings.Contains(got.Body, "{"+tokenID+"}") {
			t.Errorf("got %q, want the ID in the place of the token", got.Body)
		}
	}
}

// What has been sent may have been used, so it is not sent again, though the
// method would permit it; a token that is made ahead is.
func TestOnUseIsNotSentTwice(t *testing.T) {
	for name, c := range map[string]struct {
		yaml   string
		status int
		heads  int
	}{"on use": {onUse, 502, 2}, "ahead": {ahead, 200, 3}} {
		for way, ask := range map[string]func(e *proxytest.Egret) proxytest.Answer{
			"forward": func(e *proxytest.Egret) proxytest.Answer { return e.Get("http://api.acme.test/", once...) },
			"call":    func(e *proxytest.Egret) proxytest.Answer { return e.Call("order", `{"token":"`+tokenID+`"}`) },
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				var mu sync.Mutex
				heads := 0
				origin := serve(t, func(conn net.Conn) {
					reader := bufio.NewReader(conn)
					for i := 0; ; i++ {
						if _, err := http.ReadRequest(reader); err != nil {
							return
						}
						mu.Lock()
						heads++
						mu.Unlock()
						if i == 1 {
							return
						}
						say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					}
				})
				e := start(t, c.yaml, dialling(origin))
				wantOK(t, ask(e))
				if got := ask(e); got.Status != c.status {
					t.Errorf("got %d %s, want %d", got.Status, got.Body, c.status)
				}
				mu.Lock()
				defer mu.Unlock()
				if heads != c.heads {
					t.Errorf("the upstream received %d requests, want %d", heads, c.heads)
				}
			})
		}
	}
}

// A reload changes when tokens are made, for new requests.
func TestOnUseAfterAReload(t *testing.T) {
	e := start(t, ahead)
	same := func() bool {
		var tokens [2]string
		for i := range tokens {
			wantOK(t, e.Get("http://api.acme.test/", once...))
			tokens[i], _ = bearer(t, e.Upstream.Last(t).Header)
		}
		return tokens[0] == tokens[1]
	}
	for i, yaml := range []string{ahead, onUse, ahead} {
		if err := e.Reload(yaml); err != nil {
			t.Fatal(err)
		}
		if got := same(); got != (yaml == ahead) {
			t.Errorf("after reload %d two requests carried the same token: %t", i, got)
		}
	}
}

// A token that is not good yet is not sent. There is no other one at the start.
func TestEarlyToken(t *testing.T) {
	e := start(t, strings.ReplaceAll(ahead, "jti: true", "nbf_offset: 30s"))
	eventually(t, "the token cache has been tried", func() bool { return e.Get(e.AdminURL+"/readyz").Status == 200 })
	got := e.Get("http://api.acme.test/", once...)
	wantRefusal(t, got, 503, "token_unavailable")
	if detail := got.Get("detail"); !strings.Contains(detail, "cache once has no value yet: the value is not good before 20") {
		t.Errorf("got detail %q, want the time from which there is one", detail)
	}
	wantRefusal(t, e.Call("order", `{"token":"`+tokenID+`"}`), 503, "token_unavailable")
	if got := e.Get(e.AdminURL + "/readyz?strict"); got.Status != 503 {
		t.Errorf("got %d for /readyz?strict, want 503: there is no value yet", got.Status)
	}
	if got := tokenSamples(e)[`egret_tokens{state="missing"}`]; got != "1" {
		t.Errorf("%s token caches are missing, want 1", got)
	}
	if n := len(e.Upstream.Requests()); n != 0 {
		t.Errorf("the upstream received %d requests, want none", n)
	}
}
