package proxy_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// benchmark measures one request at a time on a connection that is kept alive,
// with an upstream on loopback that answers at once. The client reuses its
// memory, so that the allocations are egret's and the Go runtime's.
func benchmark(b *testing.B, request string) {
	e := proxytest.Start(b, open, dialling(benchUpstream(b)))
	c, err := net.Dial("tcp", e.Server.Addr())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	benchmarkOn(b, c, request)
}

// benchUpstream is the address of an upstream that answers at once.
func benchUpstream(b *testing.B) string { return serve(b, answerAtOnce) }

func answerAtOnce(c net.Conn) {
	reader := bufio.NewReader(c)
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return
		}
		if len(line) == 2 {
			say(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}")
		}
	}
}

// benchmarkOn measures one request at a time on a connection.
func benchmarkOn(b *testing.B, c net.Conn, request string) {
	reader := bufio.NewReader(c)
	ask := func() {
		if _, err := io.WriteString(c, request); err != nil {
			b.Fatal(err)
		}
		if err := skipAnswer(reader); err != nil {
			b.Fatal(err)
		}
	}
	ask() // makes the value, and the connections
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// skipAnswer reads an answer with status 200 and a length of three digits at
// most.
func skipAnswer(reader *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && string(line[:12]) != "HTTP/1.1 200" {
			return io.ErrUnexpectedEOF
		}
		if digits, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			for _, c := range strings.TrimSpace(digits) {
				length = length*10 + int(c-'0')
			}
		}
		if len(line) == 2 {
			_, err := reader.Discard(length)
			return err
		}
	}
}

const benchForward = "GET http://other.test/a HTTP/1.1\r\nHost: other.test\r\nAccept: */*\r\n\r\n"

func BenchmarkForward(b *testing.B) { benchmark(b, benchForward) }

// BenchmarkForwardTLS has the records of its client beside egret's.
func BenchmarkForwardTLS(b *testing.B) {
	pair := newPair(b)
	e := proxytest.Start(b, on(listenTLS(pair), open), dialling(benchUpstream(b)))
	c, err := tls.Dial("tcp", e.Server.Addr(), &tls.Config{RootCAs: pair.Roots})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	benchmarkOn(b, c, benchForward)
}

// benchmarkHTTPS measures a request to an upstream that speaks TLS, whose records
// are beside egret's.
func benchmarkHTTPS(b *testing.B, yaml, request string) {
	pair := proxytest.NewPair(b, time.Now().Add(time.Hour), "api.acme.test", "other.test")
	cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		b.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	address := serve(b, func(c net.Conn) { answerAtOnce(tls.Server(c, config)) })
	e := proxytest.Start(b, yaml, dialling(address), func(o *proxy.Options) { o.RootCAs = pair.Roots })
	c, err := net.Dial("tcp", e.Server.Addr())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	benchmarkOn(b, c, request)
}

func BenchmarkForwardHTTPS(b *testing.B) {
	benchmarkHTTPS(b, open, strings.Replace(benchForward, "http:", "https:", 1))
}

func BenchmarkForwardUnix(b *testing.B) {
	path := socketDir(b) + "/egret.sock"
	e := proxytest.Start(b, "listen: unix:"+path+"\n"+open, dialling(benchUpstream(b)))
	c, err := net.Dial("unix", path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	benchmarkOn(b, c, benchForward)
	if err := e.Stop(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkHandshake measures a new connection with TLS and one request on it,
// without a session to resume. The client has half of the work.
func BenchmarkHandshake(b *testing.B) {
	pair := newPair(b)
	e := proxytest.Start(b, on(listenTLS(pair), open))
	b.ReportAllocs()
	for b.Loop() {
		c, err := tls.Dial("tcp", e.Server.Addr(), &tls.Config{RootCAs: pair.Roots})
		if err != nil {
			b.Fatal(err)
		}
		if got := statusOn(c); got != 200 {
			b.Fatalf("got status %d, want 200", got)
		}
		_ = c.Close()
	}
}

func BenchmarkForwardSwap(b *testing.B) {
	benchmark(b, "GET http://api.acme.test/a HTTP/1.1\r\nHost: api.acme.test\r\nAccept: */*\r\nAuthorization: Bearer "+tokenID+"\r\n\r\n")
}

func BenchmarkCall(b *testing.B) {
	benchmark(b, post("order", `{"id":"A-1001","token":"`+tokenID+`"}`))
}

func BenchmarkCallHTTPS(b *testing.B) {
	benchmarkHTTPS(b, strings.ReplaceAll(open, "url: http:", "url: https:"), post("order", `{"id":"A-1001","token":"`+tokenID+`"}`))
}

func BenchmarkCacheHit(b *testing.B) {
	benchmark(b, post("stored", `{"id":"A-1001"}`))
}

// post is a call of a Function as bytes.
func post(function, arguments string) string {
	return "POST /v1/functions/" + function + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
		strconv.Itoa(len(arguments)) + "\r\n\r\n" + arguments
}
