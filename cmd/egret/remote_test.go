package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/configstest"
)

// answering starts a server with one answer, and gives its URL.
func answering(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func remoteTo(t *testing.T, server, ca string) *remote {
	t.Helper()
	r, err := newRemote(server, configs.NewSecret("a-key-of-a-client"), ca)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// echo answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Host, r.RequestURI, r.Header.Get("Authorization"))
}

func TestRemoteReaches(t *testing.T) {
	plain := answering(t, echo)
	secure := httptest.NewTLSServer(http.HandlerFunc(echo))
	defer secure.Close()
	directory := t.TempDir()
	ca := filepath.Join(directory, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(directory, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		configstest.Missing(t, "no unix sockets: %v", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(echo)}}
	server.Start()
	defer server.Close()
	for _, c := range []struct{ name, server, ca, host string }{
		{"http", plain, "", strings.TrimPrefix(plain, "http://")},
		{"slash", plain + "/", "", strings.TrimPrefix(plain, "http://")},
		{"https", secure.URL, ca, strings.TrimPrefix(secure.URL, "https://")},
		{"unix", "unix:" + socket, "", "localhost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := remoteTo(t, c.server, c.ca).read(t.Context(), "POST", "/v1/functions/f?raw", []byte("{}"))
			if err != nil {
				t.Fatal(err)
			}
			want := "POST " + c.host + " /v1/functions/f?raw Bearer a-key-of-a-client"
			if string(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRemoteBadServers(t *testing.T) {
	const form = "the server is named as http://HOST:PORT, https://HOST:PORT or unix:/path/to.sock"
	for server, want := range map[string]string{
		"":                        form,
		"127.0.0.1:8080":          form,
		"ftp://127.0.0.1":         form,
		"http://":                 form,
		"http://[::1":             form,
		"unix:":                   "the path behind unix: is missing",
		"http://me:secret@host/":  "the server's URL has a user: everybody on this machine can read arguments; use --key-file",
		"http://127.0.0.1/v1":     "the server's URL is scheme, host and port alone",
		"http://127.0.0.1?x":      "the server's URL is scheme, host and port alone",
		"https://127.0.0.1/#part": "the server's URL is scheme, host and port alone",
	} {
		_, err := newRemote(server, configs.Secret{}, "")
		if usage, ok := errors.AsType[*usageError](err); !ok || usage.Error() != want {
			t.Errorf("%q: got %v, want %q", server, err, want)
		}
	}
	_, err := newRemote("http://h", configs.NewSecret("two\nlines"), "")
	if err == nil || err.Error() != "the key has a space or another character that no header can carry" {
		t.Errorf("got %v for a key with a line break", err)
	}
}

func TestRemoteRefusals(t *testing.T) {
	const problem = `{"code":"invalid_arguments","detail":"the arguments\u001b[2J do not fit","errors":[{"pointer":"/id","keyword":"type","detail":"must be text"}],"remedy":"a: b\nc: d"}`
	for _, c := range []struct {
		name                      string
		status                    int
		kind, proxy, text, report string
		exit                      int
	}{
		{
			"refusal", 422, "application/problem+json", "egret; error=http_request_error; details=invalid_arguments", problem,
			"egret: error: invalid_arguments: the arguments\uFFFD[2J do not fit\negret: error: /id: must be text\negret: hint: this would permit it: a: b\nc: d\n", exitRefused,
		},
		{
			"key", 401, "application/problem+json; charset=utf-8", "other, egret; error=http_request_denied", `{"code":"unauthenticated","detail":"a key is needed"}`,
			"egret: error: unauthenticated: a key is needed\n", exitUnauthorised,
		},
		{
			"unreadable", 500, "application/problem+json", "egret; error=http_request_denied", `{"code":`,
			"egret: error: internal: egret refused, and its reason cannot be read: unexpected end of JSON input\n", exitUnexpected,
		},
		{
			"somebody else", 502, "application/problem+json", "other; error=http_request_denied", problem,
			"egret: error: SERVER answered with status 502: what answers there is no egret\n", exitRefused,
		},
		{"no problem", 404, "text/html", "", "not here", "egret: error: SERVER answered with status 404: what answers there is no egret\n", exitRefused},
		{"redirect", 302, "text/html", "", "", "egret: error: SERVER answered with status 302: what answers there is no egret\n", exitRefused},
		{"too long", 200, "text/plain", "", strings.Repeat("x", maxRemote+1), "egret: error: upstream_too_large: the answer has more than 67108864 bytes\n", exitRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := 0
			server := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("Location", "/elsewhere")
				if c.proxy != "" {
					w.Header().Set("Proxy-Status", c.proxy)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.text))
			})
			_, err := remoteTo(t, server, "").read(t.Context(), "GET", "/", nil)
			var said strings.Builder
			report(&said, err)
			if diff := cmp.Diff(strings.ReplaceAll(c.report, "SERVER", server), said.String()); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if got := exitStatus(err); got != c.exit || asked != 1 {
				t.Errorf("got exit status %d after %d requests, want %d after 1", got, asked, c.exit)
			}
		})
	}
}

func TestRemoteUnreachable(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	silent := answering(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		server, want string
		ctx          context.Context
	}{
		{"http://127.0.0.1:1", "cannot reach http://127.0.0.1:1: dial tcp 127.0.0.1:1: ", t.Context()},
		{"unix:/nowhere/s", "cannot reach unix:/nowhere/s: dial unix /nowhere/s: ", t.Context()},
		{secure.URL, "cannot reach " + secure.URL + ": tls: failed to verify certificate: ", t.Context()},
		{silent, "cannot reach " + silent + ": context canceled", ended},
	} {
		_, err := remoteTo(t, c.server, "").read(c.ctx, "GET", "/", nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || exitStatus(err) != exitUnreachable {
			t.Errorf("got %v (exit status %d), want %q… (4)", err, exitStatus(err), c.want)
		}
	}
}

func TestRemoteExposed(t *testing.T) {
	for server, want := range map[string]bool{
		"http://egret.acme.test:8080": true,
		"http://10.0.0.1":             true,
		"http://127.0.0.1.acme.test":  true,
		"https://egret.acme.test":     false,
		"http://127.0.0.1:8080":       false,
		"http://[::1]:8080":           false,
		"http://localhost:8080":       false,
		"unix:/run/egret.sock":        false,
	} {
		if got := remoteTo(t, server, "").exposed(); got != want {
			t.Errorf("%s: exposed is %t, want %t", server, got, want)
		}
		keyless, err := newRemote(server, configs.Secret{}, "")
		if err != nil || keyless.exposed() {
			t.Errorf("%s without a key: exposed, or error %v", server, err)
		}
	}
}
