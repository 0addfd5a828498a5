package proxy

import (
	"errors"
	"os"
	"time"
)

// Write drops what fasthttp writes.
func (c *conn) Write(p []byte) (int, error) { return len(p), nil }

// send writes a part of an answer, behind what is pending.
func (c *conn) send(p []byte) error {
	if err := c.flush(); err != nil {
		return err
	}
	return c.write(p)
}

// flush writes what is pending.
func (c *conn) flush() error {
	if len(c.pending) == 0 {
		return nil
	}
	err := c.write(c.pending)
	c.pending = forget(c.pending)
	return err
}

// write writes p. It fails when the client takes nothing of it for so long as
// the limit says, not when the whole takes longer.
func (c *conn) write(p []byte) error {
	for strikes := 0; ; {
		if err := c.armWrite(); err != nil {
			return err
		}
		n, err := c.Conn.Write(p[:min(len(p), writeAtOnce)])
		c.sent.Add(int64(n))
		switch p = p[n:]; {
		case err == nil && len(p) == 0:
			return nil
		case err == nil || n > 0:
			strikes = 0
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case c.takes():
			strikes = 0
		default:
			if strikes++; strikes == writeLooks {
				return err
			}
		}
	}
}

// armWrite sets when to look next whether the client takes anything, unless the
// time that is set will do.
func (c *conn) armWrite() error {
	step := c.limits.WriteTimeout / writeLooks
	now := time.Now()
	if c.writeBy.Sub(now) >= step {
		return nil
	}
	c.writeBy = now.Add(step + min(step, slack))
	return c.Conn.SetWriteDeadline(c.writeBy)
}

// takes reports whether the client has taken something since it was asked
// before. The system makes room only when much has been taken, so it is asked
// itself.
func (c *conn) takes() bool {
	before := c.queued
	c.queued = queuedFor(c.Conn)
	return c.queued < before
}
