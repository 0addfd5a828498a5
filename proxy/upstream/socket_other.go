//go:build !unix

package upstream

import "net"

// A socket is the operating system's side of a connection. Here it cannot be
// looked into, and a [watch] takes the place of looking.
type socket struct{}

func (*socket) open(net.Conn) {}

func (*socket) peeks() bool { return false }

func (*socket) isSilent() bool { return false }

func (*socket) exchange([]byte, []byte) (sent, got int, err error) { return 0, 0, errStale }
