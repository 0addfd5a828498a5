package intercept_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/proxy/intercept"
)

func newAuthority(t testing.TB) *intercept.Authority {
	t.Helper()
	a, err := intercept.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// critical tells whether a certificate has an extension of RFC 5280 section
// 4.2.1, {2 5 29 id}, and whether it is critical.
func critical(c *x509.Certificate, id int) (found, critical bool) {
	for _, e := range c.Extensions {
		if e.Id.Equal([]int{2, 5, 29, id}) {
			return true, e.Critical
		}
	}
	return false, false
}

// The extensions of RFC 5280 that egret's certificates have.
const (
	subjectKeyID     = 14
	keyUsage         = 15
	subjectAltName   = 17
	basicConstraints = 19
	authorityKeyID   = 35
)

// keyID is the identifier that RFC 7093 section 2 gives a key in its method 1.
func keyID(t *testing.T, c *x509.Certificate) []byte {
	t.Helper()
	point, err := c.PublicKey.(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(point)
	return digest[:20]
}

func TestAuthority(t *testing.T) {
	c := newAuthority(t).Certificate()
	if !c.IsCA || !c.BasicConstraintsValid || c.MaxPathLen != 0 || !c.MaxPathLenZero {
		t.Errorf("got CA %t with path length %d, want true and 0", c.IsCA, c.MaxPathLen)
	}
	if want := x509.KeyUsageCertSign | x509.KeyUsageCRLSign; c.KeyUsage != want {
		t.Errorf("got key usage %b, want %b", c.KeyUsage, want)
	}
	for _, id := range []int{keyUsage, basicConstraints} {
		if found, critical := critical(c, id); !found || !critical {
			t.Errorf("extension %d: got there %t, critical %t, want both", id, found, critical)
		}
	}
	if got, want := c.SubjectKeyId, keyID(t, c); !bytes.Equal(got, want) {
		t.Errorf("got subject key %x, want %x", got, want)
	}
	if got := c.Subject.String(); !regexp.MustCompile(`^CN=egret CA [0-9a-f]{8},O=egret$`).MatchString(got) {
		t.Errorf("got subject %q", got)
	}
	if bits := c.SerialNumber.BitLen(); bits < 100 || c.SerialNumber.Sign() <= 0 {
		t.Errorf("got a serial number of %d bits: %d", bits, c.SerialNumber)
	}
	if c.PublicKey.(*ecdsa.PublicKey).Curve != elliptic.P256() {
		t.Error("its key is not on P-256")
	}
	if got := time.Since(c.NotBefore); got < time.Hour || got > time.Hour+time.Minute {
		t.Errorf("got a beginning %s ago, want an hour", got)
	}
	if got := time.Until(c.NotAfter); got < 89*24*time.Hour || got > 90*24*time.Hour {
		t.Errorf("got an end in %s, want 90 days", got)
	}
	if other := newAuthority(t).Certificate(); other.Subject.String() == c.Subject.String() {
		t.Errorf("two authorities are called %s", c.Subject)
	}
}

func TestForms(t *testing.T) {
	a := newAuthority(t)
	block, rest := pem.Decode(a.PEM())
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 || !bytes.Equal(block.Bytes, a.Certificate().Raw) {
		t.Errorf("got PEM %s", a.PEM())
	}
	if !bytes.Equal(a.DER(), a.Certificate().Raw) {
		t.Error("DER is not the certificate")
	}
}

// The warning comes a month before the end, not earlier.
func TestWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuthority(t)
		pass(time.Until(a.Certificate().NotAfter.Add(-30*24*time.Hour - time.Minute)))
		if got := a.Warning(); got != "" {
			t.Errorf("got %q, want none yet", got)
		}
		pass(time.Hour)
		got := a.Warning()
		for _, want := range []string{a.Certificate().Subject.CommonName, a.Certificate().NotAfter.Format(time.DateOnly), "egret ca --new"} {
			if !strings.Contains(got, want) {
				t.Errorf("got %q, which lacks %q", got, want)
			}
		}
	})
}

