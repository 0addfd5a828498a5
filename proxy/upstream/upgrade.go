package upstream

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/egret-proxy/egret/proxy/wire"
)

// errProtocol is why a change to another protocol than those offered is no answer.
var errProtocol = errors.New("the upstream switched to a protocol that was not offered")

// appendUpgrade writes the fields that offer other protocols.
func appendUpgrade(dst []byte, protocols []string) []byte {
	dst = append(dst, "Connection: Upgrade\r\nUpgrade: "...)
	for i, one := range protocols {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, one...)
	}
	return append(dst, "\r\n"...)
}

// offersNothing reports whether the protocols that a request offers cannot be
// written, or the request is one that is not sent whole before its answer comes:
// RFC 9110 section 7.8.
func (r *Request) offersNothing() bool {
	return len(r.Upgrade) > 0 && (r.Stream != nil || slices.ContainsFunc(r.Upgrade, func(one string) bool { return wire.ProtocolName(one) == "" }))
}

// change takes a 101 for the answer, if what it says was asked for. It has no
// body, and the connection serves no other request.
func (a *Answer) change(req *Request) error {
	switch {
	case len(req.Upgrade) == 0:
		return errSwitched
	case !wire.AreAmong(wire.Protocols(a.Fields), req.Upgrade):
		return errProtocol
	}
	a.framing, a.Length, a.HeadLength, a.keep = noBody, 0, -1, false
	a.Trailer, a.complete, a.behind, a.left = a.Trailer[:0], true, false, 0
	return nil
}

// HasSwitched reports whether the upstream speaks another protocol from here on,
// one that the request has offered.
func (a *Answer) HasSwitched() bool { return a.Code == 101 }

// Detach hands over the connection of an answer that has switched protocols, and
// what the upstream has said in the new one already. It has no time limits, and
// knows no context any more: who takes it closes it. The answer is closed by
// that, and its fields are gone.
func (a *Answer) Detach() (net.Conn, []byte) {
	c := a.conn
	early := bytes.Clone(c.unread())
	a.release()
	a.conn, a.upload, a.release, a.ctx = nil, nil, nil, nil
	clear(a.Fields)
	a.Fields, a.Trailer, a.Reason = a.Fields[:0], a.Trailer[:0], nil
	c.release()
	return c.detach(), early
}

// detach gives what lies below c: the socket, or TLS on it.
func (c *conn) detach() net.Conn {
	c.link.free = true
	_ = c.link.SetDeadline(time.Time{}) // its error shows with the next read
	if secure, ok := c.Conn.(*farewell); ok {
		return secure
	}
	return c.link.Conn
}

// NetConn gives the socket below TLS, like that of crypto/tls.
func (f *farewell) NetConn() net.Conn { return f.below.Conn }
