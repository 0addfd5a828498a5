package proxy

import (
	"errors"
	"io"
	"sync"

	"github.com/egret-proxy/egret/proxy/scrub"
	"github.com/egret-proxy/egret/proxy/wire"
)

var streamBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// forwardStream passes the body on as it comes. One that breaks off breaks off
// for the client too: the connection ends before the body's end.
func (x *exchange) forwardStream(searched bool) error {
	a := &x.answer
	chunked := searched || a.Length < 0
	if chunked {
		x.buildHead(noLength)
		x.out = append(x.out, "Transfer-Encoding: chunked\r\n"...)
	} else {
		x.buildHead(keptLength)
	}
	x.endHead()
	x.tell()
	// Who waits for events learns at once that the stream is open.
	if err := x.conn.send(x.out); err != nil {
		return errGone
	}
	// A stream can be silent for long, and no write shows that its reader is gone.
	x.conn.waiting.begin(x.start, false)
	var body io.Reader = a
	if searched {
		body = scrub.Reader(a, x.scrub.current)
	}
	if err := x.copyBody(body, chunked); err != nil {
		return err
	}
	if chunked {
		return x.endChunks()
	}
	return nil
}

// copyBody writes what body gives, as soon as it gives it.
func (x *exchange) copyBody(body io.Reader, chunked bool) error {
	held := streamBuffers.Get().(*[]byte)
	buffer, most := *held, 0
	defer func() {
		clear(buffer[:most])
		streamBuffers.Put(held)
	}()
	for {
		n, err := body.Read(buffer[wire.ChunkRoom : len(buffer)-wire.ChunkEnd])
		most = max(most, wire.ChunkRoom+n)
		if n > 0 {
			text := buffer[wire.ChunkRoom : wire.ChunkRoom+n]
			if chunked {
				text = wire.FrameChunk(buffer, n)
			}
			if x.conn.send(text) != nil {
				return errGone
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// endChunks writes the end of a chunked body: the trailer fields, if the client
// said that it wants them (RFC 9110 section 10.1.4).
func (x *exchange) endChunks() error {
	x.out = append(x.out[:0], "0\r\n"...)
	if x.wantsTrailers() {
		var lines wire.Lines
		addTrailer(&lines, x.answer.Trailer)
		if scrubber := x.scrub.current(); scrubber.Found(lines.Bytes) {
			fields, _ := wire.Scan(nil, lines.Bytes, maxTrailers)
			lines.Bytes = appendScrubbed(nil, fields, scrubber)
		}
		x.out = append(x.out, lines.Bytes...)
	}
	x.out = append(x.out, "\r\n"...)
	x.sendAll()
	return nil
}
