package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A waiting body gives what it has, and then nothing until it is interrupted.
type waiting struct {
	begin       io.Reader
	stop        chan struct{}
	interrupted atomic.Int32
	reading     atomic.Bool
}

func newWaiting(begin string) *waiting {
	return &waiting{begin: strings.NewReader(begin), stop: make(chan struct{})}
}

func (w *waiting) Read(p []byte) (int, error) {
	if n, err := w.begin.Read(p); err == nil {
		return n, nil
	}
	w.reading.Store(true)
	defer w.reading.Store(false)
	<-w.stop
	return 0, errors.New("the body was interrupted")
}

func (w *waiting) Interrupt() {
	if w.interrupted.Add(1) == 1 {
		close(w.stop)
	}
}

// wantInterrupted checks that the body was interrupted, and that nobody reads
// it any more.
func (w *waiting) wantInterrupted(t *testing.T) {
	t.Helper()
	if n := w.interrupted.Load(); n != 1 || w.reading.Load() {
		t.Errorf("the body was interrupted %d times, want once, and is being read: %v", n, w.reading.Load())
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestBodyOfRequestBreaksOff: that is no fault of the upstream, which must not
// take what it has for the whole, and a refusal of whoever gives the body is
// passed on.
func TestBodyOfRequestBreaksOff(t *testing.T) {
	tooLarge := functions.Refuse(functions.BodyTooLarge, "the body is too large")
	for _, test := range []struct {
		name   string
		body   func() io.Reader
		length int64
		want   error
	}{
		{"short", func() io.Reader { return strings.NewReader("hello") }, 9, nil},
		{"refused", func() io.Reader { return io.MultiReader(strings.NewReader("hello"), failing{tooLarge}) }, 9, tooLarge},
		{"refused, in chunks", func() io.Reader { return io.MultiReader(strings.NewReader("hello"), failing{tooLarge}) }, -1, tooLarge},
		{"fails, in chunks", func() io.Reader { return failing{errors.New("lost")} }, -1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			bodies := make(chan string, 50)
			o := newOrigin(t, func(o *origin, _ net.Conn, r *bufio.Reader) {
				_, _ = o.head(r)
				body, _ := io.ReadAll(r)
				bodies <- string(body)
			})
			transport := newTransport(t, upstream.Options{})
			for range 50 {
				err := outcome(t.Context(), transport, o.upload(test.body(), test.length))
				if test.want == nil {
					wantProxyError(t, err, functions.MalformedRequest, "http_request_error")
				} else if !errors.Is(err, test.want) {
					t.Fatalf("got %v, want %v", err, test.want)
				}
				if body := <-bodies; strings.HasSuffix(body, "0\r\n\r\n") || test.length >= 0 && len(body) >= int(test.length) {
					t.Fatalf("the upstream got %q, which is whole", body)
				}
			}
		})
	}
}

// TestBodyBreaksOffBehindTheHead: the answer that has begun ends with what
// happened to the request.
func TestBodyBreaksOffBehindTheHead(t *testing.T) {
	o := newOrigin(t, stalling(byLength+"x"))
	source, body := io.Pipe()
	var answer upstream.Answer
	if err := newTransport(t, upstream.Options{}).RoundTrip(t.Context(), o.upload(source, -1), &answer); err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	tooLarge := functions.Refuse(functions.BodyTooLarge, "the body is too large")
	body.CloseWithError(tooLarge)
	if _, err := io.ReadAll(&answer); !errors.Is(err, tooLarge) {
		t.Errorf("got %v, want %v", err, tooLarge)
	}
}

// TestEarlyAnswer: an answer that comes before the body was sent is delivered,
// and ends the upload.
func TestEarlyAnswer(t *testing.T) {
	const refused = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nok"
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		for _, length := range []int64{-1, 1 << 30} {
			closed := make(chan struct{})
			o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
				_, _ = o.head(r)
				_, _ = io.WriteString(c, refused)
				_, _ = io.Copy(io.Discard, r)
				close(closed)
			})
			body := newWaiting("hello")
			transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
			got, err := call(t.Context(), transport, o.upload(body, length), readings["streamed"])
			if err != nil || got.Status != 413 || got.Body != "ok" {
				t.Fatalf("got %v, %v, want the answer", got, err)
			}
			body.wantInterrupted(t)
			happens(t, "the end of the connection", closed)
		}
	})
}

