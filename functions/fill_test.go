package functions_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/functions"
)

// chained has a token exchange in two steps: session needs grant, use needs
// session.
const chained = `
  - name: grant
    url: https://api.acme.test/grant
    cache: results
  - name: session
    fixed: {grant: 22222222-2222-3333-4444-555555555555}
    url: https://api.acme.test/session
    json: {grant: </grant/code>}
    cache: second
  - name: use
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/use
    headers: {Authorization: Bearer </v/access_token>}
`

func chainAnswer(_ context.Context, r *sentRequest) (*reply, error) {
	switch r.Target {
	case "/grant":
		return jsonAnswer(200, `{"code":"the-code"}`), nil
	case "/session":
		return jsonAnswer(200, `{"access_token":"from `+gjson.GetBytes(r.Body, "grant").Str+`"}`), nil
	}
	return jsonAnswer(200, `{}`), nil
}

func TestFillOnDemand(t *testing.T) {
	w := newWorld(t, chained)
	w.sender.answer = chainAnswer
	use := functions.Call{Function: "use", Client: w.client("alice"), Arguments: []byte(`{"v":"` + secondID + `"}`)}
	w.call(t, use)
	if got, want := header(w.sender.last(), "Authorization"), "Bearer from the-code"; got != want {
		t.Errorf("Authorization is %q, want %q", got, want)
	}
	var targets []string
	for _, r := range w.sender.sent {
		targets = append(targets, r.Target+" "+r.Client)
	}
	if got, want := strings.Join(targets, ", "), "/grant , /session , /use alice"; got != want {
		t.Errorf("the requests are %q, want %q", got, want)
	}
	// What egret itself has filled is everybody's.
	use.Client = w.client("bob")
	w.call(t, use)
	if n := w.sender.count(); n != 4 {
		t.Errorf("%d requests were sent, want 4", n)
	}
}

func TestFillsWhatNeedsNothing(t *testing.T) {
	for _, c := range []struct{ name, fillers, detail string }{
		{"none", ``, "no Function can fill it without arguments"},
		{"two", "  - {name: a, url: https://api.acme.test/, cache: results}\n  - {name: b, url: https://api.acme.test/b, cache: results}\n", "no Function can fill it without arguments"},
		{"one that asks for something", "  - {name: a, parameters: {required: [x], properties: {x: {}}}, url: https://api.acme.test/, cache: results}\n", "no Function can fill it without arguments"},
		{"one that asks in another way", "  - {name: a, parameters: {minProperties: 1, properties: {x: {}}}, url: https://api.acme.test/, cache: results}\n", "no Function can fill it without arguments"},
		{"one that does not say so", "  - {name: a, parameters: {properties: {x: {}}}, url: 'https://api.acme.test/{/x}', cache: results}\n", "Function a cannot fill it without arguments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.fillers+"  - {name: use, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: {v: </v>}}\n")
			refusal := w.refused(t, functions.CacheEmpty, functions.Call{Function: "use", Arguments: []byte(`{"v":"` + resultID + `"}`)})
			contains(t, refusal.Detail, c.detail)
			if refusal.Errors != nil || w.sender.count() != 0 {
				t.Errorf("Errors = %v and %d requests, want none: the caller's arguments are right", refusal.Errors, w.sender.count())
			}
		})
	}
}

func TestFillFails(t *testing.T) {
	w := newWorld(t, chained)
	use := functions.Call{Function: "use", Client: w.client("alice"), Arguments: []byte(`{"v":"` + secondID + `"}`)}
	w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
		if r.Target == "/session" {
			return jsonAnswer(401, `{"error":"canary"}`), nil
		}
		return chainAnswer(ctx, r)
	}
	refusal := w.refused(t, functions.CacheEmpty, use)
	contains(t, refusal.Detail, "Function session, which fills it, was answered with status 401")
	if strings.Contains(refusal.Error(), "canary") {
		t.Errorf("the error is %q, want no answer in it", refusal.Error())
	}
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return nil, functions.Refuse(functions.UpstreamTLS, "no certificate")
	}
	w.refused(t, functions.UpstreamTLS, use)
	w.sender.answer = chainAnswer
	w.call(t, use)
}

// Many who find the cache empty wait for one to fill it.
func TestFillOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, chained)
		var grants atomic.Int32
		w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
			if r.Target == "/grant" {
				grants.Add(1)
				pass(time.Second)
			}
			return chainAnswer(ctx, r)
		}
		for range 50 {
			go w.attempt(t, functions.Call{Function: "use", Arguments: []byte(`{"v":"` + secondID + `"}`)})
		}
		pass(2 * time.Second)
		synctest.Wait()
		if n, sent := grants.Load(), w.sender.count(); n != 1 || sent != 52 {
			t.Errorf("%d grants and %d requests, want 1 and 52", n, sent)
		}
	})
}

// The timeout of a Function holds for what it waits for as well.
func TestFillTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, chained+"    timeout: 2s\n")
		release := make(chan struct{})
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			<-release
			return jsonAnswer(200, `{}`), nil
		}
		start := time.Now()
		w.refused(t, functions.UpstreamTimeout, functions.Call{Function: "use", Arguments: []byte(`{"v":"` + secondID + `"}`)})
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("the call took %s, want 2s", took)
		}
		close(release)
		w.results.Wait()
	})
}
