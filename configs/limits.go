package configs

import (
	"fmt"
	"time"
)

// Limits bound what callers and upstreams may cost. All of them are positive
// once the file is read; elsewhere, [Limits.WithDefaults] fills what is not.
type Limits struct {
	HeaderBytes           int           // of a request's head, the request line included
	HeaderFields          int           // of a request, and of an answer
	AnswerHeaderBytes     int           // of an answer's head
	Connections           int           // of clients, open at once
	ConnectionsPerAddress int           // of clients at one address, open at once
	Tunnels               int           // open at once, those that are decrypted not counted
	Concurrency           int           // requests in flight
	CallBytes             int64         // of the arguments of a call
	CallDepth             int           // objects and arrays inside each other, in the arguments of a call
	AnswerBytes           int64         // of the answer of a call
	HeaderTimeout         time.Duration // for a request's head to come in
	BodyTimeout           time.Duration // how long a request's body may stand still
	WriteTimeout          time.Duration // for a client to accept the next bytes of an answer
	IdleTimeout           time.Duration // how long a connection may wait for its next request
	ConnectTimeout        time.Duration // for DNS and connecting to an upstream
	TLSTimeout            time.Duration // for the handshake with an upstream
	FirstByteTimeout      time.Duration // from the end of a request to the end of the answer's head
	StallTimeout          time.Duration // how long the body of an answer may stand still
	TunnelIdleTimeout     time.Duration // how long a tunnel may stand still in both directions
	UpstreamIdleTimeout   time.Duration // how long an unused connection to an upstream is kept
	UpstreamIdle          int           // unused connections to upstreams that are kept in all
}

// DefaultLimits are the limits of a file that names none.
func DefaultLimits() Limits { return Limits{}.WithDefaults() }

// WithDefaults fills in the default of each limit that is not positive. That of
// ConnectionsPerAddress is never larger than Connections.
func (l Limits) WithDefaults() Limits {
	unset := l.ConnectionsPerAddress <= 0
	for _, one := range limitTable {
		if one.get(&l) <= 0 {
			one.set(&l, one.standard)
		}
	}
	if unset {
		l.ConnectionsPerAddress = min(l.ConnectionsPerAddress, l.Connections)
	}
	return l
}

var limits = section[Limits]{theLimits, limitFields()}

func limitFields() []field[Limits] {
	fields := make([]field[Limits], len(limitTable))
	for i, one := range limitTable {
		fields[i] = field[Limits]{one.key, false, one.decode}
	}
	return fields
}

func decodeLimits(d *decoder, n *node, c *Config) {
	var l Limits
	limits.decode(d, n, &l)
	c.Limits = l.WithDefaults()
	if l.ConnectionsPerAddress > c.Limits.Connections && !d.reported(below(n.path, "connections")) {
		d.problem(n.member("connections_per_address"), fmt.Sprintf("must not be larger than connections, %d", c.Limits.Connections), "")
	}
}
