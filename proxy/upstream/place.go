package upstream

import (
	"net"
	"strconv"

	"github.com/egret-proxy/egret/proxy/egress"
)

// A place is where a connection leads and who may use it. Connections serve
// only requests of the same place.
type place struct {
	host  string
	port  uint16
	grant egress.Grant
	share Share
}

func placeOf(req *Request) place {
	grant := req.Grant
	grant.TLS = req.Scheme == "https"
	return place{host: req.Host, port: req.Port, grant: grant, share: req.Share}
}

func (p place) address() string {
	return net.JoinHostPort(p.host, strconv.Itoa(int(p.port)))
}
