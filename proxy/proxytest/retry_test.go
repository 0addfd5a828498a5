package proxytest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// retryMethods are all methods of Functions, and whether RFC 9110 section 9.2.2
// calls them idempotent.
var retryMethods = []struct {
	name       string
	idempotent bool
}{
	{"GET", true}, {"HEAD", true}, {"OPTIONS", true}, {"PUT", true}, {"DELETE", true}, {"POST", false}, {"PATCH", false},
}

// retryKinds are the kinds of Functions that each method has.
var retryKinds = []struct {
	name, keys string
	retries    bool
	key        bool
}{
	{"plain", "", false, false},
	{"keyed", ", idempotency_key: true", false, true},
	{"retry", ", retry: {attempts: 3, wait: 1ms, max_wait: 2ms}", true, false},
	{"both", ", retry: {attempts: 3, wait: 1ms, max_wait: 2ms}, idempotency_key: true", true, true},
}

// noCircuit has calls go to an upstream that fails all the time.
const noCircuit = "upstreams: [{host: origin.test, circuit: false}]\n"

// retryTimeout is the time of each call.
const retryTimeout = 10 * time.Second

// retrying has a Function of each method and kind, such as POST_both.
func retrying(firstByte time.Duration) string {
	var text strings.Builder
	text.WriteString(noCircuit + "functions:\n")
	for _, m := range retryMethods {
		for _, k := range retryKinds {
			body := ""
			if m.name == "PUT" || m.name == "POST" || m.name == "PATCH" {
				body = ", json: {nonce: </nonce>}"
			}
			fmt.Fprintf(&text, "  - {name: %s_%s, method: %s, parameters: {properties: {nonce: {type: string}}}, url: 'http://origin.test/', query: {nonce: </nonce>}%s, timeout: %s, limits: {first_byte_timeout: %s}%s}\n",
				m.name, k.name, m.name, body, retryTimeout, firstByte, k.keys)
		}
	}
	return text.String()
}

// The answers of the upstream, which end their connections: an attempt is a
// connection then.
const (
	plainAnswer  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"
	chunksAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"ok\":true}\r\n0\r\n\r\n"
	busyAnswer   = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
)

// A mishap is something that goes wrong between egret and the upstream.
type mishap struct {
	name   string
	toxic  string // of toxiproxy, "" for none
	answer string
	// again says for which Functions the request is sent once more.
	again when
	// reaches says that the upstream receives what is sent.
	reaches bool
	code    string // of the problem, "" for an answer
	status  int    // of the answer
	noHead  bool   // of HEAD the answer is whole
	silent  bool   // there is no first byte
}

// A when is a row of the table in docs/functions.md.
type when string

const (
	never  when = "never"
	safely when = "the method is idempotent, or there is an Idempotency-Key"
	always when = "whatever the method"
)

func (w when) holds(idempotent, key bool) bool {
	return w == always || w == safely && (idempotent || key)
}

