package upstream

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/wire"
)

// A Request is what is sent to an upstream. Its parts are written as they are:
// whoever makes it has checked that they are well formed. That they make one
// request, and not two, is checked once more.
type Request struct {
	Method string
	Scheme string // "http" or "https"
	Host   string // canonical, without brackets: it is dialled, and named in TLS
	Port   uint16
	// Authority is the value of the field Host, which is written first.
	Authority string
	// Target is the path and query, written byte for byte.
	Target []byte
	// Header has the end-to-end fields in the order in which they are written.
	// Host and Transfer-Encoding are not among them.
	Header wire.Lines
	// HasLength says that Header states the Content-Length already.
	HasLength bool
	// Body is a body that is there already; nil is none, and an empty one is
	// sent with a length of 0.
	Body []byte
	// Stream, instead of Body, is a body that is still coming. It is read by
	// another goroutine than the caller's, and not beyond its end or Length.
	// It is never closed. If it is an [Interrupter], it is interrupted when the
	// answer is complete before it is.
	Stream io.Reader
	// Length is the length of Stream in bytes, or -1 when it is unknown and
	// Stream is sent chunked.
	Length int64
	// Trailer gives what follows a chunked Stream, when that has ended. It may
	// be nil.
	Trailer func() wire.Lines
	// Grant is what the connection is permitted. TLS follows Scheme.
	Grant egress.Grant
	// Identity is whom egret trusts with TLS, and what it proves itself with. Nil
	// means that of all hosts of which nothing is said.
	Identity *Identity
	// Shown is what a remedy calls the host and port. "" means as they are.
	Shown string
	// Share names who may share the connection.
	Share Share
	// Alone gives the request a connection that serves no other.
	Alone bool
	// Once says that what has been sent of the request is never sent again: it
	// carries a credential that is good for one use.
	Once bool
	// Upgrade are the protocols that are offered to the upstream instead of HTTP:
	// RFC 9110 section 7.8. It may answer with 101 then. A request with a Stream
	// offers none.
	Upgrade []string
	// Interim gets the interim answers, but for 100 and 101, before RoundTrip
	// returns. What it is given is valid while it runs. It may be nil.
	Interim func(code int, fields []wire.Field)
	// Deadline is when the whole exchange must have ended, zero for never.
	Deadline time.Time
	// ConnectTimeout, for DNS and connecting, and FirstByteTimeout take the place
	// of those of the Transport. 0 is those.
	ConnectTimeout, FirstByteTimeout time.Duration
}

// A Share names those requests that may use a connection one after another: a
// connection that has carried a value serves only requests of the same client
// that carry the same values. The zero Share is that of all requests that carry
// none.
type Share struct {
	Client string
	Value  [16]byte // which one, when it is one
	Values string   // which ones, when they are several
}

// An Interrupter is a body whose Read can be made to return at once.
type Interrupter interface{ Interrupt() }

// errBroken is the cause of a refusal that only a mistake in egret can bring
// about.
var errBroken = errors.New("the request is not one request")

// broken is the refusal of what would be two requests, or none, or nil.
func (r *Request) broken() *functions.Refusal {
	if r.Scheme != "http" && r.Scheme != "https" || r.Host == "" ||
		!wire.IsToken(r.Method) || wire.CheckTarget(r.Target) != nil || r.Authority == "" || !wire.IsValue(r.Authority) ||
		!r.Header.Whole() || r.HasLength && r.Stream != nil && r.Length < 0 || r.offersNothing() {
		return &functions.Refusal{
			Code: functions.Internal, Detail: "the request cannot be written", ProxyError: "http_request_error", Cause: errBroken,
		}
	}
	return nil
}

// append writes the head of the request, and its body if it is there already.
func (r *Request) append(dst []byte) []byte {
	dst = append(dst, r.Method...)
	dst = append(dst, ' ')
	dst = append(dst, r.Target...)
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	dst = append(dst, r.Authority...)
	dst = append(dst, "\r\n"...)
	dst = append(dst, r.Header.Bytes...)
	if len(r.Upgrade) > 0 {
		dst = appendUpgrade(dst, r.Upgrade)
	}
	switch {
	case r.Stream != nil && r.Length < 0:
		dst = append(dst, "Transfer-Encoding: chunked\r\n"...)
	case r.HasLength:
	case r.Stream != nil:
		dst = appendLength(dst, r.Length)
	case r.Body != nil:
		dst = appendLength(dst, int64(len(r.Body)))
	}
	dst = append(dst, "\r\n"...)
	return append(dst, r.Body...)
}

func appendLength(dst []byte, n int64) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "\r\n"...)
}

// isShort reports whether the request is written all at once. The time for its
// answer begins then.
func (r *Request) isShort() bool { return r.Stream == nil && len(r.Body) <= bufferSize }

// repeatable reports whether the request may go out once more when the first
// time came to nothing: RFC 9110 section 9.2.1.
func (r *Request) repeatable() bool {
	if r.Once || r.Stream != nil || len(r.Body) > 0 {
		return false
	}
	return r.Method == "GET" || r.Method == "HEAD" || r.Method == "OPTIONS"
}

// hidesBody reports whether an answer to the request has no body, whatever it
// says of its length.
func (r *Request) hidesBody(status int) bool {
	return r.Method == "HEAD" || status == 204 || status == 304
}

var lineEnd = []byte("\r\n")

// nextLine cuts the first line, without its end, off text.
func nextLine(text []byte) (line, rest []byte, ok bool) {
	line, rest, ok = bytes.Cut(text, lineEnd)
	return line, rest, ok && bytes.IndexByte(line, '\n') < 0
}
