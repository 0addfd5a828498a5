package functions_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/functions"
)

// echoing answers with what the request brought, so that an answer tells whose
// it is.
const echoing = `
  - name: put
    parameters: {required: [v], properties: {v: {type: string}}}
    url: https://api.acme.test/
    json: {v: </v>}
    cache: results
  - name: show
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/
    json: {v: </v>}
  - name: keep
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/
    json: {v: </v>}
    cache: second
  - name: keep_fixed
    fixed: {v: 22222222-2222-3333-4444-555555555555}
    url: https://api.acme.test/
    json: {v: </v>}
    cache: second
`

func echo(_ context.Context, r *sentRequest) (*reply, error) {
	return jsonAnswer(200, string(r.Body)), nil
}

func echoWorld(t testing.TB) *world {
	w := newWorld(t, echoing)
	w.sender.answer = echo
	return w
}

// put stores v as an answer of client's.
func (w *world) put(t testing.TB, client, v string) {
	t.Helper()
	w.call(t, functions.Call{Function: "put", Client: w.client(client), Arguments: []byte(`{"v":"` + v + `"}`)})
}

// latest is what the ID of the cache results stands for when client names it.
func (w *world) latest(t testing.TB, client string) string {
	t.Helper()
	return output(w.call(t, functions.Call{Function: "show", Client: w.client(client), Arguments: []byte(`{"v":"` + resultID + `"}`)}))
}

func TestLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := echoWorld(t)
		want := func(client, v string) {
			t.Helper()
			if got, want := w.latest(t, client), fmt.Sprintf(`{"v":{"v":"%s"}}`, v); got != want {
				t.Errorf("the latest of %s is %s, want %s", client, got, want)
			}
		}
		w.put(t, "alice", "a1")
		want("alice", "a1")
		// Nothing of another client's, not even when there is nothing else.
		w.refused(t, functions.CacheEmpty, functions.Call{Function: "show", Client: w.client("bob"), Arguments: []byte(`{"v":"` + resultID + `"}`)})
		w.refused(t, functions.CacheEmpty, functions.Call{Function: "show", Arguments: []byte(`{"v":"` + resultID + `"}`)})

		pass(time.Second)
		w.put(t, "bob", "b1")
		want("alice", "a1")
		want("bob", "b1")

		pass(time.Second)
		w.put(t, "", "n1") // from before there were clients, or from the command line
		want("", "n1")
		want("alice", "a1")
		want("bob", "b1")
		pass(time.Second)
		w.put(t, "alice", "a2")
		want("alice", "a2")
		want("bob", "b1")

		// A hit counts, also of an answer that another client asked for first.
		pass(time.Second)
		w.put(t, "alice", "a1")
		want("alice", "a1")
		w.put(t, "bob", "a2")
		want("bob", "a2")

		// An answer does not live longer by being used.
		pass(time.Minute - 4*time.Second)
		w.refused(t, functions.CacheEmpty, functions.Call{Function: "show", Client: w.client("alice"), Arguments: []byte(`{"v":"` + resultID + `"}`)})
		want("bob", "a2")
		pass(4 * time.Second)
		w.refused(t, functions.CacheEmpty, functions.Call{Function: "show", Client: w.client("bob"), Arguments: []byte(`{"v":"` + resultID + `"}`)})
	})
}

// What egret itself has filled is everybody's: the latest, unless an answer of
// one's own is later.
func TestLatestOfEgretItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, replaceOnce(t, echoing, "{required: [v], properties: {v: {type: string}}}", "{properties: {v: {type: string}}}"))
		w.sender.answer = echo
		want := func(client, v string) {
			t.Helper()
			if got, want := w.latest(t, client), `{"v":`+v+`}`; got != want {
				t.Errorf("the latest of %q is %s, want %s", client, got, want)
			}
		}
		w.put(t, "alice", "a1")
		w.put(t, "", "n1")
		pass(time.Second)
		want("bob", `{}`) // Bob finds nothing, so egret itself asks.
		for _, client := range []string{"alice", "bob", ""} {
			want(client, `{}`)
		}
		pass(time.Second)
		w.put(t, "alice", "a2")
		w.put(t, "", "n2")
		want("alice", `{"v":"a2"}`)
		want("bob", `{}`)
		want("", `{"v":"n2"}`)
		if n := w.sender.count(); n != 4+1+7 {
			t.Errorf("%d requests were sent, want 4 to store, 1 to fill and 7 to show", n)
		}
	})
}

