package proxy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/intercept"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A lane is a way in which a client reaches an origin through egret.
type lane struct {
	name   string
	secure bool // the origin speaks TLS
	tunnel bool // egret is asked for one, which is blind where no cache names the host
	// form is what stands before the path of a request, if the host does.
	form string
	// enter makes, of a connection to egret, one for requests to a host.
	enter func(t testing.TB, l *laned, c *net.TCPConn, host string) halfCloser
}

// lanes are all of them.
var lanes = []lane{
	{name: "plain", form: "http://", enter: direct},
	{name: "absolute https", secure: true, form: "https://", enter: direct},
	{name: "gateway", secure: true, form: "/to/https/", enter: direct},
	{name: "plain in a tunnel", tunnel: true, enter: func(t testing.TB, l *laned, c *net.TCPConn, host string) halfCloser {
		connect(t, c, host+":80")
		return c
	}},
	{name: "intercepted", secure: true, tunnel: true, enter: func(t testing.TB, l *laned, c *net.TCPConn, host string) halfCloser {
		connect(t, c, host+":443")
		secure := tls.Client(c, &tls.Config{ServerName: host, RootCAs: l.roots, MinVersion: tls.VersionTLS12})
		if err := secure.Handshake(); err != nil {
			t.Errorf("no TLS in the tunnel to %s: %v", host, err)
		}
		return secure
	}},
}

// isBlind reports whether egret looks at nothing that goes to a host.
func (w lane) isBlind(host string) bool { return w.tunnel && w.secure && host == "other.test" }

// connect opens a tunnel.
func connect(t testing.TB, c net.Conn, authority string) {
	t.Helper()
	say(c, lines("CONNECT "+authority+" HTTP/1.1", "Host: "+authority))
	const want = "HTTP/1.1 200 Connection Established\r\n\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Errorf("got %q (error: %v) for a tunnel to %s", got, err, authority)
	}
}

func direct(_ testing.TB, _ *laned, c *net.TCPConn, _ string) halfCloser { return c }

// A halfCloser is a connection that can end in one direction alone.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// A laned is an egret before an origin, to which a lane leads.
type laned struct {
	*proxytest.Egret
	lane  lane
	roots *x509.CertPool // of egret's own authority, and of the origin's
}

// upgrading is a forward proxy that goes everywhere. The caches of api.acme.test
// permit to change the protocol, those of closed.test do not.
const upgrading = `
admin: 127.0.0.1:0
egress: {default: allow}
caches:
  - {name: acme_token, id: ` + tokenID + `, ttl: 15m, hosts: ["api.acme.test:*", "closed.test:*"], upgrade: true}
  - {name: static_key, id: ` + staticID + `, ttl: 15m, hosts: ["api.acme.test:*"], upgrade: true}
  - {name: closed_key, id: ` + resultID + `, ttl: 15m, hosts: ["closed.test:*"]}
tokens:
  - {name: acme_jwt, cache: acme_token, algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc, claims: {sub: agent}}
  - {name: static, cache: static_key, value: ` + staticKey + `}
  - {name: closed, cache: closed_key, value: closed-` + staticKey + `}
`

// startLane runs an egret before an origin that serves every host.
func startLane(t testing.TB, way lane, yaml string, origin laneOrigin, options ...proxytest.Option) *laned {
	t.Helper()
	pair := proxytest.NewPair(t, time.Now().Add(time.Hour), "api.acme.test", "closed.test", "other.test")
	var config *tls.Config
	if way.secure {
		certificate, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
		if err != nil {
			t.Fatal(err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	authority, err := intercept.New()
	if err != nil {
		t.Fatal(err)
	}
	roots := pair.Roots.Clone()
	roots.AppendCertsFromPEM(authority.PEM())
	options = append([]proxytest.Option{dialling(origin(t, config)), func(o *proxy.Options) { o.RootCAs, o.Authority = pair.Roots, authority }}, options...)
	return &laned{Egret: start(t, yaml, options...), lane: way, roots: roots}
}

// dial connects a client that sends requests to a host.
func (l *laned) dial(t testing.TB, host string) halfCloser {
	t.Helper()
	return l.lane.enter(t, l, dialClient(t, l.Egret), host)
}

// line is the first line of a request.
func (l *laned) line(method, host, path string) string {
	if l.lane.form != "" {
		path = l.lane.form + host + path
	}
	return method + " " + path + " HTTP/1.1"
}

// hostField is what the Host field says.
func (l *laned) hostField(host string) string {
	if strings.HasPrefix(l.lane.form, "/") {
		return l.Server.Addr() // on the gateway path, it is egret that is asked
	}
	return host
}

// say sends a request to a host: its method and path, and what follows the Host
// field.
func (l *laned) say(t testing.TB, host, request string) halfCloser {
	t.Helper()
	c := l.dial(t, host)
	line, rest, _ := strings.Cut(request, "\r\n")
	method, path, _ := strings.Cut(line, " ")
	say(c, l.line(method, host, path)+"\r\nHost: "+l.hostField(host)+"\r\n"+rest)
	return c
}

// client is an HTTP client whose requests for http://HOST take the lane to that
// host, be it by TLS or not.
func (l *laned) client(t testing.TB) *http.Client {
	transport := &http.Transport{DisableCompression: true, DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return l.dial(t, host), nil
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: formed{transport, l}, Timeout: watchdog}
}

// A formed transport writes its requests in the form of a lane.
type formed struct {
	*http.Transport
	l *laned
}

// RoundTrip is that of [http.RoundTripper].
func (f formed) RoundTrip(r *http.Request) (*http.Response, error) {
	if form := f.l.lane.form; form != "" {
		r = r.Clone(r.Context())
		r.Host = f.l.hostField(r.URL.Host)
		r.URL = &url.URL{Scheme: "http", Host: r.URL.Host, Opaque: form + r.URL.Host + r.URL.RequestURI()}
	}
	return f.Transport.RoundTrip(r)
}

// eachLane runs a test for each lane.
func eachLane(t *testing.T, test func(t *testing.T, way lane)) {
	for _, way := range lanes {
		t.Run(way.name, func(t *testing.T) { test(t, way) })
	}
}

// A laneOrigin listens on a loopback address, by TLS unless config is nil, and
// gives the address.
type laneOrigin func(t testing.TB, config *tls.Config) string

// speaking is an origin that speaks on each connection.
func speaking(handle func(net.Conn)) laneOrigin {
	return func(t testing.TB, config *tls.Config) string {
		return serve(t, func(c net.Conn) {
			if config != nil {
				secure := tls.Server(c, config)
				defer func() { _ = secure.Close() }()
				c = secure
			}
			handle(c)
		})
	}
}

// handling is an origin that answers with an HTTP handler.
func handling(handler http.HandlerFunc) laneOrigin {
	return func(t testing.TB, config *tls.Config) string {
		server := httptest.NewUnstartedServer(handler)
		if server.TLS = config; config == nil {
			server.Start()
		} else {
			server.StartTLS()
		}
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
}
