package proxytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An authority makes the certificates of the upstream.
type authority struct {
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	roots *x509.CertPool
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "proxytest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &authority{key: key, cert: cert, roots: roots}, nil
}

// certificate makes a certificate for the name that the client asks for.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.ServerName == "" {
		return nil, errors.New("the client names no server")
	}
	der, err := a.issue(time.Now().Add(time.Hour), hello.ServerName)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}, nil
}

// issue makes a certificate for names and addresses.
func (a *authority) issue(until time.Time, names ...string) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-24 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return x509.CreateCertificate(rand.Reader, template, a.cert, a.key.Public(), a.key)
}

// A Pair is a certificate and its key, in two files.
type Pair struct {
	Cert, Key string // the paths
	Authority string // the certificate of the authority, in PEM
	Roots     *x509.CertPool
	texts     [2]string // of both
}

// NewPair makes a certificate for names and addresses, by an authority of its
// own, that is valid until then.
func NewPair(t testing.TB, until time.Time, names ...string) Pair {
	t.Helper()
	a, err := newAuthority()
	if err != nil {
		t.Fatalf("cannot make certificates: %v", err)
	}
	cert, err := a.issue(until, names...)
	if err != nil {
		t.Fatalf("cannot make a certificate: %v", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatalf("cannot write a key: %v", err)
	}
	pair := Pair{
		Cert: filepath.Join(t.TempDir(), "server.pem"), Key: filepath.Join(t.TempDir(), "server.key"),
		Authority: inPEM("CERTIFICATE", a.cert.Raw), Roots: a.roots,
		texts: [2]string{inPEM("CERTIFICATE", cert), inPEM("PRIVATE KEY", key)},
	}
	pair.Replace(t, pair)
	return pair
}

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// TLS is what a listener of a configuration has under tls.
func (p Pair) TLS() string {
	return fmt.Sprintf(`{cert: "${file:%s}", key: "${file:%s}"}`, p.Cert, p.Key)
}

// Replace puts the contents of another Pair into the files of this one.
func (p Pair) Replace(t testing.TB, other Pair) {
	t.Helper()
	for i, path := range []string{p.Cert, p.Key} {
		if err := os.WriteFile(path, []byte(other.texts[i]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
