package proxy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
)

// eventually polls until ok is true, or fails the test.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestControlPlane(t *testing.T) {
	e := start(t, acme)
	key := e.AdminKey()
	e.Canary.Add(key)
	bearer := []string{"Authorization", "Bearer " + key}
	eventually(t, "every token cache is warm", func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 })
	tests := []struct {
		name, method, path string
		header             []string
		status             int
		code, body         string
	}{
		{"alive", "GET", "/healthz", nil, 200, "", "yes\n"},
		{"alive, HEAD", "HEAD", "/healthz", nil, 200, "", ""},
		{"ready", "GET", "/readyz", nil, 200, "", "yes\n"},
		{"warm", "GET", "/readyz?strict", nil, 200, "", "yes\n"},
		{"no key", "GET", "/", nil, 401, "unauthenticated", ""},
		{"no key, unknown path", "GET", "/api/caches", nil, 401, "unauthenticated", ""},
		{"wrong key", "GET", "/", []string{"Authorization", "Bearer wrong-key-0123456789"}, 401, "unauthenticated", ""},
		{"the scheme alone", "GET", "/", []string{"Authorization", "Bearer"}, 401, "unauthenticated", ""},
		{"key twice", "GET", "/", append(bearer, bearer...), 401, "unauthenticated", ""},
		{"key", "GET", "/", bearer, 404, "not_found", ""},
		{"another method of a health check", "POST", "/healthz", nil, 401, "unauthenticated", ""},
		{"Functions are not here", "GET", "/v1/functions", bearer, 404, "not_found", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := e.Do(tt.method, e.AdminURL+tt.path, "", tt.header...)
			if tt.code != "" {
				wantRefusal(t, got, tt.status, tt.code)
				if challenge := got.Header.Get("WWW-Authenticate"); (challenge != "") != (tt.status == 401) {
					t.Errorf("got the challenge %q with status %d", challenge, tt.status)
				}
				return
			}
			if got.Status != tt.status || got.Body != tt.body {
				t.Errorf("got %d %q, want %d %q", got.Status, got.Body, tt.status, tt.body)
			}
		})
	}
}

// The key of the data plane opens nothing here, and the other way round.
func TestControlPlaneHost(t *testing.T) {
	e := start(t, acme)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/"} {
		c := e.ConnectAdmin()
		c.Send("GET " + path + " HTTP/1.1\r\nHost: evil.test\r\nAuthorization: Bearer " + e.AdminKey() + "\r\n\r\n")
		wantRefusal(t, c.Answer("GET"), 403, "host_rejected")
	}
}

func TestMetrics(t *testing.T) {
	e := start(t, acme)
	wantOK(t, e.Call("stored", "{}"))
	wantOK(t, e.Get("http://api.acme.test/"))
	e.Call("no_such", "{}")
	eventually(t, "every token cache is warm", func() bool { return e.Get(e.AdminURL+"/readyz?strict").Status == 200 })
	got := e.Get(e.AdminURL + "/metrics")
	wantOK(t, got)
	for _, line := range []string{
		`egret_requests_total{code="",status="200",way="call"} 1`,
		`egret_requests_total{code="",status="200",way="forward"} 1`,
		`egret_requests_total{code="unknown_function",status="404",way="call"} 1`,
		`egret_token_refreshes_total{cache="acme_token",result="ok"} 1`,
		`egret_token_seconds_left{cache="static_key"} `,
		`egret_build_info{version="test"} 1`,
		`egret_client_bytes_total{direction="received"} `,
		`egret_client_bytes_total{direction="sent"} `,
	} {
		if !strings.Contains(got.Body, "\n"+line) {
			t.Errorf("the metrics have no line %s", line)
		}
		if strings.Contains(got.Body, "\n"+line+"0\n") {
			t.Errorf("the metrics have the line %s0", line)
		}
	}
}

// The key is made once, for its owner alone, and kept.
func TestAdminKey(t *testing.T) {
	e := start(t, acme)
	path := filepath.Join(filepath.Dir(e.File), ".egret", "admin.key")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("got mode %o, want 600", got)
	}
	key := e.AdminKey()
	if len(key) < 26 {
		t.Errorf("the key has %d characters, want at least 26", len(key))
	}
	cfg, err := proxy.Load(e.File, noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	again, err := proxy.New(cfg, proxy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Listen(); err != nil {
		t.Fatal(err)
	}
	if e.AdminKey() != key {
		t.Error("the key has changed")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v (error: %v) in the state directory, want the key alone", entries, err)
	}
}

func TestAdminKeyTooShort(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "admin.key"), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := newServer(t, "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nstate: "+dir+"\n")
	if err := server.Listen(); err == nil || !strings.Contains(err.Error(), "shorter than 16 characters") || strings.Contains(err.Error(), "short\n") {
		t.Errorf("got error %v, want one that the key is too short", err)
	}
	if server.Addr() != "" || server.AdminAddr() != "" {
		t.Errorf("got addresses %q and %q after a failure, want none", server.Addr(), server.AdminAddr())
	}
}

// A configured key is the key, and none is made.
func TestConfiguredAdminKey(t *testing.T) {
	const key = "configured-admin-key-0123"
	e := start(t, strings.Replace(acme, "admin: 127.0.0.1:0", "admin: {listen: 127.0.0.1:0, key: "+key+"}", 1))
	e.Canary.Add(key)
	if got := e.Get(e.AdminURL+"/", "Authorization", "Bearer "+key); got.Status != 404 {
		t.Errorf("got %d with the configured key, want 404", got.Status)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(e.File), ".egret")); !os.IsNotExist(err) {
		t.Errorf("got error %v for the state directory, want that there is none", err)
	}
}

// Without a control plane there is none.
func TestNoControlPlane(t *testing.T) {
	e := start(t, strings.Replace(acme, "admin: 127.0.0.1:0", "", 1))
	if e.AdminURL != "" {
		t.Errorf("got a control plane at %s, want none", e.AdminURL)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		wantRefusal(t, e.Get(e.URL+path), 404, "not_found")
	}
}

// An address that is taken is an error that names it, and leaves nothing open.
func TestListenTaken(t *testing.T) {
	e := start(t, acme)
	for _, yaml := range []string{
		"listen: " + e.Server.Addr() + "\n",
		"listen: 127.0.0.1:0\nadmin: {listen: " + e.Server.Addr() + ", key: configured-admin-key-0123}\n",
	} {
		server := newServer(t, yaml)
		if err := server.Run(t.Context()); err == nil || !strings.Contains(err.Error(), e.Server.Addr()) {
			t.Errorf("got error %v, want one that names %s", err, e.Server.Addr())
		}
	}
}
