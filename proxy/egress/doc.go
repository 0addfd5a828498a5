// Package egress decides where requests may go, twice. A [Policy] judges the
// request that an agent wants forwarded, by its host, method and path. A
// [Guard] judges the address that is dialled, after DNS and before the first
// byte, so that a name that changes its address between the two cannot slip
// through. A [Dialer] connects under a Guard and gives its failures the codes
// that a caller sees.
//
// The package knows nothing of HTTP messages. It imports configs and functions,
// and no other package of egret.
package egress
