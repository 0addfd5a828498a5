package proxy_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// circuitOf is a configuration whose host fail.test has a circuit.
func circuitOf(circuit string) string {
	return `
admin: 127.0.0.1:0
egress: {default: allow}
upstreams:
  - {host: "fail.test:*", circuit: ` + circuit + `}
caches: [{name: results, ttl: 1m}]
functions:
  - {name: get, url: "http://fail.test/get", timeout: 300ms}
  - {name: post, method: POST, url: "http://fail.test/post", timeout: 300ms}
  - {name: secure, url: "https://fail.test/get", timeout: 20s}
  - {name: kept, url: "http://fail.test/kept", cache: results}
  - {name: well, url: "http://well.test/"}
`
}

const quickCircuit = "{failures: 3, open: 1s}"

// A weather is how a host fails, until it is told to be well.
type weather struct{ bad atomic.Bool }

func newWeather() *weather {
	w := &weather{}
	w.bad.Store(true)
	return w
}

// refusing makes connections to fail.test fail.
func (w *weather) refusing() proxytest.Option {
	return func(o *proxy.Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if w.bad.Load() && strings.HasPrefix(address, "fail.test:") {
				return nil, errors.New("connection refused")
			}
			return dial(ctx, network, address)
		}
	}
}

// Each kind of failure opens the circuit. Then nothing is dialled for a Function,
// one is tried when the time has come, and when that was answered all are sent.
func TestCircuit(t *testing.T) {
	tests := []struct {
		name   string
		status int // of the calls that fail
		code   string
		fail   http.HandlerFunc // nil when there is no connection
	}{
		{"no connection", 502, "upstream_unreachable", nil},
		{"broken", 502, "upstream_protocol", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"half an answer", 502, "upstream_protocol", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}},
		{"late", 504, "upstream_timeout", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"502", 200, "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }},
		{"503", 200, "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }},
		{"504", 200, "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(504) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWeather()
			var options []proxytest.Option
			if tt.fail == nil {
				options = append(options, w.refusing())
			}
			e := proxytest.Start(t, circuitOf(quickCircuit), options...)
			e.Upstream.Handle("fail.test", func(out http.ResponseWriter, r *http.Request) {
				if w.bad.Load() && r.URL.Path != "/forwarded" {
					tt.fail(out, r)
				}
			})
			for i := range 3 {
				if got := e.Call([]string{"get", "post"}[i%2], "{}"); got.Status != tt.status || got.Code() != tt.code {
					t.Fatalf("call %d: got %d %s, want %d %s", i, got.Status, got.Code(), tt.status, tt.code)
				}
			}
			wantOpen(t, e)
			w.bad.Store(false)
			eventually(t, "the host is tried again", func() bool { return e.Call("get", "{}").Status == 200 })
			for range 5 {
				wantOK(t, e.Call("post", "{}"))
			}
			if got := openCircuit(t, e, "fail.test"); got != 0 {
				t.Errorf("the metric is %v afterwards, want 0", got)
			}
			for _, line := range []string{`"msg":"circuit opened","host":"fail.test","failures":3,"open":"1s"`, `"msg":"circuit closed","host":"fail.test"`} {
				if !strings.Contains(e.Log(), line) {
					t.Errorf("the log has no %s", line)
				}
			}
		})
	}
}

// wantOpen checks that a circuit is open, and what that means.
func wantOpen(t *testing.T, e *proxytest.Egret) {
	t.Helper()
	before := len(e.Upstream.Dialled()) + len(e.Upstream.Requests())
	for _, name := range []string{"get", "post", "kept", "get?raw"} {
		got := e.Call(name, "{}")
		wantRefusal(t, got, 503, "circuit_open")
		if detail := got.Get("detail"); !strings.Contains(detail, "host fail.test ") || !strings.Contains(detail, "3 requests") {
			t.Errorf("got detail %q, want the host and how many have failed", detail)
		}
		if after, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || after != 1 {
			t.Errorf("got Retry-After %q, want 1", got.Header.Get("Retry-After"))
		}
	}
	wantOK(t, e.Call("get?explain", "{}"))
	if after := len(e.Upstream.Dialled()) + len(e.Upstream.Requests()); after != before {
		t.Errorf("%d connections and requests were made, want none", after-before)
	}
	wantOK(t, e.Call("well", "{}")) // another host
	if got := openCircuit(t, e, "fail.test"); got != 1 {
		t.Errorf("the metric of the host is %v, want 1", got)
	}
	if got := openCircuit(t, e, "well.test"); got != 0 {
		t.Errorf("the metric of another host is %v, want 0", got)
	}
	if records := e.Journal("?refused&function=get"); len(records) == 0 || !strings.Contains(records[0], `"rule":"upstreams[0].circuit"`) {
		t.Errorf("the journal has %q, want the line that has the circuit", records)
	}
}

// openCircuit is what the metric says of a host.
func openCircuit(t *testing.T, e *proxytest.Egret, host string) float64 {
	t.Helper()
	for _, one := range scrape(t, e)["egret_circuit_open"] {
		if strings.Contains(one.text, `host="`+host+`"`) {
			return one.value
		}
	}
	t.Errorf("there is no egret_circuit_open of %s", host)
	return -1
}

