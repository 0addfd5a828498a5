package proxy_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// handshake connects to the data plane with a configuration of its own.
func handshake(t *testing.T, e *proxytest.Egret, config *tls.Config) (*tls.Conn, error) {
	t.Helper()
	raw, err := dialWatched(e.Server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	config.ServerName = "127.0.0.1"
	c := tls.Client(raw, config)
	return c, c.HandshakeContext(t.Context())
}

// Of old versions none is spoken, and of protocols HTTP/1.1 alone.
func TestTLSVersions(t *testing.T) {
	pair := newPair(t)
	e := start(t, on(listenTLS(pair), acme))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		c, err := handshake(t, e, &tls.Config{RootCAs: pair.Roots, MaxVersion: version, NextProtos: []string{"h2", "http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ConnectionState(); got.Version != version || got.NegotiatedProtocol != "http/1.1" {
			t.Errorf("got %s and protocol %q, want %s and http/1.1", tls.VersionName(got.Version), got.NegotiatedProtocol, tls.VersionName(version))
		}
		if got := statusOn(c); got != 200 {
			t.Errorf("got status %d with %s, want 200", got, tls.VersionName(version))
		}
	}
	for name, config := range map[string]*tls.Config{
		"TLS 1.1":         {RootCAs: pair.Roots, MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11},
		"HTTP/2 alone":    {RootCAs: pair.Roots, NextProtos: []string{"h2"}},
		"other authority": {RootCAs: newPair(t).Roots},
	} {
		if _, err := handshake(t, e, config); err == nil {
			t.Errorf("%s: got a connection, want none", name)
		}
	}
	eventually(t, "it is logged", func() bool { return strings.Count(e.Log(), `"msg":"TLS handshake failed"`) == 3 })
	if strings.Contains(e.Log(), `"refused"`) {
		t.Errorf("a handshake that failed was taken for a request:\n%s", e.Log())
	}
}

// A page that came by http is another origin.
func TestTLSOrigin(t *testing.T) {
	e := start(t, on(listenTLS(newPair(t)), acme))
	wantOK(t, e.Get(e.URL+"/v1/functions", "Origin", e.URL))
	wantRefusal(t, e.Get(e.URL+"/v1/functions", "Origin", "http://"+e.Server.Addr()), 403, "host_rejected")
}

// Who is slow to shake hands is cut off, and holds nobody up meanwhile.
func TestTLSSlowHandshake(t *testing.T) {
	e := start(t, on(listenTLS(newPair(t)), limitedTo(only("header_timeout"))))
	for _, tt := range []struct{ name, begin string }{
		{"silence", ""},
		{"half a hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dialClient(t, e)
			start := time.Now()
			say(c, tt.begin)
			if !e.Connect().Alive() {
				t.Error("another connection has to wait")
			}
			if rest, err := io.ReadAll(c); err != nil || len(rest) != 0 {
				t.Errorf("got %q (error: %v), want nothing and the end", rest, err)
			}
			tookShort(t, start)
		})
	}
	t.Run("a hello byte by byte", func(t *testing.T) {
		c := dialClient(t, e)
		start := time.Now()
		say(c, "\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03")
		for {
			if _, err := c.Write([]byte{0}); err != nil {
				break
			}
			pass(5 * time.Millisecond)
		}
		tookShort(t, start)
	})
}

// Who speaks HTTP to a listener with TLS is told so.
func TestTLSPlainRequest(t *testing.T) {
	e := start(t, on(listenTLS(newPair(t)), acme))
	for _, request := range []string{"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", getForward, "CONNECT other.test:443 HTTP/1.1\r\nHost: x\r\n\r\n"} {
		c := dialClient(t, e)
		say(c, request)
		reader := bufio.NewReader(c)
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := proxytest.Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}
		wantRefusal(t, got, 400, "malformed_request")
		if detail := got.Get("detail"); detail != "this listener speaks TLS: the scheme of its URL is https" {
			t.Errorf("got the detail %q", detail)
		}
		if rest, err := io.ReadAll(reader); err != nil || len(rest) != 0 {
			t.Errorf("got %q (error: %v) behind it, want the end", rest, err)
		}
	}
	c := dialClient(t, e)
	say(c, "\x00\x01 is nothing at all\r\n\r\n")
	if rest, _ := io.ReadAll(c); bytes.Contains(rest, []byte("HTTP")) {
		t.Errorf("got %q for what is no HTTP either, want no answer", rest)
	}
}

// A wiretap keeps what was read from a connection.
type wiretap struct {
	net.Conn
	read bytes.Buffer
}

func (r *wiretap) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.read.Write(p[:n])
	return n, err
}

