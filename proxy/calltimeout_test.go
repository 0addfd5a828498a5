package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestEgretTimeout: a caller may give a call less time than its Function does,
// and says so in one way that cannot be misread.
func TestEgretTimeout(t *testing.T) {
	e := start(t, `
functions:
  - {name: slow, url: 'http://slow.test/', timeout: 1h}
  - {name: quick, url: 'http://quick.test/'}
`)
	e.Upstream.Handle("slow.test", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, text := range []string{"300ms", "0.3s", "300000us"} {
		begin := time.Now()
		wantRefusal(t, e.Call("slow", "{}", "Egret-Timeout", text), 504, "upstream_timeout")
		tookShort(t, begin)
	}
	for _, text := range []string{"2s", "500ms", "20", "1h30m", "4294967295", "2540400h"} {
		wantOK(t, e.Call("quick", "{}", "egret-timeout", text))
		wantOK(t, e.Do("POST", e.URL+"/v1/functions/quick?raw", "{}", "Content-Type", "application/json", "Egret-Timeout", text))
		wantOK(t, e.Do("POST", e.URL+"/v1/functions/quick?explain", "{}", "Content-Type", "application/json", "EGRET-TIMEOUT", text))
	}
	before := len(e.Upstream.Requests())
	for _, text := range []string{"", "0", "0s", "-1s", "-1", "soon", "1.5", "2 s", "1s, 2s", "4294967296", "9999999999h", "0x10", "1e3"} {
		wantRefusal(t, e.Call("quick", "{}", "Egret-Timeout", text), 400, "malformed_request")
		wantRefusal(t, e.Do("POST", e.URL+"/v1/functions/quick?explain", "{}", "Content-Type", "application/json", "Egret-Timeout", text), 400, "malformed_request")
	}
	wantRefusal(t, e.Call("quick", "{}", "Egret-Timeout", "1s", "Egret-Timeout", "1s"), 400, "malformed_request")
	if n := len(e.Upstream.Requests()) - before; n != 0 {
		t.Errorf("%d requests were sent for calls that were refused, want none", n)
	}
}

// TestLimitsOfAFunction: they take the place of those of all requests, be they
// shorter or longer.
func TestLimitsOfAFunction(t *testing.T) {
	const function = "functions: [{name: f, url: 'http://f.test/', limits: {%s}}]\n"
	t.Run("first_byte_timeout", func(t *testing.T) {
		for name, keys := range map[string][2]string{"shorter": {"first_byte_timeout: 1h", "first_byte_timeout: 300ms"}, "longer": {"first_byte_timeout: 100ms", "first_byte_timeout: 20s"}} {
			e := start(t, "limits: {"+keys[0]+"}\n"+fmt.Sprintf(function, keys[1]))
			e.Upstream.Handle("f.test", func(w http.ResponseWriter, r *http.Request) {
				if name == "shorter" {
					<-r.Context().Done()
				}
				<-time.After(2 * short)
				_, _ = io.WriteString(w, "late")
			})
			begin := time.Now()
			if got := e.Call("f", "{}"); name == "longer" {
				wantOK(t, got)
			} else {
				wantRefusal(t, got, 504, "upstream_timeout")
			}
			tookShort(t, begin)
		}
	})
	t.Run("answer_bytes", func(t *testing.T) {
		for name, keys := range map[string][2]string{"smaller": {"answer_bytes: 10KiB", "answer_bytes: 1KiB"}, "larger": {"answer_bytes: 1KiB", "answer_bytes: 10KiB"}} {
			e := start(t, "limits: {"+keys[0]+"}\n"+fmt.Sprintf(function, keys[1]))
			e.Upstream.Handle("f.test", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2000)) })
			if got := e.Call("f", "{}"); name == "larger" {
				wantOK(t, got)
			} else {
				wantRefusal(t, got, 502, "upstream_too_large")
			}
		}
	})
	t.Run("connect_timeout", func(t *testing.T) {
		wait := make(chan struct{})
		defer close(wait)
		e := start(t, "limits: {connect_timeout: 10m}\n"+fmt.Sprintf(function, "connect_timeout: 300ms"), stuckDialling(wait))
		begin := time.Now()
		wantRefusal(t, e.Call("f", "{}"), 504, "upstream_timeout")
		tookShort(t, begin)
	})
}

// stuckDialling makes egret dial in vain, until wait is closed or it gives up.
func stuckDialling(wait chan struct{}) proxytest.Option {
	return func(o *proxy.Options) {
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			select {
			case <-wait:
			case <-ctx.Done():
			}
			return nil, ctx.Err()
		}
	}
}
