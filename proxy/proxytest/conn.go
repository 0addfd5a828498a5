package proxytest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience is how long a Conn waits for egret.
const patience = 20 * time.Second

// A halfCloser is a connection that can end in one direction alone.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// A Conn is a connection to egret, for requests that no HTTP client
// would send. What comes back, the Canary sees.
type Conn struct {
	egret  *Egret
	conn   halfCloser
	reader *bufio.Reader
	raw    bytes.Buffer
}

// Connect opens a connection to the data plane. It is closed when the test ends.
func (e *Egret) Connect() *Conn {
	e.t.Helper()
	return e.connect(e.Server.Addr(), e.data.TLS != nil)
}

// ConnectAdmin opens a connection to the control plane.
func (e *Egret) ConnectAdmin() *Conn {
	e.t.Helper()
	return e.connect(e.Server.AdminAddr(), e.admin.TLS != nil)
}

func (e *Egret) connect(address string, secure bool) *Conn {
	e.t.Helper()
	network := "tcp"
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		network, address = "unix", path
	}
	raw, err := net.Dial(network, address)
	if err != nil {
		e.t.Fatal(err)
	}
	c := &Conn{egret: e, conn: raw.(halfCloser)}
	if secure {
		config := e.tls.Clone()
		config.ServerName, _, _ = net.SplitHostPort(address)
		c.conn = tls.Client(raw, config)
	}
	c.reader = newReader(c.conn, &c.raw)
	_ = c.conn.SetDeadline(time.Now().Add(patience)) // without it a test only takes longer to fail
	e.t.Cleanup(c.Close)
	return c
}

// newReader reads from c, and keeps what it read.
func newReader(c io.Reader, kept io.Writer) *bufio.Reader {
	return bufio.NewReader(io.TeeReader(c, kept))
}

// Close closes the connection.
func (c *Conn) Close() {
	if c.conn.Close() == nil {
		c.egret.Canary.Keep("raw answers", c.raw.String())
	}
}

// Send writes text as it is. Egret may have closed the connection already:
// what it said before can still be read.
func (c *Conn) Send(text string) { _, _ = io.WriteString(c.conn, text) }

// End tells egret that nothing more will be sent.
func (c *Conn) End() {
	c.egret.t.Helper()
	if err := c.conn.CloseWrite(); err != nil {
		c.egret.t.Fatal(err)
	}
}

// Answer reads the answer to a request of this method.
func (c *Conn) Answer(method string) Answer {
	c.egret.t.Helper()
	answer, err := c.answer(method)
	if err != nil {
		c.egret.t.Fatalf("no answer: %v; received: %q", err, c.raw.String())
	}
	return answer
}

func (c *Conn) answer(method string) (Answer, error) {
	response, err := http.ReadResponse(c.reader, &http.Request{Method: method})
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}, err
}

// Rest reads until egret ends the connection, and gives everything that was
// received from its beginning. It fails the test when egret does not end it.
func (c *Conn) Rest() string {
	c.egret.t.Helper()
	if _, err := io.Copy(io.Discard, c.reader); err != nil {
		c.egret.t.Fatalf("egret has not ended the connection: %v; received: %q", err, c.raw.String())
	}
	return c.raw.String()
}

// Received is everything that was read so far.
func (c *Conn) Received() string { return c.raw.String() }

// Alive reports whether egret answers one more request on the connection.
func (c *Conn) Alive() bool {
	c.Send("OPTIONS * HTTP/1.1\r\nHost: egret\r\n\r\n")
	answer, err := c.answer(http.MethodOptions)
	return err == nil && answer.Status == http.StatusOK
}

// Raw is the connection itself, above TLS. What is read from it, the Canary does
// not see.
func (c *Conn) Raw() net.Conn { return c.conn }
