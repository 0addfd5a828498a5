package proxy_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A certifier is an authority for certificates of every kind.
type certifier struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  string
}

func newCertifier() *certifier {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return &certifier{key: key, cert: must(x509.ParseCertificate(der)), pem: inPEM("CERTIFICATE", der, nil)}
}

func (a *certifier) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// issue makes a certificate for api.acme.test, and what change makes of it.
func (a *certifier) issue(change func(*x509.Certificate)) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"api.acme.test"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := must(x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: must(x509.ParseCertificate(der))}
}

// issueClient makes a certificate for a client, and writes it and its key.
func (a *certifier) issueClient(t testing.TB, dir string) {
	t.Helper()
	made := a.issue(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	der, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	writeTexts(t, dir, map[string]string{
		"client.pem": inPEM("CERTIFICATE", made.Certificate[0], nil), "client.key": inPEM("PRIVATE KEY", der, err),
	})
}

func writeTexts(t testing.TB, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func same(*x509.Certificate) {}

// A strict is an upstream that keeps every byte that it is sent, below TLS and
// above.
type strict struct {
	addr string

	mu           sync.Mutex
	below, above bytes.Buffer
	states       []tls.ConnectionState
}

// An overheard connection keeps what is read from it.
type overheard struct {
	net.Conn
	keep func([]byte)
}

func (c overheard) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.keep(p[:n])
	return n, err
}

// newStrict starts an upstream that says greeting to those who send something,
// before it speaks TLS if it has a config, and answers every request.
func newStrict(t testing.TB, greeting string, config *tls.Config) *strict {
	s := &strict{}
	into := func(b *bytes.Buffer) func([]byte) {
		return func(p []byte) {
			s.mu.Lock()
			defer s.mu.Unlock()
			b.Write(p)
		}
	}
	s.addr = serve(t, func(raw net.Conn) {
		_ = raw.SetDeadline(time.Now().Add(20 * time.Second))
		c := net.Conn(overheard{raw, into(&s.below)})
		if config == nil {
			_, _ = c.Read(make([]byte, 1<<10))
			say(c, greeting)
			return
		}
		secure := tls.Server(c, config)
		if secure.Handshake() != nil {
			return
		}
		s.mu.Lock()
		s.states = append(s.states, secure.ConnectionState())
		s.mu.Unlock()
		answerAll(overheard{secure, into(&s.above)})
	})
	return s
}

// answerAll answers each request without a body.
func answerAll(c net.Conn) {
	var seen []byte
	for room := make([]byte, 4<<10); ; {
		n, err := c.Read(room)
		if err != nil {
			return
		}
		if seen = append(seen, room[:n]...); bytes.HasSuffix(seen, []byte("\r\n\r\n")) {
			seen = seen[:0]
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}
}

func (s *strict) handshakes() []tls.ConnectionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]tls.ConnectionState(nil), s.states...)
}

func (s *strict) received() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.above.String()
}

// wantNothing checks that no byte of a request was sent: above TLS nothing, and
// below it handshakes, and what is as short as an alert.
func (s *strict) wantNothing(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.above.Len() > 0 {
		t.Errorf("the upstream got %q, want nothing", s.above.String())
	}
	const handshake, changeCipher, alert, sealed = 22, 20, 21, 23
	for rest := s.below.Bytes(); len(rest) >= 5; {
		kind, length := rest[0], int(rest[3])<<8|int(rest[4])
		if kind != handshake && kind != changeCipher && kind != alert && (kind != sealed || length > 19) {
			t.Errorf("the upstream got a record of type %d with %d bytes, want handshakes and alerts", kind, length)
		}
		rest = rest[min(len(rest), 5+length):]
	}
	for _, secret := range []string{staticKey, "/vault", "X-Api-Key", staticID} {
		if bytes.Contains(s.below.Bytes(), []byte(secret)) {
			t.Errorf("the upstream got %q in clear", secret)
		}
	}
}

