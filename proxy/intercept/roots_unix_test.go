//go:build !darwin && !windows

package intercept_test

import (
	"crypto/x509"
	"errors"
	"testing"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/proxy/intercept"
)

// The bundle of this system has what crypto/x509 trusts here. On the
// others crypto/x509 asks the system itself.
func TestBundleOfSystem(t *testing.T) {
	a := newAuthority(t)
	bundle, err := a.Bundle()
	if errors.Is(err, intercept.ErrNoRoots) {
		configstest.Missing(t, "this system has no authorities: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	want, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	want = want.Clone()
	want.AddCert(a.Certificate())
	got := x509.NewCertPool()
	got.AppendCertsFromPEM(bundle)
	if !got.Equal(want) {
		t.Errorf("got %d authorities, want those of crypto/x509", len(subjects(t, bundle)))
	}
}
