package proxy

import (
	"strings"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// sealed are the protocols that are never offered to an upstream: HTTP in a form
// that egret does not read, and what would hide it.
var sealed = []string{"h2c", "h2", "h3", "http", "tls"}

// beginUpgrade finds the protocols that the client offers. A request of HTTP/1.0
// offers none, nor does one whose body is still coming when its answer may be
// there: RFC 9110 section 7.8. Without one the request is like any other.
//
// What the client sends behind a request that offers one may be meant for the
// other protocol, and is never read as a request: unless the protocol changes, the
// connection ends with the answer.
func (x *exchange) beginUpgrade() {
	if !x.head.has(wire.Upgrade) || x.head.http10 || x.head.method == "CONNECT" {
		return
	}
	for _, one := range wire.Protocols(x.head.fields) {
		if name := wire.ProtocolName(one); name != "" && !isSealed(name) {
			x.forward.upgrade = append(x.forward.upgrade, one)
		}
	}
	x.hangUp = x.hangUp || len(x.forward.upgrade) > 0
	if !x.body.whole && !x.body.short {
		x.forward.upgrade = nil
	}
}

func isSealed(protocol string) bool {
	for _, one := range sealed {
		if wire.EqualFold(protocol, one) {
			return true
		}
	}
	return false
}

// checkUpgrade decides whether the connection may change its protocol. What is
// sent then is not searched for values, so each cache must permit it that holds a
// secret and names the host.
func (x *exchange) checkUpgrade() error {
	if len(x.forward.upgrade) == 0 {
		return nil
	}
	to := x.forward.to
	for _, cache := range to.secrets {
		if !cache.Upgrade {
			refusal := functions.Refuse(functions.EgressDenied, "cache "+cache.Name+" names "+to.authority+" and does not permit its connections to change to another protocol")
			refusal.Remedy = "caches: [{name: " + cache.Name + ", upgrade: true}]"
			return refusal.By(cache.Path + ".upgrade")
		}
	}
	return x.enterTunnel()
}

// switchProtocols passes a 101 on, and then whatever both sides send until both
// have ended, or nothing has come for too long.
func (x *exchange) switchProtocols() error {
	protocols := wire.Protocols(x.answer.Fields)
	x.buildHead(noLength)
	x.out = appendField(x.out, "Connection", "Upgrade")
	x.out = appendField(x.out, "Upgrade", strings.Join(protocols, ", "))
	x.out = append(x.out, "\r\n"...)
	x.status = x.answer.Code
	c, early := x.answer.Detach()
	x.tell()
	if x.conn.send(x.out) != nil {
		_ = c.Close()
		return errGone
	}
	return x.relay(c, early)
}
