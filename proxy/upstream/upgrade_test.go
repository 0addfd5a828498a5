package upstream_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
)

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

// repeating answers, and when it may, says what it has heard until there is no
// more.
func repeating(answer string, may <-chan time.Time) script {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err != nil {
			return
		}
		_, _ = io.WriteString(c, answer)
		<-may
		_, _ = io.Copy(c, r)
	}
}

// offering is a request that offers protocols.
func (o *origin) offering(protocols ...string) *upstream.Request {
	req := o.get()
	req.Upgrade = protocols
	return req
}

// TestOffer: the connection is handed over behind the 101, with what came with
// it, and without the time limits of an exchange.
func TestOffer(t *testing.T) {
	for name, way := range map[string]struct {
		make func(*testing.T, script) (*origin, upstream.Options)
		tls  bool
	}{
		"plain": {func(t *testing.T, handle script) (*origin, upstream.Options) {
			o := newOrigin(t, handle)
			return o, upstream.Options{Dialer: o.to()}
		}, false},
		"in memory": {func(t *testing.T, handle script) (*origin, upstream.Options) {
			o := newOrigin(t, handle)
			return o, upstream.Options{Dialer: o.inMemory()}
		}, false},
		"TLS": {func(t *testing.T, handle script) (*origin, upstream.Options) {
			o, roots := overTLS(t, nil, handle)
			return o, upstream.Options{Dialer: o.to(), RootCAs: roots}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			const stall = 50 * time.Millisecond
			o, options := way.make(t, repeating("HTTP/1.1 103 Early Hints\r\n\r\n"+switching+"early ", time.After(15*stall)))
			options.StallTimeout = stall
			transport := newTransport(t, options)
			req := o.offering("websocket", "x/1")
			if way.tls {
				req = o.secure("example.com")
				req.Upgrade = []string{"websocket", "x/1"}
			}
			var answer upstream.Answer
			if err := transport.RoundTrip(t.Context(), req, &answer); err != nil {
				t.Fatal(err)
			}
			if !answer.HasSwitched() || !strings.Contains(o.last(), "\r\nConnection: Upgrade\r\nUpgrade: websocket, x/1\r\n\r\n") {
				t.Fatalf("got %d to %q, want the protocols offered, and one taken", answer.Code, o.last())
			}
			c, early := answer.Detach()
			defer c.Close()
			answer.Close() // which has nothing left to close
			if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			text := strings.Repeat("hello ", 2<<20) // which does not fit on the way
			sent := make(chan error, 1)
			go func() {
				<-time.After(5 * stall) // when the limits of the request are over
				_, err := io.WriteString(c, text)
				sent <- err
			}()
			got := make([]byte, len("early ")+len(text))
			n := copy(got, early)
			if n, err := io.ReadFull(c, got[n:]); err != nil || string(got) != "early "+text {
				t.Errorf("got %d bytes (error: %v), want the %d that were sent", n, err, len(got))
			}
			if err := <-sent; err != nil {
				t.Errorf("writing ended with: %v", err)
			}
			o.wantSeen(t, 1, 1)
		})
	}
}

// TestOfferRefused: what was not offered is no answer, and no other answer
// changes the protocol.
func TestOfferRefused(t *testing.T) {
	const begin = "HTTP/1.1 101 Switching Protocols\r\n"
	for _, test := range []struct {
		name, answer, detail string
	}{
		{"another protocol", begin + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "the upstream switched to a protocol that was not offered"},
		{"one more protocol", begin + "Connection: Upgrade\r\nUpgrade: websocket, x\r\n\r\n", "the upstream switched to a protocol that was not offered"},
		{"no protocol", begin + "Connection: Upgrade\r\n\r\n", "the upstream switched to a protocol that was not offered"},
		{"no Connection", begin + "Upgrade: websocket\r\n\r\n", "the upstream switched to a protocol that was not offered"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, once(test.answer))
			transport := newTransport(t, upstream.Options{Dialer: o.to()})
			var answer upstream.Answer
			refusal, _ := transport.RoundTrip(t.Context(), o.offering("websocket"), &answer).(*functions.Refusal)
			if refusal == nil || refusal.Code != functions.UpstreamProtocol || refusal.Detail != test.detail || refusal.ProxyError != "http_upgrade_failed" {
				t.Errorf("got %+v, want upstream_protocol: %s", refusal, test.detail)
			}
			o.wantSeen(t, 1, 1)
		})
	}
	t.Run("another status", func(t *testing.T) {
		o := newOrigin(t, answering("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno"))
		transport := newTransport(t, upstream.Options{Dialer: o.to()})
		var answer upstream.Answer
		if err := transport.RoundTrip(t.Context(), o.offering("websocket"), &answer); err != nil {
			t.Fatal(err)
		}
		body, err := answer.ReadAll(nil, 10)
		if answer.HasSwitched() || string(body) != "no" || err != nil {
			t.Errorf("got %d %q (error: %v), want an answer as any other", answer.Code, body, err)
		}
		answer.Close()
	})
	t.Run("a body that is still coming", func(t *testing.T) {
		o := newOrigin(t, deaf)
		req := o.upload(strings.NewReader("hello"), 5)
		req.Upgrade = []string{"websocket"}
		var answer upstream.Answer
		refusal, _ := newTransport(t, upstream.Options{Dialer: o.to()}).RoundTrip(t.Context(), req, &answer).(*functions.Refusal)
		if refusal == nil || refusal.Code != functions.Internal {
			t.Errorf("got %v, want internal", refusal)
		}
		o.wantSeen(t, 0, 0)
	})
}
