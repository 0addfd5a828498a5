package proxy_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// Calls go on while the configuration changes, well and badly. None fails, and
// each upstream gets a value that some configuration had.
func TestReloadUnderLoad(t *testing.T) {
	e := start(t, open)
	keys := []string{staticKey}
	for i := range 20 {
		keys = append(keys, fmt.Sprintf("static-key-number-%d-of-many", i))
	}
	e.Canary.Add(keys...)
	var done atomic.Bool
	var running sync.WaitGroup
	var failures atomic.Int64
	for _, ask := range []func(*http.Client) (*http.Response, error){
		func(c *http.Client) (*http.Response, error) {
			return c.Post(e.URL+"/v1/functions/order", "application/json", strings.NewReader(`{"id":"1","token":"`+staticID+`"}`))
		},
		func(c *http.Client) (*http.Response, error) {
			request, err := http.NewRequest("GET", "http://api.acme.test/", nil)
			if err != nil {
				return nil, err
			}
			request.Header.Set("Authorization", "Bearer "+staticID)
			return c.Do(request)
		},
	} {
		client := e.Client()
		running.Go(func() {
			for !done.Load() {
				response, err := ask(client)
				if err != nil {
					failures.Add(1)
					t.Errorf("a request failed: %v", err)
					return
				}
				if response.StatusCode != 200 {
					failures.Add(1)
					t.Errorf("got status %d, want 200", response.StatusCode)
				}
				_ = response.Body.Close()
			}
		})
	}
	for i := range 60 {
		yaml := strings.Replace(open, staticKey, keys[i%len(keys)], 1)
		if i%3 == 2 {
			if err := e.Reload(yaml + "nonsense: true\n"); err == nil {
				t.Error("a bad file was applied")
			}
		} else if err := e.Reload(yaml); err != nil {
			t.Errorf("a good file was not applied: %v", err)
		}
	}
	done.Store(true)
	running.Wait()
	if n := failures.Load(); n != 0 {
		t.Errorf("%d requests failed, want none", n)
	}
	for _, request := range e.Upstream.Requests() {
		if key := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "); !slices.Contains(keys, key) {
			t.Errorf("the upstream received %q, which was never configured", key)
		}
	}
	if got := e.Get(e.AdminURL + "/metrics"); got.Status != 200 {
		t.Errorf("got %d for the metrics after many reloads, want 200; body: %.300s", got.Status, got.Body)
	}
}

// A bad file changes nothing, and says so.
func TestReloadBadFile(t *testing.T) {
	e := start(t, acme)
	for _, bad := range []string{
		"listen: [", acme + "unknown: 1\n",
		strings.Replace(acme, "hmac-secret-0123456789-0123456789-abc", "short", 1) + "  - {name: broken, url: \"http://api.acme.test/{/no}\"}\n",
		strings.Replace(acme, "HS256, key_type: Secret", "ES256, key_type: EcPem", 1),
		strings.Replace(acme, staticKey, "${env:NOT_SET}", 1),
	} {
		err := e.Reload(bad)
		if err == nil {
			t.Fatalf("the file was applied: %s", bad)
		}
		e.Canary.Keep("error of a reload", fmt.Sprintf("%v %+v", err, err))
		wantOK(t, e.Call("order", `{"id":"1","token":"`+tokenID+`"}`))
	}
	if n := strings.Count(e.Log(), `"msg":"configuration not applied"`); n != 5 {
		t.Errorf("%d refusals were logged, want 5", n)
	}
}

