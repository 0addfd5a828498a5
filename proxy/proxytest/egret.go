package proxytest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/intercept"
)

// Egret is a running egret.
type Egret struct {
	Server   *proxy.Server
	URL      string // of the data plane: "http://127.0.0.1:…", or https, or for a unix socket "http://localhost"
	AdminURL string // of the control plane, "" without one; for a unix socket "http://admin.localhost"
	File     string // the configuration file, which may be rewritten
	Upstream *Upstream
	Canary   *Canary

	data, admin configs.Listener // as they were opened
	tls         *tls.Config      // of clients, which trust the certificates of both

	t       testing.TB
	key     configs.Secret // of the control plane, when it is configured
	done    chan struct{}
	stop    context.CancelFunc
	stopped bool // by the test itself
	err     error
}

// An Option changes how egret is started.
type Option func(*proxy.Options)

// Dialling makes egret dial as in production: by DNS, and under the guard. The
// Upstream gets nothing then.
func Dialling() Option { return func(o *proxy.Options) { o.Dial = nil } }

// Watching makes egret notice changes of its file.
func Watching() Option { return func(o *proxy.Options) { o.Watch = true } }

// Environment gives the variables that the configuration may read. Without it
// there are none.
func Environment(variables map[string]string) Option {
	return func(o *proxy.Options) {
		o.ReadOptions.Getenv = func(name string) (string, bool) { value, ok := variables[name]; return value, ok }
	}
}

// Draining sets how long requests may go on after [Egret.Stop].
func Draining(limit time.Duration) Option { return func(o *proxy.Options) { o.Drain = limit } }

var hasListen = regexp.MustCompile(`(?m)^listen:`)

// Start runs egret with the configuration yaml. A configuration without listen
// listens on a free port of 127.0.0.1. Egret is stopped when the test ends.
func Start(t testing.TB, yaml string, options ...Option) *Egret {
	t.Helper()
	e := &Egret{t: t, File: filepath.Join(t.TempDir(), "egret.yaml"), Upstream: newUpstream(t), done: make(chan struct{})}
	e.Canary = &Canary{upstream: e.Upstream}
	e.WriteConfig(yaml)
	level := &slog.LevelVar{}
	level.Set(slog.LevelDebug)
	o := proxy.Options{
		Log: slog.New(slog.NewJSONHandler(&e.Canary.log, &slog.HandlerOptions{Level: level})), LogLevel: level, Version: "test",
		Dial: e.Upstream.dial, RootCAs: e.Upstream.roots,
		ReadOptions: configs.ReadOptions{Getenv: func(string) (string, bool) { return "", false }},
	}
	for _, option := range options {
		option(&o)
	}
	if o.Authority == nil {
		authority, err := intercept.New()
		if err != nil {
			t.Fatalf("cannot make an authority: %v", err)
		}
		o.Authority = authority
	}
	cfg, err := proxy.Load(e.File, o.ReadOptions)
	if err != nil {
		t.Fatalf("cannot load configuration: %v", err)
	}
	e.key = cfg.Admin.Key
	if e.Server, err = proxy.New(cfg, o); err != nil {
		t.Fatalf("cannot make egret: %v", err)
	}
	e.data, e.admin = cfg.Listen, cfg.Admin.Listen
	e.tls = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	e.tls.RootCAs.AddCert(o.Authority.Certificate())
	for _, listener := range []configs.Listener{e.data, e.admin} {
		if listener.TLS != nil {
			e.tls.RootCAs.AppendCertsFromPEM([]byte(listener.TLS.Cert))
		}
	}
	e.run()
	return e
}

