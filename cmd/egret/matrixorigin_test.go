package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// matrixHost is the name of the matrix's API. Only egret can resolve it, and
// unlike localhost it is one that every client asks its proxy for.
const matrixHost = "api.acme.test"

// matrixCache is the cache ID that the clients hold.
const matrixCache = "11111111-2222-3333-4444-555555555555"

// A matrixOrigin is an HTTPS API that answers whoever shows a JWT of the
// matrix's Token, and that has a git repository. The first segment of each path
// is the nonce of whoever asks.
type matrixOrigin struct {
	url     string // https://api.acme.test:port
	config  string // the egret.yaml that knows it
	public  *ecdsa.PublicKey
	content http.Handler // the repository

	mu       sync.Mutex
	answered map[string]int    // requests with a good JWT, by their nonce
	refused  map[string]string // why one was refused
}

// startOrigin starts the API, and writes the configuration for it.
func startOrigin(t *testing.T) *matrixOrigin {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &matrixOrigin{
		config: filepath.Join(dir, "egret.yaml"), public: &key.PublicKey,
		content: http.FileServer(http.Dir(newRepository(t))), answered: map[string]int{}, refused: map[string]string{},
	}
	pair := proxytest.NewPair(t, time.Now().Add(time.Hour), matrixHost)
	certificate, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(o)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	authority := net.JoinHostPort(matrixHost, port)
	o.url = "https://" + authority
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"jwt.pem":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"roots.pem":  pair.Authority,
		"egret.yaml": fmt.Sprintf(matrixConfig, authority, authority, matrixCache),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

const matrixConfig = `
egress:
  allow_private: [127.0.0.1/32]
upstreams:
  - host: %q
    tls: {roots: "${file:roots.pem}"}
caches:
  - name: acme_token
    hosts: [%q]
    id: %s
    ttl: 15m
tokens:
  - name: acme_api_jwt
    cache: acme_token
    algorithm: ES256
    key_type: EcPem
    key: ${file:jwt.pem}
    claims: {iss: egret, sub: support-agent, aud: acme}
`

// ServeHTTP answers with what only it could have answered to this request.
func (o *matrixOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nonce, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	err := o.verify(r)
	o.mu.Lock()
	if err != nil {
		o.refused[nonce] = err.Error()
	} else {
		o.answered[nonce]++
	}
	o.mu.Unlock()
	switch {
	case err != nil:
		http.Error(w, "the JWT is not good", http.StatusUnauthorized)
	case strings.HasPrefix(rest, "orders.git/"):
		http.StripPrefix("/"+nonce+"/orders.git", o.content).ServeHTTP(w, r)
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"order":"A-1001","answer":"%s"}`, answerTo(nonce))
	}
}

// verify tells whether the request shows a JWT of the matrix's Token.
func (o *matrixOrigin) verify(r *http.Request) error {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return fmt.Errorf("there is no bearer token")
	}
	if r.Header.Get("Proxy-Authorization") != "" {
		return fmt.Errorf("the client's key was passed on")
	}
	if r.TLS == nil || r.TLS.ServerName != matrixHost {
		return fmt.Errorf("the request did not ask for %s", matrixHost)
	}
	_, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return o.public, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
		jwt.WithIssuer("egret"), jwt.WithSubject("support-agent"), jwt.WithAudience("acme"))
	return err
}

// seen is how many requests with a nonce were answered, and why one was not.
func (o *matrixOrigin) seen(nonce string) (int, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answered[nonce], o.refused[nonce]
}

// answerTo is what the origin alone answers to a nonce.
func answerTo(nonce string) string {
	sum := sha256.Sum256([]byte("order of " + nonce))
	return hex.EncodeToString(sum[:8])
}

// newRepository makes a bare repository with one commit, ready for a server
// that knows nothing of git.
func newRepository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		configstest.Missing(t, "the matrix needs git: %v", err)
	}
	dir := t.TempDir()
	script := `git init -q --bare . && commit=$(git commit-tree -m "an order" "$(git mktree </dev/null)") &&
git update-ref refs/heads/` + matrixBranch + ` "$commit" && git update-server-info`
	command := exec.CommandContext(t.Context(), "sh", "-c", script)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@acme.test", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@acme.test")
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("cannot make a repository: %v\n%s", err, text)
	}
	return dir
}

// matrixBranch is the branch of the repository. That git lists it shows that
// git was answered.
const matrixBranch = "orders"
