package proxy

// A way is how a request came in.
type way string

// The ways in, named as in metrics and logs.
const (
	call    way = "call"    // a Function call
	list    way = "list"    // the list of Functions
	forward way = "forward" // the forward proxy
	keys    way = "keys"    // public keys
	other   way = "other"   // anything that was refused before it was known
)

// ways are all of them.
var ways = []way{call, list, forward, keys, other}
