package egress_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A listener counts who connects.
type listener struct {
	addr netip.AddrPort
	seen atomic.Int32
}

func newListener(t *testing.T) *listener {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{addr: socket.Addr().(*net.TCPAddr).AddrPort()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			l.seen.Add(1)
			c.Close()
		}
	})
	t.Cleanup(func() {
		socket.Close()
		running.Wait()
	})
	return l
}

// port is the address of a host on the port that l listens on.
func (l *listener) port(host string) string {
	_, port, _ := net.SplitHostPort(l.addr.String())
	return net.JoinHostPort(host, port)
}

// nameserver answers each question for an address with the same one, and an
// unknown name for the rest. It counts the questions.
func nameserver(t *testing.T, answer string) (*net.Resolver, *atomic.Int32) {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	var running sync.WaitGroup
	running.Go(func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			asked.Add(1)
			if reply := answerWith(buffer[:n], answer); reply != nil {
				_, _ = socket.WriteTo(reply, from)
			}
		}
	})
	t.Cleanup(func() {
		socket.Close()
		running.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}, &asked
}

// answerWith makes the reply to a question: answer is an IPv4 address, or "" for
// a name that does not exist.
func answerWith(question []byte, answer string) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil {
		return nil
	}
	m.Response, m.Authoritative = true, true
	m.Additionals = nil
	if answer == "" {
		m.RCode = dnsmessage.RCodeNameError
	} else if m.Questions[0].Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(answer).As4()},
		}}
	}
	reply, _ := m.Pack()
	return reply
}

func refused(t *testing.T, err error, code functions.Code, proxyError string) *functions.Refusal {
	t.Helper()
	r, ok := errors.AsType[*functions.Refusal](err)
	if !ok || r.Code != code || r.ProxyError != proxyError {
		t.Fatalf("got %+v, want %s, %q", err, code, proxyError)
	}
	return r
}

// TestRebinding: the address that is dialled decides, whatever the name was.
func TestRebinding(t *testing.T) {
	resolver, asked := nameserver(t, "127.0.0.1")
	l := newListener(t)
	dialer := &egress.Dialer{Guard: egress.NewGuard(nil, nil), Resolver: resolver}
	for _, grant := range []egress.Grant{{}, {TLS: true}, {Cleartext: true}, {Literal: true}} {
		_, err := dialer.DialContext(t.Context(), "tcp", l.port("public.acme.test"), grant)
		r := refused(t, err, functions.PrivateAddress, "destination_ip_prohibited")
		if want := "egress: {allow_private: [<the range of public.acme.test>]}"; r.Remedy != want {
			t.Errorf("remedy = %q, want %q", r.Remedy, want)
		}
		if strings.Contains(r.Detail+r.Remedy, "127.") {
			t.Errorf("the address is told: %+v", r)
		}
	}
	if l.seen.Load() != 0 || asked.Load() == 0 {
		t.Errorf("the listener saw %d connections, the nameserver %d questions, want 0 and some", l.seen.Load(), asked.Load())
	}
	dialer.Guard = egress.NewGuard(prefixes("127.0.0.1/32"), nil)
	c, err := dialer.DialContext(t.Context(), "tcp", l.port("public.acme.test"), egress.Grant{})
	if err != nil {
		t.Fatalf("with allow_private: %v", err)
	}
	c.Close()
}

func TestDialOwnAddress(t *testing.T) {
	resolver, _ := nameserver(t, "127.0.0.1")
	l := newListener(t)
	dialer := &egress.Dialer{Resolver: resolver, Guard: egress.NewGuard(prefixes("127.0.0.0/8"), func() []netip.AddrPort { return []netip.AddrPort{l.addr} })}
	for _, host := range []string{"public.acme.test", "127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0"} {
		_, err := dialer.DialContext(t.Context(), "tcp", l.port(host), egress.Grant{Literal: true})
		refused(t, err, functions.Loop, "proxy_loop_detected")
	}
	if l.seen.Load() != 0 {
		t.Errorf("the listener saw %d connections, want 0", l.seen.Load())
	}
}

