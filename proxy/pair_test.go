package proxy_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// inPEM gives a block of PEM.
func inPEM(kind string, der []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// certified gives a certificate of a key.
func certified(public, private any) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"egret.test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	return inPEM("CERTIFICATE", der, err)
}

// must gives what has no error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// pairProblems reads a configuration with a certificate and its key.
func pairProblems(t *testing.T, cert, key string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"server.pem": cert, "server.key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yaml := "listen:\n  address: 127.0.0.1:0\n  tls:\n    cert: ${file:server.pem}\n    key: ${file:server.key}\n"
	_, err := proxy.Parse(filepath.Join(dir, "egret.yaml"), []byte(yaml), noEnvironment)
	var problems configs.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatalf("got error %v, want problems", err)
	}
	var got []string
	for _, p := range problems {
		text := fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Path, p.Message)
		if p.Hint != "" {
			text += " (" + p.Hint + ")"
		}
		got = append(got, text)
	}
	if _, secret, _ := strings.Cut(key, "\n"); err != nil && len(secret) > 20 && strings.Contains(problems.Detailed(), secret[:20]) {
		t.Errorf("the key stands in %s", problems.Detailed())
	}
	return got
}

// Every form of a key that programs write is read, and whatever does not make a
// listener is found before there is one.
func TestPair(t *testing.T) {
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	other := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	short := must(rsa.GenerateKey(rand.Reader, 1024))
	odd := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	agreement := must(ecdh.X25519().GenerateKey(rand.Reader))
	pkcs8 := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return inPEM("PRIVATE KEY", der, err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	ecCert, ecPKCS8, ecSEC1 := certified(ec.Public(), ec), pkcs8(ec), inPEM("EC PRIVATE KEY", sec1, err)
	otherCert := certified(other.Public(), other)
	parameters := inPEM("EC PARAMETERS", []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}, nil)
	encrypted := "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"
	const (
		certHint = ` (write "${file:server.pem}", or the text that begins with -----BEGIN CERTIFICATE-----)`
		keyHint  = ` (write "${file:server.key}", or the text that begins with -----BEGIN PRIVATE KEY-----)`
		useHint  = " (use P-256, P-384, P-521, Ed25519 or RSA)"
		decrypt  = " (decrypt it with: openssl pkey -in KEY)"
	)
	for _, tt := range []struct {
		name, cert, key string
		want            string // "" is no problem
	}{
		{"PKCS #8", ecCert, ecPKCS8, ""},
		{"SEC 1", ecCert, ecSEC1, ""},
		{"SEC 1 behind its parameters", ecCert, parameters + ecSEC1, ""},
		{"PKCS #1", certified(rsaKey.Public(), rsaKey), inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), ""},
		{"RSA in PKCS #8", certified(rsaKey.Public(), rsaKey), pkcs8(rsaKey), ""},
		{"Ed25519", certified(edPublic, edKey), pkcs8(edKey), ""},
		{"a chain", ecCert + otherCert, ecPKCS8, ""},
		{"all in one file", ecPKCS8 + ecCert, ecPKCS8 + ecCert, ""},
		{"text around the blocks", "subject=egret\n" + ecCert, "Key Attributes\n" + ecPKCS8, ""},

		{"no certificate", "a text", ecPKCS8, "4:11: listen.tls.cert: there is no certificate in PEM" + certHint},
		{"a key for a certificate", ecPKCS8, ecPKCS8, "4:11: listen.tls.cert: there is no certificate in PEM" + certHint},
		{"a broken certificate", inPEM("CERTIFICATE", []byte("x"), nil), ecPKCS8, "4:11: listen.tls.cert: certificate 1 is not well formed"},
		{"a broken second certificate", ecCert + inPEM("CERTIFICATE", []byte("x"), nil), ecPKCS8, "4:11: listen.tls.cert: certificate 2 is not well formed"},
		{"the root first", otherCert + ecCert, ecPKCS8, "4:11: listen.tls.cert: the key belongs to certificate 2 (the server's own certificate stands first)"},
		{"another key", ecCert, pkcs8(other), "5:10: listen.tls.key: the key does not belong to the certificate"},
		{"a key of another kind", ecCert, pkcs8(rsaKey), "5:10: listen.tls.key: the key does not belong to the certificate"},
		{"no key", ecCert, ecCert, "5:10: listen.tls.key: there is no private key in PEM" + keyHint},
		{"a broken key", ecCert, inPEM("PRIVATE KEY", []byte("x"), nil), "5:10: listen.tls.key: the key is not well formed"},
		{"an encrypted key", ecCert, inPEM("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "5:10: listen.tls.key: the key is encrypted, which is not supported" + decrypt},
		{"an encrypted key of old", ecCert, encrypted, "5:10: listen.tls.key: the key is encrypted, which is not supported" + decrypt},
		{"a short key", certified(short.Public(), short), pkcs8(short), "5:10: listen.tls.key: the RSA key has fewer than 2048 bits"},
		{"a curve of old", certified(odd.Public(), odd), pkcs8(odd), "5:10: listen.tls.key: TLS has no signatures on the curve of the key" + useHint},
		{"a key for agreement", ecCert, pkcs8(agreement), "5:10: listen.tls.key: the key makes no signatures" + useHint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if diff := cmp.Diff(want, pairProblems(t, tt.cert, tt.key)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// Both listeners are looked at, and other problems beside them.
func TestPairOfBoth(t *testing.T) {
	yaml := "listen: {address: 127.0.0.1:0, tls: {cert: a, key: b}}\nadmin: {listen: 127.0.0.1:0, tls: {cert: c, key: d}}\nnonsense: 1\n"
	_, err := proxy.Parse("egret.yaml", []byte(yaml), noEnvironment)
	want := `egret.yaml:1:44: listen.tls.cert: there is no certificate in PEM
egret.yaml:2:42: admin.tls.cert: there is no certificate in PEM
egret.yaml:3:1: nonsense: unknown key, egret.yaml has no nonsense`
	if err == nil {
		t.Fatal("got no problem, want three")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
