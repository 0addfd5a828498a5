package proxy

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// appendStatus begins an answer of egret's own.
func appendStatus(dst []byte, status int) []byte {
	if status == fasthttp.StatusOK {
		return append(dst, "HTTP/1.1 200 OK\r\n"...)
	}
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, fasthttp.StatusMessage(status)...)
	return append(dst, "\r\n"...)
}

// appendReason begins an answer of an upstream, with its own words.
func appendReason(dst []byte, status int, reason []byte) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, reason...)
	return append(dst, "\r\n"...)
}

func appendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

func appendLength(dst []byte, n int) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, "\r\n"...)
}

// A dateLine is the field Date of one second.
type dateLine struct {
	second int64
	line   string
}

var lastDate atomic.Pointer[dateLine]

// appendDate appends the field that every answer has: RFC 9110 section 6.6.1.
func appendDate(dst []byte, now time.Time) []byte {
	date := lastDate.Load()
	if second := now.Unix(); date == nil || date.second != second {
		date = &dateLine{second: second, line: "Date: " + now.UTC().Format(http.TimeFormat) + "\r\n"}
		lastDate.Store(date)
	}
	return append(dst, date.line...)
}

// closeLine tells the client that the connection ends with the answer.
const closeLine = "Connection: close\r\n"

// endHead ends a head that is built in x.out.
func (x *exchange) endHead() {
	if x.hangUp {
		x.out = append(x.out, closeLine...)
	}
	x.out = append(x.out, "\r\n"...)
}

// send sends what was built in x.out, as the last of an answer.
func (x *exchange) sendAll() {
	x.room.leave() // before the client can see the end, and ask for more
	x.tell()
	if x.hangUp || cap(x.out) > maxKept {
		if x.conn.send(x.out) != nil {
			x.hangUp = true // who does not read it has gone away
		}
		return
	}
	// The buffer is the connection's until the next request.
	x.out, x.conn.pending = x.conn.pending[:0], x.out
}

// tell ends the wait of the client: from here on the answer is written.
func (x *exchange) tell() {
	x.told = true
	x.conn.waiting.end()
	_ = x.conn.flush() // an error shows with the next write
}

// writeJSON answers with v.
func (x *exchange) writeJSON(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	x.write(text)
	return nil
}

// write answers with JSON that no cache on the way may keep.
func (x *exchange) write(text []byte) {
	x.status = fasthttp.StatusOK
	x.out = appendStatus(x.out[:0], x.status)
	x.out = appendDate(x.out, x.start)
	x.out = append(x.out, "Content-Type: application/json\r\nCache-Control: no-store\r\n"...)
	x.out = appendLength(x.out, len(text))
	x.endHead()
	x.out = append(x.out, text...)
	x.sendAll()
}

// writeRaw answers with the upstream's own answer.
func (x *exchange) writeRaw(a *functions.Answer) {
	x.status = a.Status
	x.out = appendStatus(x.out[:0], x.status)
	fields, _ := wire.Scan(nil, a.Header, maxRawFields) // they were well formed when they came
	dated := false
	for i := range fields {
		f := &fields[i]
		dated = dated || f.Kind == wire.Date
		if f.Kind != wire.ContentLength {
			x.out = appendLine(x.out, f)
		}
	}
	if !dated {
		x.out = appendDate(x.out, x.start)
	}
	if x.status != fasthttp.StatusNoContent {
		x.out = appendLength(x.out, len(a.Body))
	}
	x.endHead()
	if x.status != fasthttp.StatusNoContent && x.status != fasthttp.StatusNotModified {
		x.out = append(x.out, a.Body...)
	}
	x.sendAll()
}

// maxRawFields is more than an answer may have.
const maxRawFields = 1 << 20

// writeOptions answers what a resource may be asked for.
func (x *exchange) writeOptions(allow string) {
	x.status = fasthttp.StatusOK
	x.out = appendStatus(x.out[:0], x.status)
	x.out = appendDate(x.out, x.start)
	x.out = appendField(x.out, "Allow", allow)
	x.out = append(x.out, "Content-Length: 0\r\n"...)
	x.endHead()
	x.sendAll()
}
