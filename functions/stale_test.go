package functions_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// lasting is a Function whose answers are good for a minute and stale for an hour.
// It can fill its cache alone.
const lasting = `
  - {name: f, parameters: {properties: {v: {}}}, url: https://api.acme.test/, query: {v: </v>}, cache: results, caching: {stale: 1h, negative: {404: 10m}}}
` + putting

// putting sends what the cache's ID stands for.
const putting = `
  - {name: use, fixed: {it: 22222222-2222-3333-4444-555555555555}, url: https://api.acme.test/use, json: {it: </it>}}
`

// status makes the sender answer with a status and the number of the request.
func (s *sender) status(status int) {
	s.answer = func(context.Context, *sentRequest) (*reply, error) {
		return jsonAnswer(status, fmt.Sprintf(`{"n":%d}`, s.count())), nil
	}
}

func TestStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		call := functions.Call{Function: "f"}
		end := w.call(t, call).Expires
		if want := time.Now().Add(time.Minute); !end.Equal(want) {
			t.Errorf("the answer is good until %s, want %s", end, want)
		}
		pass(time.Minute - time.Nanosecond)
		if got := w.call(t, call); got.Source != functions.FromCache {
			t.Errorf("before its end the source is %q, want %q", got.Source, functions.FromCache)
		}
		pass(time.Nanosecond)
		got := w.call(t, call)
		if got.Source != functions.FromStale || output(got) != `{"n":1}` || !got.Expires.Equal(end) || !got.OK {
			t.Errorf("at its end: %s from %q until %s, want {\"n\":1} from %q until %s", output(got), got.Source, got.Expires, functions.FromStale, end)
		}
		w.results.Wait()
		got = w.call(t, call)
		if want := time.Now().Add(time.Minute); got.Source != functions.FromCache || output(got) != `{"n":2}` || !got.Expires.Equal(want) {
			t.Errorf("afterwards: %s from %q until %s, want {\"n\":2} from %q until %s", output(got), got.Source, got.Expires, functions.FromCache, want)
		}
		pass(time.Hour + time.Minute - time.Nanosecond)
		if got := w.call(t, call); got.Source != functions.FromStale || output(got) != `{"n":2}` {
			t.Errorf("before the end of all: %s from %q, want {\"n\":2} from %q", output(got), got.Source, functions.FromStale)
		}
		w.results.Wait()
		pass(time.Hour + time.Minute)
		if got := w.call(t, call); got.Source != functions.FromUpstream || output(got) != `{"n":4}` {
			t.Errorf("at the end of all: %s from %q, want {\"n\":4} from %q", output(got), got.Source, functions.FromUpstream)
		}
	})
}

// What a cache ID stands for is never stale: it is fetched anew before it is sent.
func TestLatestIsNeverStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		bob := w.client("bob")
		w.call(t, functions.Call{Function: "f", Client: bob})
		use := func() string { return string(w.requestBody(t, functions.Call{Function: "use", Client: bob})) }
		if got, want := use(), `{"it":{"n":1}}`; got != want {
			t.Errorf("a fresh one: %s, want %s", got, want)
		}
		pass(time.Minute)
		if got, want := use(), `{"it":{"n":3}}`; got != want {
			t.Errorf("a stale one: %s, want %s", got, want)
		}
		if got := w.call(t, functions.Call{Function: "f", Client: bob}); got.Source != functions.FromCache || output(got) != `{"n":3}` {
			t.Errorf("the slot has %s from %q, want {\"n\":3} from %q", output(got), got.Source, functions.FromCache)
		}
		// Who got a stale one made nothing the latest of it.
		pass(time.Minute)
		w.sender.status(500)
		if got := w.call(t, functions.Call{Function: "f", Client: bob}); got.Source != functions.FromStale {
			t.Errorf("the source is %q, want %q", got.Source, functions.FromStale)
		}
		w.results.Wait()
		w.refused(t, functions.CacheEmpty, functions.Call{Function: "use", Client: bob})
	})
}