// mishaps are all that the table tells apart, but for what needs no network.
func mishaps() []mishap {
	list := []mishap{
		{name: "nothing", answer: plainAnswer, again: never, reaches: true, status: 200},
		{name: "chunks", answer: chunksAnswer, again: never, reaches: true, status: 200},
		{name: "a status", answer: busyAnswer, again: safely, reaches: true, status: 503},
		{name: "another status", answer: strings.Replace(busyAnswer, "503", "500", 1), again: never, reaches: true, status: 500},
		{name: "latency", toxic: `{"type":"latency","stream":"downstream","attributes":{"latency":20,"jitter":10}}`, answer: plainAnswer, again: never, reaches: true, status: 200},
		{name: "slices", toxic: `{"type":"slicer","stream":"downstream","attributes":{"average_size":7,"size_variation":3,"delay":1000}}`, answer: plainAnswer, again: never, reaches: true, status: 200},
		{name: "a slow close", toxic: `{"type":"slow_close","stream":"downstream","attributes":{"delay":60000}}`, answer: plainAnswer, again: never, reaches: true, status: 200},
		{name: "bandwidth", toxic: `{"type":"bandwidth","stream":"downstream","attributes":{"rate":2}}`, answer: plainAnswer, again: never, reaches: true, status: 200},
		{name: "a reset before the upstream", toxic: `{"type":"reset_peer","stream":"upstream","attributes":{"timeout":0}}`, answer: plainAnswer, again: safely, code: "upstream_protocol"},
		{name: "a reset behind the upstream", toxic: `{"type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`, answer: plainAnswer, again: safely, reaches: true, code: "upstream_protocol"},
		{name: "silence", toxic: `{"type":"latency","stream":"downstream","attributes":{"latency":60000}}`, answer: plainAnswer, again: safely, reaches: true, code: "upstream_timeout", silent: true},
		{name: "no HTTP", answer: "SSH-2.0-OpenSSH_9.6\r\n", again: safely, reaches: true, code: "upstream_protocol"},
		{name: "a large answer", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n{}", again: never, reaches: true, code: "upstream_too_large", noHead: true},
		{name: "a head that is too large", answer: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", again: never, reaches: true, code: "upstream_protocol"},
	}
	for _, answer := range []string{plainAnswer, chunksAnswer} {
		head := strings.Index(answer, "\r\n\r\n") + 4
		for _, at := range []int{0, 1, 8, 13, 17, head - 1, head, head + 1, len(answer) - 1} {
			list = append(list, mishap{
				name:   fmt.Sprintf("%d of %d bytes of an answer", at, len(answer)),
				toxic:  fmt.Sprintf(`{"type":"limit_data","stream":"downstream","attributes":{"bytes":%d}}`, at),
				answer: answer, again: safely, reaches: true, code: "upstream_protocol", noHead: at >= head,
			})
		}
	}
	for _, at := range []int{0, 1, 10, 40} {
		list = append(list, mishap{
			name:   fmt.Sprintf("%d bytes of a request", at),
			toxic:  fmt.Sprintf(`{"type":"limit_data","stream":"upstream","attributes":{"bytes":%d}}`, at),
			answer: plainAnswer, again: safely, code: "upstream_protocol",
		})
	}
	return list
}

// TestRetryTable holds calls to the table of docs/functions.md, counted at the
// upstream, whatever goes wrong on the way there: what cannot be done twice is
// never sent twice.
func TestRetryTable(t *testing.T) {
	for _, f := range mishaps() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			o := newNonceOrigin(t, f.answer)
			x := newToxic(t, o.address)
			if f.toxic != "" {
				x.add(f.toxic)
			}
			firstByte := retryTimeout
			if f.silent {
				firstByte = 50 * time.Millisecond
			}
			e := proxytest.Start(t, retrying(firstByte), x.dialling())
			for _, m := range retryMethods {
				for _, k := range retryKinds {
					again, code := f.again, f.code
					if m.name == "HEAD" && f.noHead {
						again, code = never, ""
					}
					want := 1
					if k.retries && again.holds(m.idempotent, k.key) {
						want = 3
					}
					wantReceived := 0
					if f.reaches {
						wantReceived = want
					}
					name := m.name + "_" + k.name
					before, begin := x.dials.Load(), time.Now()
					got := e.Call(name, `{"nonce":"`+name+`"}`)
					wantInTime(t, name, begin, retryTimeout)
					if sent, received := int(x.dials.Load()-before), o.received(name); sent != want || received != wantReceived {
						t.Errorf("%s was sent %d times and received %d times, want %d and %d", name, sent, received, want, wantReceived)
					}
					if got.Code() != code || code == "" && f.status != 0 && got.Get("status") != fmt.Sprint(f.status) {
						t.Errorf("%s: got %d %s, want code %q, or status %d", name, got.Status, got.Body, code, f.status)
					}
				}
			}
		})
	}
}

// wantInTime checks that a call has ended at its deadline, or 250 ms later. A
// machine with too much to do gets some more.
func wantInTime(t *testing.T, name string, begin time.Time, limit time.Duration) {
	t.Helper()
	const promised, patience = 250 * time.Millisecond, 2 * time.Second
	switch took := time.Since(begin); {
	case took > limit+promised+patience:
		t.Errorf("%s took %v, want at most %v", name, took, limit+promised)
	case took > limit+promised:
		t.Logf("%s took %v, which is more than %v", name, took, limit+promised)
	}
}

// Where nobody listens nothing is sent, so that every method is tried again.
func TestRetryUnsent(t *testing.T) {
	o := newNonceOrigin(t, plainAnswer)
	x := newToxic(t, o.address)
	x.proxy.Stop()
	e := proxytest.Start(t, "admin: 127.0.0.1:0\n"+retrying(retryTimeout), x.dialling())
	for _, m := range retryMethods {
		for _, k := range retryKinds {
			name, want := m.name+"_"+k.name, int64(1)
			if k.retries {
				want = 3
			}
			before := x.dials.Load()
			if got := e.Call(name, `{"nonce":"x"}`); got.Code() != "upstream_unreachable" {
				t.Errorf("%s: got %d %s, want upstream_unreachable", name, got.Status, got.Body)
			}
			if sent := x.dials.Load() - before; sent != want {
				t.Errorf("%s: %d connections were tried, want %d", name, sent, want)
			}
		}
	}
	if n := o.received("x"); n != 0 {
		t.Errorf("the upstream received %d requests, want none", n)
	}
	eventually(t, "the metric has all of them", func() bool {
		return strings.Contains(e.Get(e.AdminURL+"/metrics").Body, `egret_retries_total{reason="unsent"} 28`)
	})
}

