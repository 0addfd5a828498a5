package proxy

import (
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/egret-proxy/egret/functions"
)

// fasthttpLog passes what fasthttp logs to the operator's log, without its
// words: they quote the request, an Authorization field too.
type fasthttpLog struct{ log *slog.Logger }

// Printf logs that a connection ended early. A refusal among the arguments is
// an answer that broke off. Of any other error only the kind is told, but for
// those of package net, which have nothing but addresses.
func (l fasthttpLog) Printf(format string, args ...any) {
	for _, arg := range args {
		err, ok := arg.(error)
		if !ok {
			continue
		}
		if refusal, ok := errors.AsType[*functions.Refusal](err); ok {
			l.log.Warn("answer broken off", "code", string(refusal.Code), "cause", refusal.Error())
			return
		}
		if network, ok := errors.AsType[*net.OpError](err); ok {
			l.log.Debug("connection ended", "cause", network.Error())
			return
		}
		l.log.Debug("connection ended", "format", format, "kind", fmt.Sprintf("%T", err))
		return
	}
	l.log.Debug("fasthttp", "format", format)
}
