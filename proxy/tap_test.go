package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A tap is an origin that keeps every byte that it receives. It answers one
// request on each connection, and reads on until egret closes it.
type tap struct {
	egret   string // the address of the egret before it
	address string
	dialled atomic.Int64
	ended   chan tapped

	mu     sync.Mutex
	answer string
}

// tapped is what one connection brought.
type tapped struct {
	number int // in the order in which they were accepted
	text   string
}

// empty is an answer that ends its connection.
const empty = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

// newTap starts a tap, and an egret that leads to it.
func newTap(t testing.TB, yaml string) *tap {
	t.Helper()
	p := &tap{ended: make(chan tapped, 1000), answer: empty}
	var accepted atomic.Int64
	p.address = serve(t, func(c net.Conn) {
		number := int(accepted.Add(1))
		p.ended <- tapped{number: number, text: p.listen(c)}
	})
	p.egret = launch(t, yaml, p.dial)
	return p
}

func (p *tap) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", p.address)
	if err == nil {
		p.dialled.Add(1)
	}
	return c, err
}

// listen answers the first request of a connection, and gives all bytes of it.
func (p *tap) listen(c net.Conn) string {
	var text bytes.Buffer
	all := io.TeeReader(c, &text)
	request, err := http.ReadRequest(bufio.NewReader(all))
	if err == nil {
		_, err = io.Copy(io.Discard, request.Body)
	}
	if err == nil {
		answer := p.answered()
		say(c, answer)
		if answer != empty {
			return text.String() // egret might keep such a connection
		}
		_ = c.(*net.TCPConn).CloseWrite()
	}
	_, _ = io.Copy(io.Discard, all)
	return text.String()
}

func (p *tap) answered() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answer
}

// answerWith sets what every request is answered with.
func (p *tap) answerWith(answer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// send sends text to egret on a connection of its own, and ends it. It gives
// all that came back, and what each connection to the origin brought.
func (p *tap) send(t testing.TB, parts ...string) (answers string, received []string) {
	t.Helper()
	c, err := dialWatched(p.egret)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, part := range parts {
		say(c, part)
	}
	_ = c.CloseWrite()
	text, err := io.ReadAll(c)
	if isTimeout(err) {
		t.Fatalf("egret did not end the connection after %q; it said %q", strings.Join(parts, ""), text)
	}
	return string(text), p.take(t)
}

// take waits for the end of every connection that egret made, and gives what
// they brought.
func (p *tap) take(t testing.TB) []string {
	t.Helper()
	var list []tapped
	patience := time.After(watchdog)
	for range p.dialled.Swap(0) {
		select {
		case c := <-p.ended:
			list = append(list, c)
		case <-patience:
			t.Fatal("egret did not end a connection to the origin")
		}
	}
	slices.SortFunc(list, func(a, b tapped) int { return a.number - b.number })
	var texts []string
	for _, c := range list {
		if c.text != "" {
			texts = append(texts, c.text)
		}
	}
	return texts
}

// A reading is a request as net/http reads it.
type reading struct {
	*http.Request
	body string
	cut  bool // the body did not come to its end
}

// readAll reads the requests in a text, up to what net/http refuses. The rest
// is what it did not read.
//
// Empty lines before a request are the one thing that net/http refuses and
// egret does not, where lenient says so: RFC 9112 section 2.2 wants a server to
// skip them.
func readAll(text string, lenient bool) (list []reading, rest string, err error) {
	source := strings.NewReader(text)
	reader := bufio.NewReaderSize(source, 1<<20)
	left := func() string { return text[len(text)-source.Len()-reader.Buffered():] }
	for {
		for lenient && strings.HasPrefix(strings.TrimPrefix(left(), "\r"), "\n") {
			_, _ = reader.ReadString('\n')
		}
		from := left()
		if from == "" {
			return list, "", nil
		}
		request, err := http.ReadRequest(reader)
		if err != nil {
			return list, from, fmt.Errorf("net/http refuses %.60q: %w", from, err)
		}
		body, err := io.ReadAll(request.Body)
		list = append(list, reading{Request: request, body: string(body), cut: err != nil})
		if err != nil {
			return list, left(), err
		}
	}
}
