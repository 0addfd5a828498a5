package proxy_test

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// benchmark measures one request at a time on a connection that is kept alive,
// with an upstream on loopback that answers at once. The client reuses its
// memory, so that the allocations are egret's and the Go runtime's.
func benchmark(b *testing.B, request string) {
	upstream := serve(b, func(c net.Conn) {
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
	})
	e := proxytest.Start(b, open, dialling(upstream))
	c, err := net.Dial("tcp", e.Server.Addr())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
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

func BenchmarkForward(b *testing.B) {
	benchmark(b, "GET http://other.test/a HTTP/1.1\r\nHost: other.test\r\nAccept: */*\r\n\r\n")
}

func BenchmarkForwardSwap(b *testing.B) {
	benchmark(b, "GET http://api.acme.test/a HTTP/1.1\r\nHost: api.acme.test\r\nAccept: */*\r\nAuthorization: Bearer "+tokenID+"\r\n\r\n")
}

func BenchmarkCall(b *testing.B) {
	benchmark(b, post("order", `{"id":"A-1001","token":"`+tokenID+`"}`))
}

func BenchmarkCacheHit(b *testing.B) {
	benchmark(b, post("stored", `{"id":"A-1001"}`))
}

// post is a call of a Function as bytes.
func post(function, arguments string) string {
	return "POST /v1/functions/" + function + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
		strconv.Itoa(len(arguments)) + "\r\n\r\n" + arguments
}
