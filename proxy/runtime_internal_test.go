package proxy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// keyed is a server that nobody runs, so that no value is made before it is
// asked for. Its one Token has the given value.
func keyed(t *testing.T, value string) *configs.Config {
	t.Helper()
	cfg, err := Parse("egret.yaml", []byte(`
caches: [{name: key, ttl: 1m, hosts: [api.acme.test]}]
tokens: [{name: key, cache: key, value: `+value+`}]
functions:
  - name: use
    parameters: {type: object, properties: {key: {type: string}}}
    url: https://api.acme.test/
    headers: {X-Api-Key: </key>}
`), configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func newServer(t *testing.T, cfg *configs.Config) *Server {
	t.Helper()
	s, err := New(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// A Token that loaded can be made, so nothing outside leads to a value that
// cannot be had. Here its source is taken away.
func TestTokenUnavailable(t *testing.T) {
	cfg := keyed(t, "some-static-key")
	s := newServer(t, cfg)
	s.refresher.Set(nil)
	_, err := s.Call(t.Context(), functions.Call{Function: "use", Arguments: []byte(`{"key":"` + cfg.Caches[0].ID.String() + `"}`)})
	var refusal *functions.Refusal
	if !errors.As(err, &refusal) || refusal.Code != functions.TokenUnavailable || statusOf(refusal, call) != 503 {
		t.Errorf("got error %v, want token_unavailable", err)
	}
}

// A request that is under way when the configuration changes can still ask for
// its values, even for one that nobody has made so far; after the last of them
// nothing of the old configuration is left.
func TestReplacedRuntime(t *testing.T) {
	s := newServer(t, keyed(t, "first-static-key"))
	old := s.hold()
	if err := s.Apply(keyed(t, "second-static-key")); err != nil {
		t.Fatal(err)
	}
	for rt, want := range map[*runtime]string{old: "first-static-key", s.current.Load(): "second-static-key"} {
		got, err := rt.Current(t.Context(), &rt.cfg.Caches[0])
		if err != nil || got.Secret().Reveal() != want {
			t.Errorf("got value %q (error: %v), want %q", got.Secret().Reveal(), err, want)
		}
	}
	if _, err := s.metrics.registry.Gather(); err != nil {
		t.Errorf("cannot gather metrics meanwhile: %v", err)
	}
	if n := len(s.refresher.Status()); n != 2 {
		t.Errorf("%d values are kept fresh while both are in use, want 2", n)
	}
	old.release()
	if n := len(s.refresher.Status()); n != 1 {
		t.Errorf("%d values are kept fresh afterwards, want 1", n)
	}
	if old.hold() {
		t.Error("the old runtime can be held again")
	}
}

// A Token whose entry has not changed is not built again: with very many keys
// that is what a reload would cost.
func TestApplyTakesTokensOver(t *testing.T) {
	s := newServer(t, keyed(t, "first-static-key"))
	token := func() *tokens.Token { return s.current.Load().parts.tokens[0].token }
	before := token()
	for _, c := range []struct {
		value string
		same  bool
	}{{"first-static-key", true}, {"second-static-key", false}} {
		if err := s.Apply(keyed(t, c.value)); err != nil {
			t.Fatal(err)
		}
		if same := token() == before; same != c.same {
			t.Errorf("with the value %s the Token is the one from before: %t, want %t", c.value, same, c.same)
		}
	}
}

// Open serves what it has checked.
func TestOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("caches: [{name: key, ttl: 1m, hosts: [a.test]}]\ntokens: [{name: key, cache: key, value: some-static-key}]\n")
	s, err := Open(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rt := s.current.Load()
	if got, err := rt.Current(t.Context(), &rt.cfg.Caches[0]); err != nil || got.Secret().Reveal() != "some-static-key" {
		t.Errorf("got value %q (error: %v), want that of the file", got.Secret().Reveal(), err)
	}
	write("caches: [{name: key}]\n")
	var problems configs.Problems
	if _, err := Open(file, Options{}); !errors.As(err, &problems) {
		t.Errorf("got error %v for a bad file, want its problems", err)
	}
}

// There is no moment in which a request finds a configuration whose values
// cannot be had.
func TestApplyUnderLoad(t *testing.T) {
	s := newServer(t, keyed(t, "static-key-before"))
	var done atomic.Bool
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			for !done.Load() {
				rt := s.hold()
				if _, err := rt.Current(t.Context(), &rt.cfg.Caches[0]); err != nil {
					t.Errorf("got error %v, want a value", err)
					done.Store(true)
				}
				rt.release()
			}
		})
	}
	for i := 0; i < 300 && !done.Load(); i++ {
		if err := s.Apply(keyed(t, fmt.Sprintf("static-key-number-%d", i))); err != nil {
			t.Error(err)
		}
	}
	done.Store(true)
	running.Wait()
}
