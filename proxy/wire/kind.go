package wire

// A Kind says which field a name is, for those fields that a proxy has to know.
type Kind uint8

// The kinds. Any other field is Other, and passes.
const (
	Other Kind = iota
	AcceptEncoding
	Authorization
	CacheControl
	Connection
	ContentEncoding
	ContentLength
	ContentType
	Cookie
	Date
	Expect
	Forwarded
	Host
	IfRange
	KeepAlive
	MaxForwards
	Origin
	ProxyAuthenticate
	ProxyAuthenticationInfo
	ProxyAuthorization
	ProxyConnection
	Range
	Referer
	SecFetchSite
	SetCookie
	TE
	Trailer
	TransferEncoding
	Upgrade
	UserAgent
	Via
	XForwarded // any name that begins with X-Forwarded-
	// Confusing is a name that becomes that of a framing field when its
	// underscores are read as hyphens, as CGI and WSGI do.
	Confusing
)

// longestName is the length of the longest name in names.
const longestName = len("proxy-authentication-info")

// names has the names in lower case.
var names = map[string]Kind{
	"accept-encoding":           AcceptEncoding,
	"authorization":             Authorization,
	"cache-control":             CacheControl,
	"connection":                Connection,
	"content-encoding":          ContentEncoding,
	"content-length":            ContentLength,
	"content-type":              ContentType,
	"cookie":                    Cookie,
	"date":                      Date,
	"expect":                    Expect,
	"forwarded":                 Forwarded,
	"host":                      Host,
	"if-range":                  IfRange,
	"keep-alive":                KeepAlive,
	"max-forwards":              MaxForwards,
	"origin":                    Origin,
	"proxy-authenticate":        ProxyAuthenticate,
	"proxy-authentication-info": ProxyAuthenticationInfo,
	"proxy-authorization":       ProxyAuthorization,
	"proxy-connection":          ProxyConnection,
	"range":                     Range,
	"referer":                   Referer,
	"sec-fetch-site":            SecFetchSite,
	"set-cookie":                SetCookie,
	"te":                        TE,
	"trailer":                   Trailer,
	"transfer-encoding":         TransferEncoding,
	"upgrade":                   Upgrade,
	"user-agent":                UserAgent,
	"via":                       Via,

	"transfer_encoding": Confusing,
	"content_length":    Confusing,
}

const xForwarded = "x-forwarded-"

// KindOf gives the kind of a field's name, in any letter case.
func KindOf[T string | []byte](name T) Kind {
	if len(name) > longestName {
		return forwardedKind(name)
	}
	var lower [longestName]byte
	for i := range len(name) {
		lower[i] = lowered[name[i]]
	}
	if kind, ok := names[string(lower[:len(name)])]; ok {
		return kind
	}
	return forwardedKind(name)
}

func forwardedKind[T string | []byte](name T) Kind {
	if len(name) < len(xForwarded) || name[0]|0x20 != 'x' {
		return Other
	}
	for i := range len(xForwarded) {
		if lowered[name[i]] != xForwarded[i] {
			return Other
		}
	}
	return XForwarded
}

// HopByHop reports whether a field concerns one connection only: RFC 9110
// section 7.6.1, and what clients of proxies are known to send.
func (k Kind) HopByHop() bool {
	switch k {
	case Connection, KeepAlive, ProxyAuthenticate, ProxyAuthenticationInfo, ProxyAuthorization,
		ProxyConnection, TE, Trailer, TransferEncoding, Upgrade:
		return true
	default:
		return false
	}
}

// Vital reports whether a Connection field cannot name the field away: a client
// that lists Authorization there would have the swapped credential removed on
// the way, or a framing field lost.
func (k Kind) Vital() bool {
	switch k {
	case Authorization, CacheControl, ContentEncoding, ContentLength, ContentType, Cookie, Host, SetCookie:
		return true
	default:
		return false
	}
}
