package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
)

// A flow is an exchange in which both sides send at once: the load says how much,
// in eight bytes, and then each of them sends so many. When the upstream has them
// all it says so with one byte more. It is what no proxy takes for HTTP.

// flowed is that byte.
const flowed = 'k'

// serveFlows is the upstream's part on one connection. It counts the flows that
// were complete.
func serveFlows(conn net.Conn, bytes []byte, count *atomic.Int64) {
	defer func() { _ = conn.Close() }()
	for {
		var head [8]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		if err := bothWays(conn, bytes, int64(binary.BigEndian.Uint64(head[:]))); err != nil {
			return
		}
		count.Add(1)
		if _, err := conn.Write([]byte{flowed}); err != nil {
			return
		}
	}
}

// flow is the load's part. It gives how many bytes went both ways.
func (c *client) flow() (int64, error) {
	size := c.want.Length / 2
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], uint64(size))
	if _, err := c.conn.Write(head[:]); err != nil {
		return 0, err
	}
	if err := bothWays(c.conn, c.request, size); err != nil {
		return 0, err
	}
	var last [1]byte
	if _, err := io.ReadFull(c.conn, last[:]); err != nil {
		return 0, unexpected(err)
	}
	if last[0] != flowed {
		return 0, fmt.Errorf("a flow ends with %q", last)
	}
	return 2 * size, nil
}

// bothWays sends and receives so many bytes at once. What it sends is bytes, again
// and again.
func bothWays(conn net.Conn, bytes []byte, size int64) error {
	sent := make(chan error, 1)
	go func() { sent <- sendBytes(conn, bytes, size) }()
	err := receiveBytes(conn, size)
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
	room := make([]byte, min(size, 64<<10))
	for size > 0 {
		n, err := conn.Read(room[:min(size, int64(len(room)))])
		if err != nil {
			return unexpected(err)
		}
		size -= int64(n)
	}
	return nil
}
