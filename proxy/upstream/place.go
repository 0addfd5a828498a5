package upstream

import (
	"cmp"
	"net"
	"strconv"

	"github.com/egret-proxy/egret/proxy/egress"
)

// A place is where a connection leads and who may use it. Connections serve
// only requests of the same place.
type place struct {
	host     string
	port     uint16
	grant    egress.Grant
	identity *Identity // nil without TLS
	share    Share
}

func (t *Transport) placeOf(req *Request) place {
	where := place{host: req.Host, port: req.Port, grant: req.Grant, share: req.Share}
	where.grant.TLS = req.Scheme == "https"
	if where.grant.TLS {
		where.identity = cmp.Or(req.Identity, t.identity)
	}
	return where
}

func (p place) address() string {
	return net.JoinHostPort(p.host, strconv.Itoa(int(p.port)))
}
