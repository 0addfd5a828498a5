package proxy_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// The keys of the clients in these tests.
const (
	aliceKey = "0123456789abcdef0123456789abcdef-alice"
	bobKey   = "0123456789abcdef0123456789abcdef-bob"
)

// limitsOf is a configuration with limits of alice, of the Function slow, and of
// the hosts below limited.test.
func limitsOf(client, function, host string) string {
	return `
admin: 127.0.0.1:0
egress: {default: allow}
clients:
  - {name: alice, key: ` + aliceKey + `, limits: {` + client + `}}
  - {name: bob, key: ` + bobKey + `}
upstreams:
  - {host: "*.limited.test:*", limits: {` + host + `}}
caches: [{name: results, ttl: 1m}]
functions:
  - {name: free, url: "http://api.acme.test/free"}
  - {name: kept, url: "http://api.acme.test/kept", cache: results}
  - {name: slow, url: "http://api.acme.test/slow", limits: {` + function + `}}
  - {name: host, url: "http://api.limited.test/host"}
  - {name: other, url: "http://b.limited.test/other"}
`
}

func asClient(key string) []string { return []string{"Authorization", "Bearer " + key} }
func viaProxy(key string) []string { return []string{"Proxy-Authorization", "Bearer " + key} }

// A gate lets an upstream answer when it is opened.
type gate struct {
	entered chan struct{}
	opened  chan struct{}
	open    func()
}