// hosts are canonical names and addresses.
var hosts = []string{
	"api.acme.test", "localhost", "a_b.acme.test", "127.0.0.1", "::1", "2001:db8::1",
	strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + ".acme.test",
}

// leaf gives the certificate that a client of a host is shown.
func leaf(t testing.TB, a *intercept.Authority, host string) *x509.Certificate {
	t.Helper()
	config, err := a.ServerConfig(host)
	if err != nil {
		t.Fatal(err)
	}
	return config.Certificates[0].Leaf
}

func TestLeaf(t *testing.T) {
	a := newAuthority(t)
	for _, host := range hosts {
		c := leaf(t, a, host)
		opts := x509.VerifyOptions{Roots: x509.NewCertPool()} // for servers, by default
		opts.Roots.AddCert(a.Certificate())
		if _, err := c.Verify(opts); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		verified := host
		if strings.Contains(host, ":") {
			verified = "[" + host + "]"
		}
		if err := c.VerifyHostname(verified); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if len(c.DNSNames)+len(c.IPAddresses) != 1 {
			t.Errorf("%s: got names %q and addresses %v, want one", host, c.DNSNames, c.IPAddresses)
		}
		for id, wantCritical := range map[int]bool{subjectKeyID: false, authorityKeyID: false, subjectAltName: false, keyUsage: true, basicConstraints: true} {
			if found, critical := critical(c, id); !found || critical != wantCritical {
				t.Errorf("%s: extension %d: got there %t, critical %t, want critical %t", host, id, found, critical, wantCritical)
			}
		}
		if !bytes.Equal(c.AuthorityKeyId, a.Certificate().SubjectKeyId) || !bytes.Equal(c.SubjectKeyId, keyID(t, c)) {
			t.Errorf("%s: got keys %x of %x", host, c.SubjectKeyId, c.AuthorityKeyId)
		}
		if c.IsCA || c.KeyUsage != x509.KeyUsageDigitalSignature || !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) {
			t.Errorf("%s: got CA %t, key usage %b and %v", host, c.IsCA, c.KeyUsage, c.ExtKeyUsage)
		}
		if got := time.Until(c.NotAfter); got < 23*time.Hour || got > 24*time.Hour {
			t.Errorf("%s: got an end in %s, want 24h", host, got)
		}
		if got := time.Since(c.NotBefore); got < time.Hour || got > time.Hour+time.Minute {
			t.Errorf("%s: got a beginning %s ago, want an hour", host, got)
		}
		if c.SerialNumber.BitLen() < 100 {
			t.Errorf("%s: got serial number %d", host, c.SerialNumber)
		}
	}
}

func TestServerConfigRefuses(t *testing.T) {
	a := newAuthority(t)
	for _, host := range []string{"", "API.acme.test", "api.acme.test.", "[::1]", "api.acme.test:443", "0x7f.1", "a b", "*.acme.test"} {
		if _, err := a.ServerConfig(host); err == nil {
			t.Errorf("%q: got a certificate, want an error", host)
		}
	}
}

// A certificate is kept, and made anew when half of its life is over. It does
// not outlive the authority, and behind that there is none.
func TestLeafLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuthority(t)
		first, err := a.ServerConfig("api.acme.test")
		if err != nil {
			t.Fatal(err)
		}
		pass(12*time.Hour - time.Minute)
		if again, _ := a.ServerConfig("api.acme.test"); again != first {
			t.Error("the certificate was made anew, want the kept one")
		}
		pass(2 * time.Minute)
		if left := time.Until(leaf(t, a, "api.acme.test").NotAfter); left < 23*time.Hour {
			t.Errorf("got a certificate that lives for %s, want a new one", left)
		}
		end := a.Certificate().NotAfter
		pass(time.Until(end.Add(-time.Hour)))
		if got := leaf(t, a, "api.acme.test").NotAfter; !got.Equal(end) {
			t.Errorf("got the end %s, want the authority's %s", got, end)
		}
		pass(2 * time.Hour)
		if _, err := a.ServerConfig("api.acme.test"); err == nil || !strings.Contains(err.Error(), "expired") {
			t.Errorf("got error %v, want one that says expired", err)
		}
	})
}
