package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
)

// maxConnectHead is the most that a proxy may say before a tunnel is open.
const maxConnectHead = 1 << 10

// connect asks a proxy for a tunnel to authority. Nobody speaks in a tunnel
// before the load does, so whatever comes belongs to the proxy's answer.
func connect(conn net.Conn, authority string) error {
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", authority, authority); err != nil {
		return err
	}
	var head []byte
	room := make([]byte, maxConnectHead)
	for !bytes.Contains(head, []byte("\r\n\r\n")) {
		if len(head) > maxConnectHead {
			return errors.New("the answer to CONNECT does not end")
		}
		n, err := conn.Read(room)
		if err != nil {
			return unexpected(err)
		}
		head = append(head, room[:n]...)
	}
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	status, err := parseStatus(line)
	switch {
	case err != nil:
		return err
	case status != 200:
		return fmt.Errorf("the answer to CONNECT has status %d: %.200s", status, head)
	case !bytes.HasSuffix(head, []byte("\r\n\r\n")):
		return errors.New("there is more than an answer to CONNECT")
	}
	return nil
}
