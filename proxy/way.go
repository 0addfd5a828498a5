package proxy

// A way is how a request came in.
type way string

// The ways in, named as in metrics and logs.
const (
	call      way = "call"      // a Function call
	list      way = "list"      // the list of Functions
	forward   way = "forward"   // the forward proxy, in absolute form
	tunnel    way = "tunnel"    // CONNECT, and all that passes through a tunnel that is not decrypted
	intercept way = "intercept" // a request inside a tunnel
	gateway   way = "gateway"   // the gateway path
	keys      way = "keys"      // public keys
	other     way = "other"     // anything that was refused before it was known
)

// ways are all of them.
var ways = []way{call, list, forward, tunnel, intercept, gateway, keys, other}

// isProxy reports whether the client speaks to egret as to its proxy.
func (w way) isProxy() bool { return w == forward || w == tunnel || w == intercept }

// forwards reports whether the request is one that is passed on as it is.
func (w way) forwards() bool { return w.isProxy() || w == gateway }
