package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A namedOrigin is an upstream over TLS that tells what it was asked and by which name.
type namedOrigin struct {
	authority *certifier
	heads     chan string
	names     chan string
	dialled   chan string
}

// startNamed starts egret with an upstream that answers for every host and
// address with a certificate of its own.
func startNamed(t *testing.T, yaml, answer string) (*namedOrigin, *proxytest.Egret) {
	t.Helper()
	o := &namedOrigin{authority: newCertifier(), heads: make(chan string, 9), names: make(chan string, 9), dialled: make(chan string, 9)}
	certificate := o.authority.issue(func(c *x509.Certificate) {
		c.DNSNames = []string{"api.acme.test", "*.acme.test", "other.test", "localhost"}
		c.IPAddresses = []net.IP{net.ParseIP("2001:db8::1"), net.IPv4(192, 0, 2, 7)}
	})
	config := &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		o.names <- hello.ServerName
		return &certificate, nil
	}}
	address := serve(t, func(raw net.Conn) {
		c := tls.Server(raw, config)
		defer func() { _ = c.Close() }()
		reader := bufio.NewReader(c)
		for {
			var head strings.Builder
			for line := ""; line != "\r\n"; head.WriteString(line) {
				var err error
				if line, err = reader.ReadString('\n'); err != nil {
					return
				}
			}
			o.heads <- head.String()
			say(c, answer)
		}
	})
	e := start(t, yaml, trusting(o.authority), func(options *proxy.Options) {
		options.Dial = recordingDial(o.dialled, dialAlways(address))
	})
	return o, e
}

const plainAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// TestAbsoluteHTTPS: a target by https goes out by TLS, to the port and by the
// name that it has, and is otherwise written as one by http.
func TestAbsoluteHTTPS(t *testing.T) {
	const via = "Via: 1.1 PSEUDONYM"
	for _, tt := range []struct{ name, target, dialled, server, want string }{
		{"no port", "https://api.acme.test/a?b=c", "api.acme.test:443", "api.acme.test", lines("GET /a?b=c HTTP/1.1", "Host: api.acme.test", via)},
		{"the default port", "https://api.acme.test:443/a", "api.acme.test:443", "api.acme.test", lines("GET /a HTTP/1.1", "Host: api.acme.test", via)},
		{"the port of http", "https://api.acme.test:80/a", "api.acme.test:80", "api.acme.test", lines("GET /a HTTP/1.1", "Host: api.acme.test:80", via)},
		{"another port", "https://api.acme.test:8443/a", "api.acme.test:8443", "api.acme.test", lines("GET /a HTTP/1.1", "Host: api.acme.test:8443", via)},
		{"upper case and a dot", "HTTPS://API.Acme.TEST./a", "api.acme.test:443", "api.acme.test", lines("GET /a HTTP/1.1", "Host: api.acme.test", via)},
		{"no path", "https://api.acme.test", "api.acme.test:443", "api.acme.test", lines("GET / HTTP/1.1", "Host: api.acme.test", via)},
		{"a query without a path", "https://api.acme.test?a=b", "api.acme.test:443", "api.acme.test", lines("GET /?a=b HTTP/1.1", "Host: api.acme.test", via)},
		{"a path byte for byte", "https://api.acme.test//a/../%2e;p?x=%7e&&", "api.acme.test:443", "api.acme.test", lines("GET //a/../%2e;p?x=%7e&& HTTP/1.1", "Host: api.acme.test", via)},
		{"IPv4 literal", "https://192.0.2.7/a", "192.0.2.7:443", "", lines("GET /a HTTP/1.1", "Host: 192.0.2.7", via)},
		{"IPv6 literal", "https://[2001:DB8:0::1]/a", "[2001:db8::1]:443", "", lines("GET /a HTTP/1.1", "Host: [2001:db8::1]", via)},
		{"IPv6 literal with a port", "https://[2001:db8::1]:8443/a", "[2001:db8::1]:8443", "", lines("GET /a HTTP/1.1", "Host: [2001:db8::1]:8443", via)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, e := startNamed(t, "egress: {default: allow}\n", plainAnswer)
			c := e.Connect()
			c.Send("GET " + tt.target + " HTTP/1.1\r\nHost: mallory.test\r\n\r\n")
			wantOK(t, c.Answer("GET"))
			head := <-o.heads
			if diff := cmp.Diff(strings.ReplaceAll(tt.want, "PSEUDONYM", pseudonym(t, head)), head); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if got := <-o.dialled; got != tt.dialled {
				t.Errorf("egret dialled %s, want %s", got, tt.dialled)
			}
			if got := <-o.names; got != tt.server {
				t.Errorf("TLS asked for %q, want %q", got, tt.server)
			}
		})
	}
}

