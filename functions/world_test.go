package functions_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// The caches of every test's configuration.
const (
	tokenID   = "11111111-2222-3333-4444-555555555555" // a token for api.acme.test, headers only
	anyID     = "aaaaaaaa-2222-3333-4444-555555555555" // a token for api.acme.test, everywhere but in paths
	awayID    = "bbbbbbbb-2222-3333-4444-555555555555" // a token for another host
	resultID  = "22222222-2222-3333-4444-555555555555" // an output cache
	secondID  = "33333333-2222-3333-4444-555555555555" // an output cache
	unknownID = "99999999-2222-3333-4444-555555555555"
)

// foundation is the configuration to which tests add Functions. Carol may name
// one cache only, dave may call nothing.
const foundation = `
clients:
  - {name: alice, key: 0123456789abcdef0123456789abcdef-alice}
  - {name: bob, key: 0123456789abcdef0123456789abcdef-bob}
  - {name: carol, key: 0123456789abcdef0123456789abcdef-carol, caches: [any]}
  - {name: dave, key: 0123456789abcdef0123456789abcdef-dave, functions: []}
caches:
  - {name: token, id: 11111111-2222-3333-4444-555555555555, ttl: 15m, hosts: [api.acme.test]}
  - {name: any, id: aaaaaaaa-2222-3333-4444-555555555555, ttl: 15m, hosts: [api.acme.test], surfaces: [header, query, body]}
  - {name: away, id: bbbbbbbb-2222-3333-4444-555555555555, ttl: 15m, hosts: [other.test], surfaces: [header]}
  - {name: results, id: 22222222-2222-3333-4444-555555555555, ttl: 60s}
  - {name: second, id: 33333333-2222-3333-4444-555555555555, ttl: 60s}
tokens:
  - {name: token_jwt, cache: token, value: "${env:TOKEN}"}
  - {name: any_jwt, cache: any, value: "${env:TOKEN}"}
  - {name: away_jwt, cache: away, value: "${env:TOKEN}"}
functions:
`

// A world is a Set and what it works with.
type world struct {
	*functions.Set
	cfg     *configs.Config
	sender  *sender
	tokens  *tokens
	results *functions.Results
}

// newWorld makes a Set of the foundation and more Functions.
func newWorld(t testing.TB, more string) *world {
	t.Helper()
	w := &world{
		sender:  &sender{},
		tokens:  &tokens{values: map[string]string{"token": "live-token", "any": "live-any", "away": "live-away"}},
		results: functions.NewResults(caches.NewMemory(caches.Limits{})),
	}
	w.reload(t, foundation+more)
	return w
}

// reload makes text the configuration. What is stored stays.
func (w *world) reload(t testing.TB, text string) {
	t.Helper()
	w.cfg = parse(t, text)
	var err error
	w.Set, err = functions.New(w.cfg, functions.Options{Tokens: w.tokens, Sender: w.sender, Results: w.results})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
}

func parse(t testing.TB, text string) *configs.Config {
	t.Helper()
	environment := map[string]string{"TOKEN": "static-credential", "CONFIGURED": "configured-secret"}
	cfg, problems := configs.Parse("egret.yaml", []byte(text), configs.ReadOptions{Getenv: func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}})
	if len(problems) > 0 {
		t.Fatalf("the configuration has problems:\n%s", problems.Detailed())
	}
	return cfg
}

// client gives a configured client, nil for "".
func (w *world) client(name string) *configs.Client {
	for i := range w.cfg.Clients {
		if w.cfg.Clients[i].Name == name {
			return &w.cfg.Clients[i]
		}
	}
	return nil
}

// call calls a Function and expects an answer.
func (w *world) call(t testing.TB, c functions.Call) *functions.Result {
	t.Helper()
	result, err := w.Call(t.Context(), c)
	if err != nil {
		t.Fatalf("Call %s %s: %v", c.Function, c.Arguments, err)
	}
	return result
}

// attempt is call for goroutines, which cannot end a test. It gives nil when
// there is no answer.
func (w *world) attempt(t testing.TB, c functions.Call) *functions.Result {
	t.Helper()
	result, err := w.Call(t.Context(), c)
	if err != nil {
		t.Errorf("Call %s %s: %v", c.Function, c.Arguments, err)
	}
	return result
}

// request calls a Function and gives the one request that was sent for it.
func (w *world) request(t testing.TB, function, arguments string) *sentRequest {
	t.Helper()
	return w.requestOf(t, "", function, arguments)
}

