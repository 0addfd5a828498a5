package proxytest_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A nonceOrigin is an upstream that counts the whole requests that reach it, by
// the nonce in their query.
type nonceOrigin struct {
	address string

	answer string

	mu   sync.Mutex
	seen map[string]int
}

func newNonceOrigin(t testing.TB, answer string) *nonceOrigin {
	o := &nonceOrigin{answer: answer, seen: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.address = l.Addr().String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				o.handle(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return o
}

func (o *nonceOrigin) handle(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(3 * time.Second))
	reader := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		o.count(r.URL.Query().Get("nonce"))
		answer := o.answer
		if _, body, _ := strings.Cut(answer, "\r\n\r\n"); r.Method == "HEAD" {
			answer = strings.TrimSuffix(answer, body)
		}
		_, _ = io.WriteString(c, answer)
		if strings.Contains(answer, "Connection: close") {
			return
		}
	}
}

func (o *nonceOrigin) count(nonce string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[nonce]++
}

// received gives how often a request reached the upstream whole.
func (o *nonceOrigin) received(nonce string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen[nonce]
}

// A toxic is a way to an upstream on which something can go wrong.
type toxic struct {
	t       testing.TB
	proxy   *toxiproxy.Proxy
	address string
	dials   atomic.Int64
}

// quiet turns off what toxiproxy logs beside its logger.
var quiet sync.Once

// newToxic begins a way to address, on which nothing is wrong yet.
func newToxic(t testing.TB, address string) *toxic {
	t.Helper()
	quiet.Do(func() { zerolog.SetGlobalLevel(zerolog.Disabled) })
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	x := &toxic{t: t, proxy: toxiproxy.NewProxy(server, "upstream", "127.0.0.1:0", address)}
	if err := x.proxy.Start(); err != nil {
		t.Fatalf("cannot start toxiproxy: %v", err)
	}
	x.address = x.proxy.Listen
	t.Cleanup(func() {
		x.heal()
		x.proxy.Stop()
	})
	return x
}

// add makes something go wrong, such as
//
//	{"type": "limit_data", "stream": "downstream", "attributes": {"bytes": 10}}
//
// Downstream is what comes back from the upstream.
func (x *toxic) add(text string) {
	x.t.Helper()
	if _, err := x.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		x.t.Fatalf("cannot add %s: %v", text, err)
	}
}

// heal makes everything right again.
func (x *toxic) heal() { x.proxy.Toxics.ResetToxics(context.Background()) }

// dialling makes egret take this way to every host, and counts how often.
func (x *toxic) dialling() proxytest.Option {
	return func(o *proxy.Options) {
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			x.dials.Add(1)
			var dialer net.Dialer
			return dialer.DialContext(ctx, "tcp", x.address)
		}
	}
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