// What has not changed is kept: the token is the same, and so is the stored
// answer.
func TestReloadKeepsCaches(t *testing.T) {
	e := start(t, acme)
	token := func() string {
		wantOK(t, e.Get("http://api.acme.test/", "Authorization", "Bearer "+tokenID))
		return e.Upstream.Last(t).Header.Get("Authorization")
	}
	before := token()
	wantOK(t, e.Call("stored", "{}"))
	reload := func(yaml string) {
		t.Helper()
		if err := e.Reload(yaml); err != nil {
			t.Fatal(err)
		}
	}
	reload(strings.Replace(acme, "Looks up an order.", "Looks up one order.", 1))
	if got := e.Get(e.URL + "/v1/functions/order").Get("instructions"); got != "Looks up one order." {
		t.Errorf("got the instructions %q, want the new ones", got)
	}
	if after := token(); after != before {
		t.Errorf("the token was made anew: %s, before %s", after, before)
	}
	if got := e.Call("stored", "{}").Get("source"); got != "cache" {
		t.Errorf("got an answer from %q, want cache", got)
	}

	reload(strings.Replace(acme, "sub: agent", "sub: other", 1))
	if after := token(); after == before {
		t.Error("a changed Token has not taken effect")
	}
	reload(strings.Replace(acme, "api.acme.test/stored", "api.acme.test/stored/elsewhere", 1))
	if got := e.Call("stored", "{}").Get("source"); got != "upstream" {
		t.Errorf("got an answer of the changed Function from %q, want upstream", got)
	}
	reload(acme)
	if after := token(); after != before {
		t.Errorf("the first Token has come back, but got another value of it")
	}
}

// A request in flight finishes with the configuration that it began with, even
// where it asks for a value only after the change.
func TestReloadInFlight(t *testing.T) {
	began, proceed := make(chan bool), make(chan bool)
	chain := strings.Replace(acme, "    cache: results\n", `    cache: results
  - {name: filler, url: "http://filler.test/", cache: filled}
  - name: chained
    parameters: {type: object, properties: {from: {type: string}, token: {type: string}}}
    fixed: {from: 44444444-5555-4666-8777-888888888888}
    url: http://api.acme.test/
    headers: {X-From: </from>, Authorization: Bearer </token>}
`, 1)
	chain = strings.Replace(chain, "tokens:\n", "  - {name: filled, id: 44444444-5555-4666-8777-888888888888, ttl: 1m, cleartext: true}\ntokens:\n", 1)
	e := start(t, chain)
	e.Upstream.Handle("filler.test", func(w http.ResponseWriter, _ *http.Request) {
		began <- true
		<-proceed
		_, _ = w.Write([]byte("filled"))
	})
	answer := make(chan proxytest.Answer, 1)
	go func() {
		answer <- e.Call("chained", `{"token":"`+tokenID+`"}`)
	}()
	<-began
	for i := range 3 {
		if err := e.Reload(strings.Replace(acme, "sub: agent", fmt.Sprintf("sub: agent%d", i), 1)); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, e.Call("chained", "{}"), 404, "unknown_function")
	close(proceed)
	wantOK(t, <-answer)
	if got := e.Upstream.Last(t).Header; got.Get("X-From") != "filled" || jwt.FindString(got.Get("Authorization")) == "" {
		t.Errorf("the upstream received %v, want the filled value and a token", got)
	}
}

// What the listeners were opened with stays until a restart, and is reported
// as long as the file says something else.
func TestReloadNeedsRestart(t *testing.T) {
	e := start(t, acme)
	tests := []struct {
		yaml string
		want []string
	}{
		{"listen: 127.0.0.1:1\n" + acme, []string{"listen"}},
		{"listen: 127.0.0.1:1\n" + strings.Replace(acme, "Looks up", "Finds", 1), []string{"listen"}},
		{strings.Replace(acme, "admin: 127.0.0.1:0", "admin: 127.0.0.1:1\nstate: elsewhere", 1), []string{"admin", "state"}},
		{strings.Replace(acme, "admin: 127.0.0.1:0", "admin: {listen: 127.0.0.1:0, key: another-admin-key-0123}", 1), []string{"admin"}},
		{acme, nil},
	}
	for _, tt := range tests {
		err := e.Reload(tt.yaml)
		var restart *proxy.RestartError
		if tt.want == nil {
			if err != nil {
				t.Errorf("got error %v, want none", err)
			}
			continue
		}
		if !errors.As(err, &restart) || !slices.Equal(restart.Keys, tt.want) {
			t.Errorf("got error %v, want that %v needs a restart", err, tt.want)
		}
		wantOK(t, e.Call("stored", "{}"))
	}
	if got := e.Get(e.URL + "/v1/functions/order").Get("instructions"); got != "Looks up an order." {
		t.Errorf("got the instructions %q, want those of the last file", got)
	}
}

