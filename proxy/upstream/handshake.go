package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"

	"github.com/egret-proxy/egret/functions"
)

// handshake makes TLS of a link, and verifies that it leads to host.
func handshake(ctx context.Context, below *link, host string, options *Options) (net.Conn, error) {
	below.records = &records{}
	c := tls.Client(below, &tls.Config{
		ServerName: host,
		RootCAs:    options.RootCAs,
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
	})
	limited, cancel := context.WithTimeout(ctx, options.TLSTimeout)
	defer cancel()
	if err := c.HandshakeContext(limited); err != nil {
		return nil, tlsRefusal(ctx, err)
	}
	return &farewell{Conn: c, below: below}, nil
}

// A farewell is a TLS connection that ends with io.EOF only when the upstream
// has said so. Without its close_notify somebody in between may have cut the
// answer (RFC 9112 section 9.8), which crypto/tls does not tell apart.
type farewell struct {
	net.Conn // TLS
	below    *link
}

// Read gives an end only apart from bytes: TLS 1.2 gives them together, when they
// came together.
func (f *farewell) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if n > 0 {
		return n, nil // an error will come again
	}
	if errors.Is(err, io.EOF) && f.below.ended {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// tlsRefusal is the error of a handshake, with the error type of RFC 9209
// section 2.3.
func tlsRefusal(ctx context.Context, err error) *functions.Refusal {
	if r := ended(ctx); r != nil {
		return r
	}
	r := &functions.Refusal{Code: functions.UpstreamTLS, Detail: "TLS with the upstream cannot be set up", ProxyError: "tls_protocol_error", Cause: err}
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	alert, ok := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		r.Code, r.Detail, r.ProxyError = functions.UpstreamTimeout, "the upstream did not set up TLS in time", "connection_timeout"
		r.Loss = functions.Unsent
	case unverified:
		r.Detail, r.ProxyError = "the certificate of the upstream cannot be verified", "tls_certificate_error"
	case ok && alert.Op == "remote error":
		r.Detail, r.ProxyError = "the upstream ended TLS with an alert", "tls_alert_received"
	case gone(err), errors.Is(err, io.ErrUnexpectedEOF):
		r.Loss = functions.Unsent
	}
	return r
}
