package proxy_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// TestTunnelServerName opens tunnels that are not decrypted, and speaks TLS in
// them: the server that the client names is the one that the tunnel leads to.
func TestTunnelServerName(t *testing.T) {
	reached := make(chan string, 1)
	upstream := serve(t, func(c net.Conn) {
		names := ""
		_ = tls.Server(c, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			names = "name " + hello.ServerName
			return nil, errors.New("enough")
		}}).Handshake()
		reached <- names
	})
	e := proxytest.Start(t, anyHost, dialling(upstream))
	const other = "remote error: tls: unrecognized name"
	tests := []struct{ name, target, server, reached, err string }{
		{"the host", "a.test:443", "a.test", "name a.test", ""},
		{"another port", "a.test:8443", "a.test", "name a.test", ""},
		{"in capital letters", "A.test:443", "a.TEST", "name a.TEST", ""},
		{"a dot behind the target", "a.test.:443", "a.test", "name a.test", ""},
		{"another host", "a.test:443", "b.test", "", other},
		{"a host below", "a.test:443", "b.a.test", "", other},
		{"none", "a.test:443", "", "", other},
		{"none for an address", "192.0.2.1:443", "", "name ", ""},
		{"none for an IPv6 address", "[2001:db8::1]:443", "", "name ", ""},
		{"a name for an address", "192.0.2.1:443", "a.test", "", other},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Tunnel(tt.target)
			err := c.Handshake(&tls.Config{ServerName: tt.server, InsecureSkipVerify: true})
			if err == nil {
				t.Fatal("got no error")
			}
			c.Close()
			if got := <-reached; got != tt.reached {
				t.Errorf("the server got %q, want %q", got, tt.reached)
			}
			if tt.err != "" && err.Error() != tt.err {
				t.Errorf("got %v, want %s", err, tt.err)
			}
		})
	}
	records := strings.Join(e.Journal("?refused"), "\n")
	if got := strings.Count(records, `"code":"host_rejected"`); got != 4 {
		t.Errorf("got %d refused tunnels in the journal, want 4:\n%s", got, records)
	}
}

// TestTunnelBegins sends what tunnels begin with. What is no TLS and no HTTP
// passes as it is.
func TestTunnelBegins(t *testing.T) {
	e := proxytest.Start(t, anyHost, dialling(echoing(t)))
	for _, text := range []string{
		"\x00", "SSH-2.0-OpenSSH_9.6\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
		"GET / HTTX", "GET /\x7f", "HELO a\r\n", "\r\nGET / HTTP/1.1\r\n\r\n", "*3\r\n$3\r\nSET\r\n", " ",
		"0032git-upload-pack /project.git\x00host=a.test\x00", strings.Repeat("x", 40), "GET", "",
	} {
		c := e.Tunnel("a.test:9")
		for _, b := range []byte(text) { // one by one
			c.Send(string(b))
		}
		c.End()
		if got, err := io.ReadAll(c); err != nil || string(got) != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
}

// TestTunnelServerFirst has servers that speak before the client does. From then
// on the tunnel is theirs: nothing that the client sends is looked at.
func TestTunnelServerFirst(t *testing.T) {
	upstream := serve(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 ready\r\n")
		_, _ = io.Copy(c, c)
	})
	e := proxytest.Start(t, anyHost, dialling(upstream))
	for _, text := range []string{"EHLO a\r\n", "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n", "\x16\x03\x01 is no TLS"} {
		c := e.Tunnel("mail.test:25")
		line, err := bufio.NewReader(io.LimitReader(c, 11)).ReadString('\n')
		if err != nil || line != "220 ready\r\n" {
			t.Fatalf("got %q, %v", line, err)
		}
		c.Send(text)
		c.End()
		if got, err := io.ReadAll(c); err != nil || string(got) != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
}

// TestTunnelHTTP sends requests of plain HTTP through a tunnel. Egret reads them,
// and each is judged and swapped as all are.
func TestTunnelHTTP(t *testing.T) {
	for _, config := range []struct{ name, yaml string }{
		{"decrypted", open},
		{"not decrypted", open + "  intercept: false\n"},
	} {
		t.Run(config.name, func(t *testing.T) {
			yaml := strings.Replace(config.yaml, "egress: {default: allow}\n", "egress:\n  default: allow\n", 1)
			e := start(t, yaml)
			c := e.Tunnel("api.acme.test:80")
			for i, want := range []int{200, 200, 403, 200} {
				host := []string{"api.acme.test", "API.acme.test:80", "other.test", "api.acme.test."}[i]
				c.Send("GET /a?b HTTP/1.1\r\nHost: " + host + "\r\nX-Api-Key: " + staticID + "\r\n\r\n")
				if got := c.Answer(http.MethodGet); got.Status != want {
					t.Fatalf("%s: got %d, want %d: %s", host, got.Status, want, got.Body)
				}
			}
			var got []string
			for _, r := range e.Upstream.Requests() {
				got = append(got, r.Scheme+" "+r.Host+r.Target+" "+r.Header.Get("X-Api-Key"))
			}
			one := "http api.acme.test/a?b " + staticKey
			if diff := cmp.Diff([]string{one, one, one}, got); diff != "" {
				t.Errorf("the upstream received (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTunnelOnlyTLS permits nothing but TLS, by a rule, in a tunnel that is not
// decrypted.
func TestTunnelOnlyTLS(t *testing.T) {
	speaking := serve(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 ready\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	const yaml = "admin: 127.0.0.1:0\negress: {allow: [{host: \"a.test:*\", schemes: [https]}]}\n"
	t.Run("other bytes", func(t *testing.T) {
		e := proxytest.Start(t, yaml, dialling(echoing(t)))
		c := e.Tunnel("a.test:9")
		c.Send("\x00other")
		if got, err := io.ReadAll(c); err != nil || len(got) != 0 {
			t.Errorf("got %q, %v, want nothing", got, err)
		}
		wantJournal(t, e, `"code":"egress_denied"`)
	})
	t.Run("server first", func(t *testing.T) {
		e := proxytest.Start(t, yaml, dialling(speaking))
		if got, err := io.ReadAll(e.Tunnel("a.test:9")); err != nil || len(got) != 0 {
			t.Errorf("got %q, %v, want nothing", got, err)
		}
		wantJournal(t, e, `"code":"egress_denied"`)
	})
	t.Run("TLS", func(t *testing.T) {
		e := proxytest.Start(t, yaml, proxytest.Draining(0))
		c := e.Tunnel("a.test:443")
		if err := c.Handshake(&tls.Config{ServerName: "a.test", InsecureSkipVerify: true}); err != nil {
			t.Fatal(err)
		}
		c.Send("GET / HTTP/1.1\r\nHost: other.test\r\n\r\n") // which is between the two
		wantOK(t, c.Answer(http.MethodGet))
	})
}

// wantJournal fails the test when no record that is refused has a text.
func wantJournal(t *testing.T, e *proxytest.Egret, text string) {
	t.Helper()
	eventually(t, "no such record", func() bool { return strings.Contains(strings.Join(e.Journal(""), "\n"), text) })
}
