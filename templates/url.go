package templates

import (
	"bytes"
	"slices"
)

// A URL is a compiled URL template. Placeholders may stand in path segments
// and query values; anywhere else they are refused when the text is parsed.
type URL struct {
	scheme    string
	host      string
	port      string // "" when it was not written
	authority string

	origin []part // scheme and authority as written, to be shown
	path   []part
	query  []param
}

// Scheme gives "http" or "https".
func (u *URL) Scheme() string { return u.scheme }

// Host gives the host in lower case, without port, brackets and trailing dot.
func (u *URL) Host() string { return u.host }

// Port gives the port as it was written, or the default of the scheme.
func (u *URL) Port() string {
	switch {
	case u.port != "":
		return u.port
	case u.scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// Authority gives the value of the Host header: brackets around an IPv6
// address, and the port only when it was written.
func (u *URL) Authority() string { return u.authority }

// WithQuery gives a URL that has params after the parameters of u. Parameters
// of the same name do not replace each other.
func (u *URL) WithQuery(params []Param) *URL {
	next := *u
	added, _ := compileParams(params, QueryValue) // no text is wrong in a query value
	next.query = append(slices.Clone(u.query), added...)
	return &next
}

// AppendTarget appends path and query, as they stand in a request line. Its
// error is a [*RenderError].
func (u *URL) AppendTarget(dst []byte, args Arguments) ([]byte, error) {
	if args.Shown() && len(u.path) > 0 && u.path[0].continued {
		dst = append(dst, configuredText...)
	}
	return u.appendTarget(dst, args)
}

// AppendURL appends the whole URL. Its error is a [*RenderError].
func (u *URL) AppendURL(dst []byte, args Arguments) ([]byte, error) {
	if args.Shown() {
		for i := range u.origin {
			dst = append(dst, u.origin[i].literal(true)...)
		}
		return u.appendTarget(dst, args)
	}
	dst = append(dst, u.scheme...)
	dst = append(dst, "://"...)
	dst = append(dst, u.authority...)
	return u.appendTarget(dst, args)
}

// Placeholders gives the placeholders of path and query. The offsets of those
// that came by WithQuery are in the text of their own parameter.
func (u *URL) Placeholders() []Placeholder {
	list := appendPlaceholders(nil, u.path)
	for i := range u.query {
		list = appendPlaceholders(list, u.query[i].value)
	}
	return list
}

func (u *URL) appendTarget(dst []byte, args Arguments) ([]byte, error) {
	if len(u.path) == 0 {
		dst = append(dst, '/')
	}
	dst, err := u.appendPath(dst, args)
	if err != nil {
		return dst, err
	}
	return appendParams(dst, u.query, '?', args)
}

func (u *URL) appendPath(dst []byte, args Arguments) ([]byte, error) {
	shown := args.Shown()
	start := len(dst)
	var last *part // the latest placeholder that is not among the parameters of its segment
	var err error
	for i := range u.path {
		p := &u.path[i]
		if p.value {
			if semicolon(lastSegment(dst[start:])) < 0 {
				last = p
			}
			if dst, err = p.appendValue(dst, args.Lookup(p.Pointer)); err != nil {
				return dst, err
			}
		} else {
			dst = append(dst, p.literal(shown)...)
		}
		if p.segment && isDots(lastSegment(dst[start:])) {
			return dst, last.refuse(UnsafeValue, "the value makes a path segment . or .., which is no name")
		}
	}
	return dst, nil
}

// lastSegment relies on every value's "/" being encoded.
func lastSegment(path []byte) []byte {
	return path[bytes.LastIndexByte(path, '/')+1:]
}
