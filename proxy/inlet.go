package proxy

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/egret-proxy/egret/proxy/wire"
)

// An inlet reads the requests of a connection, one at a time and not a byte of
// the next. It reads each head as it is, and hands fasthttp no more of it than
// fasthttp has to know; bodies it reads itself. So the two cannot take different
// bytes for a request.
type inlet struct {
	ahead  []byte       // what came behind the request
	raw    []byte       // the head of the request, from its first line
	fields []wire.Field // in raw
	kinds  wire.Kinds   // of fields
	fault  error        // what is wrong with the head
	most   int          // fields that a head may have

	connect       bool // it is a CONNECT, of which fasthttp knows nothing but that
	target, proto []byte

	framing wire.Framing
	left    int64 // of a body with a length
	chunks  wire.Chunks
	behind  bool  // the body has been handed out
	broken  error // the body is not well formed
}

// errBody is what reading a body gives that is not well formed.
var errBody = errors.New("the body is not well formed")

var headEnd = []byte("\r\n\r\n")

// readHead reads the whole of a head into p, by as many reads as it takes. What
// is too long for p, or is not going to be a head, is handed out as it is:
// fasthttp refuses it, or the gate does.
func (l *inlet) readHead(p []byte, read func([]byte) (int, error)) (int, error) {
	l.fault, l.fields, l.framing, l.connect = nil, l.fields[:0], wire.Framing{Length: -1}, false
	n := l.take(p)
	for seen := 0; ; {
		begin := emptyLines(p[:n])
		if end := bytes.Index(p[max(begin, seen-3):n], headEnd); end >= 0 {
			end += max(begin, seen-3) + len(headEnd)
			l.keep(p[end:n])
			return l.begin(p, p[begin:end]), nil
		}
		if wire.HasBareLineFeed(p[begin:n], max(seen-begin, 0)) {
			l.fault, l.behind = wire.BareLineFeed, true
			return n, nil
		}
		if n == len(p) {
			l.behind = true
			return n, nil
		}
		seen = n
		m, err := read(p[n:])
		n += m
		if err != nil {
			l.behind = true
			return n, err
		}
	}
}

// emptyLines is the length of the empty lines before a request, which are
// ignored: RFC 9112 section 2.2.
func emptyLines(text []byte) int {
	n := 0
	for bytes.HasPrefix(text[n:], []byte("\r\n")) {
		n += 2
	}
	return n
}

// begin reads a head, and writes into p what of it concerns fasthttp.
func (l *inlet) begin(p, head []byte) int {
	l.raw = append(l.raw[:0], head...)
	line, rest, _ := bytes.Cut(l.raw, []byte("\r\n"))
	l.fields, l.fault = wire.Scan(l.fields, rest, l.most)
	if bytes.IndexByte(line, '\n') >= 0 {
		l.fault = wire.BareLineFeed
	}
	l.kinds, l.left = wire.KindsOf(l.fields), 0
	l.broken = nil
	l.chunks.Reset()
	if l.fault == nil && l.kinds.Overlaps(framed) {
		l.framing, l.fault = wire.FramingOf(l.fields, bytes.HasSuffix(line, []byte(" HTTP/1.0")))
	}
	if l.fault == nil {
		l.left = max(l.framing.Length, 0)
	}
	// Of a head with a fault no body is handed out: nobody knows where it ends.
	l.behind = l.fault != nil || l.left == 0 && !l.framing.Chunked
	if l.fault != nil {
		return copy(p, l.raw)
	}
	if l.cutConnect(line) {
		return copy(p, connectHead)
	}
	return l.concern(p, line)
}

// connectHead is what fasthttp is told of a CONNECT: what the client says of its
// connection is not about the tunnel.
const connectHead = "CONNECT egret:1 HTTP/1.1\r\nHost: egret\r\n\r\n"

// cutConnect reads the first line of a CONNECT.
func (l *inlet) cutConnect(line []byte) bool {
	rest, connect := bytes.CutPrefix(line, []byte("CONNECT "))
	if !connect {
		return false
	}
	l.target, l.proto, _ = bytes.Cut(rest, []byte(" "))
	l.connect = len(l.target) > 0 && (string(l.proto) == "HTTP/1.1" || string(l.proto) == "HTTP/1.0")
	return l.connect
}

// concern writes the first line, and the fields about the connection. The others
// are egret's business, the body too: fasthttp would only parse and keep them,
// credentials as well.
func (l *inlet) concern(p, line []byte) int {
	n := copy(p, line)
	n += copy(p[n:], "\r\n")
	for i := range l.fields {
		f := &l.fields[i]
		switch f.Kind {
		case wire.Host, wire.Connection:
			n += copy(p[n:], f.Name)
			n += copy(p[n:], ": ")
			n += copy(p[n:], f.Value)
			n += copy(p[n:], "\r\n")
		default:
		}
	}
	return n + copy(p[n:], "\r\n")
}

// framed are the fields that state a framing.
const framed = 1<<wire.ContentLength | 1<<wire.TransferEncoding

// readBody reads a part of the content of a body into p. It gives io.EOF at the
// end that the client intended, and nowhere else.
func (l *inlet) readBody(p []byte, read func([]byte) (int, error)) (int, error) {
	for !l.behind {
		if l.broken != nil {
			return 0, l.broken // and no byte more
		}
		if !l.framing.Chunked && int64(len(p)) > l.left {
			p = p[:l.left]
		}
		n, err := l.take(p), error(nil)
		if n == 0 {
			n, err = read(p)
		}
		content, fault := l.content(p[:n])
		switch {
		case fault != nil:
			return 0, fault
		case content > 0:
			return content, nil // an error will come again
		case err == io.EOF && !l.behind: //nolint:errorlint // of the connection itself
			return 0, io.ErrUnexpectedEOF
		case err != nil && !l.behind:
			return 0, err
		}
	}
	return 0, io.EOF
}

// content moves the content in what was read of a body to its beginning, and
// keeps what is behind the body.
func (l *inlet) content(text []byte) (int, error) {
	if !l.framing.Chunked {
		l.left -= int64(len(text))
		l.behind = l.left == 0
		return len(text), nil
	}
	content, used, done, err := l.chunks.Decode(text)
	if err != nil {
		l.broken = errBody
		return 0, errBody
	}
	if done {
		l.behind = true
		l.keep(text[used:])
	}
	return content, nil
}

// take moves what has come already to p.
func (l *inlet) take(p []byte) int {
	n := copy(p, l.ahead)
	if n > 0 {
		l.ahead = append(l.ahead[:0], l.ahead[n:]...)
	}
	return n
}

// keep keeps text for the next request. It stands before what is kept already.
func (l *inlet) keep(text []byte) {
	if len(text) > 0 {
		l.ahead = slices.Insert(l.ahead, 0, text...)
	}
}
