package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// An authority is the one that everybody on a stage trusts: files with its
// certificate and its key, and one with the certificate and the key of
// 127.0.0.1, which the upstream shows and the systems that end TLS, but for
// those that make certificates themselves. All keys are ECDSA P-256.
type authority struct {
	cert, key string
	pair      string
	pem       []byte // what cert holds
}

// upstreamName is the upstream's name in certificates.
const upstreamName = "127.0.0.1"

// newAuthority makes an authority, with its files in dir.
func newAuthority(dir string) (*authority, error) {
	root := template("authority of egretbench")
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	leaf := template(upstreamName)
	leaf.IPAddresses, leaf.KeyUsage = []net.IP{net.ParseIP(upstreamName)}, x509.KeyUsageDigitalSignature
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}

	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	rootPEM, rootKeyPEM, err := certify(root, root, rootKey, rootKey)
	if err != nil {
		return nil, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leafPEM, leafKeyPEM, err := certify(leaf, root, leafKey, rootKey)
	if err != nil {
		return nil, err
	}
	a := &authority{cert: filepath.Join(dir, "ca.pem"), key: filepath.Join(dir, "ca-key.pem"), pair: filepath.Join(dir, "pair.pem"), pem: rootPEM}
	return a, errors.Join(
		os.WriteFile(a.cert, rootPEM, 0o600),
		os.WriteFile(a.key, rootKeyPEM, 0o600),
		os.WriteFile(a.pair, append(leafPEM, leafKeyPEM...), 0o600),
	)
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

// certify gives a certificate and its key in PEM.
func certify(what, by *x509.Certificate, key, byKey *ecdsa.PrivateKey) (cert, private []byte, err error) {
	der, err := x509.CreateCertificate(rand.Reader, what, by, key.Public(), byKey)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}

// sameWork is what all handshakes have in common, so that nobody does less than
// another: OpenSSL before 3.5 has no key exchange that withstands a quantum
// computer, which two programs in Go would agree on.
func sameWork() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"},
		CurvePreferences: []tls.CurveID{tls.X25519},
	}
}

// serverConfig is for those that show the certificate of 127.0.0.1.
func serverConfig(pair string) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(pair, pair)
	if err != nil {
		return nil, err
	}
	c := sameWork()
	c.Certificates = []tls.Certificate{cert}
	return c, nil
}
