//go:build !unix

package upstream

import "net"

// silent reports that nothing is known of an idle connection, so that none is
// used twice.
func silent(net.Conn) bool { return false }
