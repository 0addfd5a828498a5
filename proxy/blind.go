package proxy

import (
	"net"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/journal"
)

// serveBlind passes a tunnel on that is not decrypted. Nothing is ever put into
// it. The upstream is connected to first, so that the client learns when it
// cannot be.
func (x *exchange) serveBlind() error {
	f := &x.forward
	if err := x.enterTunnel(); err != nil {
		return err
	}
	if err := x.enterHost(); err != nil {
		return err
	}
	upstream, err := x.dialTunnel()
	if err != nil {
		return err
	}
	if err := x.establish(); err != nil {
		_ = upstream.Close()
		return err
	}
	b := &beginning{to: &f.to.target, onlyTLS: f.tunnel.OnlyTLS, header: x.rt.limits.HeaderTimeout, most: x.rt.limits.HeaderBytes}
	r := x.newRelay(upstream)
	r.beginning = b
	err = x.run(r, nil)
	switch {
	case err != nil:
		return err
	case b.state == refusedBeginning:
		return x.refuseBeginning(b)
	case b.state == httpBeginning:
		x.conn.tunnel = newTunneled(b.to, x.rt.clients, x.client)
		x.conn.tunnel.entered = true
		x.hangUp = false
	}
	return nil
}

func (x *exchange) dialTunnel() (net.Conn, error) {
	f := &x.forward
	x.enter(journal.Connect)
	defer x.enter(journal.Answer)
	x.conn.waiting.begin(x.start, false)
	address := net.JoinHostPort(f.to.host, portText(f.to.port))
	upstream, err := x.rt.dialer.DialContext(&x.conn.life, "tcp", address, f.tunnel.Grant)
	if ended := x.conn.life.Err(); ended != nil {
		if err == nil {
			_ = upstream.Close()
		}
		return nil, ended
	}
	return upstream, err
}

// refuseBeginning ends a tunnel of which nothing was passed on. A client that
// speaks TLS is told why in its own words.
func (x *exchange) refuseBeginning(b *beginning) error {
	x.mute = true
	if b.alert != nil {
		_ = x.conn.send(b.alert) // who does not take it has gone away
	}
	if b.refusal == nil {
		return errGone
	}
	return b.refusal
}

var errOtherName = functions.Refuse(functions.HostRejected, "the TLS server name in the tunnel is not its host")
