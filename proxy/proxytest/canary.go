package proxytest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Canary knows the credentials of a test, and sees everything that egret
// gives out: answers, logs, metrics. A credential in any of it is a leak. The
// zero Canary sees only what it is given.
type Canary struct {
	upstream *Upstream // nil without one
	log      buffer

	mu      sync.Mutex
	secrets []string
	outputs []output
}

// An output is something that egret gave out.
type output struct{ name, text string }

// Add makes values known as credentials. JWTs that the upstream received are
// known without it.
func (c *Canary) Add(values ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = append(c.secrets, values...)
}

// Keep remembers something that egret gave out. Answers, the log and metrics
// are known without it.
func (c *Canary) Keep(name, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outputs = append(c.outputs, output{name, text})
}

// jwtPattern finds JWTs in the compact form.
var jwtPattern = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)

// Leaks lists every output that holds a credential, without the credential.
func (c *Canary) Leaks() []string {
	needles := c.needles()
	c.mu.Lock()
	defer c.mu.Unlock()
	var leaks []string
	for _, out := range append(c.outputs, output{"log", c.log.String()}) {
		for i, needle := range needles {
			if strings.Contains(out.text, needle) {
				leaks = append(leaks, fmt.Sprintf("credential %d of %d in %s", i+1, len(needles), out.name))
			}
		}
	}
	return leaks
}

// needles are the texts that nothing may hold: every credential in all its
// forms, and of a JWT the signature alone as well.
func (c *Canary) needles() []string {
	c.mu.Lock()
	secrets := slices.Clone(c.secrets)
	c.mu.Unlock()
	if c.upstream != nil {
		for _, r := range c.upstream.Requests() {
			secrets = append(secrets, jwtPattern.FindAllString(r.dump(), -1)...)
		}
	}
	var list []string
	for _, secret := range secrets {
		list = append(list, forms(secret)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// forms are the ways in which an output could show a credential: as it is, and
// each long line of a key; quoted in JSON or Go; percent-encoded; in base64.
func forms(secret string) []string {
	list := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(strconv.Quote(secret), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	if jwtPattern.FindString(secret) == secret {
		list = append(list, secret[strings.LastIndexByte(secret, '.')+1:])
	}
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= 32 && !strings.HasPrefix(line, "-----") {
			list = append(list, line)
		}
	}
	return slices.DeleteFunc(list, func(form string) bool { return form == "" })
}

// watched is a transport that shows the canary what comes back.
type watched struct {
	transport *http.Transport
	canary    *Canary
}

// RoundTrip makes a request and notes the head and the body of its answer.
func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.transport.RoundTrip(r)
	if err != nil {
		w.canary.Keep("error of "+r.Method, err.Error())
		return nil, err
	}
	var head bytes.Buffer
	_ = response.Header.Write(&head)
	w.canary.Keep("head of the answer to "+r.Method+" "+r.URL.Path, head.String())
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response, nil // its body is the connection, which can be written to
	}
	response.Body = &noted{ReadCloser: response.Body, name: "answer to " + r.Method + " " + r.URL.Path, canary: w.canary}
	return response, nil
}

// CloseIdleConnections closes what the client keeps open.
func (w *watched) CloseIdleConnections() { w.transport.CloseIdleConnections() }

// noted is a body that is noted when it is closed.
type noted struct {
	io.ReadCloser
	name   string
	canary *Canary
	text   bytes.Buffer
}

func (n *noted) Read(p []byte) (int, error) {
	count, err := n.ReadCloser.Read(p)
	n.text.Write(p[:count])
	return count, err
}

func (n *noted) Close() error {
	n.canary.Keep(n.name, n.text.String())
	return n.ReadCloser.Close()
}

// buffer collects what several goroutines write.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
