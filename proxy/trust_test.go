package proxy_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// TestTrust: texts of an entry that cannot be used are found when the
// configuration is loaded, each at its place, and those that will not do are
// warned of.
func TestTrust(t *testing.T) {
	authority := newCertifier()
	texts := map[string]string{"ca.pem": authority.pem, "text": "a text"}
	add := func(name string, change func(*x509.Certificate)) {
		made := authority.issue(change)
		der, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
		texts[name+".pem"], texts[name+".key"] = inPEM("CERTIFICATE", made.Certificate[0], nil), inPEM("PRIVATE KEY", der, err)
	}
	client := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	add("client", client)
	add("server", same)
	add("any", func(c *x509.Certificate) { c.ExtKeyUsage = nil })
	add("old", func(c *x509.Certificate) { client(c); c.NotBefore, c.NotAfter = then.Add(-time.Hour), then })
	texts["both"] = authority.pem + texts["client.pem"]
	texts["root and key"] = authority.pem + texts["client.key"]
	texts["broken"] = inPEM("CERTIFICATE", []byte("x"), nil)
	texts["encrypted"] = inPEM("ENCRYPTED PRIVATE KEY", []byte("x"), nil)
	texts["chain the wrong way"] = authority.pem + texts["client.pem"]
	const (
		certHint = ` (write "${file:%s.pem}", or the text that begins with -----BEGIN CERTIFICATE-----)`
		keyHint  = ` (write "${file:client.key}", or the text that begins with -----BEGIN PRIVATE KEY-----)`
		noKey    = "6:14: upstreams[0].tls.roots: there is a private key among the certificates (authorities are known by their certificates alone)"
	)
	for _, tt := range []struct {
		name, roots, cert, key string
		problems, warnings     []string
	}{
		{name: "all", roots: "ca.pem", cert: "client.pem", key: "client.key"},
		{name: "for any use", roots: "ca.pem", cert: "any.pem", key: "any.key"},
		{name: "roots alone", roots: "ca.pem"},
		{name: "a pair alone", cert: "client.pem", key: "client.key"},

		{name: "no certificate", roots: "text", problems: []string{"6:14: upstreams[0].tls.roots: there is no certificate in PEM" + fmt.Sprintf(certHint, "ca")}},
		{name: "a broken certificate", roots: "broken", problems: []string{"6:14: upstreams[0].tls.roots: certificate 1 is not well formed"}},
		{name: "a key for roots", roots: "client.key", problems: []string{noKey}},
		{name: "a key among roots", roots: "root and key", problems: []string{noKey}},
		{name: "no client certificate", cert: "text", key: "client.key", problems: []string{"6:20: upstreams[0].tls.client_cert: there is no certificate in PEM" + fmt.Sprintf(certHint, "client")}},
		{name: "no key", cert: "client.pem", key: "text", problems: []string{"7:19: upstreams[0].tls.client_key: there is no private key in PEM" + keyHint}},
		{name: "an encrypted key", cert: "client.pem", key: "encrypted", problems: []string{"7:19: upstreams[0].tls.client_key: the key is encrypted, which is not supported (decrypt it with: openssl pkey -in KEY)"}},
		{name: "another key", cert: "client.pem", key: "server.key", problems: []string{"7:19: upstreams[0].tls.client_key: the key does not belong to the certificate"}},
		{name: "the authority first", cert: "chain the wrong way", key: "client.key", problems: []string{"6:20: upstreams[0].tls.client_cert: the key belongs to certificate 2 (the client's own certificate stands first)"}},
		{name: "both wrong", roots: "text", cert: "text", key: "text", problems: []string{
			"6:14: upstreams[0].tls.roots: there is no certificate in PEM" + fmt.Sprintf(certHint, "ca"),
			"7:20: upstreams[0].tls.client_cert: there is no certificate in PEM" + fmt.Sprintf(certHint, "client"),
		}},

		{name: "no authority", roots: "both", warnings: []string{"6:14: upstreams[0].tls.roots: certificate 2 is that of no authority, so only an upstream that shows this very one is trusted (name the authority that has made it)"}},
		{name: "expired roots", roots: "old.pem", warnings: []string{"6:14: upstreams[0].tls.roots: certificate 1: the certificate has expired at 2020-01-02T03:04:05Z"}},
		{name: "an expired certificate", cert: "old.pem", key: "old.key", warnings: []string{"6:20: upstreams[0].tls.client_cert: the certificate has expired at 2020-01-02T03:04:05Z"}},
		{name: "a certificate for servers", cert: "server.pem", key: "server.key", warnings: []string{"6:20: upstreams[0].tls.client_cert: the certificate is not one for clients (its extended key usage has to name clientAuth)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeTexts(t, dir, texts)
			yaml := "listen: 127.0.0.1:0\nupstreams:\n  - host: api.acme.test\n    limits: {concurrency: 9}\n    tls:\n"
			for _, line := range [][2]string{{"roots", tt.roots}, {"client_cert", tt.cert}, {"client_key", tt.key}} {
				if line[1] != "" {
					yaml += "      " + line[0] + `: "${file:` + line[1] + "}\"\n"
				}
			}
			file := filepath.Join(dir, "egret.yaml")
			writeTexts(t, dir, map[string]string{"egret.yaml": yaml})
			cfg, problems := proxy.Check(file, noEnvironment)
			if diff := cmp.Diff(tt.problems, inWords(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, inWords(cfg.Warnings)); diff != "" && tt.problems == nil {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if tt.key == "" {
				return
			}
			if _, secret, _ := strings.Cut(texts[tt.key], "\n"); len(secret) > 20 && strings.Contains(problems.Detailed(), secret[:20]) {
				t.Errorf("the key stands in %s", problems.Detailed())
			}
		})
	}
}

func inWords(problems configs.Problems) (list []string) {
	for _, p := range problems {
		text := fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Path, p.Message)
		if p.Hint != "" {
			text += " (" + p.Hint + ")"
		}
		list = append(list, text)
	}
	return list
}

// TestTrustReload: a file of an entry that went bad changes nothing.
func TestTrustReload(t *testing.T) {
	authority := newCertifier()
	dir := t.TempDir()
	writeTexts(t, dir, map[string]string{"ca.pem": authority.pem})
	yaml := withTLS(dir, `roots: "${file:DIR/ca.pem}"`)
	e := start(t, yaml, dialling(unused(t)))
	writeTexts(t, dir, map[string]string{"ca.pem": "no more"})
	if err := e.Reload(yaml); !errors.As(err, new(configs.Problems)) {
		t.Errorf("got error %v, want problems", err)
	}
	wantRefusal(t, absolute(e, "https://api.acme.test/"), 502, "upstream_unreachable")
}
