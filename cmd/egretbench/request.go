package main

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// usualFields are what an SDK sends with every request.
const usualFields = "User-Agent: example-sdk/2.11.0 (linux; x86_64) python/3.12.4\r\n" +
	"Accept: application/json\r\n" +
	"Accept-Encoding: identity\r\n" +
	"Accept-Language: en\r\n" +
	"X-Request-Id: 01J9ZQ4Y3T8M6W2K5V7X0B1C2D\r\n" +
	"X-Sdk-Retry: 0\r\n" +
	"Connection: keep-alive\r\n"

// request is what a system gets, to the byte: a call for egret where the case
// is one, the absolute form for a forward proxy, and the origin form for
// another and in a tunnel.
func (c *benchCase) request(s *system, up upstreamHello) []byte {
	upstream, authorization := c.upstreamOf(s, up), ownAuthorization
	if c.named {
		authorization = idAuthorization
	}
	fields := "Authorization: " + authorization + "\r\n"
	switch {
	case c.function != "" && isEgret(s.name):
		return requestText(http.MethodPost, "/v1/functions/"+c.function, s.address, "", cmp.Or(c.arguments, callArguments))
	case s.forward && !c.connects(s):
		scheme := "http://"
		if upstream == up.Secure {
			scheme = "https://"
		}
		return requestText(c.method, scheme+upstream+c.path, upstream, fields, c.body)
	default:
		return requestText(c.method, c.path, upstream, fields, c.body)
	}
}

func requestText(method, target, host, fields, body string) []byte {
	if method == "" {
		method = http.MethodGet
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n%s%s", method, target, host, usualFields, fields)
	if body != "" {
		_, _ = fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}
