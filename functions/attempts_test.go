package functions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// A try is what an upstream does with one attempt.
type try struct {
	err        error
	status     int
	retryAfter string
	takes      time.Duration
}

// trying makes the sender answer with one try after the other; the last one
// holds for all that follow.
func (w *world) trying(tries ...try) {
	var mu sync.Mutex
	w.sender.answer = func(ctx context.Context, _ *sentRequest) (*reply, error) {
		mu.Lock()
		now := tries[0]
		if len(tries) > 1 {
			tries = tries[1:]
		}
		mu.Unlock()
		if now.takes > 0 {
			select {
			case <-time.After(now.takes):
			case <-ctx.Done():
				return nil, lost(functions.UpstreamTimeout, functions.Unanswered)
			}
		}
		if now.err != nil {
			return nil, now.err
		}
		answer := jsonAnswer(now.status, fmt.Sprintf(`{"status":%d}`, now.status))
		if now.retryAfter != "" {
			answer.Header = append(answer.Header, templates.Field{Name: "Retry-After", Value: now.retryAfter})
		}
		return answer, nil
	}
}

func lost(code functions.Code, loss functions.Loss) *functions.Refusal {
	return &functions.Refusal{Code: code, Detail: "no answer", Loss: loss}
}

// failures are what a request can meet, with what another attempt depends on.
var failures = []struct {
	name string
	try  try
	any  bool // sent again whatever the method
	safe bool // sent again where the method, or a key, permits it
	want functions.Again
	row  string // of the table in docs/functions.md begins like this
}{
	{"not connected", try{err: lost(functions.UpstreamUnreachable, functions.Unsent)}, true, true, functions.AgainUnsent, "nothing was sent"},
	{"not connected in time", try{err: lost(functions.UpstreamTimeout, functions.Unsent)}, true, true, functions.AgainUnsent, "nothing was sent"},
	{"TLS broke", try{err: lost(functions.UpstreamTLS, functions.Unsent)}, true, true, functions.AgainUnsent, "nothing was sent"},
	{"closed before an answer", try{err: lost(functions.UpstreamProtocol, functions.Unanswered)}, false, true, functions.AgainUnanswered, "it was sent"},
	{"no first byte in time", try{err: lost(functions.UpstreamTimeout, functions.Unanswered)}, false, true, functions.AgainUnanswered, "it was sent"},
	{"status 429", try{status: 429}, false, true, functions.AgainStatus, "an answer with one of"},
	{"status 503", try{status: 503}, false, true, functions.AgainStatus, "an answer with one of"},
	{"status 500", try{status: 500}, false, false, "", "any other answer"},
	{"status 200", try{status: 200}, false, false, "", "any other answer"},
	{"bad certificate", try{err: lost(functions.UpstreamTLS, functions.NoLoss)}, false, false, "", "a certificate"},
	{"private address", try{err: lost(functions.PrivateAddress, functions.NoLoss)}, false, false, "", "what egret itself"},
	{"cleartext", try{err: lost(functions.CleartextDenied, functions.NoLoss)}, false, false, "", "what egret itself"},
	{"loop", try{err: lost(functions.Loop, functions.NoLoss)}, false, false, "", "what egret itself"},
	{"too large", try{err: lost(functions.UpstreamTooLarge, functions.NoLoss)}, false, false, "", "an answer that is too large"},
	{"coded", try{err: lost(functions.UpstreamProtocol, functions.NoLoss)}, false, false, "", "an answer that is too large"},
	{"no refusal", try{err: errors.New("broken")}, false, false, "", "what egret itself"},
}

