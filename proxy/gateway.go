package proxy

import (
	"bytes"
	"slices"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// gatewayPath begins the target of a request on the gateway path. Behind it are
// the scheme, the authority, and the path and query of the upstream.
const gatewayPath = "/to/"

func isGateway(target []byte) bool { return bytes.HasPrefix(target, []byte(gatewayPath)) }

// checkGateway decides whether a request on the gateway path is passed on: by the
// checks of the forward proxy, behind those that keep browsers away.
func (x *exchange) checkGateway() error {
	if err := checkNoBrowser(x.head.fields); err != nil {
		return err
	}
	var err error
	if x.client, err = x.rt.clients.gateway(x.head.only(wire.EgretKey)); err != nil {
		return err
	}
	if err := x.enterClient(); err != nil {
		return err
	}
	secure, authority, rest, err := splitGateway(x.head.target)
	if err != nil {
		return err
	}
	f := &x.forward
	if f.to, err = x.rt.locate(authority, secure); err != nil {
		return err
	}
	if f.rest = rest; len(rest) == 0 {
		f.rest = []byte("/")
	}
	for i := range x.head.fields {
		if x.head.fields[i].Kind == wire.Cookie {
			x.head.fields[i].Drop = true // whose it is nobody knows: all upstreams are one origin here
		}
	}
	return x.checkForwarded()
}

// splitGateway takes a target on the gateway path apart. rest is the path and the
// query of the upstream, as they were sent.
func splitGateway(target []byte) (secure bool, authority, rest []byte, err error) {
	scheme, rest, found := bytes.Cut(target[len(gatewayPath):], []byte("/"))
	secure = string(scheme) == "https"
	if !found || !secure && string(scheme) != "http" {
		return false, nil, nil, functions.Refuse(functions.NotFound, "there is nothing here; the gateway path is "+gatewayPath+"https/HOST/… or "+gatewayPath+"http/HOST:PORT/…")
	}
	authority, rest = cutAuthority(rest)
	return secure, withBrackets(authority), rest, nil
}

// withBrackets gives an authority with the brackets of an IPv6 address, which some
// programs encode in a path.
func withBrackets(authority []byte) []byte {
	inner, rest, closed := cutFold(authority, "%5d")
	if !closed || len(inner) < len("%5b") || !wire.EqualFold(inner[:len("%5b")], "%5b") {
		return authority
	}
	return append(append(append([]byte("["), inner[len("%5b"):]...), ']'), rest...)
}

// cutFold is [bytes.Cut] around text in any letter case, which is given in lower
// case.
func cutFold(text []byte, around string) (before, after []byte, found bool) {
	for i := 0; i+len(around) <= len(text); i++ {
		if wire.EqualFold(text[i:i+len(around)], around) {
			return text[:i], text[i+len(around):], true
		}
	}
	return text, nil, false
}

// A sign is a field by which a browser tells what it makes a request for.
type sign struct {
	name  string
	taken []string // what others than pages make requests for; Node's fetch tells its mode
}

// signs of pages and of what they are made of: Fetch Metadata Request Headers,
// section 2, and Upgrade Insecure Requests, section 3.2.1. A value that is new is
// one of a browser.
var signs = []sign{
	{"sec-fetch-site", []string{"none"}},
	{"sec-fetch-mode", []string{"cors", "no-cors", "same-origin"}},
	{"sec-fetch-dest", []string{"empty"}},
	{"upgrade-insecure-requests", nil},
}

// checkNoBrowser refuses what a browser asks for in order to show or to run it:
// egret would be the origin of all upstreams' pages. Pages of its own it has none.
func checkNoBrowser(fields []wire.Field) error {
	for i := range fields {
		for _, s := range signs {
			if wire.EqualFold(fields[i].Name, s.name) && !slices.Contains(s.taken, string(fields[i].Value)) {
				return functions.Refuse(functions.HostRejected, "the request comes from a browser, and the gateway path is for programs")
			}
		}
	}
	return nil
}
