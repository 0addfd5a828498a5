package upstream_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// The heads of answers whose body follows.
const (
	chunked  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	byLength = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
)

// newTransport makes a transport that is closed when the test ends.
func newTransport(t testing.TB, options upstream.Options) *upstream.Transport {
	t.Helper()
	if options.Dialer == nil {
		options.Dialer = &egress.Dialer{Guard: egress.NewGuard(nil, nil)}
	}
	if options.IdleTimeout == 0 {
		options.IdleTimeout = time.Minute
	}
	transport, err := upstream.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	return transport
}

// A result is what is left of an answer when it is closed.
type result struct {
	Status          int
	Reason          string
	Length          int64
	Fields, Trailer []string
	Body            string
}

// A reading is a way to read a body.
type reading func(*upstream.Answer) ([]byte, error)

// readings are the ways. Each must see the same.
var readings = map[string]reading{
	"whole":     func(a *upstream.Answer) ([]byte, error) { return a.ReadAll(nil, 1<<20) },
	"streamed":  func(a *upstream.Answer) ([]byte, error) { return io.ReadAll(a) },
	"in bytes":  func(a *upstream.Answer) ([]byte, error) { return io.ReadAll(iotest.OneByteReader(a)) },
	"in pieces": inPieces,
}

// inPieces reads with a buffer that is larger than the transport's own.
func inPieces(a *upstream.Answer) ([]byte, error) {
	var body []byte
	for room := make([]byte, 64<<10); ; {
		n, err := a.Read(room)
		body = append(body, room[:n]...)
		switch {
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, err
		}
	}
}

// call performs req and reads its answer.
func call(ctx context.Context, transport *upstream.Transport, req *upstream.Request, read reading) (*result, error) {
	var answer upstream.Answer
	if err := transport.RoundTrip(ctx, req, &answer); err != nil {
		return nil, err
	}
	defer answer.Close()
	got := &result{Status: answer.Code, Reason: string(answer.Reason), Length: answer.Length, Fields: linesOf(answer.Fields)}
	body, err := read(&answer)
	got.Body, got.Trailer = string(body), linesOf(answer.Trailer)
	return got, err
}

func linesOf(fields []wire.Field) []string {
	var lines []string
	for _, f := range fields {
		lines = append(lines, string(f.Name)+": "+string(f.Value))
	}
	return lines
}

// outcome is the error of a request or of reading its answer.
func outcome(ctx context.Context, transport *upstream.Transport, req *upstream.Request) error {
	_, err := call(ctx, transport, req, readings["streamed"])
	return err
}

// mustCall performs req, whose answer must be ok.
func mustCall(t *testing.T, transport *upstream.Transport, req *upstream.Request) {
	t.Helper()
	got, err := call(t.Context(), transport, req, readings["streamed"])
	if err != nil {
		t.Fatalf("got %v, want an answer", err)
	}
	if req.Method != "HEAD" && got.Body != "ok" {
		t.Fatalf("body = %q, want ok", got.Body)
	}
}

// wantRefusal checks an error, and that no byte of the traffic is in it.
func wantRefusal(t *testing.T, err error, code functions.Code) *functions.Refusal {
	t.Helper()
	r, ok := errors.AsType[*functions.Refusal](err)
	if !ok || r.Code != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
	if strings.Contains(r.Error(), canary) || strings.Contains(r.Detail, canary) {
		t.Errorf("the error has bytes of the traffic: %v", err)
	}
	if r.Detail == "" {
		t.Errorf("the refusal %s has no detail", r.Code)
	}
	return r
}

// wantProxyError checks the error type of RFC 9209 as well.
func wantProxyError(t *testing.T, err error, code functions.Code, proxyError string) {
	t.Helper()
	if r := wantRefusal(t, err, code); r.ProxyError != proxyError {
		t.Errorf("ProxyError = %q (%v), want %q", r.ProxyError, err, proxyError)
	}
}

// await polls until done, which must become true.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not happen", what)
		case <-tick.C:
		}
	}
}

// happens waits for what closes c.
func happens(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Errorf("%s did not happen", what)
	}
}

// pass lets d pass, in the script of an origin.
func pass(d time.Duration) { <-time.After(d) }
