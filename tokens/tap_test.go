package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A tap is a source under test.
type tap struct {
	id    configs.ID
	name  string
	ttl   time.Duration
	slow  time.Duration // how long a making takes
	early time.Duration // from a making on, in which the value is not good yet
	err   atomic.Pointer[error]

	mu    sync.Mutex
	makes []time.Time // when each making began
}

func newTap(name string, ttl time.Duration) *tap {
	return &tap{id: configs.DefaultID(name), name: name, ttl: ttl}
}

func (p *tap) fail(err error) { p.err.Store(&err) }

func (p *tap) heal() { p.err.Store(nil) }

func (p *tap) made() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Time(nil), p.makes...)
}

func (p *tap) make(ctx context.Context) (caches.Entry, error) {
	p.mu.Lock()
	now := time.Now()
	p.makes = append(p.makes, now)
	n := len(p.makes)
	p.mu.Unlock()
	if p.slow > 0 {
		select {
		case <-time.After(p.slow):
		case <-ctx.Done():
			return caches.Entry{}, ctx.Err()
		}
	}
	if err := p.err.Load(); err != nil {
		return caches.Entry{}, *err
	}
	e := caches.Entry{Data: fmt.Append(nil, p.name, " ", n), Created: now, Expires: now.Add(p.ttl)}
	if p.early > 0 {
		e.NotBefore = now.Add(p.early)
	}
	return e, nil
}

func (p *tap) source(key string) tokens.Source {
	return tokens.Source{ID: p.id, Name: p.name, Key: key, TTL: p.ttl, Make: p.make}
}

// run starts r and gives a function that stops it and waits.
func run(t *testing.T, r *tokens.Refresher) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	}
}

func wantGet(t *testing.T, r *tokens.Refresher, p *tap, want string) {
	t.Helper()
	if e, err := r.Get(t.Context(), p.id, ""); err != nil || string(e.Data) != want {
		t.Errorf("Get %s = %q, %v, want %q", p.name, e.Data, err, want)
	}
}

func wantUnavailable(t *testing.T, r *tokens.Refresher, p *tap) {
	t.Helper()
	if e, err := r.Get(t.Context(), p.id, ""); !errors.Is(err, tokens.ErrUnavailable) {
		t.Errorf("Get %s = %q, %v, want ErrUnavailable", p.name, e.Data, err)
	}
}
