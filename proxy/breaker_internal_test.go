package proxy

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A circuitTest asks one breaker.
type circuitTest struct {
	*breaker
	t   *testing.T
	log bytes.Buffer
}

func newCircuitTest(t *testing.T, failures int, open time.Duration) *circuitTest {
	c := &circuitTest{t: t}
	c.breaker = newBreaker("api.acme.test", configs.Circuit{Failures: failures, Open: open}, slog.New(slog.NewTextHandler(&c.log, nil)))
	return c
}

// begin begins a request, which must be permitted.
func (c *circuitTest) begin() (tell func(error)) {
	c.t.Helper()
	tell, refusal := c.enter()
	if refusal != nil {
		c.t.Fatalf("refused: %v", refusal)
	}
	return tell
}

// all makes a request of each outcome.
func (c *circuitTest) all(outcomes ...error) {
	c.t.Helper()
	for _, outcome := range outcomes {
		c.begin()(outcome)
	}
}

// refused expects that no request is permitted, but that one is tried after wait.
func (c *circuitTest) refused(wait time.Duration, failures string) {
	c.t.Helper()
	_, refusal := c.enter()
	if refusal == nil {
		c.t.Fatal("a request is permitted")
	}
	if refusal.Code != functions.CircuitOpen || refusal.RetryAfter != wait || !strings.Contains(refusal.Detail, "host api.acme.test is not asked for a while, because "+failures+" requests") {
		c.t.Errorf("got %v, Retry-After %v, want circuit_open, %s failures and %v", refusal, refusal.RetryAfter, failures, wait)
	}
}

// pass lets time go by, in a bubble of testing/synctest at once.
func pass(d time.Duration) { <-time.After(d) }

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCircuitTest(t, 3, 10*time.Second)
		c.all(errFailed, errFailed, nil, errFailed, errFailed, errUnknown) // not one after another
		if c.isOpen() {
			t.Fatal("open after two failures, want three")
		}
		slow := c.begin()
		c.all(errFailed)
		c.refused(10*time.Second, "3")
		slow(nil) // began before
		c.refused(10*time.Second, "3")
		pass(4 * time.Second)
		c.refused(6*time.Second, "3")

		pass(6*time.Second + 1) // one is tried
		trial := c.begin()
		c.refused(-1, "3")
		trial(errFailed)
		c.refused(10*time.Second, "4")

		pass(10*time.Second + 1)
		trial = c.begin()
		trial(errUnknown) // nothing was learned: another one is tried
		trial = c.begin()
		if !c.isOpen() {
			t.Error("closed during a trial")
		}
		trial(nil)
		if c.isOpen() {
			t.Error("open after a trial that was answered")
		}
		c.all(nil, errFailed, errFailed)
		c.all(errFailed)
		c.refused(10*time.Second, "3")
		lines := strings.Split(strings.TrimSpace(c.log.String()), "\n")
		if len(lines) != 3 || !strings.Contains(lines[0], `level=WARN msg="circuit opened" host=api.acme.test failures=3 open=10s`) ||
			!strings.Contains(lines[1], `level=INFO msg="circuit closed" host=api.acme.test`) || !strings.Contains(lines[2], "circuit opened") {
			t.Errorf("the log is\n%s", c.log.String())
		}
	})
}

// However many come at once, one is let through, and when it was answered all are.
func TestBreakerTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCircuitTest(t, 1, time.Second)
		for range 20 {
			c.all(errFailed)
			pass(time.Second + 1)
			var mu sync.Mutex
			var tells []func(error)
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					if tell, refusal := c.enter(); refusal == nil {
						mu.Lock()
						tells = append(tells, tell)
						mu.Unlock()
					}
				})
			}
			all.Wait()
			if len(tells) != 1 {
				t.Fatalf("%d requests are tried, want 1", len(tells))
			}
			tells[0](nil)
			c.all(nil, nil)
		}
	})
}