// vault has a value for the hosts of the tests, and a Function that sends it.
const vault = `
admin: 127.0.0.1:0
egress: {default: allow}
caches:
  - {name: static_key, id: ` + staticID + `, ttl: 15m, hosts: ["api.acme.test:*", "other.test:*", "192.0.2.7:*"]}
tokens:
  - {name: static, cache: static_key, value: ` + staticKey + `}
functions:
  - name: vault
    parameters: {type: object, properties: {key: {type: string}}}
    url: https://api.acme.test/vault
    headers: {X-Api-Key: </key>}
  - name: vault_by_address
    parameters: {type: object, properties: {key: {type: string}}}
    url: https://192.0.2.7/vault
    headers: {X-Api-Key: </key>}
`

// absolute sends a request in absolute form with the ID of the value.
func absolute(e *proxytest.Egret, url string) proxytest.Answer {
	c := e.Connect()
	c.Send("GET " + url + " HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + staticID + "\r\n\r\n")
	return c.Answer("GET")
}

// secretWays are the ways in which a value goes out by TLS.
var secretWays = map[string]func(t *testing.T, e *proxytest.Egret, host string) proxytest.Answer{
	"call": func(_ *testing.T, e *proxytest.Egret, host string) proxytest.Answer {
		name := map[string]string{"api.acme.test": "vault", "192.0.2.7": "vault_by_address"}[host]
		return e.Call(name, `{"key":"`+staticID+`"}`)
	},
	"absolute form": func(_ *testing.T, e *proxytest.Egret, host string) proxytest.Answer {
		return absolute(e, "https://"+host+"/vault")
	},
	"intercepted": func(_ *testing.T, e *proxytest.Egret, host string) proxytest.Answer {
		return e.Get("https://"+host+"/vault", "X-Api-Key", staticID)
	},
}

// TestUpstreamTLSRefused: whatever is wrong with the other side of a connection is
// found before a byte of a request is sent, and said.
func TestUpstreamTLSRefused(t *testing.T) {
	known, unknown := newCertifier(), newCertifier()
	expired := known.issue(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	selfSigned := func() tls.Certificate {
		key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"api.acme.test"}}
		der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}()
	broken := known.issue(same)
	broken.Certificate = [][]byte{[]byte("revoked")}
	stolen := known.issue(same)
	stolen.PrivateKey = known.issue(same).PrivateKey
	showing := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	const roots = `upstreams: [{host: api.acme.test, tls: {roots: "${file:ca.pem}"}}]`
	for _, tt := range []struct {
		name           string
		host           string // "" is api.acme.test
		greeting       string
		config         *tls.Config // nil speaks no TLS
		want, proxyErr string
		remedy         string
	}{
		{name: "expired", config: showing(expired), want: "a certificate of the upstream has expired"},
		{name: "not yet valid", config: showing(known.issue(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })), want: "a certificate of the upstream is not valid yet"},
		{name: "another host", config: showing(known.issue(func(c *x509.Certificate) { c.DNSNames = []string{"mallory.test"} })), want: "the certificate of the upstream is that of another host"},
		{name: "host in the common name alone", config: showing(known.issue(func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = nil, "api.acme.test" })), want: "the certificate of the upstream is that of another host"},
		{name: "wildcard of the parent", config: showing(known.issue(func(c *x509.Certificate) { c.DNSNames = []string{"*.test"} })), want: "the certificate of the upstream is that of another host"},
		{name: "self-signed", config: showing(selfSigned), want: "the certificate of the upstream is signed by itself, and by no authority that is trusted", remedy: roots},
		{name: "unknown authority", config: showing(unknown.issue(same)), want: "the certificate of the upstream is by an authority that is not trusted", remedy: roots},
		{name: "for clients", config: showing(known.issue(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })), want: "the certificate of the upstream is not one for servers"},
		{name: "address as a name", host: "192.0.2.7", config: showing(known.issue(func(c *x509.Certificate) { c.DNSNames = []string{"192.0.2.7"} })), want: "the certificate of the upstream is that of another host"},
		{name: "another address", host: "192.0.2.7", config: showing(known.issue(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 8)} })), want: "the certificate of the upstream is that of another host"},
		{name: "rubbish for a certificate", config: showing(broken), want: "TLS with the upstream cannot be set up", proxyErr: "tls_protocol_error"},
		{name: "a certificate without its key", config: showing(stolen), want: "TLS with the upstream cannot be set up", proxyErr: "tls_protocol_error"},
		{name: "TLS 1.1 at most", config: &tls.Config{Certificates: []tls.Certificate{known.issue(same)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, want: "the upstream speaks neither TLS 1.2 nor TLS 1.3", proxyErr: "tls_alert_received"},
		{name: "TLS 1.0 chosen", greeting: "\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + strings.Repeat("r", 32) + "\x00\x00\x2f\x00", want: "the upstream speaks neither TLS 1.2 nor TLS 1.3", proxyErr: "tls_protocol_error"},
		{name: "another protocol alone", config: &tls.Config{Certificates: []tls.Certificate{known.issue(same)}, NextProtos: []string{"acme/1"}}, want: "the upstream insists on another protocol than HTTP/1.1", proxyErr: "tls_alert_received"},
		{name: "plain HTTP", greeting: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", want: "the upstream does not speak TLS on this port", proxyErr: "tls_protocol_error"},
		{name: "closes in the handshake", greeting: "", want: "the upstream closed the connection before TLS was set up", proxyErr: "tls_protocol_error"},
		{name: "closes within a record", greeting: "\x16\x03\x03\x00\x2a\x02", want: "the upstream closed the connection before TLS was set up", proxyErr: "tls_protocol_error"},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			config := tt.config
			if config != nil && config.MaxVersion == 0 {
				config = config.Clone()
				config.MaxVersion = version
			} else if version == tls.VersionTLS12 {
				continue // it decides for itself
			}
			for way, ask := range secretWays {
				t.Run(fmt.Sprintf("%s, %s, %s", tt.name, tls.VersionName(version), way), func(t *testing.T) {
					s := newStrict(t, tt.greeting, config)
					e := start(t, vault, dialling(s.addr), trusting(known))
					host := tt.host
					if host == "" {
						host = "api.acme.test"
					}
					got := ask(t, e, host)
					wantRefusal(t, got, 502, "upstream_tls")
					if detail := got.Get("detail"); detail != tt.want {
						t.Errorf("got detail %q, want %q", detail, tt.want)
					}
					if remedy := got.Get("remedy"); remedy != tt.remedy {
						t.Errorf("got remedy %q, want %q", remedy, tt.remedy)
					}
					kind := tt.proxyErr
					if kind == "" {
						kind = "tls_certificate_error"
					}
					if field := got.Header.Get("Proxy-Status"); !strings.Contains(field, "error="+kind+";") {
						t.Errorf("got Proxy-Status %q, want the error %s", field, kind)
					}
					for name, text := range map[string]string{"body": got.Body, "Proxy-Status": got.Header.Get("Proxy-Status")} {
						if strings.Contains(text, "127.0.0.1") || strings.Contains(text, "mallory") {
							t.Errorf("the %s tells what the upstream is: %s", name, text)
						}
					}
					if err := e.Stop(); err != nil {
						t.Error(err)
					}
					s.wantNothing(t)
				})
			}
		}
	}
}

// trusting makes egret trust an authority as it trusts those of the system.
func trusting(a *certifier) proxytest.Option {
	return func(o *proxy.Options) { o.RootCAs = a.pool() }
}

// withTLS is vault with an entry for api.acme.test.
func withTLS(dir, entry string) string {
	return vault + "upstreams:\n  - {host: \"api.acme.test:*\", tls: {" + strings.ReplaceAll(entry, "DIR", dir) + "}}\n"
}

// TestUpstreamRoots: the authorities of an entry count for its hosts, in place of
// the others, and for no other host.
func TestUpstreamRoots(t *testing.T) {
	private, public := newCertifier(), newCertifier()
	dir := t.TempDir()
	writeTexts(t, dir, map[string]string{"ca.pem": private.pem})
	both := func(c *x509.Certificate) { c.DNSNames = []string{"api.acme.test", "other.test"} }
	for _, tt := range []struct {
		name, host string
		by         *certifier
		want       string // "" is an answer
	}{
		{"its own", "api.acme.test", private, ""},
		{"its own on another port", "api.acme.test:8443", private, ""},
		{"in place of the others", "api.acme.test", public, "the certificate of the upstream is not by one of the authorities that tls.roots has for it"},
		{"another host", "other.test", public, ""},
		{"of no use to another host", "other.test", private, "the certificate of the upstream is by an authority that is not trusted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStrict(t, "", &tls.Config{Certificates: []tls.Certificate{tt.by.issue(both)}})
			e := start(t, withTLS(dir, `roots: "${file:DIR/ca.pem}"`), dialling(s.addr), trusting(public))
			got := absolute(e, "https://"+tt.host+"/vault")
			if tt.want == "" {
				wantOK(t, got)
				if !strings.Contains(s.received(), "X-Api-Key: "+staticKey+"\r\n") {
					t.Errorf("the upstream got %q, want the value", s.received())
				}
				return
			}
			wantRefusal(t, got, 502, "upstream_tls")
			if detail := got.Get("detail"); detail != tt.want {
				t.Errorf("got detail %q, want %q", detail, tt.want)
			}
			if remedy := got.Get("remedy"); strings.Contains(remedy, "api.acme.test") {
				t.Errorf("got remedy %q for a host that has roots", remedy)
			}
			s.wantNothing(t)
		})
	}
}

