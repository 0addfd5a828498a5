package upstream

import (
	"errors"
	"io"

	"github.com/egret-proxy/egret/functions"
)

// An upload is the body of a request. It gives no more bytes than were
// announced, and remembers why it ended early, which is no fault of the
// upstream.
type upload struct {
	source io.Reader
	left   int64 // -1 when the length is not known
	err    error
}

// newUpload is nil for a request without a body.
func newUpload(req *Request) *upload {
	if req.Body == nil || req.ContentLength == 0 {
		return nil
	}
	return &upload{source: req.Body, left: req.ContentLength}
}

func (u *upload) Read(p []byte) (int, error) {
	if u.left == 0 {
		return 0, io.EOF
	}
	if u.left > 0 && int64(len(p)) > u.left {
		p = p[:u.left]
	}
	n, err := u.source.Read(p)
	if u.left > 0 {
		u.left -= int64(n)
	}
	if err == io.EOF && u.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		u.err = err
	}
	return n, err
}

// failed is the refusal of a request whose own body broke off, or nil.
func (u *upload) failed() *functions.Refusal {
	if u == nil || u.err == nil {
		return nil
	}
	if own, ok := errors.AsType[*functions.Refusal](u.err); ok {
		return own
	}
	return &functions.Refusal{Code: functions.MalformedRequest, Detail: "the body of the request is incomplete", ProxyError: "http_request_error", Cause: u.err}
}
