package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"
)

// A client is one connection of the load generator.
type client struct {
	conn    net.Conn
	request []byte
	want    want
	answers *answerReader
	flows   bool
	resumed bool // the session of TLS
}

// dial opens a connection, from source if it is not nil, with a tunnel in it and
// TLS in that as the job has them. It is dead after the deadline, whatever
// happens on it.
func dial(ctx context.Context, source net.Addr, j *job, secure *tls.Config, deadline time.Time) (*client, error) {
	dialer := net.Dialer{LocalAddr: source, Deadline: deadline}
	conn, err := dialer.DialContext(ctx, "tcp", j.Address)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, request: j.Request, want: j.Want, flows: j.Flow}
	if err := c.open(j, secure, deadline); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// open makes ready for requests.
func (c *client) open(j *job, secure *tls.Config, deadline time.Time) error {
	if err := c.conn.SetDeadline(deadline); err != nil {
		return err
	}
	if j.Connect != "" {
		if err := connect(c.conn, j.Connect); err != nil {
			return err
		}
	}
	if secure != nil {
		encrypted := tls.Client(c.conn, secure)
		if err := encrypted.Handshake(); err != nil {
			return err
		}
		c.conn, c.resumed = encrypted, encrypted.ConnectionState().DidResume
	}
	c.answers = newAnswerReader(c.conn, bufferFor(j.Want))
	return nil
}

// bufferFor is how much to read at once: little, unless much will come.
func bufferFor(w want) int {
	if w.Length > 4<<10 {
		return 64 << 10
	}
	return 4 << 10
}

func (c *client) close() error { return c.conn.Close() }

// exchange sends the request, reads the answer, and holds it against what it
// must be. It gives the length of its body.
func (c *client) exchange() (int64, error) {
	if c.flows {
		return c.flow()
	}
	if _, err := c.conn.Write(c.request); err != nil {
		return 0, err
	}
	got, err := c.answers.read()
	if err != nil {
		return 0, err
	}
	switch {
	case got.status != http.StatusOK:
		return 0, fmt.Errorf("the answer has status %d: %.200s", got.status, got.body)
	case c.want.Length > 0 && got.length != c.want.Length:
		return 0, fmt.Errorf("the answer has %d bytes, not %d", got.length, c.want.Length)
	case !bytes.Contains(got.body, []byte(c.want.Text)):
		return 0, fmt.Errorf("the answer lacks %q: %.200s", c.want.Text, got.body)
	case got.close:
		return 0, fmt.Errorf("the answer ends the connection")
	default:
		return got.length, nil
	}
}