// A dialer is what proxy.Options have.
type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// recordingDial tells which addresses dial was asked for.
func recordingDial(dialled chan<- string, dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled <- address
		return dial(ctx, network, address)
	}
}

// TestAbsoluteHTTPSRefused: what is refused by http is refused by https.
func TestAbsoluteHTTPSRefused(t *testing.T) {
	e := start(t, strings.Replace(open, `hosts: ["api.acme.test:*"]`, `hosts: [api.acme.test]`, 1))
	for _, tt := range []struct {
		name, target string
		status       int
		code         string
	}{
		{"no host", "https:///a", 400, "malformed_request"},
		{"user information", "https://u:p@api.acme.test/", 400, "malformed_request"},
		{"no port behind the colon", "https://api.acme.test:/", 400, "malformed_request"},
		{"port 0", "https://api.acme.test:0/", 400, "malformed_request"},
		{"port 65536", "https://api.acme.test:65536/", 400, "malformed_request"},
		{"a fragment", "https://api.acme.test/#a", 400, "malformed_request"},
		{"a number for a host", "https://2130706433/", 403, "host_rejected"},
		{"an address in hexadecimal", "https://0x7f000001/", 403, "host_rejected"},
		{"a zone", "https://[fe80::1%25eth0]/", 403, "host_rejected"},
		{"a name in brackets", "https://[api.acme.test]/", 400, "malformed_request"},
		{"another scheme", "wss://api.acme.test/", 501, "not_implemented"},
		{"a value for another host", "https://other.test/", 403, "cache_host_denied"},
		{"a value for another port", "https://api.acme.test:8443/", 403, "cache_host_denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Connect()
			c.Send("GET " + tt.target + " HTTP/1.1\r\nHost: x\r\n" + headerFor(tt.code) + "\r\n")
			wantRefusal(t, c.Answer("GET"), tt.status, tt.code)
		})
	}
	if got := e.Upstream.Dialled(); got != nil {
		t.Errorf("egret dialled %q, want nothing", got)
	}
}

// headerFor has an ID where one is refused.
func headerFor(code string) string {
	if code == "cache_host_denied" {
		return "X-Api-Key: " + staticID + "\r\n"
	}
	return ""
}

