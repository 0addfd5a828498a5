package upstream

import "context"

// A Transport performs requests.
type Transport interface {
	// RoundTrip sends req and reads its answer. ctx governs the exchange to
	// its end, the body of a streamed answer included: when ctx ends, the
	// connection is closed at once. The error is a [*functions.Refusal]:
	// one of package egress, upstream_unreachable (nothing was sent),
	// upstream_tls, upstream_protocol (closed before an answer, or no HTTP),
	// upstream_too_large or upstream_timeout. It holds no byte of the request
	// nor of the answer.
	RoundTrip(ctx context.Context, req *Request) (*Answer, error)
	// Close closes the connections that are idle, and each other one when its
	// exchange ends. Requests after it are refused.
	Close()
}
