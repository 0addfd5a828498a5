package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// ErrNoToken is of a name that no Token has.
var ErrNoToken = errors.New("there is no such Token")

// A ShownToken is a value made as a running egret makes it, and what it would do
// with it.
type ShownToken struct {
	tokens.Shown
	Entry *configs.Token
	Cache *configs.Cache
	At    time.Time // when it was made
	// Refresh is when a running egret would make the next one, about; zero for
	// one that is made for each request.
	Refresh time.Time
}

// ShowToken makes a value of a Token, which goes nowhere, and takes it apart.
func (s *Server) ShowToken(ctx context.Context, name string) (*ShownToken, error) {
	rt := s.hold()
	defer rt.release()
	for _, m := range rt.tokens {
		cache, ok := rt.index.ByName(m.entry.Cache)
		if m.entry.Name != name || !ok {
			continue
		}
		now := time.Now()
		shown, err := m.token.Show(ctx, now)
		if err != nil {
			return nil, err
		}
		one := &ShownToken{Shown: shown, Entry: m.entry, Cache: cache, At: now}
		if !m.entry.OnUse {
			one.Refresh = now.Add(shown.Made.Entry().Life() * 2 / 3)
		}
		return one, nil
	}
	return nil, fmt.Errorf("cannot show token=%q: %w", name, ErrNoToken)
}
