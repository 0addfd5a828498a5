package intercept

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// mostHello bounds what is read of a client's first message, in bytes.
const mostHello = 64 << 10

var (
	errHello     = errors.New("that is all")
	errLongHello = errors.New("the first message of TLS is longer than 64 KiB")
)

// PeekServerName reads the first message of a TLS connection, and gives the
// server name that it has (RFC 6066 section 3), or "" when it has none. With
// Encrypted Client Hello that is the name which everybody sees.
//
// What was read is given too, on an error as well. That is the message, in as
// many records and reads as it takes, and what r gave in the same read: as soon
// as the message is complete, PeekServerName waits for nothing more. It reads 64
// KiB at most. An error of r is given as it is, but for an [io.EOF] in the midst of
// a record, which is [io.ErrUnexpectedEOF].
func PeekServerName(r io.Reader) (name string, read []byte, err error) {
	peek := &peekConn{r: r}
	err = tls.Server(peek, &tls.Config{
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			name = hello.ServerName
			return nil, errHello
		},
	}).Handshake()
	if errors.Is(err, errHello) {
		return name, peek.read, nil
	}
	return "", peek.read, err
}

// A peekConn is a connection that can be read, and remembers what was.
type peekConn struct {
	r    io.Reader
	read []byte
}

func (c *peekConn) Read(p []byte) (int, error) {
	p = p[:min(len(p), mostHello-len(c.read))]
	if len(p) == 0 {
		return 0, errLongHello
	}
	n, err := c.r.Read(p)
	c.read = append(c.read, p[:n]...)
	return n, err
}

// Write drops an alert.
func (c *peekConn) Write(p []byte) (int, error) { return len(p), nil }

func (*peekConn) Close() error                     { return nil }
func (*peekConn) LocalAddr() net.Addr              { return nil }
func (*peekConn) RemoteAddr() net.Addr             { return nil }
func (*peekConn) SetDeadline(time.Time) error      { return nil }
func (*peekConn) SetReadDeadline(time.Time) error  { return nil }
func (*peekConn) SetWriteDeadline(time.Time) error { return nil }