// Each failure against each method, with and without a key: how often the
// request is sent, and with which reason.
func TestRetry(t *testing.T) {
	repeatable := map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "PUT": true, "DELETE": true, "POST": false, "PATCH": false}
	synctest.Test(t, func(t *testing.T) {
		for method, safe := range repeatable {
			for _, key := range []bool{false, true} {
				for _, retry := range []string{"", "    retry: 1\n", "    retry: 3\n"} {
					w := newWorld(t, fmt.Sprintf("  - name: f\n    url: https://api.acme.test/\n    method: %s\n    idempotency_key: %v\n%s", method, key, retry))
					for _, f := range failures {
						want := 1
						if strings.HasSuffix(retry, "3\n") && (f.any || f.safe && (safe || key)) {
							want = 3
						}
						before := w.sender.count()
						w.trying(f.try)
						_, _ = w.Call(t.Context(), functions.Call{Function: "f"})
						if got := w.sender.count() - before; got != want {
							t.Errorf("%s, idempotency_key %v, %q, %s: sent %d times, want %d", method, key, strings.TrimSpace(retry), f.name, got, want)
							continue
						}
						for i, r := range w.sender.sent[before:] {
							if again := r.Again; i == 0 && again != "" || i > 0 && again != f.want {
								t.Errorf("%s, %s: attempt %d is sent because of %q, want %q", method, f.name, i+1, again, f.want)
							}
						}
					}
				}
			}
		}
	})
}

