package functions_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/functions"
)

const limitedFunctions = `
  - name: one
    url: https://api.acme.test/one
    limits: {concurrency: 1}
  - name: kept
    parameters: {properties: {n: {type: integer}}}
    url: https://api.acme.test/kept
    query: {n: </n>}
    cache: results
    limits: {concurrency: 1, rate: 2/m}
  - name: free
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/free
    headers: {X: </v/n>}
`

// holding makes the sender wait until the test lets it go on.
func holding(w *world) (open func()) {
	gate := make(chan struct{})
	w.sender.answer = func(ctx context.Context, _ *sentRequest) (*reply, error) {
		select {
		case <-gate:
			return jsonAnswer(200, `{"n":1}`), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return sync.OnceFunc(func() { close(gate) })
}

func TestFunctionConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, limitedFunctions)
		open := holding(w)
		var first sync.WaitGroup
		first.Go(func() { w.attempt(t, functions.Call{Function: "one"}) })
		synctest.Wait()
		refusal := w.refused(t, functions.TooManyRequests, functions.Call{Function: "one", Client: w.client("alice")})
		if refusal.Rule != "functions[0].limits.concurrency" || refusal.Scope != functions.OfFunction || !strings.Contains(refusal.Detail, "Function one") {
			t.Errorf("got %+v, want a refusal that names the Function", refusal)
		}
		if n := w.sender.count(); n != 1 {
			t.Errorf("%d requests were sent, want 1", n)
		}
		first.Go(func() { w.attempt(t, functions.Call{Function: "free", Arguments: []byte(`{"v":{"n":1}}`)}) })
		open()
		first.Wait()
		w.call(t, functions.Call{Function: "one"})
	})
}

// A call that fails gives its room back, too.
func TestFunctionConcurrencyFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, limitedFunctions)
		w.sender.answer = func(ctx context.Context, _ *sentRequest) (*reply, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		for range 3 {
			w.refused(t, functions.UpstreamTimeout, functions.Call{Function: "one"})
		}
	})
}

// What is performed counts: not a hit, and once what several wait for.
func TestFunctionRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, limitedFunctions)
		open := holding(w)
		var equal sync.WaitGroup
		for range 10 {
			equal.Go(func() { w.attempt(t, functions.Call{Function: "kept", Arguments: []byte(`{"n":1}`)}) })
		}
		synctest.Wait()
		open()
		equal.Wait()
		for range 10 {
			w.call(t, functions.Call{Function: "kept", Arguments: []byte(`{"n":1}`)})
		}
		w.call(t, functions.Call{Function: "kept", Arguments: []byte(`{"n":2}`)})
		refusal := w.refused(t, functions.TooManyRequests, functions.Call{Function: "kept", Arguments: []byte(`{"n":3}`)})
		if refusal.Rule != "functions[1].limits.rate" || refusal.RetryAfter.Round(time.Second) != 30*time.Second {
			t.Errorf("got rule %q and %v, want functions[1].limits.rate and 30s", refusal.Rule, refusal.RetryAfter)
		}
		if n := w.sender.count(); n != 2 {
			t.Errorf("%d requests were sent, want 2", n)
		}
		// What only says what would be sent asks no limit.
		if _, err := w.Explain(t.Context(), functions.Call{Function: "kept", Arguments: []byte(`{"n":4}`)}); err != nil {
			t.Errorf("Explain: %v", err)
		}
		pass(30 * time.Second)
		w.call(t, functions.Call{Function: "kept", Arguments: []byte(`{"n":3}`)})
	})
}

// What egret does by itself to fill a cache counts as well.
func TestFunctionRateFill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, limitedFunctions)
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { return jsonAnswer(200, `{"n":1}`), nil }
		use := functions.Call{Function: "free", Arguments: []byte(`{"v":"` + resultID + `"}`)}
		w.call(t, functions.Call{Function: "kept", Arguments: []byte(`{"n":1}`), NoStore: true})
		w.call(t, use)
		if refusal := w.refused(t, functions.TooManyRequests, functions.Call{Function: "kept", Arguments: []byte(`{"n":2}`)}); refusal.Scope != functions.OfFunction {
			t.Errorf("got %+v, want the Function's limit", refusal)
		}
	})
}

// A reload goes on counting for a Function that is the same, and begins anew for
// one that has changed.
func TestFunctionLimitReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, limitedFunctions)
		before := w.Set
		fill := func(n string) error {
			_, err := w.Call(t.Context(), functions.Call{Function: "kept", Arguments: []byte(`{"n":` + n + `}`)})
			return err
		}
		for _, n := range []string{"1", "2"} {
			if err := fill(n); err != nil {
				t.Fatal(err)
			}
		}
		w.reload(t, foundation+strings.Replace(limitedFunctions, "/one\n", "/other\n", 1))
		w.Set = w.Following(before)
		if err := fill("3"); codeOf(err) != functions.TooManyRequests {
			t.Errorf("after a reload that changes another Function: %v, want %s", err, functions.TooManyRequests)
		}
		before = w.Set
		w.reload(t, foundation+strings.Replace(limitedFunctions, "2/m", "3/m", 1))
		w.Set = w.Following(before)
		if err := fill("3"); err != nil {
			t.Errorf("after a reload that changes the Function: %v", err)
		}
		if w.Following(nil) != w.Set {
			t.Error("without a Set before, there is another one")
		}
	})
}
