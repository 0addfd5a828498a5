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
	EgretKey // a client's key on the gateway path, which is egret's alone
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

// Kinds is a set of kinds.
type Kinds uint64

// Has reports whether a kind is in the set.
func (k Kinds) Has(kind Kind) bool { return k&(1<<kind) != 0 }

// Overlaps reports whether the sets have a kind in common.
func (k Kinds) Overlaps(other Kinds) bool { return k&other != 0 }

// KindsOf gives the kinds of fields.
func KindsOf(fields []Field) Kinds {
	var k Kinds
	for i := range fields {
		k |= 1 << fields[i].Kind
	}
	return k
}

// Hops are the fields that concern one connection only.
const Hops Kinds = 1<<Connection | 1<<EgretKey | 1<<KeepAlive | 1<<ProxyAuthenticate | 1<<ProxyAuthenticationInfo |
	1<<ProxyAuthorization | 1<<ProxyConnection | 1<<TE | 1<<Trailer | 1<<TransferEncoding | 1<<Upgrade

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
	"egret-key":                 EgretKey,
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

// A slot has one of the names, in a table that has room for each at its own
// place. A map would cost more than all the rest of reading a field.
type slot struct {
	name string
	kind Kind
}

// place is where a name stands in the table, by its length and three of its
// bytes.
func place[T string | []byte](name T) uint8 {
	first, middle, last := lowered[name[0]], lowered[name[len(name)/2]], lowered[name[len(name)-1]]
	return uint8(len(name))*seed + first*3 + middle*7 + last*29
}

// seed is such that no two names share a place; a test of the names fails when
// that is no longer so.
const seed = 6

var table = func() (table [256]slot) {
	for name, kind := range names {
		table[place(name)] = slot{name, kind}
	}
	return table
}()

const xForwarded = "x-forwarded-"

// KindOf gives the kind of a field's name, in any letter case.
func KindOf(name string) Kind { return kindOf([]byte(name)) }

func kindOf(name []byte) Kind {
	if len(name) == 0 {
		return Other
	}
	if s := &table[place(name)]; EqualFold(name, s.name) {
		return s.kind
	}
	return forwardedKind(name)
}

func forwardedKind(name []byte) Kind {
	if len(name) >= len(xForwarded) && name[0]|0x20 == 'x' && EqualFold(name[:len(xForwarded)], xForwarded) {
		return XForwarded
	}
	return Other
}

// HopByHop reports whether a field concerns one connection only: RFC 9110
// section 7.6.1, and what clients of proxies are known to send.
func (k Kind) HopByHop() bool {
	return Hops.Has(k)
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
