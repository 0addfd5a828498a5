package upstream

import (
	"io"
	"time"

	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/templates"
)

// A Request is what is sent to an upstream. Its parts are written as they are:
// whoever makes it has checked that they are well formed. The request line and
// the fields of Header are checked once more, because a line break in either
// would be a second request.
type Request struct {
	Method string
	Scheme string // "http" or "https"
	Host   string // canonical, without brackets: it is dialled, and named in TLS
	Port   uint16
	// Authority is the value of the field Host.
	Authority string
	// Target is the path and query, written byte for byte.
	Target string
	// Header has the end-to-end fields, in the order in which they are
	// written. Host, Content-Length and Transfer-Encoding are not among them.
	Header []templates.Field
	// Body is read to its end or to ContentLength, and never closed. It is
	// nil without a body.
	Body io.Reader
	// ContentLength is the length of Body in bytes, or -1 when it is unknown
	// and Body is sent chunked.
	ContentLength int64
	// Grant is what the connection is permitted. TLS follows Scheme.
	Grant egress.Grant
	// Pool names who may share the connection: one that has carried a value
	// serves only requests of the same client and cache. "" is shared by all
	// requests that carry none.
	Pool string
	// Stream leaves the body of the answer to be read from Answer.Body.
	// Otherwise it is read whole, into Answer.Bytes.
	Stream bool
	// MaxBody is the most bytes of a body that is read whole. Zero means
	// DefaultMaxBody.
	MaxBody int64
	// HeaderTimeout is how long the upstream may take, after the request is
	// sent, until its header is complete. Zero means that of the transport.
	HeaderTimeout time.Duration
}

// DefaultMaxBody is the most bytes of an answer that is read whole, unless the
// request says otherwise: 10 MiB.
const DefaultMaxBody = 10 << 20
