package proxy_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy"
)

// writeFleet writes a configuration of that many thousand token caches, each
// with a key of its own, in files of a thousand.
func writeFleet(t testing.TB, thousands int) (file string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "conf.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("egret.yaml", "listen: 127.0.0.1:0\ninclude: [conf.d/*.yaml]\n")
	for f := range thousands {
		var caches, tokens strings.Builder
		for i := range 1000 {
			name, algorithm, key := fmt.Sprintf("t-%d-%d", f, i), "", ""
			switch i % 3 {
			case 0:
				algorithm, key = "HS256, key_type: Secret", rand.Text()+rand.Text()
			case 1:
				private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
				algorithm, key = "ES256, key_type: EcDer", der(t, private, err)
			case 2:
				_, private, err := ed25519.GenerateKey(rand.Reader)
				algorithm, key = "EdDSA, key_type: EdDer", der(t, private, err)
			}
			fmt.Fprintf(&caches, "  - {name: %s, ttl: 60s, hosts: [api.acme.test]}\n", name)
			fmt.Fprintf(&tokens, "  - {name: %s, cache: %s, algorithm: %s, key: %q, claims: {iss: egret, sub: %s}}\n", name, name, algorithm, key, name)
		}
		write(fmt.Sprintf("conf.d/%d.yaml", f), "caches:\n"+caches.String()+"tokens:\n"+tokens.String())
	}
	return filepath.Join(dir, "egret.yaml")
}

func der(t testing.TB, key any, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// BenchmarkStart is what a start costs, and BenchmarkReload what a reload costs
// in which nothing has changed. Both are of 5,000 token caches.
func BenchmarkStart(b *testing.B) {
	file := writeFleet(b, 5)
	for b.Loop() {
		before := heapBytes()
		server, err := proxy.Open(file, proxy.Options{ReadOptions: noEnvironment})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heapBytes()-before)/5000, "B/token")
		server.Close()
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkReload(b *testing.B) {
	server, err := proxy.Open(writeFleet(b, 5), proxy.Options{ReadOptions: noEnvironment})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	for b.Loop() {
		if err := server.Reload(); err != nil {
			b.Fatal(err)
		}
	}
}