// An upstream that comes back is reached, and receives the request once.
func TestRetrySucceeds(t *testing.T) {
	o := newNonceOrigin(t, plainAnswer)
	x := newToxic(t, o.address)
	x.proxy.Stop()
	e := proxytest.Start(t, noCircuit+`
functions:
  - {name: order, method: POST, parameters: {properties: {nonce: {}}}, url: 'http://origin.test/', query: {nonce: </nonce>}, timeout: 20s, retry: {attempts: 10, wait: 100ms, max_wait: 1s}}
`, x.dialling())
	done := make(chan proxytest.Answer)
	go func() { done <- e.Call("order", `{"nonce":"order"}`) }()
	eventually(t, "the first attempt has failed", func() bool { return x.dials.Load() > 0 })
	if err := x.proxy.Start(); err != nil { // at the address that it had
		t.Fatal(err)
	}
	got := <-done
	if n := o.received("order"); n != 1 || got.Get("ok") != "true" {
		t.Errorf("the upstream received %d requests, want 1; the answer is %s", n, got.Body)
	}
}

// On a kept connection, too, what cannot be done twice is never received twice,
// wherever the answer breaks off.
func TestNeverTwiceOnKeptConnections(t *testing.T) {
	kept := strings.ReplaceAll(plainAnswer, "Connection: close\r\n", "")
	o := newNonceOrigin(t, kept)
	x := newToxic(t, o.address)
	e := proxytest.Start(t, retrying(retryTimeout), x.dialling())
	for at := range len(kept) {
		for _, name := range []string{"POST_plain", "POST_retry", "PATCH_retry"} {
			if got := e.Call(name, `{"nonce":"warm"}`); got.Get("status") != "200" {
				t.Fatalf("%s: got %d %s, want an answer", name, got.Status, got.Body)
			}
			// Of the connection the toxic lets pass so much from now on.
			x.add(fmt.Sprintf(`{"type":"limit_data","stream":"downstream","attributes":{"bytes":%d}}`, at))
			nonce := fmt.Sprintf("%s-%d", name, at)
			if got := e.Call(name, `{"nonce":"`+nonce+`"}`); got.Code() != "upstream_protocol" {
				t.Errorf("%s: got %d %s, want upstream_protocol", nonce, got.Status, got.Body)
			}
			if n := o.received(nonce); n != 1 {
				t.Errorf("%s, broken off after %d bytes: received %d times, want 1", name, at, n)
			}
			x.heal()
		}
	}
}

// However slowly an answer comes, and whatever is tried again meanwhile, the call
// ends in its time.
func TestCallsEndInTime(t *testing.T) {
	const limit = 700 * time.Millisecond
	body := strings.Repeat("x", 64<<10)
	endless := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" + body // until the end of the connection
	for name, f := range map[string]struct{ toxic, answer string }{
		"latency":    {`{"type":"latency","stream":"downstream","attributes":{"latency":5000}}`, plainAnswer},
		"bandwidth":  {`{"type":"bandwidth","stream":"downstream","attributes":{"rate":10}}`, endless},
		"silence":    {`{"type":"timeout","stream":"upstream","attributes":{"timeout":0}}`, plainAnswer},
		"slow close": {`{"type":"slow_close","stream":"downstream","attributes":{"delay":10000}}`, endless},
		"slices":     {`{"type":"slicer","stream":"downstream","attributes":{"average_size":8,"size_variation":2,"delay":100000}}`, endless},
		"busy":       {`{"type":"latency","stream":"downstream","attributes":{"latency":100}}`, busyAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newNonceOrigin(t, f.answer)
			x := newToxic(t, o.address)
			x.add(f.toxic)
			e := proxytest.Start(t, fmt.Sprintf(noCircuit+`
caches: [{name: results, ttl: 1m}]
functions:
  - {name: slow, url: 'http://origin.test/', timeout: %[1]s, retry: {attempts: 10, wait: 50ms, max_wait: 50ms}}
  - {name: stored, url: 'http://origin.test/', cache: results, timeout: %[1]s, retry: {attempts: 10, wait: 50ms, max_wait: 50ms}}
  - {name: patient, url: 'http://origin.test/', timeout: 10s, retry: {attempts: 10, wait: 50ms, max_wait: 50ms}}
`, limit), x.dialling())
			for _, call := range [][]string{{"slow"}, {"stored"}, {"patient", "Egret-Timeout", limit.String()}} {
				begin := time.Now()
				got := e.Call(call[0], "{}", call[1:]...)
				wantInTime(t, call[0], begin, limit)
				if took := time.Since(begin); name != "busy" && (got.Code() != "upstream_timeout" || took < limit) {
					t.Errorf("%s: got %d %.80s after %v, want upstream_timeout after %v", call[0], got.Status, got.Body, took, limit)
				}
			}
		})
	}
}