// requestBody makes a call and gives the body of the last request.
func (w *world) requestBody(t testing.TB, c functions.Call) []byte {
	t.Helper()
	w.call(t, c)
	return w.sender.last().Body
}

func TestOneRevalidation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		w.call(t, functions.Call{Function: "f"})
		pass(time.Minute)
		release := make(chan struct{})
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			<-release
			return jsonAnswer(200, `{"new":true}`), nil
		}
		ask := func(source functions.Source, body string) {
			var all sync.WaitGroup
			for range 200 {
				all.Go(func() {
					if got := w.attempt(t, functions.Call{Function: "f"}); got == nil || got.Source != source || output(got) != body {
						t.Errorf("got %v, want %s from %q", got, body, source)
					}
				})
			}
			all.Wait()
		}
		ask(functions.FromStale, `{"n":1}`) // nobody waits
		synctest.Wait()
		ask(functions.FromStale, `{"n":1}`)
		close(release)
		w.results.Wait()
		ask(functions.FromCache, `{"new":true}`)
		if n := w.sender.count(); n != 2 {
			t.Errorf("%d requests were sent, want 2: the first, and one for all", n)
		}
	})
}

// A hooked store calls a function once, between what it has read and whoever
// asked for it.
type hooked struct {
	caches.Store
	hook func()
}

func (h *hooked) Get(ctx context.Context, key string) (caches.Entry, bool, error) {
	entry, ok, err := h.Store.Get(ctx, key)
	if hook := h.hook; hook != nil {
		h.hook = nil
		hook()
	}
	return entry, ok, err
}

// Who saw no answer, or a stale one, and asks for a new one when that has just
// been stored, causes no request.
func TestNotFetchedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		store := &hooked{Store: caches.NewMemory(caches.Limits{})}
		results := functions.NewResults(store)
		w.Set = w.With(functions.Options{Tokens: w.tokens, Sender: w.sender, Results: results})
		for n, source := range []functions.Source{functions.FromUpstream, functions.FromStale} {
			store.hook = func() {
				w.call(t, functions.Call{Function: "f"})
				results.Wait()
			}
			if got := w.call(t, functions.Call{Function: "f"}); got.Source != source {
				t.Errorf("the source is %q, want %q", got.Source, source)
			}
			results.Wait()
			if sent := w.sender.count(); sent != n+1 {
				t.Errorf("%d requests were sent, want %d", sent, n+1)
			}
			pass(time.Minute)
		}
	})
}

// The caller's end is not that of the revalidation, whose Wait waits for it.
func TestRevalidationOutlivesTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		w.call(t, functions.Call{Function: "f"})
		pass(time.Minute)
		w.sender.answer = func(ctx context.Context, _ *sentRequest) (*reply, error) {
			select {
			case <-time.After(10 * time.Second):
				return jsonAnswer(200, `{"new":true}`), nil
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
		ctx, giveUp := context.WithCancel(t.Context())
		if _, err := w.Call(ctx, functions.Call{Function: "f"}); err != nil {
			t.Fatal(err)
		}
		giveUp()
		begin := time.Now()
		if w.results.Wait(); time.Since(begin) != 10*time.Second {
			t.Errorf("Wait took %s, want 10s", time.Since(begin))
		}
		if got := w.call(t, functions.Call{Function: "f"}); output(got) != `{"new":true}` {
			t.Errorf("stored: %s, want {\"new\":true}", output(got))
		}
	})
}

