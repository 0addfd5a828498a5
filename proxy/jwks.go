package proxy

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/proxy/wire"
)

// Where public keys are: all of them, and those of one Token, twice. The third
// path is that of WebSphere Liberty.
const (
	allKeysPath    = "/.well-known/jwks.json"
	keysBefore     = "/jwt/"
	keysBeforeAlso = "/jwt/ibm/api/"
	keysBehind     = "/jwk"
)

// keysMethods are the methods of public keys.
const keysMethods = "GET, HEAD"

// keysPath gives the ID of the Token whose public keys a path names, "" for
// those of all; ok is false of any other path.
func keysPath(path []byte) (id string, ok bool) {
	if string(path) == allKeysPath {
		return "", true
	}
	rest, found := bytes.CutPrefix(path, []byte(keysBeforeAlso))
	if !found {
		rest, found = bytes.CutPrefix(path, []byte(keysBefore))
	}
	rest, ended := bytes.CutSuffix(rest, []byte(keysBehind))
	if !found || !ended || len(rest) == 0 || bytes.IndexByte(rest, '/') >= 0 {
		return "", false
	}
	return string(rest), true
}

// checkKeys finds public keys. Everybody may ask for them. A Token that
// publishes none is as one that there is not.
func (x *exchange) checkKeys(id string) error {
	set, ok := x.server.published.set(id, x.start)
	switch {
	case !ok:
		return nothingHere()
	case x.head.method != fasthttp.MethodGet && x.head.method != fasthttp.MethodHead:
		return x.notAllowed(keysMethods)
	}
	x.keys = set
	return nil
}

// serveKeys answers with public keys, or says that the client has them.
func (x *exchange) serveKeys() {
	set := x.keys
	x.status = fasthttp.StatusOK
	if x.hasKeys() {
		x.status = fasthttp.StatusNotModified
	}
	x.out = appendStatus(x.out[:0], x.status)
	x.out = appendDate(x.out, x.start)
	x.out = appendField(x.out, "Cache-Control", set.cacheControl)
	x.out = appendField(x.out, "ETag", set.etag)
	if x.status == fasthttp.StatusOK {
		x.out = append(x.out, "Content-Type: application/jwk-set+json\r\n"...)
		x.out = appendLength(x.out, len(set.body))
	}
	x.endHead()
	if x.status == fasthttp.StatusOK && x.head.method == fasthttp.MethodGet {
		x.out = append(x.out, set.body...)
	}
	x.sendAll()
}

// hasKeys reports whether If-None-Match names the set: RFC 9110 section 13.1.2.
// Tags are compared weakly.
func (x *exchange) hasKeys() bool {
	for i := range x.head.fields {
		f := &x.head.fields[i]
		if wire.EqualFold(f.Name, "if-none-match") && namesTag(f.Value, x.keys.etag) {
			return true
		}
	}
	return false
}

// namesTag reports whether a list of entity tags has one, or is "*". Tags may
// hold commas.
func namesTag(list []byte, tag string) bool {
	list = bytes.Trim(list, " \t")
	if string(list) == "*" {
		return true
	}
	for len(list) > 0 {
		list = bytes.TrimLeft(list, " \t,")
		list = bytes.TrimPrefix(list, []byte("W/"))
		if len(list) == 0 || list[0] != '"' {
			return false
		}
		end := bytes.IndexByte(list[1:], '"')
		if end < 0 {
			return false
		}
		if string(list[:end+2]) == tag {
			return true
		}
		list = list[end+2:]
	}
	return false
}
