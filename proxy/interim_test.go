package proxy_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Interim answers reach those who know them, in their order and before the
// final one: RFC 9110 section 15.2.
func TestWireInterim(t *testing.T) {
	p := newTap(t, everywhere)
	final := lines("HTTP/1.1 200 OK", "Content-Length: 5") + "hello"
	hints, processing := lines("HTTP/1.1 103 Early Hints", "Link: </a>"), lines("HTTP/1.1 102 Processing")
	const http11, http10 = "GET http://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://a.test/ HTTP/1.0\r\n\r\n"
	tests := []struct {
		name, request, answer string
		want                  []int
	}{
		{"hints", http11, hints + final, []int{103, 200}},
		{"several", http11, hints + processing + hints + final, []int{103, 102, 103, 200}},
		{"100 that nobody waits for", http11, lines("HTTP/1.1 100 Continue") + hints + final, []int{103, 200}},
		{"hints for HTTP/1.0", http10, hints + processing + final, []int{200}},
		{"hints before no answer", http11, hints, []int{103, 502}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p.answerWith(tt.answer)
			got, _ := p.send(t, tt.request)
			if diff := cmp.Diff(tt.want, statuses(got)); diff != "" {
				t.Errorf("the statuses in %q (-want +got):\n%s", got, diff)
			}
			if strings.Contains(got, " 103 ") && !strings.Contains(got, "\r\nLink: </a>\r\n") {
				t.Errorf("got %q, want the fields of the hints", got)
			}
			if strings.Contains(tt.answer, "hello") && !strings.HasSuffix(got, "\r\n\r\nhello") {
				t.Errorf("got %q, want the final answer at the end", got)
			}
		})
	}
}

// An interim answer arrives when it is sent, not with the final one.
func TestWireInterimAtOnce(t *testing.T) {
	proceed := make(chan struct{})
	egret := launch(t, everywhere, dialAlways(serve(t, afterHead(func(c net.Conn) {
		say(c, lines("HTTP/1.1 103 Early Hints", "Link: </a>"))
		select {
		case <-proceed:
		case <-time.After(watchdog / 2):
		}
		say(c, lines("HTTP/1.1 200 OK", "Content-Length: 0", "Connection: close"))
	}))))
	c, err := dialWatched(egret)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	say(c, lines("GET http://a.test/ HTTP/1.1", "Host: x"))
	head := make([]byte, len("HTTP/1.1 103 "))
	_, err = io.ReadFull(c, head)
	close(proceed)
	if err != nil || string(head) != "HTTP/1.1 103 " {
		t.Errorf("got %q (error: %v) before the final answer, want HTTP/1.1 103", head, err)
	}
}

// A protocol that nobody asked for is refused, and nothing more is said to who
// speaks it.
func TestWireSwitchUnasked(t *testing.T) {
	ended := make(chan string, 1)
	egret := launch(t, everywhere, dialAlways(serve(t, afterHead(func(c net.Conn) {
		say(c, lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"))
		rest, _ := io.ReadAll(c)
		ended <- string(rest)
	}))))
	got, err := ask(egret, lines("GET http://a.test/ HTTP/1.1", "Host: x"))
	if err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, got, 502, "upstream_protocol")
	select {
	case rest := <-ended:
		if rest != "" {
			t.Errorf("the origin received %q after it switched protocols", rest)
		}
	case <-time.After(watchdog):
		t.Error("the connection to the origin is open afterwards")
	}
}

// A client that waits for 100 Continue gets it when the request has been
// judged, and not before: RFC 9110 section 10.1.1.
func TestWireContinue(t *testing.T) {
	p := newTap(t, "listen: 127.0.0.1:0\negress: {allow: [a.test]}\nclients: [{name: agent, key: client-key-0123456789}]\n")
	const key = "Proxy-Authorization: Bearer client-key-0123456789"
	tests := []struct {
		name, head string
		want       []int
	}{
		{"permitted", lines("POST http://a.test/ HTTP/1.1", "Host: x", key, "Expect: 100-continue", "Content-Length: 5"), []int{100, 200}},
		{"permitted, in chunks", lines("POST http://a.test/ HTTP/1.1", "Host: x", key, "Expect: 100-Continue", "Transfer-Encoding: chunked"), []int{100, 200}},
		{"without a key", lines("POST http://a.test/ HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 5"), []int{407}},
		{"to a host that nobody allows", lines("POST http://b.test/ HTTP/1.1", "Host: x", key, "Expect: 100-continue", "Content-Length: 5"), []int{403}},
		{"with two framings", lines("POST http://a.test/ HTTP/1.1", "Host: x", key, "Expect: 100-continue", "Content-Length: 5", "Transfer-Encoding: chunked"), []int{400}},
		{"to a function without a key", lines("POST /v1/functions/none HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 5"), []int{401}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := dialWatched(p.egret)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			say(c, tt.head)
			first := make([]byte, len("HTTP/1.1 100"))
			if _, err := io.ReadFull(c, first); err != nil {
				t.Fatalf("got %q: %v", first, err)
			}
			if strings.HasSuffix(string(first), " 100") {
				say(c, map[bool]string{true: "5\r\nhello\r\n0\r\n\r\n", false: "hello"}[strings.Contains(tt.head, "chunked")])
			}
			_ = c.CloseWrite()
			rest, _ := io.ReadAll(c)
			if diff := cmp.Diff(tt.want, statuses(string(first)+string(rest))); diff != "" {
				t.Errorf("the statuses of %q (-want +got):\n%s", string(first)+string(rest), diff)
			}
			received := p.take(t)
			if whole := tt.want[0] == 100; whole != (len(received) == 1 && strings.Contains(received[0], "hello")) || len(received) > 1 {
				t.Errorf("the origin received %q, want the request: %t", received, whole)
			}
		})
	}
}
