package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// A flow is a connection on which both sides send at once: the load says how
// much, in eight bytes, and then each of them sends so many bytes. When the
// upstream has them all it says so with one byte more.

// flowed is that byte.
const flowed = 'k'

// serveFlow is the upstream's part. It reports whether the flow was complete.
func serveFlow(conn net.Conn, bytes []byte) bool {
	defer func() { _ = conn.Close() }()
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return false
	}
	size := int64(binary.BigEndian.Uint64(head[:]))
	err := bothWays(conn, bytes, size, size)
	if err == nil {
		_, err = conn.Write([]byte{flowed})
	}
	return err == nil
}

// flows is the load's part: one flow on each connection.
func (l *load) flows(ctx context.Context) error {
	bytes := make([]byte, 64<<10)
	return l.each(func(c *client) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := tally{}
		defer l.add(&t)
		begin := time.Now()
		size := l.job.Want.Length / 2
		var head [8]byte
		binary.BigEndian.PutUint64(head[:], uint64(size))
		if _, err := c.conn.Write(head[:]); err != nil {
			return err
		}
		if err := bothWays(c.conn, bytes, size, size); err != nil {
			return err
		}
		var last [1]byte
		if _, err := io.ReadFull(c.conn, last[:]); err != nil {
			return unexpected(err)
		}
		if last[0] != flowed {
			return fmt.Errorf("a flow ends with %q", last)
		}
		t.record(time.Since(begin), 2*size)
		return nil
	})
}

// bothWays sends and receives so many bytes at once.
func bothWays(conn net.Conn, bytes []byte, send, receive int64) error {
	sent := make(chan error, 1)
	go func() { sent <- sendBytes(conn, bytes, send) }()
	err := receiveBytes(conn, receive)
	if err != nil {
		_ = conn.Close() // which ends the other one too
	}
	return errors.Join(err, <-sent)
}

func sendBytes(conn net.Conn, bytes []byte, size int64) error {
	for size > 0 {
		n, err := conn.Write(bytes[:min(size, int64(len(bytes)))])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return nil
}

func receiveBytes(conn net.Conn, size int64) error {
	room := make([]byte, 64<<10)
	for size > 0 {
		n, err := conn.Read(room[:min(size, int64(len(room)))])
		if err != nil {
			return unexpected(err)
		}
		size -= int64(n)
	}
	return nil
}
