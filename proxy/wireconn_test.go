package proxy_test

import (
	"io"
	"strings"
	"testing"
)

// A connection with a client of HTTP/1.0 ends with its answer, whatever the
// client says: RFC 9112 section 9.3.
func TestWireHTTP10Ends(t *testing.T) {
	p := newTap(t, everywhere)
	request := lines("GET http://a.test/ HTTP/1.0", "Connection: keep-alive", "Proxy-Connection: keep-alive")
	got, received := p.send(t, request+request)
	if len(finalHeads(got)) != 1 || len(received) != 1 || strings.Contains(strings.ToLower(got), "keep-alive") {
		t.Errorf("got %q and the origin received %d requests, want one of each and no word of keeping the connection", got, len(received))
	}
}

// What egret itself can do is told by egret itself.
func TestWireOwnOptions(t *testing.T) {
	p := newTap(t, everywhere)
	for name, request := range map[string]string{
		"asterisk":                lines("OPTIONS * HTTP/1.1", "Host: 127.0.0.1"),
		"no more forwards":        lines("OPTIONS http://a.test/b HTTP/1.1", "Host: x", "Max-Forwards: 0"),
		"no more forwards, empty": lines("OPTIONS http://a.test HTTP/1.1", "Host: x", "Max-Forwards: 0"),
	} {
		t.Run(name, func(t *testing.T) {
			got, received := p.send(t, request)
			if !strings.HasPrefix(got, "HTTP/1.1 200 ") || !strings.Contains(got, "\r\nAllow: ") || len(received) != 0 {
				t.Errorf("got %q and the origin received %q, want 200 with Allow, and nothing", got, received)
			}
		})
	}
}

// Who is refused in the middle of a long upload can still read why: RFC 9112
// section 9.6.
func TestWireRefusedUpload(t *testing.T) {
	egret := launch(t, "listen: 127.0.0.1:0\negress: {allow: [a.test]}\n", dialAlways(unused(t)))
	c, err := dialWatched(egret)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	say(c, "POST http://b.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n"+strings.Repeat("x", 8<<20))
	_ = c.CloseWrite()
	got, err := io.ReadAll(c)
	if err != nil || len(finalHeads(string(got))) != 1 || !strings.Contains(string(got), `"code":"egress_denied"`) {
		t.Errorf("got %q (error: %v), want the refusal and the end", got, err)
	}
}
