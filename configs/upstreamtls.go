package configs

// UpstreamTLS is how egret and the hosts of an [Upstream] prove to each other who
// they are. Its texts are as delivered and not yet parsed.
type UpstreamTLS struct {
	Path       string // of the mapping, such as "upstreams[0].tls"; for [Config.Problem]
	Roots      string // PEM: the authorities that count, in place of the system's; "" means those
	ClientCert string // PEM: egret's own certificate, and behind it those that lead to its root; "" means none
	ClientKey  Secret // PEM
}

var upstreamTLS = section[UpstreamTLS]{anUpstreamTLS, []field[UpstreamTLS]{
	{"roots", false, func(d *decoder, n *node, t *UpstreamTLS) { t.Roots, _ = d.filled(n) }},
	{"client_cert", false, func(d *decoder, n *node, t *UpstreamTLS) { t.ClientCert, _ = d.filled(n) }},
	{"client_key", false, func(d *decoder, n *node, t *UpstreamTLS) { t.ClientKey = d.secret(n) }},
}}

func decodeUpstreamTLS(d *decoder, n *node, u *Upstream) {
	t := UpstreamTLS{Path: n.path}
	upstreamTLS.decode(d, n, &t)
	d.checkUpstreamTLS(n)
	if !d.doubtful(n.path) {
		u.TLS = &t
	}
}

// checkUpstreamTLS refuses a certificate without its key, a key without its
// certificate, and neither of them without roots, which would change nothing.
func (d *decoder) checkUpstreamTLS(n *node) {
	if n.kind == mapping && len(n.members) == 0 {
		d.problem(n, "the mapping is empty", "leave it out for the authorities of the system")
		return
	}
	for key, other := range map[string]string{"client_cert": "client_key", "client_key": "client_cert"} {
		if upstreamTLS.has(d, n, key) && !upstreamTLS.has(d, n, other) {
			d.missing(n, other, key+" needs "+other)
		}
	}
}

// Equal reports whether both say the same.
func (t *UpstreamTLS) Equal(other *UpstreamTLS) bool {
	if t == nil || other == nil {
		return t == other
	}
	return t.Roots == other.Roots && t.ClientCert == other.ClientCert && t.ClientKey.Equal(other.ClientKey)
}

// sum is what the mapping says, in one text.
func (t *UpstreamTLS) sum() string {
	if t == nil {
		return ""
	}
	return t.Roots + "\n" + t.ClientCert + "\n" + t.ClientKey.Reveal()
}
