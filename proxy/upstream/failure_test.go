package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// endless answers and never stops.
func endless(head, piece string) func(*origin, net.Conn, *bufio.Reader) {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err != nil {
			return
		}
		for _, err := io.WriteString(c, head); err == nil; {
			_, err = io.WriteString(c, piece)
		}
	}
}

// reset closes with RST instead of FIN.
func reset(o *origin, c net.Conn, r *bufio.Reader) {
	_, _ = o.head(r)
	_ = c.(*net.TCPConn).SetLinger(0)
}

// TestNoAnswer: each way in which an upstream fails, read whole and streamed.
func TestNoAnswer(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, test := range []struct {
		name       string
		origin     func(*origin, net.Conn, *bufio.Reader)
		code       functions.Code
		proxyError string
	}{
		{"closes at once", func(*origin, net.Conn, *bufio.Reader) {}, functions.UpstreamProtocol, "connection_terminated"},
		{"closes after the request", once(""), functions.UpstreamProtocol, "connection_terminated"},
		{"resets", reset, functions.UpstreamProtocol, "connection_terminated"},
		{"closes within the header", once("HTTP/1.1 200 OK\r\nX-A: " + canary), functions.UpstreamProtocol, "connection_terminated"},
		{"garbage", once("SSH-2.0-" + canary + "\r\n\r\n"), functions.UpstreamProtocol, ""},
		{"broken field", once("HTTP/1.1 200 OK\r\nX-A " + canary + "\r\n\r\n"), functions.UpstreamProtocol, ""},
		{"nul in a field", once("HTTP/1.1 200 OK\r\nX-A: \x00" + canary + "\r\nContent-Length: 0\r\n\r\n"), functions.UpstreamProtocol, ""},
		{"name with a space", once("HTTP/1.1 200 OK\r\n" + canary + " B: 1\r\nContent-Length: 0\r\n\r\n"), functions.UpstreamProtocol, "http_protocol_error"},
		{"two lengths", once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"), functions.UpstreamProtocol, ""},
		{"unasked upgrade", once("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + canary + "\r\nConnection: upgrade\r\n\r\n"), functions.UpstreamProtocol, "http_protocol_error"},
		{"endless header", endless("HTTP/1.1 200 OK\r\n", "X-A: "+canary+"\r\n"), functions.UpstreamProtocol, "http_response_header_section_size"},
		{"endless interim answers", endless("", "HTTP/1.1 103 Early Hints\r\nX: "+canary+"\r\n\r\n"), functions.UpstreamProtocol, "http_protocol_error"},
		{"short body", once("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + canary), functions.UpstreamProtocol, "http_response_incomplete"},
		{"breaks off between chunks", once(chunked + "b\r\n" + canary + "\r\n"), functions.UpstreamProtocol, "http_response_incomplete"},
		{"breaks off within a chunk", once(chunked + "ff\r\n" + canary), functions.UpstreamProtocol, "http_response_incomplete"},
		{"breaks off within the last chunk", once(chunked + "b\r\n" + canary + "\r\n0\r\n"), functions.UpstreamProtocol, "http_response_incomplete"},
		{"broken chunk", once(chunked + "zz" + canary + "\r\n"), functions.UpstreamProtocol, "http_protocol_error"},
	} {
		for name, stream := range map[string]bool{"whole": false, "stream": true} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				o := newOrigin(t, test.origin)
				req := o.post(canary)
				req.Stream = stream
				r := wantRefusal(t, outcome(newStock(t, upstream.Options{}), t.Context(), req), test.code)
				if test.proxyError != "" && r.ProxyError != test.proxyError {
					t.Errorf("ProxyError = %q, want %q", r.ProxyError, test.proxyError)
				}
				if conns, requests := o.seen(); conns != 1 || requests > 1 {
					t.Errorf("the origin saw %d connections and %d requests, want 1", conns, requests)
				}
			})
		}
	}
}

// outcome is the error of a request or of reading its answer.
func outcome(stock *upstream.Stock, ctx context.Context, req *upstream.Request) error {
	answer, err := stock.RoundTrip(ctx, req)
	if err == nil && answer.Body != nil {
		_, err = io.Copy(io.Discard, answer.Body)
		if again := answer.Body.Close(); again != nil {
			err = again
		}
	}
	return err
}

func TestTooLarge(t *testing.T) {
	for _, test := range []struct {
		name   string
		origin func(*origin, net.Conn, *bufio.Reader)
		limit  int64
		code   functions.Code
	}{
		{"length within", answering(ok), 2, ""},
		{"length beyond", answering(ok), 1, functions.UpstreamTooLarge},
		{"chunks within", answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), 2, ""},
		{"chunks beyond", answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), 1, functions.UpstreamTooLarge},
		{"announced only", answering("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n" + canary), 0, functions.UpstreamTooLarge},
		{"endless chunks", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "b\r\n"+canary+"\r\n"), 1 << 16, functions.UpstreamTooLarge},
		{"endless", endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat(canary, 10_000)), 0, functions.UpstreamTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, test.origin)
			req := o.get()
			req.MaxBody = test.limit
			err := outcome(newStock(t, upstream.Options{}), t.Context(), req)
			if test.code != "" {
				wantRefusal(t, err, test.code)
			} else if err != nil {
				t.Errorf("got %v, want an answer", err)
			}
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	o := newOrigin(t, answering(ok))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	req := o.get()
	req.Port = listener.Addr().(*net.TCPAddr).AddrPort().Port()
	listener.Close()
	_, err = newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
	if r := wantRefusal(t, err, functions.UpstreamUnreachable); r.ProxyError != "connection_refused" {
		t.Errorf("ProxyError = %q, want connection_refused", r.ProxyError)
	}
}