// A host and port has a circuit of its own, and a TLS that fails counts.
func TestCircuitTLS(t *testing.T) {
	silent := serve(t, func(c net.Conn) { say(c, "no TLS here\r\n") })
	e := proxytest.Start(t, circuitOf("{failures: 3, open: 1h}"), func(o *proxy.Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, ":443") {
				return new(net.Dialer).DialContext(ctx, "tcp", silent)
			}
			return dial(ctx, network, address)
		}
	})
	for range 3 {
		wantRefusal(t, e.Call("secure", "{}"), 502, "upstream_tls")
	}
	got := e.Call("secure", "{}")
	wantRefusal(t, got, 503, "circuit_open")
	if after, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || after < 3500 || after > 3600 {
		t.Errorf("got Retry-After %q, want about 3600", got.Header.Get("Retry-After"))
	}
	wantOK(t, e.Call("get", "{}"))
}

// Requests that are passed on neither ask nor count.
func TestCircuitForwarded(t *testing.T) {
	e := proxytest.Start(t, circuitOf("{failures: 3, open: 1h}"))
	e.Upstream.Handle("fail.test", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	forward := func() {
		t.Helper()
		if got := e.Get("http://fail.test/"); got.Status != 503 || got.Code() != "" {
			t.Fatalf("got %d %s, want the answer of the upstream", got.Status, got.Code())
		}
	}
	for range 5 {
		forward()
	}
	for range 3 {
		wantOK(t, e.Call("get", "{}"))
	}
	wantRefusal(t, e.Call("get", "{}"), 503, "circuit_open")
	forward()
}

// A caller who goes away says nothing of the host.
func TestCircuitCallerGone(t *testing.T) {
	e := proxytest.Start(t, strings.ReplaceAll(circuitOf("{failures: 1, open: 1h}"), "timeout: 300ms", "timeout: 1m"))
	g := gated(t, e, "fail.test")
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, "POST", e.URL+"/v1/functions/get", nil)
		if err != nil {
			t.Fatal(err)
		}
		var ended sync.WaitGroup
		ended.Go(func() {
			if response, err := e.Client().Do(request); err == nil {
				_ = response.Body.Close()
			}
		})
		<-g.entered
		cancel()
		ended.Wait()
	}
	eventually(t, "nobody waits any more", func() bool { return strings.Count(e.Log(), `"msg":"client gone"`) == 3 })
	g.open()
	wantOK(t, e.Call("get", "{}"))
}

// A reload goes on with the circuit, unless that has changed. Without an entry
// there is one as well, and false is none.
func TestCircuitReload(t *testing.T) {
	e := proxytest.Start(t, circuitOf("{failures: 3, open: 1h}"))
	e.Upstream.Handle("fail.test", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	fail := func(n int) {
		t.Helper()
		for range n {
			wantOK(t, e.Call("get", "{}"))
		}
	}
	reload := func(yaml string) {
		t.Helper()
		if err := e.Reload(yaml); err != nil {
			t.Fatal(err)
		}
	}
	fail(2)
	reload(circuitOf("{failures: 3, open: 1h}") + "public_url: https://egret.test\n")
	fail(1)
	reload(strings.Replace(circuitOf("{failures: 3, open: 1h}"), "/post", "/posted", 1))
	wantRefusal(t, e.Call("get", "{}"), 503, "circuit_open")
	reload(circuitOf("{failures: 4, open: 1h}"))
	fail(4)
	wantRefusal(t, e.Call("get", "{}"), 503, "circuit_open")
	reload(circuitOf("false"))
	fail(15)
	if strings.Contains(e.Get(e.AdminURL+"/metrics").Body, `egret_circuit_open{host="fail.test"}`) {
		t.Error("a host without a circuit has the metric")
	}
	reload(strings.Replace(circuitOf("false"), "fail.test:*", "another.test", 1))
	fail(10)
	wantRefusal(t, e.Call("get", "{}"), 503, "circuit_open")
}

// Where the host is text from the environment, nobody is told it.
func TestCircuitConfigured(t *testing.T) {
	yaml := strings.ReplaceAll(circuitOf("{failures: 1, open: 1h}"), "://fail.test", "://${env:HOST}")
	yaml += "  - {name: plain, url: \"http://${env:OPEN}/\"}\n  - {name: named, url: \"http://open.test/\"}\n  - {name: spelled, url: \"http://open.test/\"}\n"
	e := proxytest.Start(t, yaml, proxytest.Environment(map[string]string{"HOST": "fail.test", "OPEN": "open.test"}))
	e.Upstream.Handle("fail.test", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	wantOK(t, e.Call("get", "{}"))
	got := e.Call("get", "{}")
	wantRefusal(t, got, 503, "circuit_open")
	for name, text := range map[string]string{"problem": got.Body, "metrics": e.Get(e.AdminURL + "/metrics").Body, "log": e.Log()} {
		if strings.Contains(text, "fail.test") || strings.Contains(text, "open.test") { // which another Function names
			t.Errorf("the %s names the host: %s", name, text)
		}
	}
	if got := openCircuit(t, e, "(configured)"); got != 1 {
		t.Errorf("the metric is %v, want 1", got)
	}
}
