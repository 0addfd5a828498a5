package proxy

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// signed is a server that nobody runs, with one Token that signs.
func signed(t testing.TB, entry string) (*Server, *configs.Cache) {
	t.Helper()
	cfg, err := Parse("egret.yaml", []byte(`
caches: [{name: key, ttl: 10m, hosts: [api.acme.test]}]
tokens: [{name: key, cache: key, jti: true, `+entry+`}]
`), configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, &s.current.Load().cfg.Caches[0]
}

const hmacKey = "algorithm: HS256, key_type: Secret, key: hmac-secret-0123456789-0123456789-abc"

// A Token that loaded can sign, so nothing outside leads to one that cannot.
// Here it is put out of order.
func TestOnUseUnavailable(t *testing.T) {
	s, cache := signed(t, hmacKey+", sign: on_use")
	rt := s.current.Load()
	good := rt.makings[cache.ID]
	down := errors.New("down")
	until := time.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		make   func(context.Context) (caches.Entry, error)
		detail string
		cause  error
	}{
		"it fails": {func(context.Context) (caches.Entry, error) { return caches.Entry{}, down }, "none can be made now", down},
		"it is not good yet": {func(ctx context.Context) (caches.Entry, error) {
			e, err := good.onUse(ctx)
			e.NotBefore = until
			return e, err
		}, "not good before " + until.UTC().Format(time.RFC3339), &tokens.EarlyError{From: until}},
	} {
		t.Run(name, func(t *testing.T) {
			rt.makings[cache.ID] = making{key: good.key, onUse: c.make}
			defer func() { rt.makings[cache.ID] = good }()
			_, err := rt.Current(t.Context(), cache)
			var refusal *functions.Refusal
			if !errors.As(err, &refusal) || refusal.Code != functions.TokenUnavailable || refusal.Rule != cache.Path {
				t.Fatalf("got error %v, want token_unavailable by %s", err, cache.Path)
			}
			if !strings.Contains(refusal.Detail, c.detail) || refusal.Cause.Error() != c.cause.Error() {
				t.Errorf("got detail %q and cause %v, want %q and %v", refusal.Detail, refusal.Cause, c.detail, c.cause)
			}
			if n := len(s.values.Live(cache.ID, nil)); n != 0 {
				t.Errorf("%d values are alive, want none", n)
			}
		})
	}
	if _, err := rt.Current(t.Context(), cache); err != nil {
		t.Errorf("got error %v when it works again, want a value", err)
	}
}

// What is made for each request is bounded, and can be found in answers before
// whoever asked has it.
func TestOnUseIsKnown(t *testing.T) {
	s, cache := signed(t, hmacKey+", sign: on_use")
	rt := s.current.Load()
	var mu sync.Mutex
	seen := map[string]bool{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 40 {
				e, err := rt.Current(t.Context(), cache)
				if err != nil {
					t.Error(err)
					return
				}
				value := e.Secret().Reveal()
				scrubber := s.secrets.Scrubber(named{}, nil)
				mu.Lock()
				if seen[value] || !scrubber.Has(value) || e.TokenID == "" {
					t.Errorf("seen before: %t, known: %t, jti %q, want a new one that is known and has one", seen[value], scrubber.Has(value), e.TokenID)
				}
				seen[value] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for range 300 {
		if _, err := rt.Current(t.Context(), cache); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.values.Live(cache.ID, nil)); n != 256 {
		t.Errorf("%d values are known, want 256", n)
	}
	s.values.Sweep(time.Now().Add(time.Hour))
	if n := len(s.values.Live(cache.ID, nil)); n != 0 {
		t.Errorf("%d values are known when all are dead, want none", n)
	}
}

// named has a name for every value.
type named struct{}

func (named) Name([]configs.ID) (string, bool) { return "x", true }

// A Token says how old it must become, and the schedule is told.
func TestMinAgeIsToldToTheSchedule(t *testing.T) {
	s, _ := signed(t, hmacKey+", min_age: 5m")
	if got := s.current.Load().sources[0].MinAge; got != 5*time.Minute {
		t.Errorf("the source has a least age of %s, want 5m", got)
	}
}

// BenchmarkCurrent is what a request pays for the value that it carries.
func BenchmarkCurrent(b *testing.B) {
	key, err := tokens.NewKey("ES256")
	if err != nil {
		b.Fatal(err)
	}
	es256 := "algorithm: ES256, key_type: EcPem, key: " + strconv.Quote(key.Private.Reveal())
	for _, c := range []struct{ name, entry string }{
		{"ahead", hmacKey},
		{"on_use/HS256", hmacKey + ", sign: on_use"},
		{"on_use/ES256", es256 + ", sign: on_use"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, cache := signed(b, c.entry)
			rt := s.current.Load()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := rt.Current(b.Context(), cache); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