func (e *Egret) run() {
	if err := e.Server.Listen(); err != nil {
		e.t.Fatalf("cannot listen: %v", err)
	}
	e.URL = urlOf(e.data, e.Server.Addr(), "localhost")
	if e.Server.AdminAddr() != "" {
		e.AdminURL = urlOf(e.admin, e.Server.AdminAddr(), "admin.localhost")
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.stop = cancel
	go func() {
		defer close(e.done)
		e.err = e.Server.Run(ctx)
	}()
	e.t.Cleanup(func() {
		if e.AdminURL != "" {
			e.Canary.Keep("metrics", e.fetch("/metrics"))
			e.Canary.Keep("journal", e.fetch("/api/journal"))
		}
		if !e.stopped {
			if err := e.Stop(); err != nil {
				e.t.Errorf("egret ended with: %v", err)
			}
		}
		for _, leak := range e.Canary.Leaks() {
			e.t.Errorf("a credential leaked: %s", leak)
		}
	})
}

// urlOf is the URL of a listener at an address. Clients reach a unix socket by a
// name.
func urlOf(l configs.Listener, address, name string) string {
	switch {
	case l.Socket() != "":
		return "http://" + name
	case l.TLS != nil:
		return "https://" + address
	}
	return "http://" + address
}

// dial connects a client to egret.
func (e *Egret) dial(ctx context.Context, network, address string) (net.Conn, error) {
	for url, listener := range map[string]configs.Listener{e.URL: e.data, e.AdminURL: e.admin} {
		if path := listener.Socket(); path != "" && "http://"+strings.TrimSuffix(address, ":80") == url {
			network, address = "unix", path
		}
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, address)
}

// Stop ends egret as SIGTERM does, waits for it, and gives what Run returned. A
// test that does not call it fails if Run returns an error.
func (e *Egret) Stop() error {
	e.stopped = true
	e.stop()
	<-e.done
	return e.err
}

// WriteConfig replaces the configuration file. Like [Start], it adds the listen
// address of a configuration that has none.
func (e *Egret) WriteConfig(yaml string) {
	e.t.Helper()
	if !hasListen.MatchString(yaml) {
		yaml = "listen: 127.0.0.1:0\n" + yaml
	}
	if err := os.WriteFile(e.File, []byte(yaml), 0o600); err != nil {
		e.t.Fatal(err)
	}
}

// Reload replaces the configuration file and makes egret read it, as SIGHUP
// does.
func (e *Egret) Reload(yaml string) error {
	e.t.Helper()
	e.WriteConfig(yaml)
	return e.Server.Reload()
}

// Log is what egret logged so far, as lines of JSON.
func (e *Egret) Log() string { return e.Canary.log.String() }

// AdminKey is the key of the control plane: the configured one, or the one that
// egret made.
func (e *Egret) AdminKey() string {
	e.t.Helper()
	if !e.key.IsZero() {
		return e.key.Reveal()
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(e.File), ".egret", "admin.key"))
	if err != nil {
		e.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// Journal is the journal's records as lines of JSON, the oldest first: those that
// a query such as "?refused" asks for, "" for all.
func (e *Egret) Journal(query string) []string {
	e.t.Helper()
	var list []string
	for line := range strings.Lines(e.fetch("/api/journal" + query)) {
		if record, ok := strings.CutPrefix(line, "data: "); ok {
			list = append(list, strings.TrimSuffix(record, "\n"))
		}
	}
	return list
}

// fetch is what the control plane tells who has its key, "" when it does not
// answer.
func (e *Egret) fetch(path string) string {
	request, err := http.NewRequest(http.MethodGet, e.AdminURL+path, nil)
	if err != nil {
		return ""
	}
	request.Header.Set("Authorization", "Bearer "+e.AdminKey())
	transport := &http.Transport{DisableKeepAlives: true, DialContext: e.dial, TLSClientConfig: e.tls.Clone()}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	return string(text)
}

// Client is an HTTP client for egret: requests to its URL reach it, all others
// go through it as a forward proxy. What it gets, the Canary sees.
func (e *Egret) Client() *http.Client {
	transport := &http.Transport{DisableCompression: true, DialContext: e.dial, TLSClientConfig: e.tls.Clone(), Proxy: func(r *http.Request) (*url.URL, error) {
		if own := r.URL.Scheme + "://" + r.URL.Host; own == e.URL || own == e.AdminURL {
			return nil, nil
		}
		return url.Parse(e.URL)
	}}
	e.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     &watched{transport: transport, canary: e.Canary},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
}
