package proxy

import (
	"bytes"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// share names who may use the connection after this request. One that carried
// the client's own credentials is for the same client only.
func (x *exchange) share() upstream.Share {
	share := shareOf(x.clientName(), x.forward.found)
	if len(x.forward.found) == 0 && (x.head.has(wire.Authorization) || x.head.has(wire.Cookie)) {
		share = upstream.Share{Client: x.clientName(), Values: "its own"}
	}
	return share
}

// bindsConnection reports whether the request has credentials that are those of
// its whole connection from then on, as with NTLM: RFC 4559 section 6.
func (x *exchange) bindsConnection() bool {
	value, found := x.head.only(wire.Authorization)
	scheme, _, _ := bytes.Cut(value, []byte(" "))
	return found > 0 && (wire.EqualFold(scheme, "ntlm") || wire.EqualFold(scheme, "negotiate"))
}

// shareOf names who may share a connection: one that carried a value serves the
// same client and the same caches only.
func shareOf(client string, found []occurrence) upstream.Share {
	switch len(found) {
	case 0:
		return upstream.Share{}
	case 1:
		return upstream.Share{Client: client, Value: found[0].cache.ID}
	}
	list := make([]*configs.Cache, len(found))
	for i := range found {
		list[i] = found[i].cache
	}
	return shareOfCaches(client, list)
}

func shareOfCaches(client string, list []*configs.Cache) upstream.Share {
	switch len(list) {
	case 0:
		return upstream.Share{}
	case 1:
		return upstream.Share{Client: client, Value: list[0].ID}
	}
	share := upstream.Share{Client: client}
	for _, cache := range list {
		share.Values += cache.ID.String() + " "
	}
	return share
}
