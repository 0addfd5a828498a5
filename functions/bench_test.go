package functions_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// benched has Functions that differ in who checks their arguments, the checker
// or the schema library, and in whether the answer is stored.
var benched = benchedFunction("direct", "", "") + benchedFunction("direct_stored", "", "cache: results") +
	benchedFunction("library", "not: {required: [nothing]}", "") + benchedFunction("library_stored", "not: {required: [nothing]}", "cache: results")

func benchedFunction(name, keyword, cache string) string {
	return fmt.Sprintf(`
  - name: %s
    parameters:
      required: [order_id, auth]
      properties: {order_id: {type: string, pattern: "^A-[0-9]+$"}, auth: {type: string, format: uuid}, limit: {type: integer}}
      additionalProperties: false
      %s
    fixed: {limit: 10}
    method: POST
    url: https://api.acme.test/orders/{/order_id}
    query: {limit: </limit>}
    headers: {Authorization: Bearer </auth>}
    json: {order: </order_id>, deep: {text: "order {/order_id}"}}
    %s
`, name, keyword, cache)
}

var benchedArguments = []byte(`{"order_id": "A-1001", "auth": "` + tokenID + `"}`)

// A quick sender and its tokens take no memory, so that what is measured is what
// a call takes.
type quick struct{ entry caches.Entry }

func (q quick) Current(context.Context, *configs.Cache) (caches.Entry, error) { return q.entry, nil }

func (quick) Renew(context.Context, *configs.Cache, caches.Entry) (bool, error) { return false, nil }

func (quick) Send(_ context.Context, _ *functions.Request, answer *functions.Answer) error {
	answer.Status = 200
	answer.Header = functions.AppendLine(answer.Header[:0], "Content-Type", "application/json")
	answer.Body = append(answer.Body[:0], `{"order":{"id":"A-1001","state":"shipped"}}`...)
	return nil
}

func (quick) Judge(*functions.Request) error { return nil }

// caller gives what makes one call after the other.
func caller(t testing.TB, c functions.Call) func() error {
	w := newWorld(t, benched)
	values := caches.NewValues() // whose entries have their text already
	now := time.Now()
	values.Put(w.cfg.Caches[0].ID, "", caches.Entry{Data: []byte("live-token"), Created: now, Expires: now.Add(time.Hour)})
	entry, _ := values.Get(w.cfg.Caches[0].ID, "")
	q := quick{entry}
	set, err := functions.New(w.cfg, functions.Options{Tokens: q, Sender: q, Results: w.results})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	c.Arguments, c.Client = benchedArguments, w.client("alice")
	ctx := t.Context()
	var envelope []byte
	return func() error {
		var err error
		envelope, _, err = set.AppendEnvelope(ctx, envelope[:0], c)
		return err
	}
}

func benchmark(b *testing.B, c functions.Call) {
	call := caller(b, c)
	if err := call(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B)        { benchmark(b, functions.Call{Function: "direct"}) }
func BenchmarkCallLibrary(b *testing.B) { benchmark(b, functions.Call{Function: "library"}) }

func BenchmarkCacheHit(b *testing.B) { benchmark(b, functions.Call{Function: "direct_stored"}) }
func BenchmarkCacheHitLibrary(b *testing.B) {
	benchmark(b, functions.Call{Function: "library_stored"})
}

// An aged store gives every answer as one whose end was half an hour ago.
type aged struct{ caches.Store }

func (s aged) Get(ctx context.Context, key string) (caches.Entry, bool, error) {
	entry, ok, err := s.Store.Get(ctx, key)
	entry.Expires = entry.Created.Add(30 * time.Minute)
	return entry, ok, err
}

// A broken sender answers once.
type broken struct {
	quick
	sent *atomic.Int64
}

func (b broken) Send(ctx context.Context, r *functions.Request, answer *functions.Answer) error {
	if b.sent.Add(1) > 1 {
		return functions.Refuse(functions.UpstreamUnreachable, "nobody there")
	}
	return b.quick.Send(ctx, r, answer)
}

// BenchmarkStaleHit is a stale answer while the upstream, which would give a new
// one, is known to be broken: it is asked some times in a minute.
func BenchmarkStaleHit(b *testing.B) {
	w := newWorld(b, `
  - {name: f, parameters: {properties: {v: {}}}, url: https://api.acme.test/, query: {v: </v>}, cache: results, caching: {stale: 1h}}
`)
	sender := broken{sent: new(atomic.Int64)}
	results := functions.NewResults(aged{caches.NewMemory(caches.Limits{})})
	set, err := functions.New(w.cfg, functions.Options{Tokens: sender, Sender: sender, Results: results})
	if err != nil {
		b.Fatal(err)
	}
	call, ctx := functions.Call{Function: "f", Arguments: []byte(`{"v":1}`)}, b.Context()
	var envelope []byte
	b.ReportAllocs()
	for first := true; first || b.Loop(); first = false {
		var outcome functions.Outcome
		if envelope, outcome, err = set.AppendEnvelope(ctx, envelope[:0], call); err != nil {
			b.Fatal(err)
		}
		if !first && outcome.Source != functions.FromStale {
			b.Fatalf("the source is %q, want %q", outcome.Source, functions.FromStale)
		}
	}
	results.Wait()
}

func BenchmarkCallPut(b *testing.B) {
	benchmark(b, functions.Call{Function: "direct_stored", NoCache: true})
}

func BenchmarkExplain(b *testing.B) {
	w := newWorld(b, benched)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Explain(b.Context(), functions.Call{Function: "direct", Arguments: benchedArguments}); err != nil {
			b.Fatal(err)
		}
	}
}

// What it costs to show a part of an answer of 64 KB.
func BenchmarkView(b *testing.B) {
	element := `{"id":"A-1001","state":"shipped","customer":{"name":"Ann","mail":"ann@home.test"},"lines":[1,2,3]},`
	body := []byte(`{"page":1,"orders":[` + strings.Repeat(element, 64<<10/len(element)) + `{}]}`)
	answer := &functions.Answer{Status: 200, Header: functions.AppendLine(nil, "Content-Type", "application/json"), Body: body}
	for name, rules := range map[string]configs.Output{
		"all":     {MaxBytes: 1 << 20},
		"pointer": {Select: "/orders/600/customer"},
		"path":    {Select: "orders.#.customer.name"},
		"fields":  {Fields: [][]string{{"orders", "id"}, {"orders", "customer", "name"}}},
		"mask":    {Mask: [][]string{{"orders", "customer", "mail"}}},
		"cut":     {MaxBytes: 16 << 10},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				functions.Viewed(rules, answer)
			}
		})
	}
}
