package upstream_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

func ExampleTransport() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s for %s", r.Method, r.URL.Path, r.Header.Get("Authorization"))
	}))
	defer api.Close()
	addr := netip.MustParseAddrPort(api.Listener.Addr().String())

	transport, err := upstream.New(upstream.Options{
		Dialer: &egress.Dialer{Guard: egress.NewGuard(nil, nil)},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer transport.Close()
	req := &upstream.Request{
		Method: "GET", Scheme: "http", Host: addr.Addr().String(), Port: addr.Port(),
		Authority: "api.acme.test", Target: []byte("/orders/A-1001"),
		Grant: egress.Grant{Literal: true},
		Share: upstream.Share{Client: "support-agent", Values: "acme_token"},
	}
	req.Header.Add("Authorization", "Bearer token")
	var answer upstream.Answer
	if err := transport.RoundTrip(context.Background(), req, &answer); err != nil {
		log.Fatal(err)
	}
	defer answer.Close()
	body, err := answer.ReadAll(nil, 1<<20)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Code, string(body))
	// Output: 200 GET /orders/A-1001 for Bearer token
}