// The table of the docs is that of the test above.
func TestRetryDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n| what became of the request |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| ([^|]+) \| (again|never) \| (again|never) \|$`).FindAllStringSubmatch(table, -1)
	tested := map[string]bool{}
	for _, f := range failures {
		found := false
		for _, row := range rows {
			if !strings.HasPrefix(row[1], f.row) {
				continue
			}
			found, tested[row[1]] = true, true
			if safe, any := row[2] == "again", row[3] == "again"; safe != f.safe || any != f.any {
				t.Errorf("%s: the docs say %q, %q of %q", f.name, row[2], row[3], row[1])
			}
		}
		if !found {
			t.Errorf("%s: the docs have no row that begins with %q", f.name, f.row)
		}
	}
	if len(rows) < 5 || len(tested) != len(rows) {
		t.Errorf("%d of %d rows are tested, want all", len(tested), len(rows))
	}
}

// What comes last is the call's: an answer after refusals, a refusal after
// answers, and the last of several answers.
func TestRetryGivesTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', retry: 3}\n")
		closed := lost(functions.UpstreamProtocol, functions.Unanswered)
		w.trying(try{err: closed}, try{status: 503}, try{status: 200})
		if r := w.call(t, functions.Call{Function: "f"}); r.Status != 200 || output(r) != `{"status":200}` {
			t.Errorf("the answer is %d %s, want the third", r.Status, output(r))
		}
		w.trying(try{err: closed}, try{err: closed}, try{status: 503})
		if r := w.call(t, functions.Call{Function: "f"}); r.Status != 503 {
			t.Errorf("the answer is %d, want 503", r.Status)
		}
		w.trying(try{status: 503}, try{err: lost(functions.UpstreamUnreachable, functions.Unsent)}, try{err: closed})
		if got := w.refused(t, functions.UpstreamProtocol, functions.Call{Function: "f"}); got != closed {
			t.Errorf("the refusal is %v, want the last", got)
		}
	})
}

// retried calls a Function, and gives how long its waits were.
func retried(t *testing.T, w *world, c functions.Call) (waits []time.Duration) {
	t.Helper()
	answer, began := w.sender.answer, time.Now()
	var ended time.Time
	w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
		if !ended.IsZero() {
			waits = append(waits, time.Since(ended))
		}
		defer func() { ended = time.Now() }()
		return answer(ctx, r)
	}
	_, _ = w.Call(t.Context(), c)
	w.sender.answer = answer
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the call took %v, want no more than its timeout", took)
	}
	return waits
}

// The waits are anything up to a bound that doubles, and never more than
// max_wait.
func TestRetryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', retry: {attempts: 6, wait: 100ms, max_wait: 500ms}}\n")
		w.trying(try{status: 503})
		bounds := []time.Duration{100, 200, 400, 500, 500}
		longest, shortest := make([]time.Duration, len(bounds)), make([]time.Duration, len(bounds))
		for range 300 {
			waits := retried(t, w, functions.Call{Function: "f"})
			if len(waits) != len(bounds) {
				t.Fatalf("%d waits, want %d", len(waits), len(bounds))
			}
			for i, wait := range waits {
				longest[i] = max(longest[i], wait)
				if shortest[i] == 0 || wait < shortest[i] {
					shortest[i] = wait
				}
			}
		}
		for i, bound := range bounds {
			bound *= time.Millisecond
			if longest[i] > bound+time.Microsecond || longest[i] < bound*9/10 || shortest[i] > bound/10 {
				t.Errorf("wait %d was between %v and %v, want all between 0 and %v", i+1, shortest[i], longest[i], bound)
			}
		}
	})
}

// The upstream is left alone for as long as it asks, if the time of the call
// permits that, and is not asked in vain if it does not.
func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', timeout: 30s, retry: {attempts: 2, wait: 100ms, max_wait: 1s}}\n")
		for _, c := range []struct {
			field       string
			least, most time.Duration
			sent        int
		}{
			{"", 0, 100 * time.Millisecond, 2},
			{"7", 7 * time.Second, 7 * time.Second, 2},
			{"29", 29 * time.Second, 29 * time.Second, 2},
			{"in 20s", 19 * time.Second, 20 * time.Second, 2},
			{"0", 0, 100 * time.Millisecond, 2},
			{"in -1h", 0, 100 * time.Millisecond, 2},
			{"later", 0, 100 * time.Millisecond, 2},
			{"30", 0, 0, 1},
			{"in 1h", 0, 0, 1},
			{"99999999999999999999", 0, 0, 1},
		} {
			if text, ok := strings.CutPrefix(c.field, "in "); ok {
				d, _ := time.ParseDuration(text)
				c.field = time.Now().Add(d).UTC().Format(http.TimeFormat)
			}
			w.trying(try{status: 429, retryAfter: c.field}, try{status: 200})
			before, began := w.sender.count(), time.Now()
			r := w.call(t, functions.Call{Function: "f"})
			took, sent := time.Since(began), w.sender.count()-before
			if took < c.least || took > c.most || sent != c.sent {
				t.Errorf("Retry-After: %s: sent %d times in %v, want %d times in %v to %v", c.field, sent, took, c.sent, c.least, c.most)
			}
			if want := map[int]int{1: 429, 2: 200}[c.sent]; r.Status != want {
				t.Errorf("Retry-After: %s: the status is %d, want %d", c.field, r.Status, want)
			}
		}
		// Of an answer whose status is none of statuses it means nothing.
		w.trying(try{status: 500, retryAfter: "1"})
		if began := time.Now(); w.call(t, functions.Call{Function: "f"}).Status != 500 || time.Since(began) != 0 {
			t.Errorf("a 500 with Retry-After took %v, want no time", time.Since(began))
		}
	})
}

// All attempts and waits share the time of the call.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', timeout: 3s, retry: {attempts: 10, wait: 1ms, max_wait: 1ms}}\n")
		w.trying(try{status: 503, takes: 900 * time.Millisecond})
		began := time.Now()
		w.refused(t, functions.UpstreamTimeout, functions.Call{Function: "f"})
		if took, sent := time.Since(began), w.sender.count(); took != 3*time.Second || sent != 4 {
			t.Errorf("sent %d times in %v, want 4 times in 3s", sent, took)
		}
		for _, r := range w.sender.sent {
			if left := r.Deadline.Sub(began); left != 3*time.Second {
				t.Errorf("an attempt may take until %v, want 3s for all of them", left)
			}
		}
		// A wait for which there is no time is not waited, and the answer is kept.
		w.trying(try{status: 503, retryAfter: "2", takes: 1500 * time.Millisecond})
		began = time.Now()
		if r := w.call(t, functions.Call{Function: "f"}); r.Status != 503 || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("got %d after %v, want 503 after 1.5s", r.Status, time.Since(began))
		}
	})
}

// A caller that goes away is not waited for, and neither is egret when it stops.
func TestRetryEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', retry: 2}\n")
		w.trying(try{status: 503, retryAfter: "20"})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		_, err := w.Call(ctx, functions.Call{Function: "f"})
		if wantCode(t, err, functions.UpstreamTimeout); time.Since(began) != 5*time.Second || w.sender.count() != 1 {
			t.Errorf("ended after %v and %d requests, want 5s and 1", time.Since(began), w.sender.count())
		}
		gone, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { leave(functions.Refuse(functions.RequestTimeout, "gone")) })
		_, err = w.Call(gone, functions.Call{Function: "f"})
		wantCode(t, err, functions.RequestTimeout)

		stopped := make(chan struct{})
		set, err := functions.New(w.cfg, functions.Options{Tokens: w.tokens, Sender: w.sender, Results: w.results, Stopped: stopped})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { close(stopped) })
		began = time.Now()
		_, err = set.Call(t.Context(), functions.Call{Function: "f"})
		if wantCode(t, err, functions.Draining); time.Since(began) != time.Second {
			t.Errorf("ended after %v, want 1s", time.Since(began))
		}
		// Who is gone when an attempt has failed is not asked for.
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			cancelled := lost(functions.UpstreamTimeout, functions.Unanswered)
			return nil, cancelled
		}
		over, end := context.WithCancel(t.Context())
		end()
		before := w.sender.count()
		_, _ = w.Call(over, functions.Call{Function: "f"})
		if sent := w.sender.count() - before; sent != 1 {
			t.Errorf("sent %d times for who is gone, want 1", sent)
		}
	})
}

// withToken has a Function of each kind that sends a token.
const withToken = `
  - name: f
    parameters: {properties: {v: {}, w: {}}}
    method: POST
    url: https://api.acme.test/
    headers: {Authorization: Bearer </v>, X-W: </w>}