// lastRecord is the type of the last record of TLS 1.2 in a text.
func lastRecord(t *testing.T, text []byte) byte {
	t.Helper()
	kind := byte(0)
	for len(text) >= 5 {
		kind = text[0]
		text = text[min(len(text), 5+int(text[3])<<8+int(text[4])):]
	}
	return kind
}

// However a connection ends in peace, its end is told, so that it is none that
// somebody on the way has made up: RFC 8446 section 6.1.
func TestTLSEndIsTold(t *testing.T) {
	const alert = 21
	pair := newPair(t)
	e := start(t, on(listenTLS(pair), limitedTo("idle_timeout: 1s")))
	for _, tt := range []struct{ name, request string }{
		{"the client wants it", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"},
		{"it is refused", "GET / HTTP/1.1\r\n\r\n"},
		{"it has been idle", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"egret is stopped", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
	} {
		tap := &wiretap{Conn: dialClient(t, e)}
		c := tls.Client(tap, &tls.Config{RootCAs: pair.Roots, ServerName: "127.0.0.1", MaxVersion: tls.VersionTLS12})
		say(c, tt.request)
		reader := bufio.NewReader(c)
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if tt.name == "egret is stopped" {
			wantStopped(t, stopping(e))
		}
		if _, err := io.Copy(io.Discard, reader); err != nil {
			t.Errorf("%s: the connection ended with %v", tt.name, err)
		}
		if got := lastRecord(t, tap.read.Bytes()); got != alert {
			t.Errorf("%s: the last record has the type %d, want %d", tt.name, got, alert)
		}
	}
}

// A client that takes nothing is cut off, and with it the upstream's stream.
func TestTLSWriteTimeout(t *testing.T) {
	address, ended := endless(t)
	pair := newPair(t)
	e := start(t, on(listenTLS(pair), limitedTo(only("write_timeout"))), dialling(address))
	raw := dialNarrow(t, e)
	start := time.Now()
	say(tls.Client(raw, &tls.Config{RootCAs: pair.Roots, ServerName: "127.0.0.1"}), getForward)
	select {
	case <-ended:
		tookShort(t, start)
	case <-time.After(watchdog):
		t.Fatal("the upstream still sends")
	}
}

// One who takes nothing any more does not keep egret from its end either, in
// whatever state the connection is.
func TestTLSDrainCutsOff(t *testing.T) {
	address, _ := endless(t)
	pair := newPair(t)
	e := start(t, on(listenTLS(pair), limitedTo(patient)), dialling(address), proxytest.Draining(short))
	stuck, hello := dialNarrow(t, e), dialClient(t, e)
	say(tls.Client(stuck, &tls.Config{RootCAs: pair.Roots, ServerName: "127.0.0.1"}), getForward)
	say(hello, "\x16\x03\x01")
	eventually(t, "the stream has begun", func() bool {
		return !strings.Contains(e.Get(e.AdminURL+"/metrics").Body, "\negret_client_bytes_total{direction=\"sent\"} 0\n")
	})
	if err := e.Stop(); err == nil || !strings.Contains(err.Error(), "still in flight") {
		t.Errorf("egret ended with %v, want an error that a request was in flight", err)
	}
}

// servedBy is what the certificate of a new connection was signed by.
func servedBy(t *testing.T, e *proxytest.Egret, pairs ...proxytest.Pair) int {
	t.Helper()
	for i, pair := range pairs {
		if _, err := handshake(t, e, &tls.Config{RootCAs: pair.Roots}); err == nil {
			return i
		}
	}
	return -1
}

// A new certificate is shown to new connections at once, on both listeners.
// Open ones go on, but no session is resumed that the old one has proved. A bad
// certificate changes nothing.
func TestTLSReload(t *testing.T) {
	first, second := newPair(t), newPair(t)
	pair := newPair(t)
	pair.Replace(t, first)
	yaml := on(listenTLS(pair), acme)
	e := start(t, yaml)
	sessions := tls.NewLRUClientSessionCache(10)
	resuming := func(roots proxytest.Pair) (resumed bool, err error) {
		c, err := handshake(t, e, &tls.Config{RootCAs: roots.Roots, ClientSessionCache: sessions})
		if err != nil {
			return false, err
		}
		if got := statusOn(c); got != 200 { // which reads the ticket, too
			t.Errorf("got status %d, want 200", got)
		}
		return c.ConnectionState().DidResume, nil
	}
	for _, want := range []bool{false, true} {
		if got, err := resuming(first); err != nil || got != want {
			t.Errorf("got a resumed session %v (error: %v), want %v", got, err, want)
		}
	}
	old := e.Connect()
	if !old.Alive() {
		t.Fatal("the connection does not work")
	}

	if err := e.Reload(strings.Replace(yaml, "Looks up", "Finds", 1)); err != nil {
		t.Fatal(err)
	}
	if got, err := resuming(first); err != nil || !got {
		t.Errorf("got a resumed session %v (error: %v) after a change of something else, want one", got, err)
	}

	pair.Replace(t, second)
	if err := e.Reload(yaml); err != nil {
		t.Fatal(err)
	}
	if got := servedBy(t, e, first, second); got != 1 {
		t.Errorf("got certificate %d after the change, want 1", got)
	}
	if got, err := resuming(second); err != nil || got {
		t.Errorf("got a resumed session %v (error: %v) after the change, want a new one", got, err)
	}
	admin := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: second.Roots}}}
	if response, err := admin.Get(e.AdminURL + "/healthz"); err != nil {
		t.Errorf("the control plane does not have the new certificate: %v", err)
	} else {
		_ = response.Body.Close()
	}
	if !old.Alive() {
		t.Error("a connection that was open has suffered")
	}

	for name, bad := range map[string]string{
		"a key that does not fit": strings.ReplaceAll(yaml, pair.Key, first.Key),
		"a missing file":          strings.ReplaceAll(yaml, pair.Cert, pair.Cert+".missing"),
		"no certificate":          strings.ReplaceAll(yaml, pair.Cert, pair.Key),
	} {
		if err := e.Reload(bad); err == nil {
			t.Errorf("%s was applied", name)
		}
		if got := servedBy(t, e, first, second); got != 1 {
			t.Errorf("got certificate %d after %s, want 1", got, name)
		}
	}

	var restart *proxy.RestartError
	if err := e.Reload(acme); !errors.As(err, &restart) || !slices.Equal(restart.Keys, []string{"listen", "admin"}) {
		t.Errorf("got error %v without tls, want that listen and admin need a restart", err)
	}
	if got := servedBy(t, e, first, second); got != 1 {
		t.Errorf("got certificate %d without tls, want 1", got)
	}
	pair.Replace(t, first)
	if err := e.Reload(yaml); err != nil {
		t.Fatal(err)
	}
	if got := servedBy(t, e, first, second); got != 0 {
		t.Errorf("got certificate %d, want 0 again", got)
	}
}

