package main

// A traffic is where there is TLS, and what a system makes of what it is sent.
type traffic string

const (
	// plain is requests without TLS, on both sides of the system.
	plain traffic = "plain"
	// secure is requests without TLS, for an upstream that speaks TLS.
	secure traffic = "secure"
	// decrypted is requests in TLS, which ends at the system and begins anew
	// towards the upstream. A forward proxy gets CONNECT first.
	decrypted traffic = "decrypted"
	// blind is bytes that are passed on as they are. A forward proxy gets CONNECT
	// first.
	blind traffic = "blind"
)

// upstreamOf is where a case leads: to the listener of the upstream that speaks
// TLS, that takes bytes, that a cache names, or the one that none names.
func (c *benchCase) upstreamOf(s *system, up upstreamHello) string {
	switch {
	case c.traffic == blind:
		return up.Bytes
	case c.traffic == decrypted || c.traffic == secure && !s.plainly:
		return up.Secure
	case c.named:
		return up.Named
	default:
		return up.Plain
	}
}

// connects tells whether a system is asked for a tunnel.
func (c *benchCase) connects(s *system) bool {
	return s.forward && (c.traffic == decrypted || c.traffic == blind)
}