// TestRefusedUpload: an upstream that stops reading and answers is understood.
func TestRefusedUpload(t *testing.T) {
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
		_, _ = r.WriteTo(io.Discard) // until the other side gives up
	})
	got, err := call(t.Context(), newTransport(t, upstream.Options{}), o.upload(endlessly{}, -1), readings["streamed"])
	if err != nil || got.Status != 413 || got.Body != "ok" {
		t.Errorf("got %v, %v, want the answer", got, err)
	}
}

type endlessly struct{}

func (endlessly) Read(p []byte) (int, error) { return len(p), nil }

// TestUnreadUpload: an upload that the upstream does not read ends with the
// answer, although a Write waits.
func TestUnreadUpload(t *testing.T) {
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, ok)
		<-o.over
	})
	mustCall(t, newTransport(t, upstream.Options{}), o.upload(endlessly{}, -1))
}

// TestBothWays: body and answer may flow at the same time, the answer beyond
// the time for its head.
func TestBothWays(t *testing.T) {
	overSocketsAndPipes(t, func(t *testing.T, dialer func(*origin) *egress.Dialer) {
		o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
			for {
				if _, err := o.head(r); err != nil {
					return
				}
				_, _ = io.WriteString(c, chunked)
				w := httputil.NewChunkedWriter(c)
				_, _ = io.Copy(w, httputil.NewChunkedReader(r))
				_, _ = r.ReadString('\n')
				_ = w.Close()
				_, _ = io.WriteString(c, "\r\n")
			}
		})
		transport := newTransport(t, upstream.Options{Dialer: dialer(o)})
		for range 3 {
			source, body := io.Pipe()
			var answer upstream.Answer
			if err := transport.RoundTrip(t.Context(), o.upload(source, -1), &answer); err != nil {
				t.Fatal(err)
			}
			text := make([]byte, 5)
			for range 5 {
				_, _ = io.WriteString(body, "hello")
				if _, err := io.ReadFull(&answer, text); err != nil || string(text) != "hello" {
					t.Fatalf("read %q, %v, want the echo", text, err)
				}
			}
			body.Close()
			if n, err := answer.Read(text); n != 0 || err != io.EOF {
				t.Errorf("at the end: %d, %v, want 0, io.EOF", n, err)
			}
			answer.Close()
		}
		o.wantSeen(t, 1, 3)
	})
}

// TestTrailerOfRequest: it is asked for when the body has ended, and follows
// the last chunk.
func TestTrailerOfRequest(t *testing.T) {
	got := make(chan string, 1)
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")
		var all strings.Builder
		for !strings.HasSuffix(all.String(), "\r\n\r\n") {
			b, err := r.ReadByte()
			if err != nil {
				break
			}
			all.WriteByte(b)
		}
		got <- all.String()
		_, _ = io.WriteString(c, "ok")
	})
	text := strings.NewReader("hello")
	req := o.upload(text, -1)
	req.Trailer = func() wire.Lines {
		var lines wire.Lines
		if text.Len() == 0 {
			lines.Add("x-Sum", "1")
			lines.Add("X-Other", "2")
		}
		return lines
	}
	mustCall(t, newTransport(t, upstream.Options{}), req)
	if want, sent := "5\r\nhello\r\n0\r\nx-Sum: 1\r\nX-Other: 2\r\n\r\n", <-got; sent != want {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

// TestCancelUpload: the end of the context ends an upload, be it in a Read of
// the body or in a Write that the upstream does not take.
func TestCancelUpload(t *testing.T) {
	gone := functions.Refuse(functions.RequestTimeout, "the caller has gone")
	for kind, ending := range endings {
		for name, begin := range map[string]string{"reading": "hello", "writing": strings.Repeat("x", 32<<20)} {
			t.Run(name+", "+kind, func(t *testing.T) {
				seen := make(chan struct{})
				o := newOrigin(t, func(o *origin, _ net.Conn, r *bufio.Reader) {
					_, _ = o.head(r)
					_, _ = io.ReadFull(r, make([]byte, 5))
					close(seen)
					<-o.over
				})
				ctx, cancel := ending(t)
				go func() {
					<-seen
					cancel(gone)
				}()
				body := newWaiting(begin)
				if err := outcome(ctx, newTransport(t, upstream.Options{}), o.upload(body, -1)); !errors.Is(err, gone) {
					t.Errorf("got %v, want the cause of the cancellation", err)
				}
				body.wantInterrupted(t)
			})
		}
	}
}

// TestResetUpload: an upstream that resets the connection is at fault, and
// nothing is sent again.
func TestResetUpload(t *testing.T) {
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_ = c.(*net.TCPConn).SetLinger(0)
	})
	transport := newTransport(t, upstream.Options{})
	for range 20 {
		body := newWaiting(strings.Repeat("x", 1<<20))
		wantProxyError(t, outcome(t.Context(), transport, o.upload(body, -1)), functions.UpstreamProtocol, "connection_terminated")
		body.wantInterrupted(t)
	}
	o.wantSeen(t, 20, 20)
}

