package upstream_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/templates"
)

func ExampleStock() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s for %s", r.Method, r.URL.Path, r.Header.Get("Authorization"))
	}))
	defer api.Close()
	addr := netip.MustParseAddrPort(api.Listener.Addr().String())

	transport, err := upstream.NewStock(upstream.Options{
		Dialer: &egress.Dialer{Guard: egress.NewGuard(nil, nil)},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer transport.Close()
	answer, err := transport.RoundTrip(context.Background(), &upstream.Request{
		Method: "GET", Scheme: "http", Host: addr.Addr().String(), Port: addr.Port(),
		Authority: "api.acme.test", Target: "/orders/A-1001",
		Header: []templates.Field{{Name: "Authorization", Value: "Bearer token"}},
		Grant:  egress.Grant{Literal: true},
		Pool:   "support-agent/acme_token",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Status, string(answer.Bytes))
	// Output: 200 GET /orders/A-1001 for Bearer token
}

func BenchmarkRoundTrip(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for buffer := make([]byte, 4096); ; {
			if _, err := c.Read(buffer); err != nil {
				return
			}
			_, _ = c.Write([]byte(ok))
		}
	}()
	stock, err := upstream.NewStock(upstream.Options{Dialer: &egress.Dialer{Guard: egress.NewGuard(nil, nil)}})
	if err != nil {
		b.Fatal(err)
	}
	defer stock.Close()
	addr := listener.Addr().(*net.TCPAddr).AddrPort()
	req := &upstream.Request{
		Method: "GET", Scheme: "http", Host: "127.0.0.1", Port: addr.Port(), Authority: "api.acme.test", Target: "/orders/A-1001",
		Header: []templates.Field{{Name: "Authorization", Value: "Bearer token"}, {Name: "Accept", Value: "application/json"}},
		Grant:  egress.Grant{Literal: true},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stock.RoundTrip(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
