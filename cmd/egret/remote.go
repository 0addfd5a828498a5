package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A remote is a running egret, spoken to over HTTP: its data plane or its
// control plane, whichever the address is of.
type remote struct {
	server    string // as the user wrote it
	base      string // scheme and host of every request
	key       configs.Secret
	timeout   time.Duration // of the calls that it is asked for, 0 for none but their own
	transport *http.Transport
	client    *http.Client
}

// newRemote prepares requests to a running egret at an http:// or https:// URL,
// or at unix:/path/to.sock. ca names a file of certificates that replace those
// of the system, or is "". Nothing is dialled yet. An error is a usageError.
//
// Neither a proxy of the environment nor a redirect is followed: the key goes
// to this egret and to nobody else.
func newRemote(server string, key configs.Secret, ca string) (*remote, error) {
	base, socket, err := parseServer(server)
	if err != nil {
		return nil, &usageError{err}
	}
	if strings.ContainsFunc(key.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, &usageError{errors.New("the key has a space or another character that no header can carry")}
	}
	tlsConfig, err := trusting(ca)
	if err != nil {
		return nil, &usageError{err}
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		DisableCompression:     true, // so that a bound of bytes is one
		DisableKeepAlives:      true, // a command asks once
	}
	if socket != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		}
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &remote{server: server, base: base, key: key, transport: transport, client: client}, nil
}

// errNoEgret is an answer that egret would not have given.
var errNoEgret = errors.New("what answers there is no egret")

// An unreachableError is an egret that did not answer.
type unreachableError struct {
	server string
	err    error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("cannot reach %s: %v", e.server, e.err)
}

func (e *unreachableError) Unwrap() error { return e.err }

// do sends a request for a path, which may have a query. A body is JSON, nil is
// none. The error is an unreachableError when nobody answers, and a
// *functions.Refusal when egret refuses; any other answer is the caller's to
// judge, and to close.
func (r *remote) do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := r.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	return r.send(request)
}

// request makes the request of do, for who has a header to add.
func (r *remote) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, reader)
	if err != nil {
		return nil, fmt.Errorf("cannot make the request: %w", err)
	}
	request.Header.Set("User-Agent", "egret")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.timeout > 0 {
		request.Header.Set("Egret-Timeout", r.timeout.String())
	}
	if !r.key.IsZero() {
		request.Header.Set("Authorization", "Bearer "+r.key.Reveal())
	}
	return request, nil
}

// send is do for a request that is made.
func (r *remote) send(request *http.Request) (*http.Response, error) {
	answer, err := r.client.Do(request)
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err // the outer one repeats the URL
		}
		if cause := context.Cause(request.Context()); cause != nil {
			err = cause
		}
		return nil, &unreachableError{r.server, err}
	}
	if refusal := refusalOf(answer); refusal != nil {
		return nil, errors.Join(refusal, answer.Body.Close())
	}
	return answer, nil
}

// maxRemote bounds an answer that is kept in memory, in bytes. The answer of a
// call is 10 MiB unless limits say otherwise, and JSON may need six times that.
const maxRemote = 64 << 20

// read is do for an answer that must be 200, and gives its body.
func (r *remote) read(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	answer, err := r.do(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // It was only read.
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered with status %d: %w", r.server, answer.StatusCode, errNoEgret)
	}
	return r.bounded(answer.Body, maxRemote)
}

// bounded reads a body of at most so many bytes.
func (r *remote) bounded(body io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, most+1))
	switch {
	case err != nil:
		return nil, &unreachableError{r.server, err}
	case int64(len(text)) > most:
		return nil, &functions.Refusal{Code: functions.UpstreamTooLarge, Detail: fmt.Sprintf("the answer has more than %d bytes", most)}
	}
	return text, nil
}
