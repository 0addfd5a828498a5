//go:build unix

package upstream

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// A socket is the operating system's side of a connection. The zero socket is
// that of a connection that has none, such as a pipe in memory; it cannot be
// looked into, and a [watch] takes the place of looking.
type socket struct {
	raw  syscall.RawConn
	step func(fd uintptr) bool // visit, bound once
	look func(fd uintptr)      // peek, bound once

	// Of the visit under way:
	send, into []byte
	sent, got  int
	waiting    bool // send is sent, and an answer is waited for
	err        error
	silent     bool
}

func (s *socket) open(c net.Conn) {
	owner, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := owner.SyscallConn()
	if err != nil {
		return
	}
	s.raw, s.step, s.look = raw, s.visit, s.peek
}

// peeks reports whether the socket can be looked into.
func (s *socket) peeks() bool { return s.raw != nil }

// isSilent reports whether an idle connection has nothing to read, not even its
// end. What an upstream sends unasked would be taken as the answer to the next
// request.
func (s *socket) isSilent() bool {
	s.silent = false
	return s.raw.Control(s.look) == nil && s.silent
}

func (s *socket) peek(fd uintptr) { s.silent = silent(int(fd)) }

func silent(fd int) bool {
	var one [1]byte
	for {
		_, _, err := syscall.Recvfrom(fd, one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		if err != syscall.EINTR {
			return err == syscall.EAGAIN
		}
	}
}

// exchange sends request and reads the beginning of the answer into answer. It
// is one wait where a Write and a Read are two. When only a part could be sent,
// got is 0 and the error nil. errStale means that nothing was sent.
func (s *socket) exchange(request, answer []byte) (sent, got int, err error) {
	s.send, s.into, s.sent, s.got, s.waiting, s.err = request, answer, 0, 0, false, nil
	err = s.raw.Read(s.step)
	s.send, s.into = nil, nil
	if s.err != nil {
		err = s.err
	}
	return s.sent, s.got, err
}

// visit is what [syscall.RawConn.Read] calls: true ends it, false waits until
// there is something to read. What came before the first call would not be
// waited for in vain only because the call found that nothing had come: the
// wait notices what comes after Read began.
func (s *socket) visit(fd uintptr) bool {
	if s.waiting {
		return s.receive(int(fd))
	}
	if !silent(int(fd)) {
		s.err = errStale
		return true
	}
	for {
		n, err := syscall.Write(int(fd), s.send)
		switch {
		case err == nil:
			s.sent = n
			s.waiting = n == len(s.send)
			return !s.waiting
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return true // nothing is sent yet, and the socket's buffer is full
		default:
			s.err = os.NewSyscallError("write", err)
			return true
		}
	}
}

func (s *socket) receive(fd int) bool {
	for {
		n, err := syscall.Read(fd, s.into)
		switch {
		case err == nil && n == 0:
			s.err = io.EOF
			return true
		case err == nil:
			s.got = n
			return true
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return false
		default:
			s.err = os.NewSyscallError("read", err)
			return true
		}
	}
}
