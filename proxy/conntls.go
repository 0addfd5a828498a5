package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// greet is the handshake of a connection with TLS. It is made with the first
// read, and so by the goroutine of the connection: a slow client holds nobody
// up. It has as long as a head has.
func (c *conn) greet() error {
	if c.tls == nil || c.greeted {
		return nil
	}
	c.socket.end = c.readBy
	err := c.tls.Handshake()
	c.socket.end = time.Time{}
	if c.greeted = err == nil; c.greeted {
		return nil
	}
	if c.tunnel != nil {
		c.logTunnelled(err)
		return io.EOF
	}
	c.listener.log.Info("TLS handshake failed", "client", c.RemoteAddr().String(), "cause", err.Error())
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && 'A' <= plain.RecordHeader[0] && plain.RecordHeader[0] <= 'Z' {
		c.answerPlain()
	}
	return io.EOF // so that fasthttp has nothing to say
}

// logTunnelled tells the operator about a handshake in a tunnel that has failed. A
// client that refuses the certificate says so with an alert, and mostly lacks
// egret's authority.
func (c *conn) logTunnelled(err error) {
	attributes := []any{"client", c.RemoteAddr().String(), "host", c.tunnel.authority, "cause", err.Error()}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		attributes = append(attributes, "hint", "let the client trust the certificate that `egret ca` prints")
	}
	c.listener.log.Info("TLS handshake in a tunnel failed", attributes...)
}

// answerPlain tells a client that speaks HTTP to a listener with TLS. No type
// of a record is a letter, so nothing else begins with one.
func (c *conn) answerPlain() {
	refusal := malformed("this listener speaks TLS: the scheme of its URL is https")
	if n, err := c.socket.Write(appendRefusal(nil, refusal, other, refusalOptions{last: true})); err == nil {
		c.sent.Add(int64(n))
		linger(&c.socket)
	}
}

// lastWords is how long the end of a connection with TLS may take to be told.
const lastWords = 50 * time.Millisecond

// takeLeave prepares the end of what TLS has to say: it is said at once, or not
// at all. A client that has ended its own side has said so with a record that
// may lie unread; then the report is true, because the system would not close
// the connection over it but reset it.
func (c *conn) takeLeave() bool {
	if c.tls == nil {
		return false
	}
	c.socket.end = time.Now().Add(lastWords)
	return unreadFrom(c.socket.Conn)
}
