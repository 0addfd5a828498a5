package upstream_test

import (
	"bufio"
	"net"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestNoAnswer: each way in which an upstream fails, however its answer is
// read. A POST is never sent a second time.
func TestNoAnswer(t *testing.T) {
	const (
		terminated = "connection_terminated"
		incomplete = "http_response_incomplete"
		protocol   = "http_protocol_error"
	)
	for _, test := range []struct {
		name       string
		origin     script
		proxyError string
	}{
		{"closes at once", func(*origin, net.Conn, *bufio.Reader) {}, terminated},
		{"closes after the request", once(""), terminated},
		{"resets", reset, terminated},
		{"closes within the status", once("HTTP/1."), terminated},
		{"closes within the head", once("HTTP/1.1 200 OK\r\nX-A: " + canary), terminated},
		{"closes behind an interim answer", once("HTTP/1.1 103 Early Hints\r\nX-A: " + canary + "\r\n\r\n"), terminated},
		{"garbage", stalling("SSH-2.0-" + canary + "\r\n"), protocol},
		{"HTTP/0.9", stalling("<p>" + canary), protocol},
		{"HTTP/2", stalling("HTTP/2.0 200 OK\r\n\r\n"), protocol},
		{"HTTP/1.2", once("HTTP/1.2 200 OK\r\n\r\n"), protocol},
		{"lower case", stalling("http/1.1 200 OK\r\n\r\n"), protocol},
		{"empty line first", stalling("\r\n" + ok), protocol},
		{"status of two digits", once("HTTP/1.1 20 OK\r\n\r\n"), protocol},
		{"status of four digits", once("HTTP/1.1 2000 OK\r\n\r\n"), protocol},
		{"status below 100", once("HTTP/1.1 099 OK\r\n\r\n"), protocol},
		{"bare line feeds", stalling("HTTP/1.1 200 OK\nX: " + canary + "\n\n"), protocol},
		{"one bare line feed", stalling("HTTP/1.1 200 OK\r\nX: " + canary + "\nContent-Length: 0\r\n\r\n"), protocol},
		{"bare carriage return", once("HTTP/1.1 200 OK\r\nX: a\r" + canary + "\r\n\r\n"), protocol},
		{"folded line", once("HTTP/1.1 200 OK\r\nX: a\r\n " + canary + "\r\n\r\n"), protocol},
		{"no colon", once("HTTP/1.1 200 OK\r\n" + canary + "\r\n\r\n"), protocol},
		{"nul in a field", once("HTTP/1.1 200 OK\r\nX-A: \x00" + canary + "\r\nContent-Length: 0\r\n\r\n"), protocol},
		{"nul in the reason", once("HTTP/1.1 200 \x00" + canary + "\r\nContent-Length: 0\r\n\r\n"), protocol},
		{"name with a space", once("HTTP/1.1 200 OK\r\n" + canary + " B: 1\r\nContent-Length: 0\r\n\r\n"), protocol},
		{"space before the colon", once("HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"), protocol},
		{"no name", once("HTTP/1.1 200 OK\r\n: 0\r\n\r\n"), protocol},
		{"two lengths", once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"), protocol},
		{"the same length twice", once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"), protocol},
		{"list of lengths", once("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"), protocol},
		{"length and chunks", once("HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), protocol},
		{"other coding", once("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), protocol},
		{"chunked twice", once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), protocol},
		{"chunks in HTTP/1.0", once("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), protocol},
		{"unasked upgrade", once("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + canary + "\r\nConnection: upgrade\r\n\r\n"), protocol},
		{"endless header", endless("HTTP/1.1 200 OK\r\n", "X-A: "+canary+"\r\n"), "http_response_header_section_size"},
		{"endless line", endless("HTTP/1.1 200 OK\r\nX-A: ", canary), "http_response_header_section_size"},
		{"endless interim answers", endless("", "HTTP/1.1 103 Early Hints\r\nX: "+canary+"\r\n\r\n"), protocol},
		{"short body", once(byLength + canary), incomplete},
		{"reset within the body", func(o *origin, c net.Conn, r *bufio.Reader) {
			_, _ = o.head(r)
			_, _ = c.Write([]byte(byLength + canary))
			_ = c.(*net.TCPConn).SetLinger(0)
		}, incomplete},
		{"breaks off between chunks", once(chunked + "b\r\n" + canary + "\r\n"), incomplete},
		{"breaks off within a chunk", once(chunked + "ff\r\n" + canary), incomplete},
		{"breaks off behind a chunk", once(chunked + "b\r\n" + canary), incomplete},
		{"breaks off within the last chunk", once(chunked + "b\r\n" + canary + "\r\n0\r\n"), incomplete},
		{"breaks off within the trailer", once(chunked + "0\r\nX: " + canary + "\r\n"), incomplete},
		{"broken chunk", once(chunked + "zz" + canary + "\r\n"), protocol},
	} {
		for how, read := range readings {
			t.Run(test.name+", "+how, func(t *testing.T) {
				t.Parallel()
				o := newOrigin(t, test.origin)
				_, err := call(t.Context(), newTransport(t, upstream.Options{}), o.post(canary), read)
				if strings.HasPrefix(test.name, "reset within") && wantRefusal(t, err, functions.UpstreamProtocol).ProxyError == terminated {
					return // the reset overtook the head
				}
				wantProxyError(t, err, functions.UpstreamProtocol, test.proxyError)
				if conns, requests := o.seen(); conns != 1 || requests > 1 {
					t.Errorf("the origin saw %d connections and %d requests, want 1", conns, requests)
				}
			})
		}
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
	wantProxyError(t, outcome(t.Context(), newTransport(t, upstream.Options{}), req), functions.UpstreamUnreachable, "connection_refused")
}

// TestGuarded: the refusal of the dialer comes through.
func TestGuarded(t *testing.T) {
	o := newOrigin(t, answering(ok))
	req := o.get()
	req.Grant = egress.Grant{}
	wantRefusal(t, outcome(t.Context(), newTransport(t, upstream.Options{}), req), functions.PrivateAddress)
	o.wantSeen(t, 0, 0)
}
