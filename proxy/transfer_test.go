package proxy_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// noise is n bytes that do not repeat.
func noise(n int) []byte {
	text := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(text)
	return text
}

// Five megabytes go through both ways, whole, with and without a length, with
// and without a value to look for.
func TestLargeBodies(t *testing.T) {
	e := start(t, open)
	up, down := noise(5<<20), noise(5<<20+1)
	for _, host := range []string{"other.test", "api.acme.test"} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %t", host, chunked), func(t *testing.T) {
				e.Upstream.Handle(host, func(w http.ResponseWriter, r *http.Request) {
					if !chunked {
						w.Header().Set("Content-Length", fmt.Sprint(len(down)))
					}
					_, _ = w.Write(down)
				})
				var body io.Reader = bytes.NewReader(up)
				if chunked {
					body = io.MultiReader(body) // of which nobody knows the length
				}
				request, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+host+"/", body)
				if err != nil {
					t.Fatal(err)
				}
				response, err := e.Client().Do(request)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = response.Body.Close() }()
				got, err := io.ReadAll(response.Body)
				if err != nil || sha256.Sum256(got) != sha256.Sum256(down) {
					t.Errorf("got %d bytes (error: %v), want the %d that were sent", len(got), err, len(down))
				}
				if got := e.Upstream.Last(t).Body; got != string(up) {
					t.Errorf("the upstream received %d bytes, want the %d that were sent", len(got), len(up))
				}
			})
		}
	}
}

// A client may wait for 100 Continue.
func TestExpectContinue(t *testing.T) {
	e := start(t, open)
	client := e.Client()
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://api.acme.test/", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Expect", "100-continue")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	got := e.Upstream.Last(t)
	if response.StatusCode != 200 || got.Body != "hello" || got.Header.Get("Expect") != "" {
		t.Errorf("got %d, and the upstream received %q with Expect %q; want 200, hello and none", response.StatusCode, got.Body, got.Header.Get("Expect"))
	}
}

