package proxy

import (
	"net"

	"github.com/valyala/fasthttp"
)

// newDataServer makes the server of the data plane. fasthttp accepts connections
// and parses requests, of which [inlet] shows it no body; what it writes is
// dropped by [conn].
func (s *Server) newDataServer() *fasthttp.Server {
	limits := s.limits()
	return &fasthttp.Server{
		Handler:                       s.handle,
		ErrorHandler:                  s.handleError,
		ReadBufferSize:                limits.HeaderBytes,
		WriteBufferSize:               512, // nothing of it is sent
		Concurrency:                   limits.Connections,
		DisablePreParseMultipartForm:  true,
		DisableHeaderNamesNormalizing: true,
		NoDefaultServerHeader:         true,
		NoDefaultDate:                 true,
		NoDefaultContentType:          true,
		SecureErrorLogMessage:         true,
		Logger:                        fasthttpLog{s.log},
	}
}

// connOf gives the connection of a request.
func connOf(ctx *fasthttp.RequestCtx) *conn {
	c, ok := ctx.Conn().(*conn)
	if !ok {
		panic("a connection that the listener did not accept")
	}
	return c
}

// serveConnections serves until the listener is closed.
func (s *Server) serveConnections(connections net.Listener) error {
	return s.newDataServer().Serve(connections)
}
