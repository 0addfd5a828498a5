package egress

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// DefaultConnectTimeout is how long a Dialer tries, unless told otherwise.
const DefaultConnectTimeout = 10 * time.Second

// A Dialer connects to upstreams under a Guard. Its fields do not change after
// the first dial; then it is safe for concurrent use.
type Dialer struct {
	// Guard judges each address before it is connected to. Without one, and
	// without Dial, nothing is dialled.
	Guard *Guard
	// Resolver resolves names. Nil means Go's own resolver, never that of the
	// C library, which reads 0x7f000001 as an address. It asks by the Dial of
	// [net.DefaultResolver], if that has one.
	Resolver *net.Resolver
	// Dial, when set, takes the place of DNS and Guard. Its connections count
	// as loopback.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout is for DNS and connecting together. Zero means
	// DefaultConnectTimeout.
	Timeout time.Duration
}

// DialContext connects to address, a canonical host and a port as in
// "api.acme.test:443" or "[2001:db8::1]:80". The error is a
// [*functions.Refusal]: one of [Guard.Check], host_rejected for a numeric host
// that is no IP literal, upstream_unreachable, or upstream_timeout.
func (d *Dialer) DialContext(ctx context.Context, network, address string, grant Grant) (net.Conn, error) {
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = DefaultConnectTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &functions.Refusal{Code: functions.HostRejected, Detail: "the host is no host and port", Cause: err}
	}
	conn, err := d.dial(ctx, network, host, port, grant)
	if err != nil {
		return nil, refusal(ctx, host, err)
	}
	return conn, nil
}

func (d *Dialer) dial(ctx context.Context, network, host, port string, grant Grant) (net.Conn, error) {
	if d.Dial != nil {
		return d.Dial(ctx, network, net.JoinHostPort(host, port))
	}
	if d.Guard == nil {
		return nil, functions.Refuse(functions.Internal, "no guard is set")
	}
	name, err := configs.CanonicalHost(host)
	if err != nil {
		return nil, functions.Refuse(functions.HostRejected, "the host is neither a name nor a canonical IP address")
	}
	if name == "localhost" {
		return d.localhost(ctx, network, port, grant)
	}
	if _, err := netip.ParseAddr(name); err != nil {
		// A name is never a literal, whatever the rule that matched it says.
		grant.Literal = false
	}
	return d.connect(ctx, network, net.JoinHostPort(name, port), grant)
}

// localhost connects to loopback without asking DNS, as RFC 6761 section 6.3
// wants it.
func (d *Dialer) localhost(ctx context.Context, network, port string, grant Grant) (net.Conn, error) {
	conn, err := d.connect(ctx, network, net.JoinHostPort("127.0.0.1", port), grant)
	if err == nil {
		return conn, nil
	}
	if conn, err6 := d.connect(ctx, network, net.JoinHostPort("::1", port), grant); err6 == nil {
		return conn, nil
	}
	return nil, err
}

func (d *Dialer) connect(ctx context.Context, network, address string, grant Grant) (net.Conn, error) {
	dialer := net.Dialer{
		Resolver: d.Resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			addr, err := netip.ParseAddrPort(address)
			if err != nil {
				return &functions.Refusal{Code: functions.HostRejected, Detail: "the host is no IP address", Cause: err}
			}
			return d.Guard.Check(addr, grant)
		},
	}
	if dialer.Resolver == nil {
		dialer.Resolver = &net.Resolver{PreferGo: true, Dial: net.DefaultResolver.Dial}
	}
	return dialer.DialContext(ctx, network, address)
}
