package proxy

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

// write writes p, under the time limit of [socket.Write].
func (c *conn) write(p []byte) error {
	for len(p) > 0 {
		n, err := c.Conn.Write(p[:min(len(p), writeAtOnce)])
		c.sent.Add(int64(n))
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}
