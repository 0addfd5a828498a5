package intercept

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// How long an authority lives. Who trusts one that is kept in a file has done so
// by hand, on every machine, and should not have to each month. One in memory
// ends with its process, and its life matters only if somebody has its key.
const (
	keptLife   = 2 * 365 * 24 * time.Hour
	memoryLife = 90 * 24 * time.Hour
)

// organization is the one in the subject of every certificate.
const organization = "egret"

// backdated is how far the clock of a client may be behind.
const backdated = time.Hour

// An Authority makes the certificates of intercepted hosts. Its methods may be
// called by several goroutines at once. No method gives its private key away.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey

	// All leaves share a key. It lives in the memory of the process that holds
	// the authority's own key too: who can read one can read the other.
	leafKey *ecdsa.PrivateKey
	leafID  []byte

	hosts  *lru.Cache[string, *host]
	making singleflight.Group
}

// New makes an authority that is in memory only. It lives 90 days.
func New() (*Authority, error) {
	key, certificate, err := generate(memoryLife)
	if err != nil {
		return nil, err
	}
	return newAuthority(key, certificate)
}

func newAuthority(key *ecdsa.PrivateKey, certificate *x509.Certificate) (*Authority, error) {
	leafKey, leafID, err := newKey()
	if err != nil {
		return nil, err
	}
	hosts, err := lru.New[string, *host](mostHosts)
	if err != nil {
		return nil, err
	}
	return &Authority{certificate: certificate, key: key, leafKey: leafKey, leafID: leafID, hosts: hosts}, nil
}

// generate makes a key and its certificate. The subject has a part of the key's
// digest in it: each authority has its own, and replaces no other one in a store
// that goes by names.
func generate(life time.Duration) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	key, id, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organization}, CommonName: fmt.Sprintf("egret CA %x", id[:4])},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.Add(life),
		SubjectKeyId:          id,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key) // with a random serial number
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make a certificate authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(der) // the template lacks what CreateCertificate adds
	return key, certificate, err
}

// newKey makes a key and its identifier, of RFC 7093 section 2, method 1.
func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make a key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make a key: %w", err)
	}
	digest := sha256.Sum256(point)
	return key, digest[:20], nil
}

// Certificate gives the authority's certificate. It belongs to the authority.
func (a *Authority) Certificate() *x509.Certificate { return a.certificate }

// DER gives the authority's certificate in DER.
func (a *Authority) DER() []byte { return append([]byte(nil), a.certificate.Raw...) }

// PEM gives the authority's certificate in PEM.
func (a *Authority) PEM() []byte { return encode(a.certificate) }

// encode gives a certificate in PEM.
func encode(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Bytes: c.Raw})
}

// soon is how long before its end an authority begins to warn.
const soon = 30 * 24 * time.Hour

// Warning says that the authority ends soon, and what to do. It is empty as long
// as more than 30 days are left.
func (a *Authority) Warning() string {
	left := time.Until(a.certificate.NotAfter)
	if left > soon {
		return ""
	}
	return fmt.Sprintf("the certificate authority %q ends on %s: make a new one with `egret ca --new`, and let clients trust it",
		a.certificate.Subject.CommonName, a.certificate.NotAfter.UTC().Format(time.DateOnly))
}
