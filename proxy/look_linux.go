package proxy

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// lookAt tells whether a client is still there.
func lookAt(c net.Conn) clientState {
	owner, ok := c.(syscall.Conn)
	if !ok {
		return clientThere
	}
	raw, err := owner.SyscallConn()
	if err != nil {
		return clientThere
	}
	state := clientThere
	err = raw.Control(func(fd uintptr) {
		list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		if n, err := unix.Poll(list, 0); err != nil || n == 0 {
			return
		}
		switch events := list[0].Revents; {
		case events&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0:
			state = clientGone
		case events&unix.POLLRDHUP != 0:
			state = clientEnded
		}
	})
	if err != nil {
		return clientGone
	}
	return state
}

// queuedFor is how many bytes were written to a client that it has not received
// yet.
func queuedFor(c net.Conn) int { return count(c, unix.SIOCOUTQ) }

// unreadFrom reports whether a client has sent what nobody has read.
func unreadFrom(c net.Conn) bool { return count(c, unix.SIOCINQ) > 0 }

// count asks the system for a number of bytes, 0 when it cannot tell.
func count(c net.Conn, what uint) int {
	owner, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := owner.SyscallConn()
	if err != nil {
		return 0
	}
	n := 0
	_ = raw.Control(func(fd uintptr) { // of a closed connection the next write tells
		if got, err := unix.IoctlGetInt(int(fd), what); err == nil {
			n = got
		}
	})
	return n
}
