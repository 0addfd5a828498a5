package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// badUpstreams are the ways in which an upstream can fail. Each has read the
// head of the request.
var badUpstreams = map[string]func(net.Conn){
	"resets":   func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) },
	"hangs up": func(net.Conn) {},
	"stalls":   func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
	"stalls in the body": func(c net.Conn) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
		_, _ = io.Copy(io.Discard, c)
	},
	"talks garbage":   func(c net.Conn) { say(c, "SSH-2.0-OpenSSH_9.6\r\n\r\n") },
	"breaks its head": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nContent-Le") },
	"has a bad field": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nX Y: z\r\nContent-Length: 0\r\n\r\n") },
	"has two lengths": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab") },
	"has a long head": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 100<<10)+"\r\n\r\n") },
	"switches": func(c net.Conn) {
		say(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
	},
	"cuts its body":   func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello") },
	"cuts its chunks": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") },
	"cuts in a chunk": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel") },
	"has a bad chunk": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello") },
	"codes its answer": func(c net.Conn) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
	},
	"announces a lot": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n") },
	"does not end": func(c net.Conn) {
		say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for chunk := fmt.Sprintf("%x\r\n%s\r\n", 64<<10, strings.Repeat("x", 64<<10)); ; {
			if _, err := io.WriteString(c, chunk); err != nil {
				return
			}
		}
	},
	"talks": func(c net.Conn) { say(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello") },
}

// say writes text; whether egret still listens is seen elsewhere.
func say(c net.Conn, text string) { _, _ = io.WriteString(c, text) }

// serveBadly starts every bad upstream, and gives their addresses by name.
func serveBadly(t testing.TB) map[string]string {
	addresses := map[string]string{"is not there": unused(t)}
	for name, behave := range badUpstreams {
		addresses[name] = serve(t, afterHead(behave))
	}
	return addresses
}

// afterHead behaves in a way as soon as the head of a request has come.
func afterHead(behave func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			behave(c)
		}
	}
}

// readAndTalk is an upstream that is not bad at all.
func readAndTalk(c net.Conn) { afterHead(badUpstreams["talks"])(c) }
