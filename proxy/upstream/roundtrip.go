package upstream

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/egret-proxy/egret/proxy/wire"
)

// run performs req on c. After an error the caller drops c.
func (a *Answer) run(ctx context.Context, c *conn, req *Request) error {
	a.ctx, a.conn, a.upload, a.deadline = ctx, c, nil, req.Deadline
	a.firstByte = positive(req.FirstByteTimeout, a.transport.options.FirstByteTimeout)
	c.begin(req.Deadline)
	if life, ok := ctx.(Lifetime); ok {
		a.release = life.Watch(c.cut)
	} else {
		a.release = context.AfterFunc(ctx, c.cut)
	}
	if err := a.send(c, req); err != nil {
		return err
	}
	if err := a.receive(c, req); err != nil {
		return err
	}
	if a.HasSwitched() {
		return nil
	}
	return a.open(req)
}

// send writes the request. What fits in one write to a connection that is
// reused is put off until the answer is read.
func (a *Answer) send(c *conn, req *Request) error {
	c.request = req.append(c.request[:0])
	if c.used && req.isShort() {
		c.link.hold()
	}
	_, err := c.Write(c.request)
	c.request = forget(c.request)
	if err != nil {
		return err
	}
	if req.Stream == nil {
		c.link.wantBy = a.answerBy()
		return nil
	}
	c.link.wantBy = a.within(maxUpload)
	if err := c.link.arm(); err != nil { // before the upload sets another limit
		return err
	}
	a.upload = startUpload(c, req, a.answerBy)
	return nil
}

// maxUpload is the longest that an upload may take. That it stands still is
// noticed by those who read and write it.
const maxUpload = 24 * time.Hour

func (a *Answer) answerBy() time.Time { return a.within(a.firstByte) }

// within is the end of d, or of the exchange if that is earlier.
func (a *Answer) within(d time.Duration) time.Time {
	by := time.Now().Add(d)
	if !a.deadline.IsZero() && a.deadline.Before(by) {
		return a.deadline
	}
	return by
}

// maxInterims is the most interim answers before one answer.
const maxInterims = 20

// receive reads the head of the answer. Interim answers are handed on.
func (a *Answer) receive(c *conn, req *Request) error {
	for range maxInterims {
		if err := a.head(c); err != nil {
			return err
		}
		switch {
		case a.Code >= 200:
			// A reader of the body sets its own time limits. What an upload has
			// set is not known here.
			c.link.wantBy = time.Time{}
			if a.upload != nil {
				a.upload.handOver()
				c.link.readBy = time.Time{}
			}
			return nil
		case a.Code == 101:
			return a.change(req)
		case a.Code != 100 && req.Interim != nil:
			req.Interim(a.Code, a.Fields)
		}
	}
	return errInterims
}

var headEnd = []byte("\r\n\r\n")

// head reads one head.
func (a *Answer) head(c *conn) error {
	seen := 0
	for {
		unread := c.unread()
		if end := bytes.Index(unread[max(0, seen-3):], headEnd); end >= 0 {
			end += max(0, seen-3) + len(headEnd)
			if end > a.transport.options.MaxHead {
				return errLargeHead
			}
			c.from += end
			return a.parse(unread[:end])
		}
		if bad := malformed(unread, seen); bad != nil {
			return bad
		}
		seen = len(unread)
		if seen >= a.transport.options.MaxHead {
			return errLargeHead
		}
		if err := c.fill(a.transport.options.MaxHead); err != nil {
			if err == io.EOF && seen > 0 { //nolint:errorlint // of the connection itself
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
}

// malformed sees at once what will never become a head, so that nobody waits
// for its end: what does not begin like one, and lines without a carriage
// return. What stands before from was looked at already.
func malformed(text []byte, from int) error {
	const begin = "HTTP/1."
	n := min(len(text), len(begin))
	if string(text[:n]) != begin[:n] {
		if isHTTP2(text) {
			return errHTTP2
		}
		return wire.StatusLine
	}
	if wire.HasBareLineFeed(text, from) {
		return wire.BareLineFeed
	}
	return nil
}

// isHTTP2 reports whether text is the frame that a server of HTTP/2 begins with:
// SETTINGS, on stream 0. RFC 9113 section 3.4.
func isHTTP2(text []byte) bool {
	const settings = 4
	return len(text) >= 9 && text[0] == 0 && text[3] == settings && bytes.Equal(text[4:9], make([]byte, 5))
}

func (a *Answer) parse(head []byte) error {
	line, rest, ok := nextLine(head)
	if !ok {
		return wire.BareLineFeed
	}
	var err error
	if a.Status, err = wire.ParseStatus(line); err != nil {
		return err
	}
	a.Fields, err = wire.Scan(a.Fields[:0], rest, a.transport.options.MaxFields)
	return err
}

// mayRepeat reports whether the request may be sent again: on a connection that
// was dead before, if nothing was written, or if the method permits it and
// nothing came back.
func (a *Answer) mayRepeat(req *Request, c *conn, err error) bool {
	l := c.link
	switch {
	case l.aborted.Load() || l.received > 0:
		return false
	case l.stale:
		return true
	case a.upload != nil || !gone(err) && !l.ended:
		return false
	default:
		return l.written == 0 || req.repeatable()
	}
}

// fail is the refusal of an exchange that came to no answer.
func (a *Answer) fail(ctx context.Context, c *conn, err error) error {
	if a.upload != nil {
		if broken := a.upload.failed(); broken != nil {
			return broken
		}
		a.upload.end(c) // which may still write
		a.upload = nil
	}
	return unanswered(ctx, c.link, err)
}

// drop closes the connection of an exchange that came to no answer.
func (a *Answer) drop(c *conn) {
	if a.upload != nil {
		a.upload.end(c)
	}
	if a.release != nil {
		a.release()
	}
	a.conn, a.upload, a.release, a.ctx = nil, nil, nil, nil
	c.close()
	clear(a.Fields)
	a.Fields = a.Fields[:0]
}
