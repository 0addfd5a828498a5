package functions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

const stored = `
  - name: f
    parameters: {properties: {v: {}, w: {}}}
    url: https://api.acme.test/
    json: {v: </v>, w: </w>}
    cache: results
`

func TestKey(t *testing.T) {
	for _, c := range []struct {
		name, first, second string
		hit                 bool
	}{
		{"the same", `{"v":1}`, `{"v":1}`, true},
		{"white space", `{"v":[1,{"a":2}]}`, " {\n\t\"v\" : [ 1, { \"a\":2 } ] } ", true},
		{"the order of members", `{"v":{"a":1,"b":2},"w":1}`, `{"w":1,"v":{"b":2,"a":1}}`, true},
		{"the spelling of a string", `{"v":"é/\u000a"}`, `{"\u0076":"\u00e9\/\n"}`, true},
		{"nothing and the empty object", ``, `{}`, true},
		{"another value", `{"v":1}`, `{"v":2}`, false},
		{"another member", `{"v":1}`, `{"w":1}`, false},
		{"the text of a number", `{"v":1}`, `{"v":1.0}`, false},
		{"the exponent of a number", `{"v":10}`, `{"v":1e1}`, false},
		{"large numbers", `{"v":9007199254740993}`, `{"v":9007199254740992}`, false},
		{"the order of elements", `{"v":[1,2]}`, `{"v":[2,1]}`, false},
		{"a number as a string", `{"v":1}`, `{"v":"1"}`, false},
		{"null and absent", `{"v":null}`, `{}`, false},
		{"the letter case of a string", `{"v":"a"}`, `{"v":"A"}`, false},
		{"composed and not", `{"v":"\u00e9"}`, `{"v":"e\u0301"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, stored)
			first := w.call(t, functions.Call{Function: "f", Arguments: []byte(c.first)})
			second := w.call(t, functions.Call{Function: "f", Arguments: []byte(c.second)})
			if first.Source != functions.FromUpstream {
				t.Errorf("the source of the first call is %q, want %q", first.Source, functions.FromUpstream)
			}
			if hit := second.Source == functions.FromCache; hit != c.hit || hit != (output(first) == output(second)) {
				t.Errorf("a hit: %t, want %t; the outputs are %s and %s", hit, c.hit, output(first), output(second))
			}
			if first.CallID == second.CallID {
				t.Errorf("both calls have the ID %s", first.CallID)
			}
		})
	}
}

func TestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, stored)
		first := w.call(t, functions.Call{Function: "f"})
		if want := time.Now().Add(time.Minute); !first.Expires.Equal(want) || first.OutputCache.String() != resultID {
			t.Errorf("stored in %s until %s, want %s until %s", first.OutputCache, first.Expires, resultID, want)
		}
		pass(time.Minute - time.Nanosecond)
		hit := w.call(t, functions.Call{Function: "f"})
		if hit.Source != functions.FromCache || !hit.Expires.Equal(first.Expires) || hit.OutputCache != first.OutputCache {
			t.Errorf("a moment before the end: %q until %s, want a hit until %s", hit.Source, hit.Expires, first.Expires)
		}
		pass(time.Nanosecond)
		if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromUpstream {
			t.Errorf("at the end the source is %q, want %q", got.Source, functions.FromUpstream)
		}
	})
}

func TestOnlyOKIsStored(t *testing.T) {
	for _, status := range []int{200, 201, 204, 299, 300, 302, 304, 400, 404, 429, 500, 503} {
		w := newWorld(t, stored)
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			return jsonAnswer(status, `{}`), nil
		}
		ok := status/100 == 2
		first := w.call(t, functions.Call{Function: "f"})
		if first.OK != ok || first.Expires.IsZero() == ok {
			t.Errorf("status %d: ok %t, expires %s, want ok %t", status, first.OK, first.Expires, ok)
		}
		if second := w.call(t, functions.Call{Function: "f"}); (second.Source == functions.FromCache) != ok || second.Status != status {
			t.Errorf("status %d: the second answer is %d from %q, want a hit: %t", status, second.Status, second.Source, ok)
		}
	}
}

func TestErrorsAreNotStored(t *testing.T) {
	w := newWorld(t, stored)
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return nil, functions.Refuse(functions.UpstreamUnreachable, "nobody there")
	}
	w.refused(t, functions.UpstreamUnreachable, functions.Call{Function: "f"})
	w.sender.answer = nil
	if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromUpstream {
		t.Errorf("the source is %q, want %q", got.Source, functions.FromUpstream)
	}
}

func TestDirectives(t *testing.T) {
	w := newWorld(t, stored)
	w.refused(t, functions.NotCached, functions.Call{Function: "f", OnlyIfCached: true})

	// What is not to be stored is not.
	if got := w.call(t, functions.Call{Function: "f", NoStore: true}); !got.Expires.IsZero() || output(got) != `{"n":1}` {
		t.Errorf("no-store: %s until %s, want {\"n\":1} and not stored", output(got), got.Expires)
	}
	w.refused(t, functions.NotCached, functions.Call{Function: "f", OnlyIfCached: true})

	w.call(t, functions.Call{Function: "f"})
	for _, c := range []functions.Call{{}, {OnlyIfCached: true}, {NoStore: true}} {
		c.Function = "f"
		if got := w.call(t, c); got.Source != functions.FromCache || output(got) != `{"n":2}` {
			t.Errorf("%+v: %s from %q, want {\"n\":2} from the cache", c, output(got), got.Source)
		}
	}

	// Performed anew, and stored in place of the old one.
	if got := w.call(t, functions.Call{Function: "f", NoCache: true}); got.Source != functions.FromUpstream || output(got) != `{"n":3}` {
		t.Errorf("no-cache: %s from %q, want {\"n\":3} from upstream", output(got), got.Source)
	}
	if got := w.call(t, functions.Call{Function: "f"}); output(got) != `{"n":3}` {
		t.Errorf("after no-cache: %s, want {\"n\":3}", output(got))
	}
	w.call(t, functions.Call{Function: "f", NoCache: true, NoStore: true})
	if got := w.call(t, functions.Call{Function: "f"}); output(got) != `{"n":3}` {
		t.Errorf("after no-cache and no-store: %s, want {\"n\":3}", output(got))
	}
	w.refused(t, functions.NotCached, functions.Call{Function: "f", NoCache: true, OnlyIfCached: true})
}

func TestWithoutOutputCache(t *testing.T) {
	w := newWorld(t, anything)
	w.refused(t, functions.NotCached, functions.Call{Function: "f", OnlyIfCached: true})
	for n := 1; n <= 2; n++ {
		got := w.call(t, functions.Call{Function: "f"})
		if want := fmt.Sprintf(`{"n":%d}`, n); output(got) != want || !got.Expires.IsZero() || got.OutputCache != (configs.ID{}) {
			t.Errorf("call %d: %s stored in %s until %s, want %s and not stored", n, output(got), got.OutputCache, got.Expires, want)
		}
	}
}

// A changed Function has other answers, an unchanged one keeps its own.
func TestReload(t *testing.T) {
	w := newWorld(t, stored)
	w.call(t, functions.Call{Function: "f"})
	w.reload(t, foundation+"  # the same Function\n"+stored)
	if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromCache {
		t.Errorf("unchanged: the source is %q, want %q", got.Source, functions.FromCache)
	}
	w.reload(t, foundation+stored+"    headers: {X-New: x}\n")
	if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromUpstream {
		t.Errorf("changed: the source is %q, want %q", got.Source, functions.FromUpstream)
	}
	w.reload(t, foundation+stored+replaceOnce(t, stored, "name: f", "name: g"))
	if got := w.call(t, functions.Call{Function: "g"}); got.Source != functions.FromUpstream {
		t.Errorf("another Function: the source is %q, want %q", got.Source, functions.FromUpstream)
	}
}

// Cookies are credentials of egret's own exchange: no caller and no store gets
// them.
func TestCookiesAreNotStored(t *testing.T) {
	store := &recorder{Store: caches.NewMemory(caches.Limits{})}
	w := newWorld(t, stored)
	w.results = functions.NewResults(store)
	w.reload(t, foundation+stored)
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		answer := jsonAnswer(200, `{}`)
		answer.Header = append(answer.Header, templates.Field{Name: "set-COOKIE", Value: "canary=1"}, templates.Field{Name: "X-Kept", Value: "caf\xe9"})
		return answer, nil
	}
	for _, source := range []functions.Source{functions.FromUpstream, functions.FromCache} {
		got := w.call(t, functions.Call{Function: "f"})
		kept := http.Header{}
		for _, f := range got.Header {
			kept.Add(f.Name, f.Value)
		}
		if got.Source != source || kept.Get("Set-Cookie") != "" || kept.Get("X-Kept") != "caf\xe9" {
			t.Errorf("from %q: the header is %q, want X-Kept byte for byte and no cookie", got.Source, got.Header)
		}
	}
	if len(store.put) == 0 {
		t.Error("nothing was stored")
	}
	for _, data := range store.put {
		if containsText(data, "canary") {
			t.Errorf("the store got %q, want no cookie", data)
		}
	}
}

// A store that is broken makes calls slower, not wrong.
func TestBrokenStore(t *testing.T) {
	w := newWorld(t, stored)
	for name, store := range map[string]*recorder{
		"it loses everything":       {err: errors.New("connection refused")},
		"what it gives is not ours": {Store: caches.NewMemory(caches.Limits{}), garble: true},
	} {
		w.results = functions.NewResults(store)
		w.reload(t, foundation+stored)
		for range 2 {
			if got := w.call(t, functions.Call{Function: "f"}); got.Source != functions.FromUpstream || got.Status != 200 {
				t.Errorf("%s: %d from %q, want 200 from upstream", name, got.Status, got.Source)
			}
		}
	}
}

// A recorder is a store that keeps what is put, and may spoil it.
type recorder struct {
	caches.Store
	err    error
	garble bool
	put    []string
}

func (r *recorder) Put(ctx context.Context, key string, e caches.Entry) error {
	if r.err != nil {
		return r.err
	}
	r.put = append(r.put, string(e.Data))
	if r.garble {
		e.Data = []byte(`{"status":200}` + "\n{}")
	}
	return r.Store.Put(ctx, key, e)
}

func (r *recorder) Get(ctx context.Context, key string) (caches.Entry, bool, error) {
	if r.err != nil {
		return caches.Entry{}, false, r.err
	}
	return r.Store.Get(ctx, key)
}
