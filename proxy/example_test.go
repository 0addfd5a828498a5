package proxy_test

import (
	"context"
	"fmt"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
)

// A Server need not be run to explain a call, or to make one.
func ExampleNew() {
	cfg, err := proxy.Parse("egret.yaml", []byte(`
caches:
  - {name: acme_token, id: 11111111-2222-4333-8444-555555555555, ttl: 15m, hosts: [api.acme.test]}
tokens:
  - {name: acme_jwt, cache: acme_token, algorithm: HS256, key_type: Secret, key: 0123456789abcdef0123456789abcdef}
functions:
  - name: lookup_order
    parameters: {type: object, properties: {id: {type: string}, token: {type: string}}}
    url: https://api.acme.test/orders/{/id}
    headers: {Authorization: Bearer </token>}
`), configs.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := proxy.New(cfg, proxy.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	explanation, err := server.Explain(context.Background(), functions.Call{
		Function:  "lookup_order",
		Arguments: []byte(`{"id":"A 1","token":"11111111-2222-4333-8444-555555555555"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(explanation.Request.Method, explanation.Request.URL)
	fmt.Println(explanation.Request.Headers[0])
	// Output:
	// GET https://api.acme.test/orders/A%201
	// [Authorization Bearer 11111111-2222-4333-8444-555555555555]
}