// An upstream that does not answer, or not well, is not asked by each caller.
func TestRevalidationBacksOff(t *testing.T) {
	for name, broken := range map[string]func(*world){
		"status 500": func(w *world) { w.sender.status(500) },
		"status 404": func(w *world) { w.sender.status(404) }, // stored only where nothing is
		"no answer": func(w *world) {
			w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
				return nil, functions.Refuse(functions.UpstreamUnreachable, "nobody there")
			}
		},
		"panic": func(w *world) {
			w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { panic("broken") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, lasting)
				w.call(t, functions.Call{Function: "f"})
				pass(time.Minute)
				broken(w)
				var asked []int
				begin := time.Now()
				for second := 0; second <= 120; second++ {
					before := w.sender.count()
					if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromStale || output(got) != `{"n":1}` {
						t.Fatalf("after %ds: %s from %q, want {\"n\":1} from %q", second, output(got), got.Source, functions.FromStale)
					}
					if w.results.Wait(); w.sender.count() > before {
						asked = append(asked, second)
					}
					pass(time.Until(begin.Add(time.Duration(second+1) * time.Second)))
				}
				if got, want := fmt.Sprint(asked), "[0 1 3 7 15 31 61 91]"; got != want {
					t.Errorf("the upstream was asked after %s seconds, want %s", got, want)
				}
				// What works again is forgiven at once.
				w.sender.answer = nil
				w.call(t, functions.Call{Function: "f"})
				w.results.Wait()
				if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromCache {
					t.Errorf("the source is %q, want %q", got.Source, functions.FromCache)
				}
				pass(time.Minute)
				broken(w)
				for range 2 {
					before := w.sender.count()
					w.call(t, functions.Call{Function: "f"})
					if w.results.Wait(); w.sender.count() != before+1 {
						t.Errorf("the upstream was not asked again a second after its first failure")
					}
					pass(time.Second)
				}
			})
		})
	}
}

// Every check comes before a stale answer too.
func TestStaleIsChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		w.call(t, functions.Call{Function: "f"})
		pass(time.Minute)
		w.refused(t, functions.FunctionDenied, functions.Call{Function: "f", Client: w.client("dave")})
		w.refused(t, functions.CacheDenied, functions.Call{Function: "f", Client: w.client("carol"), Arguments: []byte(`{"v":"` + tokenID + `"}`)})
		if n := w.sender.count(); n != 1 {
			t.Errorf("%d requests were sent, want 1", n)
		}
	})
}

// TestDirectivesOnAll has each directive on what may be in the slot: what the call
// gets, and whether something is fetched.
func TestDirectivesOnAll(t *testing.T) {
	const refused functions.Source = "not_cached"
	for _, c := range []struct {
		directive                      functions.Call
		fresh, stale, negative, absent functions.Source
		renews                         bool // of stale
		stores                         bool // what is performed
	}{
		{functions.Call{}, functions.FromCache, functions.FromStale, functions.FromCache, functions.FromUpstream, true, true},
		{functions.Call{NoCache: true}, functions.FromUpstream, functions.FromUpstream, functions.FromUpstream, functions.FromUpstream, false, true},
		{functions.Call{NoStore: true}, functions.FromCache, functions.FromStale, functions.FromCache, functions.FromUpstream, false, false},
		{functions.Call{OnlyIfCached: true}, functions.FromCache, functions.FromStale, functions.FromCache, refused, false, false},
		{functions.Call{NoCache: true, NoStore: true}, functions.FromUpstream, functions.FromUpstream, functions.FromUpstream, functions.FromUpstream, false, false},
		{functions.Call{NoCache: true, OnlyIfCached: true}, refused, refused, refused, refused, false, false},
		{functions.Call{NoStore: true, OnlyIfCached: true}, functions.FromCache, functions.FromStale, functions.FromCache, refused, false, false},
	} {
		for state, want := range map[string]functions.Source{"fresh": c.fresh, "stale": c.stale, "negative": c.negative, "absent": c.absent} {
			t.Run(fmt.Sprintf("%t %t %t %s", c.directive.NoCache, c.directive.NoStore, c.directive.OnlyIfCached, state), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, lasting)
					if state == "negative" {
						w.sender.status(404)
					}
					if state != "absent" {
						w.call(t, functions.Call{Function: "f"})
					}
					if state == "stale" {
						pass(time.Minute)
					}
					w.sender.answer = nil
					before, call := w.sender.count(), c.directive
					call.Function = "f"
					got, err := w.Call(t.Context(), call)
					w.results.Wait()
					source := functions.Source(codeOf(err))
					if err == nil {
						source = got.Source
						if ok := state != "negative" || source == functions.FromUpstream; got.OK != ok || got.Status == 404 == ok {
							t.Errorf("status %d, ok %t, want ok %t", got.Status, got.OK, ok)
						}
						if stored := source != functions.FromUpstream || c.stores; got.Expires.IsZero() == stored {
							t.Errorf("stored until %s, want stored %t", got.Expires, stored)
						}
					}
					sent := 0
					if want == functions.FromUpstream || state == "stale" && c.renews {
						sent = 1
					}
					if n := w.sender.count() - before; source != want || n != sent {
						t.Errorf("the source is %q and %d requests were sent, want %q and %d", source, n, want, sent)
					}
				})
			})
		}
	}
}