`

// Each attempt reads the values anew and is rendered with them, and nothing of
// the attempts before is left in it. But it hides what they carried.
func TestRetryReadsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withToken+"    retry: {attempts: 3, statuses: [503]}\n    idempotency_key: true\n")
		w.trying(try{status: 503})
		answer := w.sender.answer
		w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
			w.tokens.mu.Lock()
			defer w.tokens.mu.Unlock()
			w.tokens.values["token"] = fmt.Sprintf("token-%d", len(w.sender.sent))
			return answer(ctx, r)
		}
		var trace functions.Trace
		w.call(t, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`), Trace: &trace})
		var got []string
		for i, r := range w.sender.sent {
			got = append(got, header(r, "Authorization"))
			if len(r.Carried) != 1 || len(r.Hide) != i+1 || r.Hide[0].Value.Reveal() != strings.TrimPrefix(header(r, "Authorization"), "Bearer ") {
				t.Errorf("a request carries %d caches and hides %d values, want its own token, and hidden those of before", len(r.Carried), len(r.Hide))
			}
		}
		if diff := cmp.Diff([]string{"Bearer live-token", "Bearer token-1", "Bearer token-2"}, got); diff != "" {
			t.Errorf("the tokens (-want +got):\n%s", diff)
		}
		if trace.Attempts != 3 || len(trace.Swaps) != 1 {
			t.Errorf("the trace has %d attempts and %d swaps, want 3 and 1", trace.Attempts, len(trace.Swaps))
		}
	})
}

// A value that cannot be read any more ends the attempts.
func TestRetryWithoutValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, parameters: {properties: {v: {}}}, url: 'https://api.acme.test/', headers: {X-V: </v>}, retry: 3}\n")
		w.trying(try{status: 503})
		answer := w.sender.answer
		w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
			w.tokens.err = functions.Refuse(functions.TokenUnavailable, "none")
			return answer(ctx, r)
		}
		w.refused(t, functions.TokenUnavailable, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`)})
		if n := w.sender.count(); n != 1 {
			t.Errorf("sent %d times, want 1", n)
		}
	})
}

// What fails while a value is fetched for a request is not a failure of that
// request: it was not tried.
func TestRetryIsOfTheRequestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: fill, url: 'https://api.acme.test/fill', cache: results}\n"+
			"  - {name: f, parameters: {properties: {v: {}}}, url: 'https://api.acme.test/', headers: {X-V: </v>}, retry: 3}\n")
		w.trying(try{err: lost(functions.UpstreamUnreachable, functions.Unsent)})
		w.refused(t, functions.UpstreamUnreachable, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + resultID + `"}`)})
		if n := w.sender.count(); n != 1 {
			t.Errorf("sent %d requests, want 1: fill has no retry of its own", n)
		}
	})
}

