//go:build unix

package upstream

import (
	"net"
	"syscall"
)

// silent reports whether an idle connection has nothing to read, not even its
// end. What an upstream sends unasked would be taken as the answer to the next
// request. A connection that cannot be asked counts as not silent.
func silent(c net.Conn) bool {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var peeked error
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, peeked = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && (peeked == syscall.EAGAIN || peeked == syscall.EWOULDBLOCK)
}