func TestNegative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, lasting)
		w.sender.status(404)
		bob := w.client("bob")
		for _, source := range []functions.Source{functions.FromUpstream, functions.FromCache} {
			got := w.call(t, functions.Call{Function: "f", Client: bob})
			if want := time.Now().Add(10 * time.Minute); got.Source != source || got.OK || got.Status != 404 || !got.Expires.Equal(want) {
				t.Errorf("got %d, ok %t from %q until %s, want 404 from %q until %s", got.Status, got.OK, got.Source, got.Expires, source, want)
			}
		}
		// It is nothing that an ID could stand for.
		w.refused(t, functions.CacheEmpty, functions.Call{Function: "use", Client: bob})
		if n := w.sender.count(); n != 1 {
			t.Errorf("%d requests were sent, want 1", n)
		}
		pass(10 * time.Minute) // and never stale
		w.sender.status(200)
		if got := w.call(t, functions.Call{Function: "f", Client: bob}); got.Source != functions.FromUpstream || !got.OK {
			t.Errorf("afterwards: ok %t from %q, want ok from %q", got.OK, got.Source, functions.FromUpstream)
		}
		// A status that has no life of its own is not stored, and leaves what is.
		w.sender.status(500)
		if got := w.call(t, functions.Call{Function: "f", Client: bob, NoCache: true}); got.Status != 500 || !got.Expires.IsZero() {
			t.Errorf("got %d until %s, want 500 and not stored", got.Status, got.Expires)
		}
		if got := w.call(t, functions.Call{Function: "f", Client: bob}); got.Source != functions.FromCache || !got.OK {
			t.Errorf("the slot has ok %t from %q, want ok from %q", got.OK, got.Source, functions.FromCache)
		}
	})
}

func TestTTLFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, `
  - {name: body, url: https://api.acme.test/b, cache: results, caching: {ttl_from: /expires_in, stale: 10s}}
  - {name: header, url: https://api.acme.test/h, cache: second, caching: {ttl_from: Cache-Control, stale: 10s}}
`)
		w.sender.answer = func(_ context.Context, r *sentRequest) (*reply, error) {
			answer := jsonAnswer(200, `{"expires_in":5}`)
			if r.Target == "/h" {
				answer.Header = append(answer.Header, templates.Field{Name: "Cache-Control", Value: "max-age=5, must-revalidate"})
			}
			return answer, nil
		}
		for function, after := range map[string]functions.Source{"body": functions.FromStale, "header": functions.FromUpstream} {
			got := w.call(t, functions.Call{Function: function})
			if want := time.Now().Add(5 * time.Second); !got.Expires.Equal(want) {
				t.Errorf("%s: good until %s, want %s", function, got.Expires, want)
			}
			pass(5 * time.Second)
			if got := w.call(t, functions.Call{Function: function}); got.Source != after {
				t.Errorf("%s: the source is %q, want %q", function, got.Source, after)
			}
			w.results.Wait()
		}
	})
}
