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
	if !d.doubtful(n.path) {
		u.TLS = &t
	}
}

// sum is what the mapping says, in one text.
func (t *UpstreamTLS) sum() string {
	if t == nil {
		return ""
	}
	return t.Roots + "\n" + t.ClientCert + "\n" + t.ClientKey.Reveal()
}
