package proxytest_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A curlOrigin is what curl talks to through egret: one server for HTTP and one
// for HTTPS, for every host. It reads bodies as they come.
type curlOrigin struct {
	plain, secure *httptest.Server
	roots         *x509.CertPool
	file          string // the certificate of its authority

	mu   sync.Mutex
	seen []originRequest
}

// An originRequest is a request as the origin got it.
type originRequest struct {
	line   string // "GET /echo HTTP/1.1"
	host   string
	header http.Header
	client string // the address that it came from
	coding string // Transfer-Encoding
	size   int64  // of the body
	digest string
}

func startCurlOrigin(t *testing.T) *curlOrigin {
	t.Helper()
	pair := proxytest.NewPair(t, time.Now().Add(time.Hour), "api.acme.test", "blind.acme.test")
	certificate, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	o := &curlOrigin{roots: pair.Roots, file: filepath.Join(t.TempDir(), "roots.pem")}
	if err := os.WriteFile(o.file, []byte(pair.Authority), 0o600); err != nil {
		t.Fatal(err)
	}
	o.plain = httptest.NewServer(o)
	o.secure = httptest.NewUnstartedServer(o)
	o.secure.TLS = &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1", "http/1.0"}, // as nginx has it
	}
	o.secure.StartTLS()
	t.Cleanup(o.plain.Close)
	t.Cleanup(o.secure.Close)
	return o
}

// reached makes egret reach the origin for every host.
func (o *curlOrigin) reached() proxytest.Option {
	return func(options *proxy.Options) {
		options.RootCAs = o.roots
		options.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			server := o.plain
			if strings.HasSuffix(address, ":443") {
				server = o.secure
			}
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, server.Listener.Addr().String())
		}
	}
}

// take gives the requests that came since it was asked last.
func (o *curlOrigin) take() []originRequest {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := o.seen
	o.seen = nil
	return seen
}

// ServeHTTP answers by path: /early without reading the body, /echo with the
// credential, coded when that is accepted, /large with a MiB, and whatever else
// with the size and the digest of what it was sent.
func (o *curlOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := originRequest{
		line: r.Method + " " + r.RequestURI + " " + r.Proto, host: r.Host, header: r.Header.Clone(),
		client: r.RemoteAddr, coding: strings.Join(r.TransferEncoding, ","),
	}
	if r.URL.Path == "/early" {
		o.note(seen)
		w.Header().Set("Connection", "close")
		http.Error(w, "too much", http.StatusRequestEntityTooLarge)
		return
	}
	sum := sha256.New()
	seen.size, _ = io.Copy(sum, r.Body)
	seen.digest = hex.EncodeToString(sum.Sum(nil))
	o.note(seen)
	switch r.URL.Path {
	case "/echo":
		echo := "you sent " + r.Header.Get("Authorization") + "\n"
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			_, _ = io.WriteString(w, echo)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, echo)
		_ = z.Close()
	case "/large":
		_, _ = io.CopyN(w, endless{}, 1<<20)
	default:
		_, _ = fmt.Fprintf(w, "%d %s\n", seen.size, seen.digest)
	}
}

func (o *curlOrigin) note(seen originRequest) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, seen)
}

// endless reads as bytes that differ from place to place.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte('a' + i%23)
	}
	return len(p), nil
}
