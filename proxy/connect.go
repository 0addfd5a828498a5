package proxy

import (
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/wire"
)

// checkConnect decides whether a client gets a tunnel: RFC 9110 section 9.3.6.
func (x *exchange) checkConnect() error {
	x.way = tunnel
	x.hangUp = true // what follows is not meant for egret
	if x.head.has(wire.ContentLength) || x.head.has(wire.TransferEncoding) {
		return malformed("a CONNECT request has no body")
	}
	to, err := parseTunnel(string(x.head.target))
	if err != nil {
		return err
	}
	if x.client, err = x.rt.clients.proxy(x.head.only(wire.ProxyAuthorization)); err != nil {
		x.hangUp = !x.mayAskAgain()
		return err
	}
	if err := x.enterClient(); err != nil {
		return err
	}
	f := &x.forward
	if f.to, err = x.rt.locate([]byte(to.authority), false); err != nil {
		return err
	}
	if err := x.checkLoop(f.to); err != nil {
		return err
	}
	f.tunnel, err = f.to.policy.Connect(egress.ForwardRequest{
		Host: to.host, Port: to.port, Client: x.clientName(), MayName: x.mayName,
	})
	f.rule = f.tunnel.Rule
	return err
}

// mayAskAgain lets a client repeat, on the same connection, a CONNECT with the
// key that it was asked for. Nothing but a CONNECT is taken from it then: what it
// meant for the tunnel must not become a request.
func (x *exchange) mayAskAgain() bool {
	c := x.conn
	if x.head.http10 || x.head.endsConnection() || len(c.inlet.ahead) > 0 {
		return false
	}
	c.connects = true
	return true
}

// endsConnection reports whether the client wants no more of the connection.
func (h *head) endsConnection() bool {
	for i := range h.fields {
		if f := &h.fields[i]; f.Kind == wire.Connection && wire.HasOption(f.Value, "close") {
			return true
		}
	}
	return false
}

// serveConnect gives the client its tunnel.
func (x *exchange) serveConnect() error {
	if x.forward.tunnel.Intercept {
		return x.beginIntercepted()
	}
	return x.serveBlind()
}

var establishedLine = []byte("HTTP/1.1 200 Connection Established\r\n\r\n")

// establish tells the client that it has its tunnel.
func (x *exchange) establish() error {
	if err := x.conn.send(establishedLine); err != nil {
		return errGone
	}
	x.told, x.status, x.conn.connects = true, 200, false
	x.conn.waiting.end()
	return nil
}

// beginIntercepted makes the connection one whose requests are read as those to
// the host of the tunnel.
func (x *exchange) beginIntercepted() error {
	to := &x.forward.to.target
	authority, err := x.server.authority(x.rt.cfg.State)
	if err != nil {
		return err
	}
	config, err := authority.ServerConfig(to.host)
	if err != nil {
		return err
	}
	if err := x.establish(); err != nil {
		return err
	}
	x.conn.tunnel = newTunneled(to, x.rt.clients, x.client)
	x.conn.tunnel.config = config
	x.hangUp = false // whatever its Connection field says, which is about CONNECT
	return nil
}