// TestAbsoluteHTTPSLoop: egret's own address is no target by https either.
func TestAbsoluteHTTPSLoop(t *testing.T) {
	e := start(t, open, proxytest.Dialling())
	c := e.Connect()
	c.Send("GET https://" + e.Server.Addr() + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
	wantRefusal(t, c.Answer("GET"), 508, "loop")
}

// TestAbsoluteHTTPSSwap: an ID becomes the value on the way out, and the value
// the ID on the way in.
func TestAbsoluteHTTPSSwap(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nX-Echo: " + staticKey + "\r\n"
	for name, answer := range map[string]string{
		"length": fmt.Sprintf("%sContent-Length: %d\r\n\r\n<%s>", head, len(staticKey)+2, staticKey),
		"chunks": fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n3\r\n<%s\r\n%x\r\n%s>\r\n0\r\n\r\n", head, staticKey[:2], len(staticKey)-1, staticKey[2:]),
	} {
		t.Run(name, func(t *testing.T) {
			o, e := startNamed(t, open, answer)
			got := absolute(e, "https://api.acme.test:8443/a")
			wantOK(t, got)
			if head := <-o.heads; !strings.Contains(head, "\r\nX-Api-Key: "+staticKey+"\r\n") || !strings.Contains(head, "\r\nAccept-Encoding: identity\r\n") {
				t.Errorf("the upstream got %q, want the value, and to answer uncoded", head)
			}
			if want := "<" + staticID + ">"; got.Body != want || got.Header.Get("X-Echo") != staticID {
				t.Errorf("got body %q and X-Echo %q, want the ID for the value", got.Body, got.Header.Get("X-Echo"))
			}
		})
	}
}

// TestAbsoluteHTTPSApart: by http and by https are two destinations of which
// nothing is mixed up, though they have host and port in common, and whichever
// comes first.
func TestAbsoluteHTTPSApart(t *testing.T) {
	authority := newCertifier()
	config := &tls.Config{Certificates: []tls.Certificate{authority.issue(same)}}
	const clear, secure = "http://api.acme.test:8080/", "https://api.acme.test:8080/"
	for name, order := range map[string][]string{
		"http first":  {clear, secure, clear, secure},
		"https first": {secure, clear, secure, clear},
	} {
		t.Run(name, func(t *testing.T) {
			begins := make(chan byte, 9) // of connections
			e := start(t, vault, trusting(authority), dialling(serve(t, func(c net.Conn) {
				reader := bufio.NewReader(c)
				first, err := reader.Peek(1)
				if err != nil {
					return
				}
				begins <- first[0]
				c = readAhead{c, reader}
				if first[0] == 'G' {
					answerAll(c)
				} else {
					answerAll(tls.Server(c, config))
				}
			})))
			for _, url := range order {
				wantOK(t, absolute(e, url))
			}
			got := map[byte]int{}
			for range len(begins) {
				got[<-begins]++
			}
			if diff := cmp.Diff(map[byte]int{'G': 1, 22: 1}, got); diff != "" { // 22 is a handshake
				t.Errorf("what connections began with (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAbsoluteHTTPSCleartext: a value that may not travel in clear is refused by
// http, and goes by https, whichever is asked first. To this address no system
// connects.
func TestAbsoluteHTTPSCleartext(t *testing.T) {
	const clear, secure = "http://255.255.255.255:8080/", "https://255.255.255.255:8080/"
	yaml := strings.Replace(vault, "192.0.2.7:*", "255.255.255.255:*", 1)
	for _, order := range [][]string{{clear, secure, clear}, {secure, clear, secure}} {
		e := start(t, yaml, proxytest.Dialling())
		for _, url := range order {
			status, code := 502, "upstream_unreachable"
			if url == clear {
				status, code = 403, "cleartext_denied"
			}
			wantRefusal(t, absolute(e, url), status, code)
		}
	}
}

// TestAbsoluteHTTPSJournal: a record tells host, port and target.
func TestAbsoluteHTTPSJournal(t *testing.T) {
	_, e := startNamed(t, vault, plainAnswer)
	wantOK(t, absolute(e, "https://api.acme.test:8443/a?key="+staticKey))
	record := e.Journal("")[0]
	for _, want := range []string{`"way":"forward"`, `"host":"api.acme.test:8443"`, `"path":"/a?key"`} {
		if !strings.Contains(record, want) {
			t.Errorf("got record %s, want %s in it", record, want)
		}
	}
}

// TestAbsoluteHTTPSLimits: requests by https count at the host as all others do.
func TestAbsoluteHTTPSLimits(t *testing.T) {
	_, e := startNamed(t, vault+"upstreams:\n  - {host: \"api.acme.test:*\", limits: {rate: 2/h}}\n", plainAnswer)
	wantOK(t, absolute(e, "https://api.acme.test/"))
	wantOK(t, absolute(e, "https://api.acme.test:8443/"))
	wantRefusal(t, absolute(e, "https://api.acme.test/"), 429, "too_many_requests")
	wantRefusal(t, absolute(e, "http://api.acme.test/"), 429, "too_many_requests")
}

// A readAhead connection reads what was looked at already.
type readAhead struct {
	net.Conn
	reader io.Reader
}

func (c readAhead) Read(p []byte) (int, error) { return c.reader.Read(p) }