// TestUpstreamSessions: the second connection goes on with the session of the
// first, also after a reload that changes nothing; one with other roots does not,
// nor one to another host or port, though it be the same server.
func TestUpstreamSessions(t *testing.T) {
	private, other := newCertifier(), newCertifier()
	dir := t.TempDir()
	writeTexts(t, dir, map[string]string{"ca.pem": private.pem, "both.pem": private.pem + other.pem, "other.pem": other.pem})
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			both := private.issue(func(c *x509.Certificate) { c.DNSNames = []string{"api.acme.test", "other.test"} })
			s := newStrict(t, "", &tls.Config{Certificates: []tls.Certificate{both}, MaxVersion: version})
			roots := func(file string) string { return withTLS(dir, `roots: "${file:DIR/`+file+`}"`) }
			e := start(t, roots("ca.pem"), dialling(s.addr), trusting(private))
			reload := func(file string) func() error { return func() error { return e.Reload(roots(file)) } }
			unchanged := func() error { return e.Reload(roots("ca.pem") + "journal: {entries: 7}\n") }
			for i, step := range []struct {
				name, url string
				before    func() error
				resumed   bool
			}{
				{"first", "https://api.acme.test/", nil, false},
				{"second", "https://api.acme.test/", unchanged, true},
				{"another port", "https://api.acme.test:8443/", nil, false},
				{"another host", "https://other.test/", nil, false},
				{"other roots", "https://api.acme.test/", reload("both.pem"), false},
				{"the same roots again", "https://api.acme.test/", reload("both.pem"), true},
			} {
				if step.before != nil {
					if err := step.before(); err != nil {
						t.Fatal(err)
					}
				}
				wantOK(t, absolute(e, step.url))
				states := s.handshakes()
				if len(states) != i+1 {
					t.Fatalf("%s: got %d handshakes, want %d", step.name, len(states), i+1)
				}
				if got := states[i].DidResume; got != step.resumed {
					t.Errorf("%s: got resumed %t, want %t", step.name, got, step.resumed)
				}
			}
			if err := e.Reload(roots("other.pem")); err != nil {
				t.Fatal(err)
			}
			wantRefusal(t, absolute(e, "https://api.acme.test/"), 502, "upstream_tls")
		})
	}
}

