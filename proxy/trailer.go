package proxy

import "github.com/egret-proxy/egret/proxy/wire"

// maxTrailers is how many trailer fields a message may have.
const maxTrailers = 64

// addTrailer adds the trailer fields that may travel on: none that frames or
// routes a message, authenticates, or says how to read the content: RFC 9110
// section 6.5.1.
func addTrailer(lines *wire.Lines, fields []wire.Field) {
	for i := range fields {
		if k := fields[i].Kind; !k.HopByHop() && !noTrailer[k] {
			lines.AddField(&fields[i])
		}
	}
}

var noTrailer = [wire.Confusing + 1]bool{
	wire.AcceptEncoding: true, wire.Authorization: true, wire.CacheControl: true, wire.ContentEncoding: true,
	wire.ContentLength: true, wire.ContentType: true, wire.Cookie: true, wire.Date: true, wire.Expect: true,
	wire.Forwarded: true, wire.Host: true, wire.IfRange: true, wire.MaxForwards: true, wire.Origin: true,
	wire.Range: true, wire.SecFetchSite: true, wire.SetCookie: true, wire.Via: true, wire.XForwarded: true,
	wire.Confusing: true,
}
