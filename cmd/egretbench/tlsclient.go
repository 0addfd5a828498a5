package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync/atomic"
)

// clientConfig is how the load generator speaks TLS: to a server that shows a
// certificate of roots for its name.
func clientConfig(j *job) (*tls.Config, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(j.Roots) {
		return nil, errors.New("the roots of a job have no certificate")
	}
	c := sameWork()
	c.ServerName = j.Name
	// Each signature of a server is verified. The chain to the roots is what it
	// was, as long as the certificate is.
	c.InsecureSkipVerify = true
	c.VerifyConnection = remembered(x509.VerifyOptions{Roots: roots, DNSName: j.Name})
	if j.Resumed {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	return c, nil
}

// remembered verifies a certificate unless it is the one that was verified last,
// since the load generator has better to do.
func remembered(options x509.VerifyOptions) func(tls.ConnectionState) error {
	var last atomic.Pointer[x509.Certificate]
	return func(state tls.ConnectionState) error {
		cert := state.PeerCertificates[0]
		if known := last.Load(); known != nil && bytes.Equal(known.Raw, cert.Raw) {
			return nil
		}
		own := options
		own.Intermediates = x509.NewCertPool()
		for _, c := range state.PeerCertificates[1:] {
			own.Intermediates.AddCert(c)
		}
		if _, err := cert.Verify(own); err != nil {
			return err
		}
		last.Store(cert)
		return nil
	}
}
