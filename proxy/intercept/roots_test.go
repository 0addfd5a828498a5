package intercept_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/egret-proxy/egret/proxy/intercept"
)

// subjects lists the certificates of a PEM text, and fails when there is
// anything else in it.
func subjects(t *testing.T, text []byte) []string {
	t.Helper()
	var list []string
	for len(text) > 0 {
		block, rest := pem.Decode(text)
		if block == nil || block.Type != "CERTIFICATE" || !bytes.HasPrefix(text, []byte("-----BEGIN ")) {
			t.Fatalf("got %q, want a certificate", text)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		list, text = append(list, certificate.Subject.CommonName), rest
	}
	return list
}

// The variables name where the system's authorities are. What is there twice is
// in the bundle once.
func TestBundle(t *testing.T) {
	a, one, two := newAuthority(t), newAuthority(t), newAuthority(t)
	name := func(a *intercept.Authority) string { return a.Certificate().Subject.CommonName }
	dir := t.TempDir()
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("canary")})
	for file, text := range map[string][]byte{
		"first.pem":  slices.Concat([]byte("# a comment\n"), one.PEM(), key, two.PEM()),
		"second.pem": two.PEM(),
		"rubbish":    []byte("rubbish"),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	empty := t.TempDir()
	for _, test := range []struct {
		name, file, dir string
		want            []string
	}{
		{"file", filepath.Join(dir, "first.pem"), empty, []string{name(one), name(two), name(a)}},
		{"directory", filepath.Join(dir, "rubbish"), dir, []string{name(one), name(two), name(a)}},
		{"both", filepath.Join(dir, "second.pem"), empty + string(os.PathListSeparator) + dir, []string{name(two), name(one), name(a)}},
	} {
		t.Setenv("SSL_CERT_FILE", test.file)
		t.Setenv("SSL_CERT_DIR", test.dir)
		bundle, err := a.Bundle()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := subjects(t, bundle); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		store, err := a.PKCS12("changeit")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		certificates, err := pkcs12.DecodeTrustStore(store, "changeit")
		for _, c := range certificates {
			got = append(got, c.Subject.CommonName)
		}
		if want := append(test.want[len(test.want)-1:], test.want[:len(test.want)-1]...); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: the trust store has %q and error %v, want %q", test.name, got, err, want)
		}
	}
}

// Where there are no authorities there is no bundle either: a client would
// trust less with it than without.
func TestBundleWithoutRoots(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	t.Setenv("SSL_CERT_DIR", dir)
	t.Setenv("SSL_CERT_FILE", write(t, "empty.pem", nil))
	if _, err := a.Bundle(); !errors.Is(err, intercept.ErrNoRoots) {
		t.Errorf("Bundle: got error %v, want ErrNoRoots", err)
	}
	if _, err := a.PKCS12("changeit"); !errors.Is(err, intercept.ErrNoRoots) {
		t.Errorf("PKCS12: got error %v, want ErrNoRoots", err)
	}
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "missing.pem"))
	if _, err := a.Bundle(); err == nil || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("got error %v, want one that names the file", err)
	}
}
