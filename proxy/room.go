package proxy

import (
	"sync/atomic"

	"github.com/egret-proxy/egret/functions"
)

// A room is what a request takes up of the limits of its client and, when it is
// passed on, of its host. A tunnel has one of those that may be open.
type room struct {
	client, host *functions.Limiter
	tunnels      *atomic.Int64
}

// leave gives it back, once.
func (r *room) leave() {
	r.client.Leave()
	r.host.Leave()
	if r.tunnels != nil {
		r.tunnels.Add(-1)
	}
	*r = room{}
}

// enterClient takes room for the request of the client that it was found to be
// of.
func (x *exchange) enterClient() error {
	var refusal *functions.Refusal
	if x.room.client, refusal = x.rt.clients.enter(x.client, x.start); refusal != nil {
		return refusal
	}
	return nil
}

// enterHost takes room for the request at the host to which it is passed on.
func (x *exchange) enterHost() error {
	to := x.forward.to
	var refusal *functions.Refusal
	if x.room.host, refusal = x.rt.enterHost(to, to.authority); refusal != nil {
		return refusal
	}
	return nil
}

// enterTunnel takes room for a relay, before the client is told that there is one.
// It is given back with the rest of the room.
func (x *exchange) enterTunnel() error {
	if x.server.tunnels.Add(1) > int64(x.rt.limits.Tunnels) {
		x.server.tunnels.Add(-1)
		return functions.Refuse(functions.TooManyRequests, "there are too many tunnels").By("limits.tunnels")
	}
	x.room.tunnels = &x.server.tunnels
	return nil
}
