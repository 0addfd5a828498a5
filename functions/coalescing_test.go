package functions_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// same is one call of many.
var same = functions.Call{Function: "put", Arguments: []byte(`{"v":"x"}`)}

// held is a world whose upstream answers when release is closed.
func held(t testing.TB, status int) (w *world, release chan struct{}) {
	w, release = newWorld(t, echoing), make(chan struct{})
	w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
		select {
		case <-release:
			return jsonAnswer(status, string(r.Body)), nil
		case <-ctx.Done():
			return nil, functions.Refuse(functions.UpstreamTimeout, "no answer in time")
		}
	}
	return w, release
}

func TestCoalescing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, release := held(t, 200)
		const callers = 200
		results := make([]*functions.Result, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				client := []string{"alice", "bob"}[i%2]
				results[i] = w.attempt(t, functions.Call{Function: "put", Client: w.client(client), Arguments: []byte(`{"v":"x"}`)})
			})
		}
		synctest.Wait()
		close(release)
		all.Wait()
		if n := w.sender.count(); n != 1 {
			t.Errorf("%d requests were sent, want 1", n)
		}
		ids := map[configs.ID]bool{}
		for _, r := range results {
			if r == nil {
				t.Fatal("a call has no answer")
			}
			ids[r.CallID] = true
			if output(r) != `{"v":"x"}` || r.Source != functions.FromUpstream || r.Expires.IsZero() {
				t.Fatalf("an answer is %s from %q, stored until %s", output(r), r.Source, r.Expires)
			}
		}
		if len(ids) != callers {
			t.Errorf("%d call IDs, want %d", len(ids), callers)
		}
		// It is the latest of each, whoever sent the request.
		for _, client := range []string{"alice", "bob"} {
			if got, want := w.latest(t, client), `{"v":{"v":"x"}}`; got != want {
				t.Errorf("the latest of %s is %s, want %s", client, got, want)
			}
		}
	})
}

// Those who may not share an answer do not share the request either.
func TestNotCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, release := held(t, 200)
		for _, c := range []functions.Call{
			{Arguments: []byte(`{"v":"1"}`)},
			{Arguments: []byte(`{"v":"2"}`)},
			{Arguments: []byte(`{"v":"1"}`), NoCache: true},
			{Arguments: []byte(`{"v":"1"}`), NoStore: true},
			{Arguments: []byte(`{"v":"1"}`), NoStore: true},
		} {
			c.Function = "put"
			go w.attempt(t, c)
		}
		synctest.Wait()
		if n := w.sender.count(); n != 5 {
			t.Errorf("%d requests were sent, want 5", n)
		}
		close(release)
		synctest.Wait()
	})
}

func TestFailuresAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{500, 0} {
			w, release := held(t, status)
			answer := w.sender.answer
			w.sender.answer = echo
			w.put(t, "bob", "kept")
			if w.sender.answer = answer; status == 0 {
				w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
					<-release
					return nil, functions.Refuse(functions.UpstreamProtocol, "closed")
				}
			}
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					result, err := w.Call(t.Context(), functions.Call{Function: same.Function, Arguments: same.Arguments, Client: w.client("bob")})
					if status == 0 {
						if codeOf(err) != functions.UpstreamProtocol {
							t.Errorf("Call: %v, want %s", err, functions.UpstreamProtocol)
						}
					} else if err != nil || result.Status != status || result.OK || !result.Expires.IsZero() {
						t.Errorf("Call = %+v, %v, want status %d and not stored", result, err, status)
					}
				})
			}
			synctest.Wait()
			close(release)
			all.Wait()
			if n := w.sender.count(); n != 2 {
				t.Errorf("status %d: %d requests were sent, want 2", status, n)
			}
			w.sender.answer = echo
			if got, want := w.latest(t, "bob"), `{"v":{"v":"kept"}}`; got != want {
				t.Errorf("status %d: the latest of bob is %s, want %s", status, got, want)
			}
			if got := w.call(t, same); got.Source != functions.FromUpstream {
				t.Errorf("status %d: the source afterwards is %q, want %q", status, got.Source, functions.FromUpstream)
			}
		}
	})
}

// A caller that gives up goes alone, also when it was the first.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, release := held(t, 200)
		first, giveUp := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			_, err := w.Call(first, same)
			if codeOf(err) != functions.Internal {
				t.Errorf("the call that was given up: %v, want %s", err, functions.Internal)
			}
		})
		synctest.Wait()
		for range 10 {
			all.Go(func() { w.attempt(t, same) })
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := w.Call(ctx, same)
			if codeOf(err) != functions.UpstreamTimeout {
				t.Errorf("the call whose time ran out: %v, want %s", err, functions.UpstreamTimeout)
			}
		})
		synctest.Wait()
		giveUp()
		pass(2 * time.Second)
		close(release)
		all.Wait()
		if n := w.sender.count(); n != 1 {
			t.Errorf("%d requests were sent, want 1", n)
		}
	})
}

// A call whose callers have all gone is finished and stored, and Wait waits.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, release := held(t, 200)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := w.Call(ctx, same)
		wantCode(t, err, functions.UpstreamTimeout)
		waited := make(chan struct{})
		go func() {
			w.results.Wait()
			close(waited)
		}()
		synctest.Wait()
		select {
		case <-waited:
			t.Error("Wait returned while a call was running")
		default:
		}
		close(release)
		<-waited
		if got := w.call(t, same); got.Source != functions.FromCache {
			t.Errorf("the source is %q, want %q", got.Source, functions.FromCache)
		}
	})
}
