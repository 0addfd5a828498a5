package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// handshake makes TLS of a link, and verifies that it leads to the host.
func handshake(ctx context.Context, below *link, where place, options *Options) (net.Conn, error) {
	below.records = &records{}
	c := tls.Client(below, where.identity.config(where, options.RootCAs, func() { below.asked = true }))
	limited, cancel := context.WithTimeout(ctx, options.TLSTimeout)
	defer cancel()
	if err := c.HandshakeContext(limited); err != nil {
		return nil, tlsRefusal(ctx, below, where.identity, err)
	}
	return &farewell{Conn: c, below: below}, nil
}

// A farewell is a TLS connection that ends with io.EOF only when the upstream
// has said so. Without its close_notify somebody in between may have cut the
// answer (RFC 9112 section 9.8), which crypto/tls does not tell apart.
type farewell struct {
	*tls.Conn
	below *link
}

// Read gives an end only apart from bytes: TLS 1.2 gives them together, when they
// came together.
func (f *farewell) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	f.below.records.read(n, len(p))
	if n > 0 {
		return n, nil // an error will come again
	}
	if errors.Is(err, io.EOF) && f.below.ended {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