// Where there are clients there are some until a restart: a file that is read
// while it is written may end before them, and a listener that others can reach
// stays where it is.
func TestReloadCannotOpen(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", "127.0.0.1:0"} {
		closed := "listen: " + listen + "\n" + acme + withClients
		e := start(t, closed)
		for _, yaml := range []string{"listen: 127.0.0.1:0\n" + acme, acme} {
			const want = "cannot do without clients where there were some: that needs a restart"
			if err := e.Reload(yaml); err == nil || err.Error() != want {
				t.Errorf("%s: got error %v, want %s", listen, err, want)
			}
			c := e.Connect()
			c.Send("GET /v1/functions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			wantRefusal(t, c.Answer("GET"), 401, "unauthenticated")
		}
		if err := e.Reload(closed); err != nil {
			t.Errorf("%s: got error %v for the first file, want none", listen, err)
		}
	}
}

// Who changes the file need not tell egret.
func TestWatch(t *testing.T) {
	e := start(t, acme, proxytest.Watching())
	eventually(t, "the file is watched", func() bool { return strings.Contains(e.Log(), "watching the configuration") })
	instructions := func() string { return e.Get(e.URL + "/v1/functions/order").Get("instructions") }
	e.WriteConfig(strings.Replace(acme, "Looks up", "Finds", 1))
	eventually(t, "the change is applied", func() bool { return instructions() == "Finds an order." })
	e.WriteConfig("nonsense\n")
	eventually(t, "the bad file is reported", func() bool { return strings.Contains(e.Log(), "configuration not applied") })
	if got := instructions(); got != "Finds an order." {
		t.Errorf("got the instructions %q after a bad file, want those before it", got)
	}
	// Applied in part; the file that it refers to is watched all the same.
	key := func(text string) string {
		e.Canary.Add(text)
		if err := os.WriteFile(filepath.Join(filepath.Dir(e.File), "static.key"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return text
	}
	key("static-key-of-a-file-1")
	e.WriteConfig("listen: 127.0.0.1:1\n" + strings.Replace(acme, staticKey, `"${file:static.key}"`, 1))
	eventually(t, "the part is applied", func() bool { return instructions() == "Looks up an order." })
	next := key("static-key-of-a-file-2")
	eventually(t, "the file's change is applied", func() bool {
		wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
		return e.Upstream.Last(t).Header.Get("X-Api-Key") == next
	})
	e.WriteConfig(strings.Replace(acme, "Looks up", "Seeks", 1))
	eventually(t, "the last change is applied", func() bool { return instructions() == "Seeks an order." })
}

// A file that was refused because it names one that is not there is read again
// when that one comes.
func TestWatchMissingFile(t *testing.T) {
	e := start(t, acme, proxytest.Watching())
	const value = "static-key-that-comes-late"
	e.Canary.Add(value)
	e.WriteConfig(strings.Replace(acme, staticKey, `"${file:late.key}"`, 1))
	eventually(t, "the file is refused", func() bool { return strings.Contains(e.Log(), "late.key: no such file") })
	if err := os.WriteFile(filepath.Join(filepath.Dir(e.File), "late.key"), []byte(value), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the file is applied", func() bool {
		wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
		return e.Upstream.Last(t).Header.Get("X-Api-Key") == value
	})
}

// A Server that has ended says so, and does not begin again.
func TestAfterClose(t *testing.T) {
	e := start(t, acme)
	wantOK(t, e.Call("order", `{"id":"1","token":"`+tokenID+`"}`))
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	var refusal *functions.Refusal
	if _, err := e.Server.Call(t.Context(), functions.Call{Function: "order", Arguments: []byte(`{"id":"2","token":"x"}`)}); !errors.As(err, &refusal) || refusal.Code != functions.Draining {
		t.Errorf("got error %v from a call, want draining", err)
	}
	if err := e.Server.Reload(); !errors.As(err, &refusal) || refusal.Code != functions.Draining {
		t.Errorf("got error %v from a reload, want draining", err)
	}
	e.Server.Close()
}
