package functions_test

import (
	"context"
	"testing"

	"github.com/egret-proxy/egret/functions"
)

const benched = `
  - name: f
    parameters:
      required: [order_id, auth]
      properties: {order_id: {type: string, pattern: "^A-[0-9]+$"}, auth: {type: string, format: uuid}, limit: {type: integer}}
      additionalProperties: false
    fixed: {limit: 10}
    url: https://api.acme.test/orders/{/order_id}
    query: {limit: </limit>}
    headers: {Authorization: Bearer </auth>}
  - name: stored
    parameters:
      required: [order_id, auth]
      properties: {order_id: {type: string, pattern: "^A-[0-9]+$"}, auth: {type: string, format: uuid}, limit: {type: integer}}
      additionalProperties: false
    fixed: {limit: 10}
    url: https://api.acme.test/orders/{/order_id}
    query: {limit: </limit>}
    headers: {Authorization: Bearer </auth>}
    cache: results
`

var benchedArguments = []byte(`{"order_id": "A-1001", "auth": "` + tokenID + `"}`)

func benchmark(b *testing.B, c functions.Call) {
	w := newWorld(b, benched)
	answer := jsonAnswer(200, `{"order":{"id":"A-1001","state":"shipped"}}`)
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { return answer, nil }
	c.Arguments, c.Client = benchedArguments, w.client("alice")
	w.call(b, c)
	b.ReportAllocs()
	var envelope []byte
	for b.Loop() {
		w.sender.sent = w.sender.sent[:0]
		result, err := w.Call(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		envelope = result.AppendJSON(envelope[:0])
	}
}

func BenchmarkCall(b *testing.B)     { benchmark(b, functions.Call{Function: "f"}) }
func BenchmarkCallPut(b *testing.B)  { benchmark(b, functions.Call{Function: "stored", NoCache: true}) }
func BenchmarkCacheHit(b *testing.B) { benchmark(b, functions.Call{Function: "stored"}) }

func BenchmarkExplain(b *testing.B) {
	w := newWorld(b, benched)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Explain(b.Context(), functions.Call{Function: "f", Arguments: benchedArguments}); err != nil {
			b.Fatal(err)
		}
	}
}
