package configs_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// The short form is the long one without a certificate.
func TestListener(t *testing.T) {
	valid, err := filepath.Abs(filepath.Join("testdata", "valid"))
	if err != nil {
		t.Fatal(err)
	}
	const pair = "tls: {cert: a certificate, key: canary-key}"
	type listener struct {
		Address, Socket, Cert, Key string
		Local                      bool
	}
	of := func(l configs.Listener) listener {
		got := listener{Address: l.String(), Socket: l.Socket(), Local: l.Local()}
		if l.TLS != nil {
			got.Cert, got.Key = l.TLS.Cert, l.TLS.Key.Reveal()
		}
		return got
	}
	standard := listener{Address: "127.0.0.1:8080", Local: true}
	for _, tt := range []struct {
		yaml          string
		listen, admin listener
	}{
		{"state: x", standard, listener{}},
		{"listen: '[::1]:80'\nadmin: localhost:81", listener{Address: "[::1]:80", Local: true}, listener{Address: "localhost:81", Local: true}},
		{"listen: {address: 127.0.0.1:80}", listener{Address: "127.0.0.1:80", Local: true}, listener{}},
		{
			"listen: {address: 127.0.0.1:80, " + pair + "}\nadmin: {listen: ':81', " + pair + "}",
			listener{Address: "127.0.0.1:80", Cert: "a certificate", Key: "canary-key", Local: true},
			listener{Address: ":81", Cert: "a certificate", Key: "canary-key"},
		},
		{
			"listen: unix:egret.sock\nadmin: {listen: unix:/run/admin.sock}",
			listener{Address: "unix:" + valid + "/egret.sock", Socket: valid + "/egret.sock", Local: true},
			listener{Address: "unix:/run/admin.sock", Socket: "/run/admin.sock", Local: true},
		},
	} {
		cfg := good(t, tt.yaml)
		if diff := cmp.Diff([]listener{tt.listen, tt.admin}, []listener{of(cfg.Listen), of(cfg.Admin.Listen)}); diff != "" {
			t.Errorf("%s: listeners (-want +got):\n%s", tt.yaml, diff)
		}
		silent(t, cfg, nil)
	}
}

// A key that is mistyped under tls is still one.
func TestListenerMasked(t *testing.T) {
	for _, text := range []string{
		"listen: {address: 127.0.0.1:80, tls: {cert: a, secret: secret123}}\n",
		"listen: {address: 127.0.0.1:80, TLS: {cert: a, secret: secret123}}\n",
		"listen:\n  address: 127.0.0.1:80\n  tls:\n    cert: a\n    key: |\n      secret123\n    x: y\n",
		"listen:\n  address: 127.0.0.1:80\n  tls:\n    cert: a\n    pem: |\n      secret123\n",
		"admin: {listen: 127.0.0.1:80, tls: {cert: a, secret: secret123}}\n",
		"admin: {listen: 127.0.0.1:80, tls: secret123}\n",
	} {
		masks(t, text)
	}
}