// Requests that come and go while the circuit opens and closes.
func TestBreakerRace(t *testing.T) {
	c := newCircuitTest(t, 2, time.Nanosecond)
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			for i := range 2000 {
				tell, refusal := c.enter()
				switch {
				case refusal != nil:
				case (i+n)%3 == 0:
					tell(nil)
				default:
					tell(errFailed)
				}
			}
		})
	}
	all.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for c.isOpen() && time.Now().Before(deadline) {
		if tell, refusal := c.enter(); refusal == nil {
			tell(nil)
		}
	}
	if c.isOpen() {
		t.Error("the circuit never closes again")
	}
}

func TestBreakerAllocates(t *testing.T) {
	c := newCircuitTest(t, 2, time.Second)
	c.all(nil)
	if n := testing.AllocsPerRun(1000, func() {
		tell, _ := c.enter()
		tell(nil)
	}); n != 0 {
		t.Errorf("a request makes %v allocations, want none", n)
	}
	var off *breaker
	if tell, refusal := off.enter(); tell != nil || refusal != nil {
		t.Error("a host without a circuit has one")
	}
}

func BenchmarkBreaker(b *testing.B) {
	c := newBreaker("api.acme.test", configs.DefaultCircuit(), slog.New(slog.DiscardHandler))
	for b.Loop() {
		if tell, refusal := c.enter(); refusal == nil {
			tell(nil)
		}
	}
}

// What says something of the host counts, and nothing else.
func TestOutcome(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	now := time.Now()
	patient, hurried := &functions.Request{Deadline: now.Add(-time.Second)}, &functions.Request{Deadline: now.Add(-time.Second), Hurried: true}
	early := &functions.Request{Deadline: now.Add(time.Hour), Hurried: true}
	refuse := func(code functions.Code) error { return functions.Refuse(code, "x") }
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		request *functions.Request
		status  int
		err     error
		want    error
	}{
		{"200", t.Context(), patient, 200, nil, nil},
		{"404", t.Context(), patient, 404, nil, nil},
		{"429", t.Context(), patient, 429, nil, nil},
		{"500", t.Context(), patient, 500, nil, nil},
		{"501", t.Context(), patient, 501, nil, nil},
		{"502", t.Context(), patient, 502, nil, errFailed},
		{"503", t.Context(), patient, 503, nil, errFailed},
		{"504", t.Context(), patient, 504, nil, errFailed},
		{"panic", t.Context(), patient, 0, nil, errUnknown},
		{"unreachable", t.Context(), patient, 0, refuse(functions.UpstreamUnreachable), errFailed},
		{"TLS", t.Context(), patient, 0, refuse(functions.UpstreamTLS), errFailed},
		{"broken", t.Context(), patient, 200, refuse(functions.UpstreamProtocol), errFailed},
		{"late", t.Context(), patient, 0, refuse(functions.UpstreamTimeout), errFailed},
		{"late for the caller", t.Context(), hurried, 0, refuse(functions.UpstreamTimeout), errUnknown},
		{"late before the caller's time", t.Context(), early, 0, refuse(functions.UpstreamTimeout), errFailed},
		{"unreachable for a hurried caller", t.Context(), hurried, 0, refuse(functions.UpstreamUnreachable), errFailed},
		{"caller gone", gone, patient, 0, refuse(functions.UpstreamUnreachable), errUnknown},
		{"too large", t.Context(), patient, 200, refuse(functions.UpstreamTooLarge), nil},
		{"private address", t.Context(), patient, 0, refuse(functions.PrivateAddress), errUnknown},
		{"cleartext", t.Context(), patient, 0, refuse(functions.CleartextDenied), errUnknown},
		{"loop", t.Context(), patient, 0, refuse(functions.Loop), errUnknown},
		{"limit", t.Context(), patient, 0, refuse(functions.TooManyRequests), errUnknown},
		{"stop", t.Context(), patient, 0, errStopped, errUnknown},
		{"no refusal", t.Context(), patient, 0, errors.New("x"), errUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcomeOf(tt.ctx, tt.request, tt.status, tt.err); !errors.Is(got, tt.want) || tt.want == nil && got != nil {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