// requestOf is request for a call of client's.
func (w *world) requestOf(t testing.TB, client, function, arguments string) *sentRequest {
	t.Helper()
	before := w.sender.count()
	w.call(t, functions.Call{Function: function, Client: w.client(client), Arguments: []byte(arguments)})
	if sent := w.sender.count() - before; sent != 1 {
		t.Fatalf("Call %s %s sent %d requests, want 1", function, arguments, sent)
	}
	return w.sender.last()
}

// refused calls a Function and expects a refusal with code.
func (w *world) refused(t testing.TB, code functions.Code, c functions.Call) *functions.Refusal {
	t.Helper()
	result, err := w.Call(t.Context(), c)
	if err == nil {
		t.Fatalf("Call %s %.200s = %s, want %s", c.Function, c.Arguments, result.AppendJSON(nil), code)
	}
	return wantCode(t, err, code)
}

// codeOf gives the code of a refusal, "" for any other error and for none.
func codeOf(err error) functions.Code {
	if refusal, ok := errors.AsType[*functions.Refusal](err); ok {
		return refusal.Code
	}
	return ""
}

func wantCode(t testing.TB, err error, code functions.Code) *functions.Refusal {
	t.Helper()
	refusal, ok := errors.AsType[*functions.Refusal](err)
	if !ok || refusal.Code != code {
		t.Fatalf("error = %v (%T), want a refusal with code %s", err, err, code)
	}
	return refusal
}

// A sentRequest is a copy of a request, which may be kept.
type sentRequest struct {
	functions.Request
	Target string
	Header []templates.Field
}

func copyOf(r *functions.Request) *sentRequest {
	c := &sentRequest{Request: *r, Target: string(r.Target)}
	if len(r.Header) > 0 {
		c.Header = r.Fields()
	}
	c.Request.Target, c.Request.Header, c.Body = nil, nil, bytes.Clone(r.Body)
	c.Carried, c.Hide = append([]*configs.Cache(nil), r.Carried...), append([]functions.Hidden(nil), r.Hide...)
	return c
}

// A reply is an answer whose fields are pairs.
type reply struct {
	Status int
	Header []templates.Field
	Body   []byte
}

// fill makes answer a copy of r, in its own memory.
func (r *reply) fill(answer *functions.Answer) {
	answer.Status, answer.Header, answer.Body = r.Status, answer.Header[:0], append(answer.Body[:0], r.Body...)
	for _, f := range r.Header {
		answer.Header = functions.AppendLine(answer.Header, f.Name, f.Value)
	}
}

// A sender keeps copies of the requests and answers each with answer, by default 200 and
// {"n":N} where N counts the requests.
type sender struct {
	answer func(context.Context, *sentRequest) (*reply, error)
	judge  func(*sentRequest) error

	mu   sync.Mutex
	sent []*sentRequest
}

func (s *sender) Send(ctx context.Context, r *functions.Request, answer *functions.Answer) error {
	ctx, cancel := context.WithDeadline(ctx, r.Deadline)
	defer cancel()
	sent := copyOf(r)
	s.mu.Lock()
	s.sent = append(s.sent, sent)
	n := len(s.sent)
	s.mu.Unlock()
	if s.answer == nil {
		jsonAnswer(200, fmt.Sprintf(`{"n":%d}`, n)).fill(answer)
		return nil
	}
	given, err := s.answer(ctx, sent)
	if err == nil {
		given.fill(answer)
	}
	return err
}

func (s *sender) Judge(r *functions.Request) error {
	if s.judge != nil {
		return s.judge(copyOf(r))
	}
	return nil
}

func (s *sender) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

func (s *sender) last() *sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent[len(s.sent)-1]
}

func jsonAnswer(status int, body string) *reply {
	return &reply{
		Status: status, Body: []byte(body),
		Header: []templates.Field{{Name: "Content-Type", Value: "application/json"}},
	}
}

// tokens gives values by the name of the cache, and counts how often.
type tokens struct {
	err error

	// renew, when it is set, makes a value anew.
	renew func(cache *configs.Cache, used caches.Entry) (bool, error)

	mu     sync.Mutex
	values map[string]string
	reads  int
}

func (s *tokens) Renew(_ context.Context, cache *configs.Cache, used caches.Entry) (bool, error) {
	if s.renew == nil {
		return false, nil
	}
	return s.renew(cache, used)
}

func (s *tokens) Current(_ context.Context, cache *configs.Cache) (caches.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return caches.Entry{Data: []byte(s.values[cache.Name]), KeyID: "key of " + cache.Name, TokenID: "id of " + cache.Name}, s.err
}

func (s *tokens) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// header gives the value of a field of a request, "" when there is none.
func header(r *sentRequest, name string) string {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// output gives the output of a result as text.
func output(r *functions.Result) string { return string(r.Output()) }