// TestUnauthorized: a 401 did nothing, so with another token the request is sent
// once more, whatever the method, and apart from retry.
func TestUnauthorized(t *testing.T) {
	for _, c := range []struct {
		name      string
		arguments string
		more      string
		renewed   bool
		err       error
		second    int
		want      int // requests
		renewals  int
		status    int
	}{
		{"renewed", `{"v":"` + tokenID + `"}`, "", true, nil, 200, 2, 1, 200},
		{"not renewed", `{"v":"` + tokenID + `"}`, "", false, nil, 200, 1, 1, 401},
		{"not made", `{"v":"` + tokenID + `"}`, "", false, errors.New("down"), 200, 1, 1, 401},
		{"refused again", `{"v":"` + tokenID + `"}`, "", true, nil, 401, 2, 1, 401},
		{"without a token", `{"v":"x"}`, "", true, nil, 200, 1, 0, 401},
		{"two tokens", `{"v":"` + tokenID + `","w":"` + anyID + `"}`, "", true, nil, 200, 2, 2, 200},
		{"retry does not count it", `{"v":"` + tokenID + `"}`, "    retry: {attempts: 2, statuses: [503]}\n    idempotency_key: true\n", true, nil, 503, 3, 1, 503},
		{"401 in statuses", `{"v":"` + tokenID + `"}`, "    retry: {attempts: 3, statuses: [401]}\n    idempotency_key: true\n", true, nil, 401, 4, 1, 401},
		{"401 in statuses, POST", `{"v":"` + tokenID + `"}`, "    retry: {attempts: 3, statuses: [401]}\n", true, nil, 401, 2, 1, 401},
		{"with an output cache", `{"v":"` + tokenID + `"}`, "    cache: results\n", true, nil, 200, 2, 1, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withToken+c.more)
				renewals := 0
				w.tokens.renew = func(cache *configs.Cache, used caches.Entry) (bool, error) {
					if string(used.Data) != "live-"+cache.Name {
						t.Errorf("what was used of %s is %q, want what was sent", cache.Name, used.Data)
					}
					renewals++
					if c.renewed {
						w.tokens.values[cache.Name] = "new-" + cache.Name
					}
					return c.renewed, c.err
				}
				w.trying(try{status: 401}, try{status: c.second})
				var trace functions.Trace
				r := w.call(t, functions.Call{Function: "f", Arguments: []byte(c.arguments), Trace: &trace})
				if n := w.sender.count(); n != c.want || renewals != c.renewals || r.Status != c.status || trace.Attempts != c.want {
					t.Fatalf("sent %d times (traced %d), renewed %d times, status %d; want %d, %d, %d", n, trace.Attempts, renewals, r.Status, c.want, c.renewals, c.status)
				}
				if c.want > 1 {
					second := w.sender.sent[1]
					if got := header(second, "Authorization"); got != "Bearer new-token" || second.Again != functions.AgainRenewed {
						t.Errorf("the second request has %q because of %q, want the new token", got, second.Again)
					}
				}
			})
		})
	}
}

