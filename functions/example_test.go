package functions_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

const exampleConfig = `
caches:
  - {name: acme_token, id: 11111111-2222-3333-4444-555555555555, ttl: 15m, hosts: [api.acme.test]}
  - {name: orders, id: 22222222-2222-3333-4444-555555555555, ttl: 60s}
tokens:
  - {name: acme_key, cache: acme_token, value: "${env:ACME_KEY}"}
functions:
  - name: lookup_order
    parameters:
      required: [order_id, auth_token]
      properties:
        order_id: {type: string, pattern: "^A-[0-9]+$"}
        auth_token: {type: string, format: uuid}
    url: https://api.acme.test/orders/{/order_id}
    headers: {Authorization: Bearer </auth_token>}
    cache: orders
`

// An upstream shows what it gets and answers with an order.
type upstream struct{}

func (upstream) Send(_ context.Context, r *functions.Request, answer *functions.Answer) error {
	fmt.Printf("sent: %s %s %s %q\n", r.Method, r.Host, r.Target, r.Header)
	answer.Status = 200
	answer.Header = functions.AppendLine(answer.Header[:0], "Content-Type", "application/json")
	answer.Body = append(answer.Body[:0], `{"state":"shipped"}`...)
	return nil
}

func (upstream) Judge(*functions.Request) error { return nil }

// A vault gives the same value for every token cache.
type vault string

func (vault) Renew(context.Context, *configs.Cache, caches.Entry) (bool, error) { return false, nil }

func (v vault) Current(context.Context, *configs.Cache) (caches.Entry, error) {
	return caches.Entry{Data: []byte(v)}, nil
}

func newExample() (*functions.Set, error) {
	cfg, problems := configs.Parse("egret.yaml", []byte(exampleConfig), configs.ReadOptions{
		Getenv: func(string) (string, bool) { return "static-key", true },
	})
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return functions.New(cfg, functions.Options{
		Tokens:  vault("live-key"),
		Sender:  upstream{},
		Results: functions.NewResults(caches.NewMemory(caches.Limits{})),
	})
}

func ExampleSet_Call() {
	set, err := newExample()
	if err != nil {
		fmt.Println(err)
		return
	}
	call := functions.Call{
		Function:  "lookup_order",
		Arguments: []byte(`{"order_id": "A-1001", "auth_token": "11111111-2222-3333-4444-555555555555"}`),
	}
	for range 2 {
		result, err := set.Call(context.Background(), call)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(result.Source, result.Status, string(result.Output()))
	}
	// Output:
	// sent: GET api.acme.test /orders/A-1001 "Authorization: Bearer live-key\r\nAccept: application/json, */*;q=0.9\r\nAccept-Encoding: identity\r\n"
	// upstream 200 {"state":"shipped"}
	// cache 200 {"state":"shipped"}
}

func ExampleRefusal() {
	set, err := newExample()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = set.Call(context.Background(), functions.Call{
		Function:  "lookup_order",
		Arguments: []byte(`{"order_id": "1001", "auth_token": "11111111-2222-3333-4444-555555555555"}`),
	})
	if refusal, ok := errors.AsType[*functions.Refusal](err); ok {
		fmt.Println(refusal.Code, refusal.Errors)
	}
	// Output: invalid_arguments [{/order_id pattern must match the pattern ^A-[0-9]+$}]
}

func ExampleSet_Explain() {
	set, err := newExample()
	if err != nil {
		fmt.Println(err)
		return
	}
	explanation, err := set.Explain(context.Background(), functions.Call{
		Function:  "lookup_order",
		Arguments: []byte(`{"order_id": "A-1001", "auth_token": "11111111-2222-3333-4444-555555555555"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(explanation.Verdict, explanation.Request.URL, explanation.Request.Headers[0])
	// Output: allowed https://api.acme.test/orders/A-1001 [Authorization Bearer 11111111-2222-3333-4444-555555555555]
}
