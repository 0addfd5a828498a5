package proxy

import (
	"crypto/sha256"
	"crypto/tls"
	"net"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A tunneled is what makes a client's connection one to a single host: it has
// asked for a tunnel, and egret reads the requests in it.
type tunneled struct {
	target
	where   []byte      // its authority
	config  *tls.Config // nil where it is known that there is no TLS
	entered bool        // its first byte has been read

	// The client, as it was when it asked for the tunnel, and its key's digest.
	client string
	key    [sha256.Size]byte
	known  *clients // among whom it was last looked up
	found  *configs.Client
}

// newTunneled makes a connection one to a host, for a client who may be nil.
func newTunneled(to *target, among *clients, client *configs.Client) *tunneled {
	t := &tunneled{target: *to, known: among, found: client}
	t.authority = net.JoinHostPort(t.host, portText(t.port))
	t.where = []byte(t.authority)
	if client != nil {
		t.client, t.key = client.Name, among.digestOf(client)
	}
	return t
}

// authenticate gives the client of the tunnel, as it is configured now.
func (t *tunneled) authenticate(among *clients) (*configs.Client, error) {
	if t.known == among {
		return t.found, nil
	}
	var found *configs.Client
	if !among.open() {
		var err error
		if found, err = among.withDigest(t.key, []byte(t.client)); err != nil || t.client == "" {
			return nil, functions.Refuse(functions.Unauthenticated, "the key of the tunnel's client is not known any more")
		}
	}
	t.known, t.found = among, found
	return found, nil
}

// enter finds out, by the first byte, whether TLS is spoken in the tunnel. What
// is neither TLS nor HTTP is refused as HTTP that is not well formed. What is
// read goes through p.
func (c *conn) enter(p []byte) error {
	t := c.tunnel
	t.entered = true
	c.stage.CompareAndSwap(int32(answered), int32(fresh))
	if len(c.inlet.ahead) == 0 {
		n, err := c.receive(p)
		if n == 0 {
			return err
		}
		c.inlet.keep(p[:n])
	} else if !c.began() {
		return net.ErrClosed
	}
	if t.config == nil || c.inlet.ahead[0] != recordHandshake {
		return nil
	}
	ahead := c.inlet.ahead
	c.inlet.ahead = nil
	c.received.Add(-int64(len(ahead))) // it will be counted above TLS
	c.tls = tls.Server(&replayed{Conn: c.Conn, ahead: ahead}, t.config)
	c.Conn, c.greeted, t.secure = c.tls, false, true
	// Until a request comes, the connection can be retired, by who may look at it
	// only from here on.
	c.stage.CompareAndSwap(int32(inHead), int32(fresh))
	return nil
}

// A replayed is a connection of which some was read ahead.
type replayed struct {
	net.Conn
	ahead []byte
}

func (r *replayed) Read(p []byte) (int, error) {
	if len(r.ahead) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.ahead)
	if r.ahead = r.ahead[n:]; len(r.ahead) == 0 {
		r.ahead = nil
	}
	return n, nil
}

// checkIntercepted decides whether a request inside a tunnel is passed on. Who
// asks, and where to, is what the tunnel was made for.
func (x *exchange) checkIntercepted() error {
	t, f := x.conn.tunnel, &x.forward
	var err error
	if x.client, err = t.authenticate(x.rt.clients); err != nil {
		x.hangUp = true
		return err
	}
	if err := x.enterClient(); err != nil {
		return err
	}
	if x.head.method == "CONNECT" {
		x.hangUp = true // what follows is not meant for egret
		return x.notAllowed(forwardedMethods)
	}
	if f.to, err = x.rt.locate(t.where, t.secure); err != nil {
		return err
	}
	if f.rest, err = t.rest(&x.head); err != nil {
		return err
	}
	if err := t.checkHost(&x.head, f.to.target.authority); err != nil {
		return err
	}
	return x.checkForwarded()
}

// rest gives the path and query of a request in the tunnel. It is in origin form;
// the absolute form is understood, too, when it names the same: RFC 9112 section
// 3.2.2.
func (t *tunneled) rest(h *head) ([]byte, error) {
	switch {
	case h.target[0] == '/':
		return h.target, nil
	case len(h.target) == 1 && h.target[0] == '*' && h.method == "OPTIONS":
		return nil, nil
	}
	secure, text, err := cutScheme(h.target)
	if err != nil {
		return nil, malformed("the target is neither a path nor a URL of the tunnel's host")
	}
	authority, rest := cutAuthority(text)
	if secure != t.secure || !t.isNamed(authority) {
		return nil, otherHost("the target")
	}
	return rest, nil
}

// checkHost refuses a request whose Host field does not name the host of the
// tunnel: whoever reads it next could go by that.
func (t *tunneled) checkHost(h *head, usual string) error {
	value, found := h.only(wire.Host)
	if found == 1 && string(value) == usual {
		return nil
	}
	if found != 1 || !t.isNamed(value) {
		return otherHost("the Host field")
	}
	return nil
}

// isNamed reports whether an authority is that of the tunnel, however it is spelled.
func (t *tunneled) isNamed(authority []byte) bool {
	to, err := parseAuthority(string(authority), schemePort(t.secure))
	return err == nil && to.host == t.host && to.port == t.port
}

func otherHost(what string) error {
	return functions.Refuse(functions.HostRejected, what+" does not name the host of the tunnel")
}