// Making a token anew is a part of the time of the call.
func TestUnauthorizedBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withToken+"    timeout: 2s\n")
		w.tokens.renew = func(*configs.Cache, caches.Entry) (bool, error) {
			pass(3 * time.Second)
			return true, nil
		}
		w.trying(try{status: 401})
		if r := w.call(t, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`)}); r.Status != 401 || w.sender.count() != 1 {
			t.Errorf("status %d after %d requests, want 401 after 1", r.Status, w.sender.count())
		}
	})
}

// A Function without retry, and without a 401, is sent once.
func TestNoRetry(t *testing.T) {
	w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/'}\n")
	for _, f := range failures {
		w.trying(f.try)
		before := w.sender.count()
		_, _ = w.Call(t.Context(), functions.Call{Function: "f"})
		if n := w.sender.count() - before; n != 1 {
			t.Errorf("%s: sent %d times, want 1", f.name, n)
		}
	}
}

// A caller may have less time than the Function. With an output cache it stops
// waiting, and the request goes on for those who have more.
func TestCallTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			asked, want time.Duration
		}{{0, 10 * time.Second}, {2 * time.Second, 2 * time.Second}, {time.Hour, 10 * time.Second}} {
			for _, more := range []string{"", ", cache: results"} {
				for _, anew := range []bool{false, true} {
					w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', timeout: 10s"+more+"}\n")
					w.trying(try{status: 200, takes: time.Hour})
					began := time.Now()
					w.refused(t, functions.UpstreamTimeout, functions.Call{Function: "f", Timeout: c.asked, NoCache: anew})
					if took := time.Since(began); took != c.want {
						t.Errorf("asked for %v%s: took %v, want %v", c.asked, more, took, c.want)
					}
					w.results.Wait()
				}
			}
		}
	})
}

func TestShortCallerOfASharedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', timeout: 10s, cache: results}\n")
		w.trying(try{status: 200, takes: 5 * time.Second})
		var all sync.WaitGroup
		begin := time.Now()
		all.Go(func() { // who is the first to ask is the one with the least time
			_, err := w.Call(t.Context(), functions.Call{Function: "f", Timeout: time.Second})
			if took := time.Since(begin); codeOf(err) != functions.UpstreamTimeout || took != time.Second {
				t.Errorf("the short caller: %v after %v, want %s after 1s", err, took, functions.UpstreamTimeout)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if r := w.attempt(t, functions.Call{Function: "f"}); r != nil && (r.Status != 200 || time.Since(begin) != 5*time.Second) {
				t.Errorf("the patient caller: %d after %v, want 200 after 5s", r.Status, time.Since(begin))
			}
		})
		all.Wait()
		if n := w.sender.count(); n != 1 {
			t.Errorf("%d requests were sent, want 1", n)
		}
		if r := w.call(t, functions.Call{Function: "f", Timeout: time.Nanosecond}); r.Source != functions.FromCache {
			t.Errorf("the source afterwards is %q, want %q", r.Source, functions.FromCache)
		}
	})
}

// The limits of a Function are those of its requests.
func TestLimitsOfRequests(t *testing.T) {
	w := newWorld(t, "  - {name: f, url: 'https://api.acme.test/', limits: {connect_timeout: 1s, first_byte_timeout: 2s, answer_bytes: 3KiB}}\n"+
		"  - {name: g, url: 'https://api.acme.test/'}\n")
	if r := w.request(t, "f", ""); r.ConnectTimeout != time.Second || r.FirstByteTimeout != 2*time.Second || r.MaxAnswer != 3<<10 {
		t.Errorf("the request has %v, %v and %d bytes, want its Function's", r.ConnectTimeout, r.FirstByteTimeout, r.MaxAnswer)
	}
	if r := w.request(t, "g", ""); r.ConnectTimeout != 0 || r.FirstByteTimeout != 0 || r.MaxAnswer != 10<<20 {
		t.Errorf("the request has %v, %v and %d bytes, want none and those of all", r.ConnectTimeout, r.FirstByteTimeout, r.MaxAnswer)
	}
	w.reload(t, "limits: {answer_bytes: 2KiB}\n"+foundation+"  - {name: g, url: 'https://api.acme.test/'}\n")
	if r := w.request(t, "g", ""); r.MaxAnswer != 2<<10 {
		t.Errorf("the request has %d bytes, want the 2048 of all requests", r.MaxAnswer)
	}
}