// A request that is cut off must not reach the upstream as one that is whole.
func TestTruncatedUpload(t *testing.T) {
	e := start(t, open)
	long := strings.Repeat("x", 20<<10)
	tests := []struct{ name, request string }{
		{"a short body", "Content-Length: 10\r\n\r\nhello"},
		{"a long body", "Content-Length: 30000\r\n\r\n" + long},
		{"between two chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{"between two long chunks", "Transfer-Encoding: chunked\r\n\r\n5000\r\n" + long + "\r\n"},
		{"in a chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"},
		{"in the length of a chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1"},
		{"before the first chunk", "Transfer-Encoding: chunked\r\n\r\n"},
		{"before the end of the last chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
		{"a chunk that is none", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n"},
		{"a chunk that is too long for its length", "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Connect()
			c.Send("POST http://api.acme.test/ HTTP/1.1\r\nHost: x\r\n" + tt.request)
			c.End()
			wantRefusal(t, c.Answer("POST"), 400, "malformed_request")
			if c.Alive() {
				t.Error("the connection is open afterwards")
			}
			if got := e.Upstream.Requests(); len(got) != 0 {
				t.Errorf("the upstream received %v", got)
			}
		})
	}
	t.Run("a whole body before the end of the connection", func(t *testing.T) {
		c := e.Connect()
		c.Send("POST http://api.acme.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
		c.End()
		wantOK(t, c.Answer("POST"))
		if got := e.Upstream.Last(t).Body; got != "hello" {
			t.Errorf("the upstream received %q, want hello", got)
		}
	})
}

// An answer that breaks off breaks off for the client too.
func TestTruncatedAnswer(t *testing.T) {
	for _, name := range []string{"cuts its body", "cuts its chunks", "cuts in a chunk", "has a bad chunk"} {
		for _, host := range []string{"other.test", "api.acme.test"} {
			t.Run(name+", "+host, func(t *testing.T) {
				addr := serve(t, afterHead(badUpstreams[name]))
				e := start(t, open, dialling(addr))
				c := e.Connect()
				c.Send("GET http://" + host + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
				c.End()
				got := c.Rest()
				refused := strings.HasPrefix(got, "HTTP/1.1 502 ") // where it was read whole, to be scrubbed
				broken := !strings.HasSuffix(got, "\r\n0\r\n\r\n") && !strings.Contains(got, "Content-Length: 5")
				if !refused && !broken {
					t.Errorf("got %q, want an answer that is not complete", got)
				}
				if !refused {
					eventually(t, "the operator is told", func() bool { return strings.Contains(e.Log(), "answer broken off") })
				}
				if refused && name != "cuts its body" { // the one that states a length is read whole
					t.Errorf("got %q, want the beginning of the answer", got)
				}
			})
		}
	}
}

// Events arrive one by one, and the head of the answer before the first.
func TestStream(t *testing.T) {
	for _, host := range []string{"other.test", "api.acme.test"} {
		t.Run(host, func(t *testing.T) {
			next := make(chan string)
			addr := serve(t, afterHead(func(c net.Conn) {
				say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
				for event := range next {
					say(c, fmt.Sprintf("%x\r\n%s\r\n", len(event), event))
				}
				say(c, "0\r\n\r\n")
			}))
			e := start(t, open, dialling(addr))
			request, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+host+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := e.Client().Do(request) // returns before there is an event
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			wantEvents(t, response.Body, next)
		})
	}
}

// wantEvents sends some events, one after the other, and wants each of them to
// come before the next is sent.
func wantEvents(t *testing.T, body io.Reader, next chan<- string) {
	t.Helper()
	for i := range 3 {
		event := fmt.Sprintf("data: %d\n\n", i)
		next <- event
		got := make([]byte, len(event))
		if _, err := io.ReadFull(body, got); err != nil || string(got) != event {
			t.Fatalf("got event %q (error: %v), want %q", got, err, event)
		}
	}
	close(next)
	if rest, err := io.ReadAll(body); err != nil || len(rest) != 0 {
		t.Errorf("got %q (error: %v) after the last event, want nothing", rest, err)
	}
}

// A request may not go through the same egret twice: by a name that leads back
// to it, or by other proxies.
func TestLoop(t *testing.T) {
	r, dial := record(t, lines("HTTP/1.1 200 OK", "Content-Length: 0"))
	e := start(t, open, dial)
	head, _ := r.exchange(t, e, lines("GET http://api.acme.test/ HTTP/1.1", "Host: x"))
	for _, via := range []string{"1.1 " + pseudonym(t, head), "1.0 fred, 1.1 " + pseudonym(t, head) + " (egret)"} {
		wantRefusal(t, e.Get("http://api.acme.test/", "Via", via), 508, "loop")
	}
	wantRefusal(t, e.Get("http://api.acme.test/", "Via", "1.1 fred", "Via", "1.1 "+pseudonym(t, head)), 508, "loop")

	// With Dial there is no guard that would notice the address.
	c := e.Connect()
	c.Send("GET http://" + e.Server.Addr() + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
	wantRefusal(t, c.Answer("GET"), 508, "loop")

	literal := start(t, acme+`egress: {allow: ["localhost:*", "0.0.0.0:*", "127.0.0.1:*"]}`, proxytest.Dialling())
	_, port, _ := strings.Cut(literal.Server.Addr(), ":")
	for _, host := range []string{"localhost:", "LOCALHOST.:", "127.0.0.1:", "0.0.0.0:"} {
		c := literal.Connect()
		c.Send("GET http://" + host + port + "/v1/functions HTTP/1.1\r\nHost: x\r\n\r\n")
		wantRefusal(t, c.Answer("GET"), 508, "loop")
	}
}

// TRACE would have the upstream send the value back.
func TestTrace(t *testing.T) {
	e := start(t, open)
	got := e.Do("TRACE", "http://api.acme.test/", "", "Authorization", "Bearer "+tokenID)
	wantRefusal(t, got, 405, "method_not_allowed")
	if allow := got.Header.Get("Allow"); allow == "" || strings.Contains(allow, "TRACE") {
		t.Errorf("got Allow %q, want methods without TRACE", allow)
	}
	if len(e.Upstream.Dialled()) != 0 {
		t.Error("the upstream was dialled")
	}
}

// For a client of HTTP/1.0 a body of unknown length is read first, so it cannot
// be longer than fits.
func TestLongAnswerForHTTP10(t *testing.T) {
	addr := serve(t, afterHead(badUpstreams["does not end"]))
	e := start(t, open, dialling(addr))
	c := e.Connect()
	c.Send("GET http://other.test/ HTTP/1.0\r\n\r\n")
	wantRefusal(t, c.Answer("GET"), 502, "upstream_too_large")
}
