package proxy

import (
	"github.com/valyala/fasthttp"
)

// newDataServer makes the server of the data plane. fasthttp accepts connections
// and parses requests, of which [inlet] shows it no body; what it writes is
// dropped by [conn].
func (s *Server) newDataServer(headBytes int) *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                       s.handle,
		ErrorHandler:                  s.handleError,
		ReadBufferSize:                headBytes,
		WriteBufferSize:               512, // nothing of it is sent
		Concurrency:                   maxConnections,
		DisablePreParseMultipartForm:  true,
		DisableHeaderNamesNormalizing: true,
		NoDefaultServerHeader:         true,
		NoDefaultDate:                 true,
		NoDefaultContentType:          true,
		SecureErrorLogMessage:         true,
		Logger:                        fasthttpLog{s.log},
	}
}

// maxConnections is more than the limits can permit. The listener counts, by
// limits that can change.
const maxConnections = 1 << 20

// connOf gives the connection of a request.
func connOf(ctx *fasthttp.RequestCtx) *conn {
	c, ok := ctx.Conn().(*conn)
	if !ok {
		panic("a connection that the listener did not accept")
	}
	return c
}

// serveConnections serves until the listener is closed. A fasthttp server reads
// every head into the same room, so when header_bytes changes, another one takes
// over with the next connection.
func (s *Server) serveConnections(connections *listener) error {
	connections.headBytes = s.limits().HeaderBytes
	for {
		err := s.newDataServer(connections.headBytes).Serve(connections)
		if err != nil || connections.next == nil {
			return err
		}
	}
}