// TestLiteral: a literal is dialled without DNS, and only where it is permitted.
func TestLiteral(t *testing.T) {
	resolver, asked := nameserver(t, "127.0.0.1")
	l := newListener(t)
	dialer := &egress.Dialer{Guard: egress.NewGuard(nil, nil), Resolver: resolver}
	for host, remedy := range map[string]string{
		"127.0.0.1":        "egress: {allow_private: [127.0.0.1/32]}",
		"::ffff:127.0.0.1": "egress: {allow_private: [127.0.0.1/32]}",
		"localhost":        "egress: {allow_private: [<the range of localhost>]}",
	} {
		c, err := dialer.DialContext(t.Context(), "tcp", l.port(host), egress.Grant{Literal: true})
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		c.Close()
		_, err = dialer.DialContext(t.Context(), "tcp", l.port(host), egress.Grant{})
		if r := refused(t, err, functions.PrivateAddress, "destination_ip_prohibited"); r.Remedy != remedy {
			t.Errorf("%s: remedy = %q, want %q", host, r.Remedy, remedy)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("the nameserver was asked %d times, want 0", asked.Load())
	}
}

// TestNumericHost: what only some resolvers take for an address reaches none.
func TestNumericHost(t *testing.T) {
	resolver, asked := nameserver(t, "127.0.0.1")
	dialer := &egress.Dialer{Guard: egress.NewGuard(prefixes("127.0.0.0/8"), nil), Resolver: resolver}
	for _, host := range []string{
		"2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "0177.0.0.1", "127.0.0.256", "0x7f.0.0.1", "0", "", "1.2.3.4.5",
		"api.acme.test.0x7f", "①②⑦.⓪.⓪.①", "a b", "a\x00b", "user@host", "[::1]", "fe80::1%eth0",
	} {
		_, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(host, "80"), egress.Grant{Literal: true, Cleartext: true})
		if codeOf(t, err) != functions.HostRejected {
			t.Errorf("%q: got %v, want host_rejected", host, err)
		}
	}
	if _, err := dialer.DialContext(t.Context(), "tcp", "api.acme.test", egress.Grant{}); codeOf(t, err) != functions.HostRejected {
		t.Errorf("without a port: got %v, want host_rejected", err)
	}
	if asked.Load() != 0 {
		t.Errorf("the nameserver was asked %d times, want 0", asked.Load())
	}
}

func TestDialFailures(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, port, _ := net.SplitHostPort(closed.Addr().String())
	unknown, _ := nameserver(t, "")
	known, _ := nameserver(t, "127.0.0.1")
	silent := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	for _, test := range []struct {
		name       string
		resolver   *net.Resolver
		host       string
		code       functions.Code
		proxyError string
	}{
		{"unknown name", unknown, "api.acme.test", functions.UpstreamUnreachable, "dns_error"},
		{"silent nameserver", silent, "api.acme.test", functions.UpstreamTimeout, "dns_timeout"},
		{"nobody listens at the address", known, "127.0.0.1", functions.UpstreamUnreachable, "connection_refused"},
		{"nobody listens at the name", known, "api.acme.test", functions.UpstreamUnreachable, "connection_refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dialer := &egress.Dialer{Guard: egress.NewGuard(prefixes("127.0.0.0/8"), nil), Resolver: test.resolver, Timeout: 500 * time.Millisecond}
			_, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(test.host, port), egress.Grant{})
			refused(t, err, test.code, test.proxyError)
		})
	}
}

// TestDialTimeout: a connection that is not made in time.
func TestDialTimeout(t *testing.T) {
	dialer := &egress.Dialer{Timeout: 20 * time.Millisecond, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	_, err := dialer.DialContext(t.Context(), "tcp", "api.acme.test:443", egress.Grant{})
	refused(t, err, functions.UpstreamTimeout, "connection_timeout")

	gone := functions.Refuse(functions.RequestTimeout, "the caller has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := dialer.DialContext(ctx, "tcp", "api.acme.test:443", egress.Grant{}); !errors.Is(err, gone) {
		t.Errorf("got %v, want the cause of the cancellation", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := dialer.DialContext(ctx, "tcp", "api.acme.test:443", egress.Grant{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to be context.Canceled", err)
	}
}

// TestDialOverride: Dial takes the place of DNS and guard.
func TestDialOverride(t *testing.T) {
	l, asked := newListener(t), ""
	dialer := &egress.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = network + " " + address
		return (&net.Dialer{}).DialContext(ctx, network, l.addr.String())
	}}
	c, err := dialer.DialContext(t.Context(), "tcp", "api.acme.test:443", egress.Grant{})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if want := "tcp api.acme.test:443"; asked != want {
		t.Errorf("Dial was asked for %q, want %q", asked, want)
	}
}

// TestNoGuard: a Dialer that somebody forgot to give a Guard does not dial.
func TestNoGuard(t *testing.T) {
	l := newListener(t)
	if _, err := new(egress.Dialer).DialContext(t.Context(), "tcp", l.addr.String(), egress.Grant{Literal: true}); codeOf(t, err) != functions.Internal {
		t.Errorf("got %v, want internal", err)
	}
	if l.seen.Load() != 0 {
		t.Errorf("the listener saw %d connections, want 0", l.seen.Load())
	}
}
