package upstream

import (
	"bytes"
	"io"

	"github.com/egret-proxy/egret/proxy/wire"
)

// Bounds of what stands between the chunks of a body.
const (
	maxChunkLine = 256     // its length and its extensions
	maxTrailer   = 8 << 10 // all trailer fields together
	maxTrailers  = 64
)

// chunk reads from a chunked body, RFC 9112 section 7.1. It reads strictly: a
// line ends with CR LF, and a length is hexadecimal digits. Extensions are
// dropped; trailer fields are not.
func (a *Answer) chunk(p []byte) (int, error) {
	if a.left == 0 {
		if err := a.nextChunk(); err != nil {
			return 0, err
		}
	}
	n, err := a.some(p)
	// The line end may come as late as the next chunk, for which these bytes
	// do not wait.
	a.behind = err == nil && a.left == 0
	return n, err
}

// nextChunk reads the length of a chunk. After the last one come the trailer
// fields, and io.EOF.
func (a *Answer) nextChunk() error {
	if a.behind {
		if err := a.chunkEnd(); err != nil {
			return err
		}
		a.behind = false
	}
	line, err := a.line(maxChunkLine)
	if err != nil {
		return err
	}
	size, ok := chunkSize(line)
	if !ok {
		return wire.Chunk
	}
	a.left = size
	if size == 0 {
		return a.trailer()
	}
	return nil
}

// chunkEnd reads the line end behind a chunk.
func (a *Answer) chunkEnd() error {
	line, err := a.line(2)
	if err == nil && len(line) > 0 {
		return wire.Chunk
	}
	return err
}

// trailer reads the fields behind the last chunk. At their end it gives io.EOF.
func (a *Answer) trailer() error {
	begin := len(a.Trailer)
	var held []byte // the lines move when the buffer does
	for {
		line, err := a.line(maxTrailer)
		if err != nil {
			return err
		}
		held = append(append(held, line...), "\r\n"...)
		if len(held) > maxTrailer {
			return wire.Chunk
		}
		if len(line) == 0 {
			break
		}
	}
	if len(held) > 2 {
		var err error
		if a.Trailer, err = wire.Scan(a.Trailer[:begin], held, maxTrailers); err != nil {
			return err
		}
	}
	return io.EOF
}

// line reads a line of at most limit bytes without its end. It is valid until
// the next read.
func (a *Answer) line(limit int) ([]byte, error) {
	c := a.conn
	for {
		unread := c.unread()
		if end := bytes.IndexByte(unread, '\n'); end >= 0 {
			if end == 0 || unread[end-1] != '\r' || end > limit+1 {
				return nil, wire.Chunk
			}
			c.from += end + 1
			return unread[:end-1], nil
		}
		if len(unread) > limit+1 {
			return nil, wire.Chunk
		}
		a.limit()
		if err := c.fill(len(*c.buffer)); err != nil {
			if err == io.EOF { //nolint:errorlint // of the connection itself
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}

// chunkSize reads the length of a chunk, behind which extensions may stand.
func chunkSize(line []byte) (int64, bool) {
	digits := 0
	var size int64
	for ; digits < len(line); digits++ {
		c := line[digits]
		var digit byte
		switch {
		case '0' <= c && c <= '9':
			digit = c - '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			digit = c | 0x20 - 'a' + 10
		default:
			return size, digits > 0 && c == ';' && wire.IsValue(line[digits:])
		}
		if digits == 15 {
			return 0, false
		}
		size = size<<4 | int64(digit)
	}
	return size, digits > 0
}
