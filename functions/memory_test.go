package functions_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/functions"
)

// carrying puts live values, and parts of them, in every place.
const carrying = `
  - name: carry
    parameters: {properties: {t: {}, p: {}, v: {}, w: {}}}
    method: POST
    url: https://api.acme.test/{/v}
    query: {t: </t>}
    headers: {Authorization: Bearer </t>, X-Part: "{/p/key}"}
    json: {t: </t>, list: [</t>, {deep: </v>}], absent: </w>}
`

// Nothing of a call stays in the memory that the next one gets, whether the call
// was answered or broke off.
func TestMemoryIsWiped(t *testing.T) {
	w := newWorld(t, carrying)
	w.tokens.values["any"] = `{"key":"canary-part"}`
	for name, arguments := range map[string]string{
		"answered":                `{"t":"` + anyID + `","p":"` + anyID + `","v":"canary"}`,
		"refused in the path":     `{"t":"` + anyID + `","p":"` + anyID + `","v":""}`,
		"refused in a header":     `{"t":"` + anyID + `","p":{"key":"canary\u0000"},"v":"canary"}`,
		"refused before anything": `{"t":"canary","t":1}`,
	} {
		for range 3 {
			leftover, others, err := functions.Leftover(w.Set, functions.Call{Function: "carry", Arguments: []byte(arguments)})
			if wiped := bytes.Trim(leftover, "\x00"); len(wiped) > 0 || others > 0 {
				t.Errorf("%s: %q and %d other things are left", name, wiped, others)
			}
			if (err == nil) != (name == "answered") {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
	}
}

// Calls at the same time do not get in each other's way, and what they gave stays
// as it was when their memory is used again.
func TestMemoryIsNotShared(t *testing.T) {
	w := newWorld(t, anything+echoing)
	w.sender.answer = echo
	results := make([][]string, 8)
	var all sync.WaitGroup
	for n := range results {
		all.Go(func() {
			var kept []*functions.Result
			var want []string
			for i := range 50 {
				v := fmt.Sprintf("%d-%d-%s", n, i, strings.Repeat("x", i*n))
				for _, function := range []string{"f", "put"} {
					if r := w.attempt(t, functions.Call{Function: function, Arguments: []byte(`{"v":"` + v + `"}`)}); r != nil {
						kept, want = append(kept, r), append(want, `{"v":"`+v+`"}`)
					}
				}
			}
			for i, r := range kept {
				if output(r) != want[i] || string(r.Body) != want[i] {
					results[n] = append(results[n], fmt.Sprintf("got %.60s, want %.60s", output(r), want[i]))
				}
			}
		})
	}
	all.Wait()
	for n, wrong := range results {
		if len(wrong) > 0 {
			t.Errorf("caller %d: %d wrong answers, such as %s", n, len(wrong), wrong[0])
		}
	}
}

// A slow sender reads the request only when release is closed.
type slow struct {
	quick
	release chan struct{}
	sent    chan string
}

func (s slow) Send(ctx context.Context, r *functions.Request, answer *functions.Answer) error {
	if bytes.Contains(r.Body, []byte("slow")) {
		<-s.release
		s.sent <- string(r.Body)
	}
	return s.quick.Send(ctx, r, answer)
}

// A call that others may wait for goes on when its caller is gone, and works with
// what it was given, though the caller uses its memory for something else.
func TestMemoryOfGoneCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, echoing)
		s := slow{quick: quick{caches.Entry{Data: []byte("live")}}, release: make(chan struct{}), sent: make(chan string, 1)}
		set, err := functions.New(w.cfg, functions.Options{Tokens: s, Sender: s, Results: w.results})
		if err != nil {
			t.Fatal(err)
		}
		arguments := []byte(`{"v":"slow"}`)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, _, err := set.AppendEnvelope(ctx, nil, functions.Call{Function: "put", Arguments: arguments})
			done <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-done; err == nil {
			t.Error("the caller that went away got an answer")
		}
		copy(arguments, `{"v":"gone"}`)
		for range 20 {
			if _, err := set.Call(t.Context(), functions.Call{Function: "put", Arguments: arguments}); err != nil {
				t.Errorf("Call: %v", err)
			}
		}
		close(s.release)
		if got := <-s.sent; got != `{"v":"slow"}` {
			t.Errorf("the request brought %s, want what the first caller sent", got)
		}
		w.results.Wait()
	})
}

// The three ways to call give the same answer.
func TestWaysToCall(t *testing.T) {
	w := newWorld(t, echoing)
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { return jsonAnswer(404, `{"a":"b"}`), nil }
	call := functions.Call{Function: "show", Arguments: []byte(`{"v":1}`)}
	result := w.call(t, call)
	envelope, outcome, err := w.AppendEnvelope(t.Context(), []byte("before "), call)
	if err != nil {
		t.Fatal(err)
	}
	answer := functions.Answer{Header: []byte("Old: 1\r\n"), Body: []byte("old")}
	raw, err := w.Raw(t.Context(), call, &answer)
	if err != nil {
		t.Fatal(err)
	}
	same := cmpopts.IgnoreFields(functions.Outcome{}, "CallID", "Duration")
	if diff := cmp.Diff([]functions.Outcome{result.Outcome, result.Outcome}, []functions.Outcome{outcome, raw}, same); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	result.Outcome = outcome
	if got, want := string(envelope), "before "+string(result.AppendJSON(nil)); got != want {
		t.Errorf("the envelope is %s, want %s", got, want)
	}
	if answer.Status != 404 || string(answer.Header) != "Content-Type: application/json\r\n" || string(answer.Body) != `{"a":"b"}` {
		t.Errorf("the raw answer is %d %q %q", answer.Status, answer.Header, answer.Body)
	}

	envelope, _, err = w.AppendEnvelope(t.Context(), []byte("before"), functions.Call{Function: "none"})
	wantCode(t, err, functions.UnknownFunction)
	if string(envelope) != "before" {
		t.Errorf("after a refusal there is %q, want what was there before", envelope)
	}
	_, err = w.Raw(t.Context(), functions.Call{Function: "none"}, &answer)
	wantCode(t, err, functions.UnknownFunction)
}
