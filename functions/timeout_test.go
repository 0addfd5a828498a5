package functions_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name, timeout string
			want          time.Duration
		}{
			{"f", "", 30 * time.Second},
			{"f", "    timeout: 1500ms\n", 1500 * time.Millisecond},
			{"f", "    timeout: 1h\n", time.Hour},
			{"stored", "    timeout: 2\n    cache: results\n", 2 * time.Second},
			{"stored", "    timeout: 1h\n    cache: results\n", time.Hour},
		} {
			w := newWorld(t, "  - name: "+c.name+"\n    url: https://api.acme.test/\n"+c.timeout)
			w.sender.answer = func(ctx context.Context, _ *sentRequest) (*reply, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			start := time.Now()
			refusal := w.refused(t, functions.UpstreamTimeout, functions.Call{Function: c.name})
			if took := time.Since(start); took != c.want || refusal.ProxyError != "http_response_timeout" {
				t.Errorf("%s: took %s, proxy error %q, want %s", c.timeout, took, refusal.ProxyError, c.want)
			}
		}
	})
}

// waiting are tokens that are never there.
type waiting struct{}

func (waiting) Current(ctx context.Context, _ *configs.Cache) (caches.Entry, error) {
	<-ctx.Done()
	return caches.Entry{}, ctx.Err()
}

func (waiting) Renew(context.Context, *configs.Cache, caches.Entry) (bool, error) { return false, nil }

// The wait for a value is a part of the Function's time, and of its caller's.
func TestTimeoutOfValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "  - {name: f, timeout: 3s, parameters: {properties: {v: {}}}, url: 'https://api.acme.test/', headers: {X-V: </v>}}\n")
		set, err := functions.New(w.cfg, functions.Options{Tokens: waiting{}, Sender: w.sender, Results: w.results})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			patience, want time.Duration
			code           functions.Code
		}{
			{time.Hour, 3 * time.Second, functions.UpstreamTimeout},
			{time.Second, time.Second, functions.UpstreamTimeout},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), c.patience)
			start := time.Now()
			_, err := set.Call(ctx, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`)})
			cancel()
			wantCode(t, err, c.code)
			if took := time.Since(start); took != c.want {
				t.Errorf("took %s, want %s", took, c.want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = set.Call(ctx, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`)})
		if refusal := wantCode(t, err, functions.Internal); !errors.Is(refusal, context.Canceled) {
			t.Errorf("the cause is %v, want that the caller went away", refusal.Cause)
		}
		if n := w.sender.count(); n != 0 {
			t.Errorf("%d requests were sent, want none", n)
		}
	})
}

// The time of a call begins with it: what a cache that limits its arguments needs
// until it is filled is a part of it, and so is what is shared with others.
func TestTimeoutOfAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, more := range []string{"", "    cache: second\n"} {
			text := "  - {name: list, url: 'https://api.acme.test/list', cache: results}\n" + `
  - name: use
    timeout: 10s
    parameters: {properties: {id: {}}}
    allowed_from: {id: {cache: results}}
    url: https://api.acme.test/use
` + more
			for _, c := range []struct{ filling, patience, want time.Duration }{
				{7 * time.Second, 0, 10 * time.Second},
				{7 * time.Second, 8 * time.Second, 8 * time.Second},
				{20 * time.Second, 0, 10 * time.Second},
				{20 * time.Second, 2 * time.Second, 2 * time.Second},
			} {
				w := newWorld(t, text)
				w.sender.answer = func(ctx context.Context, r *sentRequest) (*reply, error) {
					filled := make(<-chan time.Time)
					if r.Target == "/list" {
						filled = time.After(c.filling)
					}
					select {
					case <-filled:
						return jsonAnswer(200, `"a"`), nil
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				}
				start := time.Now()
				w.refused(t, functions.UpstreamTimeout, functions.Call{Function: "use", Arguments: []byte(`{"id":"a"}`), Timeout: c.patience})
				if took := time.Since(start); took != c.want {
					t.Errorf("%q filled in %s for a caller with %s: took %s, want %s", more, c.filling, c.patience, took, c.want)
				}
				w.results.Wait()
			}
		}
	})
}

// Refusals of others pass as they are; what is none becomes one.
func TestRefusalsPass(t *testing.T) {
	for name, more := range map[string]string{"without an output cache": "", "with one": "    cache: results\n"} {
		w := newWorld(t, "  - name: f\n    parameters: {properties: {v: {}}}\n    url: https://api.acme.test/\n    headers: {X-V: </v>}\n"+more)
		call := functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`)}

		unavailable := &functions.Refusal{Code: functions.TokenUnavailable, Detail: "cache token has no value", Cause: errors.New("no key")}
		w.tokens.err = unavailable
		if got := w.refused(t, functions.TokenUnavailable, call); got != unavailable {
			t.Errorf("%s: the refusal is %v, want %v", name, got, unavailable)
		}
		if n := w.sender.count(); n != 0 {
			t.Errorf("%s: %d requests were sent, want none", name, n)
		}
		w.tokens.err = nil

		broken := errors.New("something broke")
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { return nil, broken }
		if got := w.refused(t, functions.Internal, call); !errors.Is(got, broken) || containsText(got.Detail, "broke") {
			t.Errorf("%s: the refusal is %v, want its cause and not in its detail", name, got)
		}
	}
}

// A request is whole, and who sends it need not know the configuration.
func TestRequest(t *testing.T) {
	w := newWorld(t, "  - {name: f, url: 'http://API.acme.test:8080/a?b=c', form: {x: 1}}\n  - {name: g, url: https://api.acme.test}\n")
	r := w.request(t, "f", "")
	if r.Method != "POST" || r.Scheme != "http" || r.Host != "api.acme.test" || r.Port != 8080 || r.Authority != "api.acme.test:8080" ||
		r.Target != "/a?b=c" || string(r.Body) != "x=1" || header(r, "Content-Type") != "application/x-www-form-urlencoded" ||
		r.Client != "" || !r.Cleartext || r.Literal || r.Carried != nil || r.Hide != nil || r.MaxAnswer != 10<<20 {
		t.Errorf("the request is %+v", r)
	}
	w.call(t, functions.Call{Function: "g", Client: w.client("bob")})
	if r := w.sender.last(); r.Method != "GET" || r.Body != nil || r.Target != "/" || r.Port != 443 || r.Client != "bob" {
		t.Errorf("the request is %+v", r)
	}
}
