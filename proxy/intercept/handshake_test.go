package intercept_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/egret-proxy/egret/proxy/intercept"
)

// meet lets a client do a handshake with what answers for a host. It gives the
// errors of both, and how the client sees the connection once it has read a
// byte, and with it its session ticket.
func meet(t testing.TB, config, client *tls.Config) (state tls.ConnectionState, clientErr, serverErr error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		raw, err := listener.Accept()
		if err != nil {
			served <- err
			return
		}
		defer raw.Close()
		server := tls.Server(raw, config)
		if err = server.Handshake(); err == nil {
			_, _ = server.Write([]byte("x"))
			_, _ = server.Read(make([]byte, 1)) // until the client is done
		}
		served <- err
	}()
	raw, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(raw, client)
	if clientErr = conn.Handshake(); clientErr == nil {
		_, clientErr = io.ReadFull(conn, make([]byte, 1))
	}
	state = conn.ConnectionState()
	_ = conn.Close()
	return state, clientErr, <-served
}

// trusting is a client's config that trusts an authority.
func trusting(a *intercept.Authority, serverName string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	return &tls.Config{RootCAs: roots, ServerName: serverName, NextProtos: []string{"h2", "http/1.1"}}
}

func serverConfig(t testing.TB, a *intercept.Authority, host string) *tls.Config {
	t.Helper()
	config, err := a.ServerConfig(host)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// versions are those of TLS that egret speaks.
var versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

func TestHandshake(t *testing.T) {
	a := newAuthority(t)
	for _, host := range hosts {
		for _, version := range versions {
			client := trusting(a, host)
			client.MaxVersion = version
			state, clientErr, serverErr := meet(t, serverConfig(t, a, host), client)
			if clientErr != nil || serverErr != nil {
				t.Errorf("%s: got errors %v and %v", host, clientErr, serverErr)
			}
			if state.Version != version || state.NegotiatedProtocol != "http/1.1" {
				t.Errorf("%s: got %s and protocol %q, want %s and http/1.1", host, tls.VersionName(state.Version), state.NegotiatedProtocol, tls.VersionName(version))
			}
		}
	}
}

// Clients of HTTP/1.0 name it, and those of HTTP/2 alone are refused.
func TestHandshakeProtocols(t *testing.T) {
	a := newAuthority(t)
	for _, tt := range []struct {
		offered []string
		want    string
		ok      bool
	}{
		{nil, "", true},
		{[]string{"http/1.0"}, "http/1.0", true},
		{[]string{"http/1.0", "http/1.1"}, "http/1.1", true},
		{[]string{"h2"}, "", false},
	} {
		client := trusting(a, "api.acme.test")
		client.NextProtos = tt.offered
		state, clientErr, _ := meet(t, serverConfig(t, a, "api.acme.test"), client)
		if (clientErr == nil) != tt.ok || state.NegotiatedProtocol != tt.want {
			t.Errorf("%q: got %q and error %v, want %q and success: %t", tt.offered, state.NegotiatedProtocol, clientErr, tt.want, tt.ok)
		}
	}
}

func TestHandshakeRefusesOldTLS(t *testing.T) {
	a := newAuthority(t)
	client := trusting(a, "api.acme.test")
	client.MinVersion, client.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, clientErr, serverErr := meet(t, serverConfig(t, a, "api.acme.test"), client); clientErr == nil || serverErr == nil {
		t.Errorf("got errors %v and %v, want both", clientErr, serverErr)
	}
}

// A client that names another server than that of its tunnel is told so, and
// the proxy knows why.
func TestHandshakeServerName(t *testing.T) {
	a := newAuthority(t)
	for _, test := range []struct {
		host, name string
		ok         bool
	}{
		{"api.acme.test", "api.acme.test", true},
		{"api.acme.test", "API.Acme.TEST", true},
		{"api.acme.test", "", true},
		{"127.0.0.1", "", true},
		{"api.acme.test", "www.acme.test", false},
		{"api.acme.test", "acme.test", false},
		{"127.0.0.1", "api.acme.test", false},
	} {
		for _, version := range versions {
			client := trusting(a, test.name)
			client.MaxVersion = version
			client.InsecureSkipVerify = test.name == ""
			_, clientErr, serverErr := meet(t, serverConfig(t, a, test.host), client)
			if test.ok {
				if clientErr != nil || serverErr != nil {
					t.Errorf("%q for %s: got errors %v and %v, want none", test.name, test.host, clientErr, serverErr)
				}
				continue
			}
			if !errors.Is(serverErr, intercept.ErrServerName) {
				t.Errorf("%q for %s: got %v, want ErrServerName", test.name, test.host, serverErr)
			}
			if clientErr == nil || !strings.Contains(clientErr.Error(), tls.AlertError(112).Error()) {
				t.Errorf("%q for %s: the client got %v, want the alert unrecognized_name", test.name, test.host, clientErr)
			}
		}
	}
}

// A client's second tunnel to a host resumes the session of its first. One to
// another host does not, whatever ticket the client shows.
func TestResumption(t *testing.T) {
	a := newAuthority(t)
	for _, version := range versions {
		tickets := &anyTicket{}
		resumed := func(host string) bool {
			client := trusting(a, host)
			client.MaxVersion, client.ClientSessionCache = version, tickets
			client.InsecureSkipVerify = true // else the client itself would not show the ticket of another host
			state, clientErr, serverErr := meet(t, serverConfig(t, a, host), client)
			if clientErr != nil || serverErr != nil {
				t.Fatalf("%s: got errors %v and %v", host, clientErr, serverErr)
			}
			return state.DidResume
		}
		for i, step := range []struct {
			host string
			want bool
		}{{"api.acme.test", false}, {"api.acme.test", true}, {"www.acme.test", false}, {"www.acme.test", true}} {
			if got := resumed(step.host); got != step.want {
				t.Errorf("%s, tunnel %d to %s: got resumed %t, want %t", tls.VersionName(version), i+1, step.host, got, step.want)
			}
		}
		if tickets.shown < 3 {
			t.Errorf("the client has shown %d tickets, want 3", tickets.shown)
		}
	}
}

// anyTicket is a cache of sessions that has one ticket for all hosts.
type anyTicket struct {
	state *tls.ClientSessionState
	shown int
}

func (c *anyTicket) Get(string) (*tls.ClientSessionState, bool) {
	if c.state != nil {
		c.shown++
	}
	return c.state, c.state != nil
}

func (c *anyTicket) Put(_ string, state *tls.ClientSessionState) { c.state = state }

// Many hosts at once get theirs, and of many who want the same host one makes
// it.
func TestManyHosts(t *testing.T) {
	a := newAuthority(t)
	const count, each = 200, 5
	got := make([]*tls.Config, count*each)
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() {
			got[i], _ = a.ServerConfig(fmt.Sprintf("h%d.acme.test", i%count))
		})
	}
	group.Wait()
	for i, config := range got {
		if config == nil || config != got[i%count] {
			t.Fatalf("h%d: got %p and %p, want one", i%count, config, got[i%count])
		}
		if want := fmt.Sprintf("h%d.acme.test", i%count); config.Certificates[0].Leaf.VerifyHostname(want) != nil {
			t.Errorf("%s: got the certificate of %q", want, config.Certificates[0].Leaf.DNSNames)
		}
	}
}

// What is kept has a bound: the host that was asked for least recently gives
// way.
func TestHostsAreBounded(t *testing.T) {
	a := newAuthority(t)
	first, other := serverConfig(t, a, "first.acme.test"), serverConfig(t, a, "other.acme.test")
	for i := range 999 {
		serverConfig(t, a, fmt.Sprintf("h%d.acme.test", i))
	}
	if serverConfig(t, a, "other.acme.test") != other {
		t.Error("the second host was dropped, want the first")
	}
	if serverConfig(t, a, "first.acme.test") == first {
		t.Error("the first of 1001 hosts is kept, want 1000")
	}
}

// BenchmarkServerConfig is a host that is known, and one that is not.
func BenchmarkServerConfig(b *testing.B) {
	a := newAuthority(b)
	b.Run("kept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			serverConfig(b, a, "api.acme.test")
		}
	})
	b.Run("made", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			serverConfig(b, a, fmt.Sprintf("h%d.acme.test", i))
		}
	})
}