// Whoever called before there were clients was not egret itself: once there are
// clients, none of them gets what those calls stored.
func TestLatestAfterClientsAreAdded(t *testing.T) {
	_, caches, _ := strings.Cut(foundation, "\ncaches:")
	w := newWorld(t, echoing)
	w.sender.answer = echo
	w.reload(t, "caches:"+caches+echoing)
	w.put(t, "", "n1")
	// This answer has n1 in it. It is the anonymous callers' own as well.
	w.call(t, functions.Call{Function: "keep_fixed"})

	w.reload(t, foundation+echoing)
	if len(w.cfg.Clients) == 0 {
		t.Fatal("there are no clients")
	}
	for _, client := range []string{"alice", "bob"} {
		for _, id := range []string{resultID, secondID} {
			result, err := w.Call(t.Context(), functions.Call{Function: "show", Client: w.client(client), Arguments: []byte(`{"v":"` + id + `"}`)})
			if codeOf(err) != functions.CacheEmpty {
				t.Errorf("%s names %s: %+v, %v, want cache_empty", client, id, result, err)
			}
		}
	}
	// egret itself does not take it for its own either.
	fills := replaceOnce(t, echoing, "  - name: keep\n    parameters: {properties: {v: {}}}\n    url: https://api.acme.test/\n    json: {v: </v>}\n    cache: second\n", "")
	w.reload(t, foundation+fills)
	refusal := w.refused(t, functions.CacheEmpty, functions.Call{Function: "show", Client: w.client("alice"), Arguments: []byte(`{"v":"` + secondID + `"}`)})
	contains(t, refusal.Detail, "cache results is empty")
}

// A call that must not be stored leaves no trace in what the ID stands for.
func TestLatestNoStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := echoWorld(t)
		w.put(t, "bob", "b1")
		pass(time.Second)
		w.put(t, "alice", "a1")
		pass(time.Second)
		for _, v := range []string{"b1", "new"} {
			w.call(t, functions.Call{Function: "put", Client: w.client("alice"), NoStore: true, Arguments: []byte(`{"v":"` + v + `"}`)})
		}
		if got, want := w.latest(t, "alice"), `{"v":{"v":"a1"}}`; got != want {
			t.Errorf("the latest of alice is %s, want %s", got, want)
		}
	})
}

// What an ID of an output cache stands for differs, and so does an answer to it.
func TestPersonalAnswersAreNotShared(t *testing.T) {
	w := echoWorld(t)
	w.put(t, "alice", "a")
	w.put(t, "bob", "b")
	for _, c := range []struct{ function, arguments, shape string }{
		{"keep", `{"v":"` + resultID + `"}`, `{"v":{"v":"%s"}}`},
		{"keep", `{"v":[{"x":"` + resultID + `"}]}`, `{"v":[{"x":{"v":"%s"}}]}`},
		{"keep_fixed", ``, `{"v":{"v":"%s"}}`},
	} {
		for _, source := range []functions.Source{functions.FromUpstream, functions.FromCache} {
			for client, v := range map[string]string{"alice": "a", "bob": "b"} {
				got := w.call(t, functions.Call{Function: c.function, Client: w.client(client), Arguments: []byte(c.arguments)})
				if want := fmt.Sprintf(c.shape, v); output(got) != want || got.Source != source {
					t.Errorf("%s %s of %s: %s from %q, want %s from %q", c.function, c.arguments, client, output(got), got.Source, want, source)
				}
			}
		}
	}
	// An answer with the ID of a token cache is everybody's.
	before := w.sender.count()
	for _, client := range []string{"alice", "bob"} {
		w.call(t, functions.Call{Function: "keep", Client: w.client(client), Arguments: []byte(`{"v":"` + anyID + `"}`)})
	}
	if sent := w.sender.count() - before; sent != 1 {
		t.Errorf("%d requests were sent for a token, want 1", sent)
	}
}

// What an answer is, its ID stands for.
func TestLatestOfEveryKind(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body, want, value string
		status                               int
	}{
		{"JSON", "application/json", ` {"b":1.0,"a":[2e1,"<é>"]} `, `{"v":{"b":1.0,"a":[2e1,"<é>"]}}`, `{"b":1.0,"a":[2e1,"<é>"]}`, 200},
		{"a number", "application/json", `1.50`, `{"v":1.50}`, `1.50`, 200},
		{"a string", "application/json", `"a\"<b"`, `{"v":"a\"<b"}`, `a"<b`, 200},
		{"text", "text/plain", `a"<b`, `{"v":"a\"<b"}`, `a"<b`, 200},
		{"nothing", "", ``, `{}`, ``, 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := echoWorld(t)
			w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
				answer := jsonAnswer(c.status, c.body)
				answer.Header[0].Value = c.contentType
				return answer, nil
			}
			w.put(t, "alice", "a")
			cache := &w.cfg.Caches[3]
			if value, err := w.Value(t.Context(), cache, w.client("alice")); c.value == "" {
				wantCode(t, err, functions.CacheEmpty)
			} else if err != nil || value != c.value {
				t.Errorf("Value = %q, %v, want %q", value, err, c.value)
			}
			_, err := w.Value(t.Context(), cache, w.client("bob"))
			wantCode(t, err, functions.CacheEmpty)
			w.sender.answer = echo
			if got := w.latest(t, "alice"); got != c.want {
				t.Errorf("the request brought %s, want %s", got, c.want)
			}
			inside := `{"v":["` + resultID + `",1]}`
			want := `{"v":[null,1]}`
			if v, ok := strings.CutPrefix(c.want, `{"v":`); ok {
				want = `{"v":[` + strings.TrimSuffix(v, "}") + `,1]}`
			}
			if got := string(w.requestOf(t, "alice", "show", inside).Body); got != want {
				t.Errorf("in an array, the request brought %s, want %s", got, want)
			}
		})
	}
}