// TestGuarded: the refusal of the dialer comes through.
func TestGuarded(t *testing.T) {
	o := newOrigin(t, answering(ok))
	req := o.get()
	req.Grant = egress.Grant{}
	_, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
	wantRefusal(t, err, functions.PrivateAddress)
	if conns, _ := o.seen(); conns != 0 {
		t.Errorf("the origin saw %d connections, want 0", conns)
	}
}

// stalling writes what it is told to, then nothing.
func stalling(answer string) func(*origin, net.Conn, *bufio.Reader) {
	return func(o *origin, c net.Conn, r *bufio.Reader) {
		if _, err := o.head(r); err == nil {
			_, _ = io.WriteString(c, answer)
			_, _ = io.Copy(io.Discard, r)
		}
	}
}

// TestStall: silence ends with a time-out, by the deadline of the call or by
// those of the transport.
func TestStall(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
	short, long := 50*time.Millisecond, time.Minute
	for _, test := range []struct {
		name           string
		answer         string
		deadline       time.Duration
		header, stall  time.Duration
		wantProxyError string
	}{
		{"deadline before the header", "", short, long, long, "http_response_timeout"},
		{"deadline within the body", head + canary, short, long, long, "http_response_timeout"},
		{"header time-out", "", long, short, long, "http_response_timeout"},
		{"header time-out within the header", "HTTP/1.1 200 OK\r\nX: " + canary, long, short, long, "http_response_timeout"},
		{"body stands still", head + canary, long, long, short, "connection_read_timeout"},
	} {
		for name, stream := range map[string]bool{"whole": false, "stream": true} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				o := newOrigin(t, stalling(test.answer))
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				req := o.get()
				req.Stream, req.HeaderTimeout = stream, test.header
				r := wantRefusal(t, outcome(newStock(t, upstream.Options{StallTimeout: test.stall}), ctx, req), functions.UpstreamTimeout)
				if r.ProxyError != test.wantProxyError {
					t.Errorf("ProxyError = %q, want %q", r.ProxyError, test.wantProxyError)
				}
				if took := time.Since(begun); took < short || took > long/4 {
					t.Errorf("it took %v, want about %v", took, short)
				}
			})
		}
	}
}

// TestLongStream: neither time-out cuts a stream that goes on.
func TestLongStream(t *testing.T) {
	const pause = 20 * time.Millisecond
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for range 20 {
			<-tick.C
			_, _ = io.WriteString(c, "x")
		}
	})
	req := o.get()
	req.Stream, req.HeaderTimeout = true, 10*pause
	answer, err := newStock(t, upstream.Options{StallTimeout: 10 * pause}).RoundTrip(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if body := bodyOf(t, answer); body != strings.Repeat("x", 20) {
		t.Errorf("body = %q", body)
	}
}

// TestCancel: a caller that goes away ends the exchange at once, wherever it
// stands, and the upstream sees it.
func TestCancel(t *testing.T) {
	gone := functions.Refuse(functions.RequestTimeout, "the caller has gone")
	for name, answer := range map[string]string{"header": "", "body": "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + canary} {
		for _, cause := range []error{gone, nil} {
			t.Run(name, func(t *testing.T) {
				seen, closed := make(chan struct{}), make(chan struct{})
				o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
					_, _ = o.head(r)
					_, _ = io.WriteString(c, answer)
					close(seen)
					_, _ = io.Copy(io.Discard, r)
					close(closed)
				})
				ctx, cancel := context.WithCancelCause(t.Context())
				go func() {
					<-seen
					cancel(cause)
				}()
				req := o.get()
				req.Stream = true
				err := outcome(newStock(t, upstream.Options{}), ctx, req)
				if cause != nil && !errors.Is(err, cause) {
					t.Errorf("got %v, want the cause of the cancellation", err)
				}
				if cause == nil && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want it to be context.Canceled", err)
				}
				select {
				case <-closed:
				case <-time.After(5 * time.Second):
					t.Error("the connection to the upstream is still open")
				}
			})
		}
	}
}

// TestCancelledBefore: a call that is over is not sent.
func TestCancelledBefore(t *testing.T) {
	o := newOrigin(t, answering(ok))
	stock := newStock(t, upstream.Options{})
	if _, err := stock.RoundTrip(t.Context(), o.get()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stock.RoundTrip(ctx, o.get())
	wantRefusal(t, err, functions.UpstreamTimeout)
	if _, requests := o.seen(); requests != 1 {
		t.Errorf("the origin saw %d requests, want 1", requests)
	}
}

// TestCloseWhileReading: closing a body ends a Read that waits.
func TestCloseWhileReading(t *testing.T) {
	o := newOrigin(t, stalling("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"))
	req := o.get()
	req.Stream = true
	answer, err := newStock(t, upstream.Options{}).RoundTrip(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	one, read := make([]byte, 1), make(chan error, 1)
	if _, err := io.ReadFull(answer.Body, one); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := answer.Body.Read(one)
		read <- err
	}()
	for range 2 {
		if err := answer.Body.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if err := <-read; err == nil || err == io.EOF {
		t.Errorf("the Read that waited gives %v, want an error", err)
	}
	if _, err := answer.Body.Read(one); err == nil || err == io.EOF {
		t.Errorf("a Read after Close gives %v, want an error", err)
	}
}
