package proxy

import (
	"bytes"

	"github.com/egret-proxy/egret/proxy/wire"
)

// offGateway are fields of answers that mean the origin that they come from. On
// the gateway path that is egret, for all upstreams.
var offGateway = []string{"alt-svc", "clear-site-data", "service-worker-allowed", "set-cookie", "set-cookie2", "strict-transport-security"}

// references are fields of answers that lead somewhere, and how each is written so
// that it leads there by the gateway path.
var references = []struct {
	name  string
	write func(to *target, path, value []byte) ([]byte, bool)
}{
	{"location", onGateway},
	{"content-location", onGateway},
	{"link", linksOnGateway},
}

// keepOnGateway makes the fields of an answer such that a client that follows them
// stays on the gateway path. A reference that has no one meaning is dropped. Values
// in references are replaced before: in what is written anew a host is in lower case,
// and a value that was in it would not be found.
func (x *exchange) keepOnGateway(fields []wire.Field) {
	// As the client has sent it: a reference is relative to that.
	_, _, rest, _ := splitGateway(x.head.target)
	path, _ := cutAny(rest, "?")
	scrubber := x.scrub.current()
	for i := range fields {
		f := &fields[i]
		for _, name := range offGateway {
			f.Drop = f.Drop || wire.EqualFold(f.Name, name)
		}
		for _, r := range references {
			if !f.Drop && wire.EqualFold(f.Name, r.name) {
				if scrubber.Found(f.Value) {
					f.Value = scrubber.Bytes(nil, f.Value)
				}
				value, ok := r.write(&x.forward.to.target, path, f.Value)
				f.Value, f.Drop = value, !ok
			}
		}
	}
}

// linksOnGateway is onGateway for the references of a Link field, which stand in
// angle brackets: RFC 8288 section 3.
func linksOnGateway(to *target, path, links []byte) (out []byte, ok bool) {
	for {
		before, rest, found := bytes.Cut(links, []byte("<"))
		if out = append(out, before...); !found {
			return out, true
		}
		reference, rest, closed := bytes.Cut(rest, []byte(">"))
		written, ok := onGateway(to, path, reference)
		if !closed || !ok {
			return nil, false
		}
		out = append(append(append(out, '<'), written...), '>')
		links = rest
	}
}

// onGateway writes a reference, which an upstream gave in answer to a request for a
// path, so that it leads to the same place by the gateway path: RFC 3986 section
// 5.2. A reference that leads there as it is stays as it is, and so does one to
// another scheme. It is false for one that programs read in different ways (white
// space inside, backslashes, half an http URL) or that names no host that could be
// asked for.
func onGateway(to *target, path, reference []byte) ([]byte, bool) {
	part, tail := cutAny(reference, "?#")
	if bytes.ContainsAny(part, "\\\t ") || bytes.ContainsRune(tail, '\t') {
		return nil, false
	}
	scheme, behind := cutURIScheme(part)
	switch {
	case wire.EqualFold(scheme, "http"), wire.EqualFold(scheme, "https"):
		if !bytes.HasPrefix(behind, []byte("//")) {
			return nil, false
		}
		return ofURL(wire.EqualFold(scheme, "https"), behind[2:], tail)
	case len(scheme) > 0:
		return reference, true
	case bytes.HasPrefix(part, []byte("//")):
		return ofURL(to.secure, part[2:], tail)
	case len(part) > 0 && part[0] == '/':
		return gatewayReference(to, part, tail), true
	}
	straight := len(path) > 0 && path[0] == '/' && !hasDots(path)
	switch {
	case straight && !hasDots(part):
		return reference, true
	case len(part) == 0:
		return gatewayReference(to, path, tail), true
	}
	return gatewayReference(to, append(bytes.Clone(path[:bytes.LastIndexByte(path, '/')+1]), part...), tail), true
}

// ofURL writes an http or https URL as a reference on the gateway path. rest is what
// stands behind the two slashes, up to the tail.
func ofURL(secure bool, rest, tail []byte) ([]byte, bool) {
	authority, path := cutAny(rest, "/")
	to, err := parseAuthority(string(authority), schemePort(secure))
	if err != nil {
		return nil, false
	}
	to.secure = secure
	return gatewayReference(to, path, tail), true
}

func gatewayReference(to *target, path, tail []byte) []byte {
	out := append([]byte(gatewayPath), to.scheme()...)
	out = append(append(out, '/'), to.authority...)
	out = appendWithoutDots(out, path)
	return append(out, tail...)
}

// cutURIScheme takes the scheme off a reference: RFC 3986 section 3.1.
func cutURIScheme(reference []byte) (scheme, rest []byte) {
	for i, c := range reference {
		switch {
		case c == ':' && i > 0:
			return reference[:i], reference[i+1:]
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return nil, reference
		}
	}
	return nil, reference
}

// cutAny cuts a text before the first of some bytes.
func cutAny(text []byte, chars string) (before, from []byte) {
	if i := bytes.IndexAny(text, chars); i >= 0 {
		return text[:i], text[i:]
	}
	return text, nil
}

// dots is how many dots a segment of a path is made of, 0 when it has anything
// else. An encoded dot is one, as browsers have it: URL Standard section 4.4.
func dots(segment []byte) (n int) {
	for len(segment) > 0 {
		switch {
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && wire.EqualFold(segment[:3], "%2e"):
			segment = segment[3:]
		default:
			return 0
		}
		n++
	}
	return n
}

// hasDots reports whether a path has a segment that is resolved away.
func hasDots(path []byte) bool {
	for segment := range bytes.SplitSeq(path, []byte("/")) {
		if n := dots(segment); n == 1 || n == 2 {
			return true
		}
	}
	return false
}

// appendWithoutDots appends an absolute path without its dot segments: RFC 3986
// section 5.2.4. An empty path is that of the root.
func appendWithoutDots(dst, path []byte) []byte {
	root := len(dst)
	segments := bytes.Split(bytes.TrimPrefix(path, []byte("/")), []byte("/"))
	for i, segment := range segments {
		last := i == len(segments)-1
		switch dots(segment) {
		case 1:
		case 2:
			dst = dst[:max(root, bytes.LastIndexByte(dst[root:], '/')+root)]
		default:
			dst = append(append(dst, '/'), segment...)
			continue
		}
		if last {
			dst = append(dst, '/')
		}
	}
	return dst
}
