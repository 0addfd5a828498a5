package tokens

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// Shown is one made token taken apart, for people to look at. Header and claims
// may hold what nobody else should see.
type Shown struct {
	Made   Made
	Header configs.Secret // JOSE header as JSON; of the signed token when it is encrypted too
	Claims configs.Secret // as JSON
	Outer  configs.Secret // JOSE header of the encryption as JSON; zero without one
	Signed configs.Secret // the compact form before encryption; zero of a static credential
}

// Show makes a value as [Token.Make] does and takes it apart. Of a static
// credential there is only what Make gives.
func (t *Token) Show(ctx context.Context, now time.Time) (Shown, error) {
	if err := ctx.Err(); err != nil {
		return Shown{}, fmt.Errorf("cannot make token=%q: %w", t.name, err)
	}
	if err := t.ready(ctx); err != nil {
		return Shown{}, fmt.Errorf("cannot make token=%q: %w", t.name, err)
	}
	shown, err := t.show(now)
	if err != nil {
		return Shown{}, fmt.Errorf("cannot make token=%q: %w", t.name, err)
	}
	return shown, nil
}

func (s *signer) show(now time.Time) (Shown, error) {
	m, err := s.makeSigned(now)
	if err != nil {
		return Shown{}, err
	}
	segments := strings.Split(m.Value.Reveal(), ".")
	shown := Shown{Header: shownSegment(segments[0]), Claims: shownSegment(segments[1]), Signed: m.Value}
	if shown.Made, err = s.seal(m); err != nil {
		return Shown{}, err
	}
	if s.recipient != nil {
		outer, _, _ := strings.Cut(shown.Made.Value.Reveal(), ".")
		shown.Outer = shownSegment(outer)
	}
	return shown, nil
}

// shownSegment decodes what egret has encoded.
func shownSegment(text string) configs.Secret {
	decoded, _ := base64.RawURLEncoding.DecodeString(text)
	return configs.NewSecret(string(decoded))
}
