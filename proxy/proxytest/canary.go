package proxytest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// A Canary knows the credentials of a test, and sees everything that egret
// gives out: answers, logs, metrics. A credential in any of it is a leak.
type Canary struct {
	upstream *Upstream
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

// keep remembers something that egret gave out.
func (c *Canary) keep(name, text string) {
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

// needles are the texts that nothing may hold: every credential, and of a JWT
// the signature alone as well.
func (c *Canary) needles() []string {
	c.mu.Lock()
	list := append([]string(nil), c.secrets...)
	c.mu.Unlock()
	for _, r := range c.upstream.Requests() {
		for _, token := range jwtPattern.FindAllString(r.dump(), -1) {
			list = append(list, token, token[strings.LastIndexByte(token, '.')+1:])
		}
	}
	return list
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
		w.canary.keep("error of "+r.Method, err.Error())
		return nil, err
	}
	var head bytes.Buffer
	_ = response.Header.Write(&head)
	w.canary.keep("head of the answer to "+r.Method+" "+r.URL.Path, head.String())
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
	n.canary.keep(n.name, n.text.String())
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
