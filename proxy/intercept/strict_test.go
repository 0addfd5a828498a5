package intercept_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/proxy/intercept"
)

// tool gives a command that a test needs.
func tool(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		configstest.Missing(t, "%s is not installed", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, path, args...)
}

// write keeps a text in a file of the test.
func write(t *testing.T, name string, text []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// OpenSSL finds nothing to say against the certificates, however strict it is.
func TestOpenSSL(t *testing.T) {
	a := newAuthority(t)
	roots := write(t, "ca.pem", a.PEM())
	for _, host := range hosts {
		name := []string{"-verify_hostname", host}
		if net.ParseIP(host) != nil {
			name[0] = "-verify_ip"
		}
		der := write(t, "leaf.der", leaf(t, a, host).Raw)
		args := append([]string{"verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-no-CAstore", "-CAfile", roots}, name...)
		if out, err := tool(t, "openssl", append(args, der)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", host, err, out)
		}
	}
}

// serve answers TLS connections until the test ends.
func serve(t *testing.T, config *tls.Config) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			_ = raw.SetDeadline(time.Now().Add(time.Minute))
			_ = tls.Server(raw, config).Handshake()
			_ = raw.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().(*net.TCPAddr).Port
}

// python is a client as Python 3.13 makes it by default, in any version. It
// says nothing when the handshake succeeds.
const python = `
import socket, ssl, sys
roots, port, name = sys.argv[1:]
context = ssl.create_default_context(cafile=roots)
context.verify_flags |= ssl.VERIFY_X509_STRICT
context.wrap_socket(socket.create_connection(("127.0.0.1", int(port)), 30), server_hostname=name)
`

func TestPython(t *testing.T) {
	a := newAuthority(t)
	roots := write(t, "ca.pem", a.PEM())
	for _, host := range hosts {
		if strings.Contains(host, "_") {
			continue // Python's own rule for names
		}
		port := serve(t, serverConfig(t, a, host))
		if out, err := tool(t, "python3", "-c", python, roots, fmt.Sprint(port), host).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v: %s", host, err, out)
		}
	}
}

// OpenSSL and Python say which alert they got: the first of the two.
func TestServerNameAlert(t *testing.T) {
	a := newAuthority(t)
	roots := write(t, "ca.pem", a.PEM())
	port := serve(t, serverConfig(t, a, "api.acme.test"))
	for _, cmd := range []*exec.Cmd{
		tool(t, "openssl", "s_client", "-connect", fmt.Sprint("127.0.0.1:", port), "-servername", "www.acme.test"),
		tool(t, "openssl", "s_client", "-tls1_2", "-connect", fmt.Sprint("127.0.0.1:", port), "-servername", "www.acme.test"),
		tool(t, "python3", "-c", python, roots, fmt.Sprint(port), "www.acme.test"),
	} {
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(strings.ReplaceAll(strings.ToLower(string(out)), "_", " "), "unrecognized name") {
			t.Errorf("%s: got error %v and %s, want the alert unrecognized name", cmd, err, out)
		}
	}
}

// Java's own tool reads the trust store, and finds the system's authorities and
// egret's.
func TestKeytool(t *testing.T) {
	a := newAuthority(t)
	other := newAuthority(t)
	t.Setenv("SSL_CERT_FILE", write(t, "roots.pem", other.PEM()))
	t.Setenv("SSL_CERT_DIR", t.TempDir())
	store, err := a.PKCS12("changeit")
	if err != nil {
		t.Fatal(err)
	}
	out, err := tool(t, "keytool", "-list", "-v", "-storetype", "PKCS12", "-storepass", "changeit", "-keystore", write(t, "ca.p12", store)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := string(out)
	for _, c := range []*intercept.Authority{a, other} {
		if want := "Owner: " + strings.ReplaceAll(c.Certificate().Subject.String(), ",", ", "); !strings.Contains(text, want) {
			t.Errorf("got %s, which lacks %s", text, want)
		}
	}
	if got := strings.Count(text, "Entry type: trustedCertEntry"); got != 2 || !bytes.Contains(out, []byte("contains 2 entries")) {
		t.Errorf("got %d authorities, want 2: %s", got, text)
	}
}
