package egress

// A Grant is what is permitted to one connection beyond the rules for all. The
// zero value permits nothing extra: public addresses only, and no plain HTTP
// beyond loopback. Grants are comparable, because connections are pooled by
// them.
type Grant struct {
	// Literal says that the host is an IP literal or localhost, and is written
	// so in a place that permits its address: a Function's url, a cache's
	// hosts, or an egress rule. It never permits a cloud metadata address, nor
	// the address of a name.
	Literal bool
	// TLS says that the connection is going to carry TLS.
	TLS bool
	// Cleartext permits plain HTTP to an address that is not loopback. It is
	// true when the request carries no value, or none that forbids it.
	Cleartext bool
}
