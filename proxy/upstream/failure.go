package upstream

import (
	"context"
	"errors"
	"os"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// Reasons of our own for which an answer cannot be read.
var (
	errLargeHead = errors.New("the head of the answer is too large")
	errSwitched  = errors.New("the upstream switched protocols unasked")
	errHTTP2     = errors.New("the upstream answered in HTTP/2")
	errInterims  = errors.New("the upstream sent too many interim answers")
)

// ended is the refusal of an exchange whose context has ended, or nil. A
// context that was cancelled with a refusal as its cause gives that one.
func ended(ctx context.Context) *functions.Refusal {
	cause := context.Cause(ctx)
	if cause == nil {
		return nil
	}
	if own, ok := errors.AsType[*functions.Refusal](cause); ok {
		return own
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return &functions.Refusal{Code: functions.UpstreamTimeout, Detail: "the upstream did not answer in time", ProxyError: "http_response_timeout", Cause: cause}
	}
	return &functions.Refusal{Code: functions.UpstreamTimeout, Detail: "the call was cancelled before the upstream had answered", Cause: cause}
}

// unanswered is the refusal of an exchange that came to no answer. What the
// operator gets as the cause is an error of the connection, or of egret's own:
// neither quotes what was read.
func unanswered(ctx context.Context, l *link, err error) *functions.Refusal {
	if own, ok := errors.AsType[*functions.Refusal](err); ok {
		return own
	}
	if r := ended(ctx); r != nil {
		return r
	}
	if r := alerted(l, err); r != nil {
		r.Loss = lossOf(l)
		return r
	}
	r := &functions.Refusal{Code: functions.UpstreamProtocol, Loss: lossOf(l), Cause: err}
	_, fault := errors.AsType[wire.Fault](err)
	switch {
	case errors.Is(err, errLargeHead):
		r.Detail, r.ProxyError, r.Loss = "the header of the answer is too large", "http_response_header_section_size", functions.NoLoss
	case errors.Is(err, errSwitched):
		r.Detail, r.ProxyError = "the upstream answered with a status that was not asked for", "http_protocol_error"
	case errors.Is(err, errHTTP2):
		r.Detail, r.ProxyError, r.Loss = "the upstream speaks HTTP/2 alone, and egret speaks HTTP/1.1 to upstreams", "http_protocol_error", functions.NoLoss
	case errors.Is(err, errProtocol):
		r.Detail, r.ProxyError = "the upstream switched to a protocol that was not offered", "http_upgrade_failed"
	case errors.Is(err, errInterims):
		r.Detail, r.ProxyError = "the upstream sent too many interim answers", "http_protocol_error"
	case fault && l.received > 0:
		r.Detail, r.ProxyError = "the answer of the upstream is not well formed", "http_protocol_error"
	case late(err):
		r := overdue(err)
		r.Loss = lossOf(l)
		return r
	case l.written == 0:
		r.Code, r.Detail, r.ProxyError = functions.UpstreamUnreachable, "the upstream closed the connection before anything was sent", "connection_terminated"
	default:
		r.Detail, r.ProxyError = "the upstream closed the connection before it had answered", "connection_terminated"
	}
	return r
}

// lossOf says whether something was sent in an exchange.
func lossOf(l *link) functions.Loss {
	if l.written == 0 {
		return functions.Unsent
	}
	return functions.Unanswered
}

// incomplete is the refusal of a body that breaks off.
func incomplete(ctx context.Context, err error) *functions.Refusal {
	if own, ok := errors.AsType[*functions.Refusal](err); ok {
		return own
	}
	if r := ended(ctx); r != nil {
		return r
	}
	r := &functions.Refusal{Code: functions.UpstreamProtocol, Detail: "the body of the answer is incomplete", ProxyError: "http_response_incomplete", Loss: functions.Unanswered, Cause: err}
	_, fault := errors.AsType[wire.Fault](err)
	switch {
	case late(err):
		r.Code, r.Detail, r.ProxyError = functions.UpstreamTimeout, "the body of the answer stood still for too long", "connection_read_timeout"
	case fault:
		r.Detail, r.ProxyError = "the body of the answer is not well formed", "http_protocol_error"
	}
	return r
}

// overdue is the refusal of an exchange that took longer than it may.
func overdue(err error) *functions.Refusal {
	return &functions.Refusal{Code: functions.UpstreamTimeout, Detail: "the upstream did not answer in time", ProxyError: "http_response_timeout", Loss: functions.Unanswered, Cause: err}
}

func late(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