// gated makes a host answer no earlier than the gate is opened.
func gated(t *testing.T, e *proxytest.Egret, host string) *gate {
	g := &gate{entered: make(chan struct{}, 100), opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	t.Cleanup(g.open)
	e.Upstream.Handle(host, func(w http.ResponseWriter, r *http.Request) {
		g.entered <- struct{}{}
		select {
		case <-g.opened:
			_, _ = io.WriteString(w, "done")
		case <-r.Context().Done():
		}
	})
	return g
}

// wantLimited checks a 429: whose limit it is, and when to come again.
func wantLimited(t *testing.T, got proxytest.Answer, least, most int, words ...string) {
	t.Helper()
	wantRefusal(t, got, 429, "too_many_requests")
	for _, word := range words {
		if !strings.Contains(got.Get("detail"), word) {
			t.Errorf("got detail %q, want it to have %q", got.Get("detail"), word)
		}
	}
	after, err := strconv.Atoi(got.Header.Get("Retry-After"))
	if err != nil || after < least || after > most {
		t.Errorf("got Retry-After %q, want %d to %d", got.Header.Get("Retry-After"), least, most)
	}
}

// limitedTotal is the count of refusals by whose limit it was.
func limitedTotal(t *testing.T, e *proxytest.Egret, scope string) float64 {
	t.Helper()
	for _, one := range scrape(t, e)["egret_limited_total"] {
		if strings.Contains(one.text, `"`+scope+`"`) {
			return one.value
		}
	}
	t.Fatalf("there is no egret_limited_total of %s", scope)
	return 0
}

// All that a client asks for counts, on every way in, and nothing that others ask
// for. While one request is under way there is no room for another.
func TestClientLimits(t *testing.T) {
	e := proxytest.Start(t, limitsOf("concurrency: 1", "", ""))
	wantOK(t, e.Call("kept", "{}", asClient(bobKey)...))
	ways := map[string]func(key string) proxytest.Answer{
		"call":        func(key string) proxytest.Answer { return e.Call("free", "{}", asClient(key)...) },
		"hit":         func(key string) proxytest.Answer { return e.Call("kept", "{}", asClient(key)...) },
		"raw":         func(key string) proxytest.Answer { return e.Call("kept?raw", "{}", asClient(key)...) },
		"explain":     func(key string) proxytest.Answer { return e.Call("free?explain", "{}", asClient(key)...) },
		"list":        func(key string) proxytest.Answer { return e.Get(e.URL+"/v1/functions", asClient(key)...) },
		"description": func(key string) proxytest.Answer { return e.Get(e.URL+"/v1/functions/free", asClient(key)...) },
		"forward":     func(key string) proxytest.Answer { return e.Get("http://other.test/", viaProxy(key)...) },
	}
	g := gated(t, e, "held.test")
	var held sync.WaitGroup
	held.Go(func() { e.Get("http://held.test/", viaProxy(aliceKey)...) })
	<-g.entered
	refused := 0.0
	for name, ask := range ways {
		t.Run(name, func(t *testing.T) {
			wantLimited(t, ask(aliceKey), 1, 1, "client alice", "1")
			wantOK(t, ask(bobKey))
		})
		refused++
	}
	wantRefusal(t, e.Call("free", "{}", asClient("unknown-key-unknown-key-unknown-key")...), 401, "unauthenticated")
	g.open()
	held.Wait()
	for name, ask := range ways {
		for range 3 { // each makes room for the next
			if got := ask(aliceKey); got.Status != 200 {
				t.Errorf("%s: got %d %s afterwards, want 200", name, got.Status, got.Body)
			}
		}
	}
	if got := limitedTotal(t, e, "client"); got != refused {
		t.Errorf("%v refusals are counted, want %v", got, refused)
	}
	if records := e.Journal("?refused&client=alice"); len(records) == 0 || !strings.Contains(records[0], `"rule":"clients[0].limits.concurrency"`) {
		t.Errorf("the journal has %q, want the line that has the limit", records)
	}
}

// A request that was refused, broken off, or panicked gives its room back.
func TestClientLimitAfterFailures(t *testing.T) {
	e := proxytest.Start(t, limitsOf("concurrency: 1", "", ""))
	e.Upstream.Handle("broken.test", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for range 3 {
		wantRefusal(t, e.Call("unknown", "{}", asClient(aliceKey)...), 404, "unknown_function")
		wantRefusal(t, e.Call("free", "{", asClient(aliceKey)...), 400, "malformed_request")
		wantRefusal(t, e.Get("http://broken.test/", viaProxy(aliceKey)...), 502, "upstream_protocol")
		wantRefusal(t, e.Do("PUT", e.URL+"/v1/functions/free", "{}", asClient(aliceKey)...), 405, "method_not_allowed")
		wantOK(t, e.Call("free", "{}", asClient(aliceKey)...))
	}
}

// So does one whose answer breaks off behind its head.
func TestClientLimitAfterBrokenStream(t *testing.T) {
	e := proxytest.Start(t, limitsOf("concurrency: 1", "", "concurrency: 1"))
	e.Upstream.Handle("s.limited.test", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "begin")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	for range 3 {
		c := e.Connect()
		c.Send("GET http://s.limited.test/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer " + aliceKey + "\r\n\r\n")
		if rest := c.Rest(); !strings.HasPrefix(rest, "HTTP/1.1 200 ") || strings.HasSuffix(rest, "0\r\n\r\n") {
			t.Fatalf("got %q, want the beginning of a stream", rest)
		}
		eventually(t, "there is room again", func() bool { return e.Get("http://other.test/", viaProxy(aliceKey)...).Status == 200 })
		wantOK(t, e.Get("http://s.limited.test:8080/", viaProxy(bobKey)...))
	}
}

// A rate is kept by a reload that leaves name and limits, and begins anew with
// other limits.
func TestClientRate(t *testing.T) {
	e := proxytest.Start(t, limitsOf("rate: 3/m", "", ""))
	for range 3 {
		wantOK(t, e.Call("kept", "{}", asClient(aliceKey)...))
	}
	wantLimited(t, e.Call("kept", "{}", asClient(aliceKey)...), 15, 20, "client alice", "3/m")
	wantOK(t, e.Call("kept", "{}", asClient(bobKey)...))
	if err := e.Reload(limitsOf("rate: 3/m", "concurrency: 7", "")); err != nil {
		t.Fatal(err)
	}
	wantLimited(t, e.Get("http://other.test/", viaProxy(aliceKey)...), 10, 20, "client alice", "3/m")
	if err := e.Reload(limitsOf("rate: 4/m", "", "")); err != nil {
		t.Fatal(err)
	}
	wantOK(t, e.Call("kept", "{}", asClient(aliceKey)...))
}

// The Function's limit holds for all clients together, and a reload that changes
// something else goes on counting.
func TestFunctionLimits(t *testing.T) {
	e := proxytest.Start(t, limitsOf("", "concurrency: 1", ""))
	g := gated(t, e, "api.acme.test")
	var held sync.WaitGroup
	held.Go(func() { wantOK(t, e.Call("slow", "{}", asClient(aliceKey)...)) })
	<-g.entered
	wantLimited(t, e.Call("slow", "{}", asClient(bobKey)...), 1, 1, "Function slow", "1")
	if err := e.Reload(limitsOf("rate: 100/s", "concurrency: 1", "")); err != nil {
		t.Fatal(err)
	}
	wantLimited(t, e.Call("slow", "{}", asClient(bobKey)...), 1, 1, "Function slow", "1")
	wantOK(t, e.Call("slow?explain", "{}", asClient(bobKey)...))
	g.open()
	held.Wait()
	wantOK(t, e.Call("slow", "{}", asClient(bobKey)...))
	if got := limitedTotal(t, e, "function"); got != 2 {
		t.Errorf("%v refusals are counted, want 2", got)
	}
}

// What is sent to a host counts, of Functions and forwarded, each host of a
// wildcard for itself.
func TestHostLimits(t *testing.T) {
	e := proxytest.Start(t, limitsOf("", "", "concurrency: 1"))
	ways := map[string]func(host string) proxytest.Answer{
		"call":    func(string) proxytest.Answer { return e.Call("host", "{}", asClient(bobKey)...) },
		"forward": func(string) proxytest.Answer { return e.Get("http://api.limited.test/", viaProxy(bobKey)...) },
	}
	refused := 0.0
	for name, hold := range ways {
		g := gated(t, e, "api.limited.test")
		var held sync.WaitGroup
		held.Go(func() { wantOK(t, hold("")) })
		<-g.entered
		if err := e.Reload(limitsOf("", "", "concurrency: 1")); err != nil {
			t.Fatal(err)
		}
		dialled := len(e.Upstream.Dialled())
		for _, ask := range ways {
			wantLimited(t, ask(""), 1, 1, "host api.limited.test", "1")
			refused++
		}
		if n := len(e.Upstream.Dialled()); n != dialled {
			t.Errorf("%s: %d connections were made for what was refused, want none", name, n-dialled)
		}
		wantOK(t, e.Call("other", "{}", asClient(bobKey)...))
		wantOK(t, e.Get("http://c.limited.test/", viaProxy(bobKey)...))
		g.open()
		held.Wait()
		for range 3 {
			for _, ask := range ways {
				wantOK(t, ask(""))
			}
		}
	}
	if got := limitedTotal(t, e, "host"); got != refused {
		t.Errorf("%v refusals are counted, want %v", got, refused)
	}
	if records := e.Journal("?refused"); len(records) == 0 || !strings.Contains(records[0], `"rule":"upstreams[0].limits.concurrency"`) {
		t.Errorf("the journal has %q, want the line that has the limit", records)
	}
}

// A stream keeps its room to its end.
func TestHostLimitStream(t *testing.T) {
	e := proxytest.Start(t, limitsOf("concurrency: 1", "", "concurrency: 1"))
	begun, end := make(chan struct{}), make(chan struct{})
	e.Upstream.Handle("s.limited.test", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begin")
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/held" {
			close(begun)
			<-end
		}
	})
	var held sync.WaitGroup
	held.Go(func() { wantOK(t, e.Get("http://s.limited.test/held", viaProxy(aliceKey)...)) })
	<-begun
	wantLimited(t, e.Get("http://s.limited.test/", viaProxy(bobKey)...), 1, 1, "host s.limited.test")
	wantLimited(t, e.Get("http://other.test/", viaProxy(aliceKey)...), 1, 1, "client alice")
	close(end)
	held.Wait()
	wantOK(t, e.Get("http://s.limited.test/", viaProxy(bobKey)...))
	wantOK(t, e.Get("http://other.test/", viaProxy(aliceKey)...))
}

func TestHostRate(t *testing.T) {
	e := proxytest.Start(t, limitsOf("", "", "rate: 2/m"))
	wantOK(t, e.Call("host", "{}", asClient(bobKey)...))
	wantOK(t, e.Get("http://api.limited.test/", viaProxy(bobKey)...))
	wantLimited(t, e.Call("host", "{}", asClient(bobKey)...), 20, 30, "host api.limited.test", "2/m")
	wantLimited(t, e.Get("http://api.limited.test:8080/", viaProxy(bobKey)...), 20, 30, "host api.limited.test:8080")
	wantOK(t, e.Get("http://b.limited.test:8080/", viaProxy(bobKey)...))
}