// TestUpstreamClientCertificate: an upstream that demands a certificate gets that
// of its entry, and no other upstream does.
func TestUpstreamClientCertificate(t *testing.T) {
	servers, clients, strangers := newCertifier(), newCertifier(), newCertifier()
	dir, strange := t.TempDir(), t.TempDir()
	clients.issueClient(t, dir)
	strangers.issueClient(t, strange)
	const pair = `client_cert: "${file:DIR/client.pem}", client_key: "${file:DIR/client.key}"`
	both := servers.issue(func(c *x509.Certificate) { c.DNSNames = []string{"api.acme.test", "other.test"} })
	for _, tt := range []struct {
		name, yaml, url string
		auth            tls.ClientAuthType
		shown           bool
		want            string // "" is an answer
		remedy          string
	}{
		{"demanded", withTLS(dir, pair), "https://api.acme.test/vault", tls.RequireAndVerifyClientCert, true, "", ""},
		{"asked for", withTLS(dir, pair), "https://api.acme.test/vault", tls.RequestClientCert, true, "", ""},
		{"not asked for", withTLS(dir, pair), "https://api.acme.test/vault", tls.NoClientCert, false, "", ""},
		{"asked for by another host", withTLS(dir, pair), "https://other.test/vault", tls.RequestClientCert, false, "", ""},
		{"asked for, and none", vault, "https://api.acme.test/vault", tls.RequestClientCert, false, "", ""},
		{
			"demanded by another host", withTLS(dir, pair), "https://other.test:8443/vault", tls.RequireAnyClientCert, false, "the upstream demands a certificate, and there is none for it",
			`upstreams: [{host: other.test:8443, tls: {client_cert: "${file:client.pem}", client_key: "${file:client.key}"}}]`,
		},
		{
			"demanded, and none", vault, "https://api.acme.test/vault", tls.RequireAndVerifyClientCert, false, "the upstream demands a certificate, and there is none for it",
			`upstreams: [{host: api.acme.test, tls: {client_cert: "${file:client.pem}", client_key: "${file:client.key}"}}]`,
		},
		{"by an authority that it does not know", withTLS(strange, pair), "https://api.acme.test/vault", tls.RequireAndVerifyClientCert, true, "the upstream does not accept the certificate of egret", ""},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(tt.name+", "+tls.VersionName(version), func(t *testing.T) {
				var shown sync.Map
				s := newStrict(t, "", &tls.Config{
					Certificates: []tls.Certificate{both}, MaxVersion: version, ClientAuth: tt.auth, ClientCAs: clients.pool(),
					VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error { shown.Store("", len(raw) > 0); return nil },
				})
				e := start(t, tt.yaml, dialling(s.addr), trusting(servers))
				got := absolute(e, tt.url)
				if tt.want == "" {
					wantOK(t, got)
					state := s.handshakes()[0]
					if got := len(state.PeerCertificates) > 0; got != tt.shown {
						t.Errorf("got a certificate: %t, want %t", got, tt.shown)
					}
					return
				}
				wantRefusal(t, got, 502, "upstream_tls")
				if detail := got.Get("detail"); detail != tt.want {
					t.Errorf("got detail %q, want %q", detail, tt.want)
				}
				if remedy := got.Get("remedy"); remedy != tt.remedy {
					t.Errorf("got remedy %q, want %q", remedy, tt.remedy)
				}
				if got := s.received(); got != "" {
					t.Errorf("the upstream has read %q, want nothing", got)
				}
			})
		}
	}
}

// TestUpstreamHidden: the host of a Function that the configuration keeps to
// itself stands in no remedy.
func TestUpstreamHidden(t *testing.T) {
	s := newStrict(t, "", &tls.Config{Certificates: []tls.Certificate{newCertifier().issue(same)}})
	yaml := "functions:\n  - {name: hidden, url: \"https://${env:HOST}/\"}\n"
	e := start(t, yaml, dialling(s.addr), trusting(newCertifier()), proxytest.Environment(map[string]string{"HOST": "api.acme.test"}))
	got := e.Call("hidden", "{}")
	wantRefusal(t, got, 502, "upstream_tls")
	want := `upstreams: [{host: <the host of the Function>, tls: {roots: "${file:ca.pem}"}}]`
	if remedy := got.Get("remedy"); remedy != want {
		t.Errorf("got remedy %q, want %q", remedy, want)
	}
	if strings.Contains(got.Body, "acme") {
		t.Errorf("the problem names the host: %s", got.Body)
	}
}
