package upstream_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// overSocketsAndPipes runs a test on connections that the transport can look
// into, and on such as it has to watch.
func overSocketsAndPipes(t *testing.T, test func(t *testing.T, dialer func(*origin) *egress.Dialer)) {
	t.Run("socket", func(t *testing.T) { test(t, (*origin).to) })
	t.Run("pipe", func(t *testing.T) { test(t, (*origin).inMemory) })
}

// TestReuse: one connection serves the requests of one place, one after the
// other, and of no other place.
func TestReuse(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		o := newOrigin(t, answering(ok))
		transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
		for want, change := range []func(*upstream.Request){
			func(*upstream.Request) {},
			func(r *upstream.Request) { r.Share.Client = "agent" },
			func(r *upstream.Request) { r.Share = upstream.Share{Client: "agent", Value: [16]byte{1}} },
			func(r *upstream.Request) { r.Share = upstream.Share{Client: "other", Value: [16]byte{1}} },
			func(r *upstream.Request) { r.Share = upstream.Share{Client: "agent", Value: [16]byte{2}} },
			func(r *upstream.Request) { r.Share = upstream.Share{Client: "agent", Values: "1 2"} },
			func(r *upstream.Request) { r.Grant.Cleartext = true },
			func(r *upstream.Request) { r.Grant.Literal = false },
			func(r *upstream.Request) { r.Host = "localhost" },
			func(r *upstream.Request) { r.Port++ },
		} {
			for range 3 {
				for _, read := range readings {
					req := o.get()
					change(req)
					if got, err := call(t.Context(), transport, req, read); err != nil || got.Body != "ok" {
						t.Fatalf("got %v, %v", got, err)
					}
				}
			}
			if conns, _ := o.seen(); conns != want+1 {
				t.Fatalf("place %d: the origin saw %d connections, want %d", want, conns, want+1)
			}
		}
	})
}

// TestNotReused: after such an answer the connection is not used again.
func TestNotReused(t *testing.T) {
	const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"
	for _, test := range []struct{ name, method, answer string }{
		{"said so", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
		{"said so in a list", "GET", "HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok"},
		{"said so in a second line", "GET", "HTTP/1.1 200 OK\r\nConnection: x\r\nconnection: close\r\nContent-Length: 2\r\n\r\nok"},
		{"http/1.0", "GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"},
		{"body not read", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"},
		{"last chunk not read", "GET", chunked + "2\r\nok\r\n0\r\n\r\n"},
		{"more than its length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + poison},
		{"more than its length, by a byte", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\n"},
		{"body of a HEAD", "HEAD", ok},
		{"body of a 204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"},
		{"body of a 304", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n" + poison},
	} {
		t.Run(test.name, func(t *testing.T) {
			overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
				o := newOrigin(t, answering(test.answer))
				transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
				for want := 1; want <= 3; want++ {
					req := o.get()
					req.Method = test.method
					var answer upstream.Answer
					if err := transport.RoundTrip(t.Context(), req, &answer); err != nil {
						t.Fatal(err)
					}
					if !answer.HidesBody() {
						text := make([]byte, 2)
						if _, err := io.ReadFull(&answer, text); err != nil || string(text) != "ok" {
							t.Fatalf("read %q, %v, want ok", text, err)
						}
					}
					answer.Close()
					if conns, _ := o.seen(); conns != want {
						t.Errorf("the origin saw %d connections, want %d", conns, want)
					}
				}
			})
		})
	}
}

// TestBehindTheLastChunk: what stands behind a chunked body that was read to
// its end is nobody's answer.
func TestBehindTheLastChunk(t *testing.T) {
	o := newOrigin(t, answering(chunked+"2\r\nok\r\n0\r\n\r\n"+"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"))
	transport := newTransport(t, upstream.Options{})
	for range 3 {
		mustCall(t, transport, o.get())
	}
	o.wantSeen(t, 3, 3)
}

// TestIdle: an unused connection is closed after its time.
func TestIdle(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		ended := make(chan struct{}, 2)
		o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
			answering(ok)(o, c, r)
			ended <- struct{}{}
		})
		transport := newTransport(t, upstream.Options{Dialer: dialer(o), IdleTimeout: short})
		for range 2 { // the sweeper starts anew
			mustCall(t, transport, o.get())
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Fatal("the idle connection is still open")
			}
		}
		o.wantSeen(t, 2, 2)
	})
}

// TestMaxIdle: the connection that was used the longest ago gives way.
func TestMaxIdle(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		o := newOrigin(t, answering(ok))
		transport := newTransport(t, upstream.Options{Dialer: dialer(o), MaxIdle: 2})
		for i, step := range []struct {
			client string
			want   int // connections so far
		}{{"a", 1}, {"b", 2}, {"a", 2}, {"c", 3}, {"a", 3}, {"c", 3}, {"b", 4}, {"c", 4}, {"a", 5}} {
			req := o.get()
			req.Share.Client = step.client
			mustCall(t, transport, req)
			if conns, _ := o.seen(); conns != step.want {
				t.Errorf("step %d: the origin saw %d connections, want %d", i, conns, step.want)
			}
		}
	})
}

// TestSeveralIdle: of the connections of one place the one that was used last
// is used next, and the others stay until they are needed.
func TestSeveralIdle(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		o := newOrigin(t, answering(ok))
		transport := newTransport(t, upstream.Options{Dialer: dialer(o), MaxIdle: 3})
		for range 3 {
			answers := make([]upstream.Answer, 4)
			for i := range answers {
				if err := transport.RoundTrip(t.Context(), o.get(), &answers[i]); err != nil {
					t.Fatal(err)
				}
			}
			for i := range answers {
				if _, err := answers[i].ReadAll(nil, 9); err != nil {
					t.Fatal(err)
				}
				answers[i].Close()
			}
		}
		o.wantSeen(t, 4+1+1, 12)
	})
}

// TestCloseInUse: Close ends the idle connections at once, and one in use when
// its exchange ends.
func TestCloseInUse(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		ended := make(chan struct{}, 2)
		o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
			answering(chunked+"2\r\nok\r\n0\r\n\r\n")(o, c, r)
			ended <- struct{}{}
		})
		transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
		answers := make([]upstream.Answer, 2)
		for i := range answers {
			if err := transport.RoundTrip(t.Context(), o.get(), &answers[i]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := answers[0].ReadAll(nil, 9); err != nil {
			t.Fatal(err)
		}
		answers[0].Close()
		transport.Close()
		<-ended
		if body, err := answers[1].ReadAll(nil, 9); err != nil || string(body) != "ok" {
			t.Errorf("the answer that was in use gives %q, %v", body, err)
		}
		answers[1].Close()
		<-ended
		transport.Close() // again
	})
}

// TestTogether: exchanges at the same time have connections of their own.
func TestTogether(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		o := newOrigin(t, answering(ok))
		transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
		errs := make(chan error)
		for range 8 {
			go func() {
				var err error
				for range 50 {
					got, failed := call(t.Context(), transport, o.get(), readings["whole"])
					if failed == nil && got.Body != "ok" {
						failed = errors.New("another body: " + got.Body)
					}
					err = errors.Join(err, failed)
				}
				errs <- err
			}()
		}
		for range 8 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if conns, requests := o.seen(); conns > 8 || requests != 400 {
			t.Errorf("the origin saw %d connections and %d requests, want at most 8 and 400", conns, requests)
		}
	})
}
