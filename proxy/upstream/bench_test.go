package upstream_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"testing"

	"github.com/egret-proxy/egret/proxy/upstream"
)

// BenchmarkRoundTrip performs a request on a kept connection over loopback,
// with a context that is watched as egret's own is, and with another.
func BenchmarkRoundTrip(b *testing.B) {
	for _, test := range []struct {
		name string
		ctx  func() context.Context
	}{
		{"lifetime", func() context.Context { return newLife() }},
		{"context", b.Context},
	} {
		b.Run(test.name, func(b *testing.B) {
			o := newOrigin(b, chattering)
			benchmark(b, newTransport(b, upstream.Options{}), test.ctx(), o.get())
		})
	}
}

// BenchmarkRoundTripTLS is BenchmarkRoundTrip over TLS. Of what it allocates, one
// is the client's and one the upstream's, both in crypto/tls.
func BenchmarkRoundTripTLS(b *testing.B) {
	for version, max := range versions {
		b.Run(version, func(b *testing.B) {
			o, roots := overTLS(b, &tls.Config{MaxVersion: max}, chattering)
			benchmark(b, newTransport(b, upstream.Options{Dialer: o.to(), RootCAs: roots}), newLife(), o.secure("example.com"))
		})
	}
}

// chattering answers each segment at once, without looking at it.
func chattering(_ *origin, c net.Conn, _ *bufio.Reader) {
	answer := []byte(ok)
	for room := make([]byte, 4096); ; {
		if _, err := c.Read(room); err != nil {
			return
		}
		_, _ = c.Write(answer)
	}
}

func benchmark(b *testing.B, transport *upstream.Transport, ctx context.Context, req *upstream.Request) {
	req.Header.Add("Authorization", "Bearer token")
	req.Header.Add("Accept", "application/json")
	var answer upstream.Answer
	b.ReportAllocs()
	for b.Loop() {
		if err := transport.RoundTrip(ctx, req, &answer); err != nil {
			b.Fatal(err)
		}
		if _, whole := answer.Buffered(); !whole {
			b.Fatal("the body has not come")
		}
		answer.Close()
	}
}