// TestTimesOfUpload: the time for the head of an answer begins when the body
// has been sent, and the deadline of a request holds for its upload.
func TestTimesOfUpload(t *testing.T) {
	silent := func(o *origin, _ net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.Copy(io.Discard, r)
	}
	for _, test := range []struct {
		name     string
		origin   script
		request  func(*origin) *upstream.Request
		options  upstream.Options
		deadline time.Duration
	}{
		{"no answer", silent, func(o *origin) *upstream.Request { return o.upload(strings.NewReader("x"), 1) }, upstream.Options{FirstByteTimeout: short}, 0},
		{"no answer to chunks", silent, func(o *origin) *upstream.Request { return o.upload(strings.NewReader("x"), -1) }, upstream.Options{FirstByteTimeout: short}, 0},
		{"deadline of the answer", silent, func(o *origin) *upstream.Request { return o.upload(strings.NewReader("x"), -1) }, upstream.Options{}, short},
		{"deadline of the upload", silent, func(o *origin) *upstream.Request { return o.upload(newWaiting("x"), -1) }, upstream.Options{}, short},
		{"deadline of a Write", deaf, func(o *origin) *upstream.Request { return o.upload(endlessly{}, -1) }, upstream.Options{}, short},
		{"deadline of a large request", deaf, func(o *origin) *upstream.Request { return o.post(strings.Repeat("x", 32<<20)) }, upstream.Options{}, short},
		{"nobody reads", deaf, func(o *origin) *upstream.Request { return o.upload(endlessly{}, -1) }, upstream.Options{StallTimeout: short, FirstByteTimeout: short}, 0},
		{"nobody reads a large request", deaf, func(o *origin) *upstream.Request { return o.post(strings.Repeat("x", 32<<20)) }, upstream.Options{StallTimeout: short}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, test.origin)
			req := test.request(o)
			if test.deadline > 0 {
				req.Deadline = time.Now().Add(test.deadline)
			}
			ctx, cancel := context.WithTimeoutCause(t.Context(), long/4, errors.New("the time limit did not strike"))
			defer cancel()
			wantProxyError(t, outcome(ctx, newTransport(t, test.options), req), functions.UpstreamTimeout, "http_response_timeout")
			if ctx.Err() != nil {
				t.Error("the time limit did not strike")
			}
		})
	}
}

