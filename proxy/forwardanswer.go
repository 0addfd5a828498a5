package proxy

import (
	"slices"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/proxy/scrub"
	"github.com/egret-proxy/egret/proxy/wire"
)

// bufferAnswer is how many bytes an answer may have to be passed on in one
// piece.
const bufferAnswer = 64 << 10

// forwardAnswer passes an answer on, scrubbed.
func (x *exchange) forwardAnswer() error {
	a := &x.answer
	if a.HasSwitched() {
		return x.switchProtocols()
	}
	searched := x.scrub.active()
	if searched && a.Length != 0 && isCoded(a.Fields) {
		return coded()
	}
	x.status = a.Code
	if !a.Sent() {
		x.hangUp = true // the rest of the request is in the way of the next one
	}
	switch {
	case a.HidesBody():
		if searched || a.Code == fasthttp.StatusNoContent {
			// Scrubbing could have changed it, and of nothing there is none:
			// RFC 9110 section 8.6.
			x.buildHead(noLength)
		} else {
			x.buildHead(keptLength)
		}
		x.endHead()
		x.sendAll()
		return nil
	case a.Length >= 0 && a.Length <= bufferAnswer, x.head.http10 && (searched || a.Length < 0):
		return x.forwardWhole()
	default:
		return x.forwardStream(searched)
	}
}

// forwardWhole passes on an answer that is read to its end first. One that is
// short keeps a length through the scrubbing. A client of HTTP/1.0 knows no
// chunks, and could not tell the end of the connection from the end of the body.
func (x *exchange) forwardWhole() error {
	a := &x.answer
	length := x.buildHead(keptLength) // now: reading on may move the head
	text, ok := a.Buffered()
	if !ok {
		var err error
		x.scratch, err = a.ReadAll(x.scratch[:0], max(bufferAnswer, x.rt.limits.AnswerBytes))
		if err != nil {
			return err
		}
		text = x.scratch
	}
	if scrubber := x.scrub.current(); scrubber.Found(text) {
		text = scrubber.Bytes(nil, text)
	}
	x.setLength(length, len(text))
	x.endHead()
	x.out = append(x.out, text...)
	x.sendAll()
	return nil
}

// setLength gives the head in x.out the length of its body, where it states one
// already, or at its end.
func (x *exchange) setLength(at span, n int) {
	var room [20]byte
	digits := strconv.AppendInt(room[:0], int64(n), 10)
	switch {
	case at.end == 0:
		x.out = appendLength(x.out, n)
	case string(x.out[at.begin:at.end]) != string(digits):
		x.out = slices.Replace(x.out, at.begin, at.end, digits...)
	}
}

// A span is a part of a buffer.
type span struct{ begin, end int }

// A lengthRule says what becomes of the Content-Length of an answer.
type lengthRule uint8

const (
	keptLength lengthRule = iota // it stays where it is
	noLength                     // it is left out
)

// buildHead begins, in x.out, the answer with the fields that travel on. It
// tells where the length stands, if it does.
func (x *exchange) buildHead(rule lengthRule) (length span) {
	a := &x.answer
	wire.DropHopByHop(a.Fields)
	x.out = appendReason(x.out[:0], a.Code, a.Reason)
	dated := false
	for i := range a.Fields {
		f := &a.Fields[i]
		if f.Kind == wire.ContentLength && rule == noLength {
			f.Drop = true
		}
		if f.Drop {
			continue
		}
		x.out = appendLine(x.out, f)
		switch f.Kind {
		case wire.Date:
			dated = true
		case wire.ContentLength:
			end := len(x.out) - len("\r\n")
			length = span{end - len(f.Value), end}
		default: // as it is
		}
	}
	if scrubber := x.scrub.current(); scrubber.Found(x.out) {
		x.out, length = appendScrubbed(appendStatus(x.out[:0], a.Code), a.Fields, scrubber), span{}
	}
	if !dated {
		x.out = appendDate(x.out, x.start)
	}
	x.out = append(append(append(x.out, "Via: 1.1 "...), x.server.via...), "\r\n"...)
	return length
}

func appendLine(dst []byte, f *wire.Field) []byte {
	dst = append(dst, f.Name...)
	dst = append(dst, ": "...)
	dst = append(dst, f.Value...)
	return append(dst, "\r\n"...)
}

// appendScrubbed appends the fields that travel on, with values replaced, and
// without the length. A field whose name is or holds a value is dropped: no
// reader expects an ID there.
func appendScrubbed(dst []byte, fields []wire.Field, s *scrub.Scrubber) []byte {
	for i := range fields {
		f := &fields[i]
		if f.Drop || f.Kind == wire.ContentLength || s.Found(f.Name) {
			continue
		}
		dst = append(append(dst, f.Name...), ": "...)
		dst = s.Bytes(dst, f.Value)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// interim passes an interim answer on: RFC 9110 section 15.2.
func (x *exchange) interim(code int, fields []wire.Field) {
	wire.DropHopByHop(fields)
	if x.way == gateway {
		x.keepOnGateway(fields)
	}
	for i := range fields {
		fields[i].Drop = fields[i].Drop || fields[i].Kind == wire.ContentLength
	}
	out := appendEndToEnd(appendStatus(nil, code), fields, x.scrub.current())
	x.conn.waiting.mu.Lock()
	defer x.conn.waiting.mu.Unlock()
	_ = x.conn.send(append(out, "\r\n"...)) // an error shows with the answer
}