// A listener without TLS does not begin to speak it before a restart.
func TestTLSReloadAdded(t *testing.T) {
	e := start(t, acme)
	secured := on(listenTLS(newPair(t)), acme)
	for _, yaml := range []string{secured, strings.Replace(secured, "Looks up", "Finds", 1)} {
		var restart *proxy.RestartError
		if err := e.Reload(yaml); !errors.As(err, &restart) || !slices.Equal(restart.Keys, []string{"listen", "admin"}) {
			t.Errorf("got error %v, want that listen and admin need a restart", err)
		}
		wantOK(t, e.Call("stored", "{}"))
		wantOK(t, e.Get(e.AdminURL+"/healthz"))
	}
	if err := e.Reload(acme); err != nil {
		t.Errorf("got error %v for the first file, want none", err)
	}
}

// Whoever renews a certificate need not tell egret.
func TestTLSWatched(t *testing.T) {
	first, second := newPair(t), newPair(t)
	pair := newPair(t)
	pair.Replace(t, first)
	e := start(t, on(listenTLS(pair), acme), proxytest.Watching())
	eventually(t, "the file is watched", func() bool { return strings.Contains(e.Log(), "watching the configuration") })
	pair.Replace(t, second)
	eventually(t, "the new certificate is shown", func() bool { return servedBy(t, e, first, second) == 1 })
}

// A certificate that has expired is reported, and used: clients decide.
func TestTLSOutdated(t *testing.T) {
	expired := proxytest.NewPair(t, time.Now().Add(-time.Hour), "127.0.0.1")
	e := start(t, on(fmt.Sprintf("listen: {address: 127.0.0.1:0, tls: %s}\nadmin: 127.0.0.1:0\n", expired.TLS()), acme))
	if want := `"path":"listen.tls.cert","warning":"the certificate has expired at `; strings.Count(e.Log(), want) != 1 {
		t.Errorf("the log has no line with %s:\n%s", want, e.Log())
	}
	if _, err := handshake(t, e, &tls.Config{RootCAs: expired.Roots}); err == nil {
		t.Error("got a connection with an expired certificate, want none")
	}
	if _, err := handshake(t, e, &tls.Config{InsecureSkipVerify: true}); err != nil {
		t.Errorf("got error %v, want a connection for who wants one", err)
	}
}