// TestSlowUpload: the time for the head of an answer is none for the body of
// the request, nor for that of an answer whose head came early.
func TestSlowUpload(t *testing.T) {
	const pause = 100 * time.Millisecond
	t.Run("body of the request", func(t *testing.T) {
		o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
			head, _ := o.head(r)
			_ = readBody(head, r, 0)
			_, _ = io.WriteString(c, ok)
		})
		source, body := io.Pipe()
		go func() {
			for range 4 {
				pass(pause)
				_, _ = io.WriteString(body, "x")
			}
			body.Close()
		}()
		mustCall(t, newTransport(t, upstream.Options{FirstByteTimeout: pause}), o.upload(source, -1))
	})
	t.Run("body of the answer", func(t *testing.T) {
		sent := make(chan struct{})
		o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
			head, _ := o.head(r)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
			_ = readBody(head, r, 0)
			close(sent)
			pass(5 * pause)
			_, _ = io.WriteString(c, "ok")
		})
		source, body := io.Pipe()
		var answer upstream.Answer
		if err := newTransport(t, upstream.Options{FirstByteTimeout: pause}).RoundTrip(t.Context(), o.upload(source, -1), &answer); err != nil {
			t.Fatal(err)
		}
		defer answer.Close()
		go func() { _ = body.Close() }()
		if got, err := io.ReadAll(&answer); err != nil || string(got) != "ok" {
			t.Errorf("got %q, %v, want ok", got, err)
		}
		<-sent
	})
	t.Run("large request on a kept connection", func(t *testing.T) {
		text := strings.Repeat("x", 32<<20)
		o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
			_, _ = o.head(r)
			_, _ = io.WriteString(c, ok)
			_, _ = o.head(r)
			pass(10 * pause)
			_, _ = io.CopyN(io.Discard, r, int64(len(text)))
			_, _ = io.WriteString(c, ok)
		})
		transport := newTransport(t, upstream.Options{FirstByteTimeout: 5 * pause})
		mustCall(t, transport, o.get())
		mustCall(t, transport, o.post(text))
		o.wantSeen(t, 1, 2)
	})
}

// A lagging connection hands its Writes on at once, but says so late; and it
// sets no time limit for reading before the first Write has ended that begins
// with until.
type lagging struct {
	net.Conn
	until   string
	written chan struct{}
	once    *sync.Once
	lag     time.Duration
}

func (l lagging) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	if strings.HasPrefix(string(p), l.until) {
		pass(l.lag)
		l.once.Do(func() { close(l.written) })
	}
	return n, err
}

func lag(o *origin, until string, by time.Duration) *egress.Dialer {
	return &egress.Dialer{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, o.addr.String())
		return lagging{Conn: c, until: until, written: make(chan struct{}), once: new(sync.Once), lag: by}, err
	}}
}

// TestAnswerOvertakesUpload: a body that has been read to its end is not
// interrupted when the answer is there before the last Write has come back, and
// the connection is kept.
func TestAnswerOvertakesUpload(t *testing.T) {
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		for {
			head, err := o.head(r)
			if err != nil {
				return
			}
			_ = readBody(head, r, 0)
			_, _ = io.WriteString(c, ok)
		}
	})
	transport := newTransport(t, upstream.Options{Dialer: lag(o, "0\r\n", short)})
	for range 3 {
		body := &overtaken{Reader: strings.NewReader("hello")}
		mustCall(t, transport, o.upload(body, -1))
		if body.interrupted.Load() {
			t.Error("the body was interrupted")
		}
	}
	o.wantSeen(t, 1, 3)
}

type overtaken struct {
	io.Reader
	interrupted atomic.Bool
}

func (e *overtaken) Interrupt() { e.interrupted.Store(true) }

// A late limit is set after the upload has ended.
type lateLimit struct {
	lagging
}

func (l lateLimit) SetReadDeadline(by time.Time) error {
	if time.Until(by) > time.Hour {
		select {
		case <-l.written:
			pass(short) // the upload sets its own
		case <-time.After(short):
		}
	}
	return l.Conn.SetReadDeadline(by)
}

// TestShortUpload: the time for the answer to a body that is sent before
// anybody reads is not lost.
func TestShortUpload(t *testing.T) {
	o := newOrigin(t, stalling(""))
	dialer := lag(o, "0\r\n", 0)
	dial := dialer.Dial
	dialer.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return lateLimit{c.(lagging)}, err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := outcome(ctx, newTransport(t, upstream.Options{Dialer: dialer, FirstByteTimeout: short}), o.upload(strings.NewReader("x"), -1))
	wantRefusal(t, err, functions.UpstreamTimeout)
	if ctx.Err() != nil {
		t.Error("the time limit did not strike")
	}
}
