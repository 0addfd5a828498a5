package tokens

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// leastTTL leaves a JWT at least one second: its times are whole seconds.
const leastTTL = 2 * time.Second

// A Token makes the value of one token cache: a signed JWT, or a static
// credential. It never changes, so it may be used by many goroutines. It prints
// as its name.
type Token struct {
	name string
	// make gives a value that is made at now. It is a function because fmt shows
	// nothing that one holds. A pointer it follows, and it calls no methods on
	// what stands in an unexported field.
	make     func(now time.Time) (Made, error)
	show     func(now time.Time) (Shown, error) // as make, and what there is inside
	signer   func() *signer                     // nil of a static credential
	warnings []*Error
}

// New parses the key of cfg, fits it to the algorithm, compiles header and
// claims, and signs once with an RSA key; ttl is that of the cache. The error is an [Errors]
// with everything that is wrong.
func New(cfg configs.Token, ttl time.Duration) (*Token, error) { return newToken(cfg, ttl, nil) }

func newToken(cfg configs.Token, ttl time.Duration, stores *Stores) (*Token, error) {
	t := &Token{name: cfg.Name}
	var errs Errors
	if ttl < leastTTL {
		errs = append(errs, &Error{Field: "ttl", Message: fmt.Sprintf("ttl is %s, at least %s needed", ttl, leastTTL)})
	}
	if cfg.Value.IsZero() {
		s, more := newSigner(cfg, ttl, stores)
		errs = append(errs, more...)
		t.use(s)
		t.warnings = s.warnings()
	} else {
		t.make = static(cfg.Value, ttl)
		t.show = func(now time.Time) (Shown, error) {
			m, err := t.make(now)
			return Shown{Made: m}, err
		}
		t.warnings = looseEnd("value", cfg.Value.Reveal())
		errs = append(errs, besideValue(cfg)...)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return t, nil
}

// Name is the name in the file.
func (t *Token) Name() string { return t.name }

// Warnings is what works and should be better, such as a short secret.
func (t *Token) Warnings() []*Error { return t.warnings }

// Make gives a value. Of a JWT, the times in its claims are counted from now,
// which is rounded down to whole seconds for them, and the value expires when
// exp says so, or when the ttl is over if that is sooner. The error holds
// nothing of the key.
func (t *Token) Make(ctx context.Context, now time.Time) (Made, error) {
	if err := ctx.Err(); err != nil {
		return Made{}, fmt.Errorf("cannot make token=%q: %w", t.name, err)
	}
	if err := t.ready(ctx); err != nil {
		return Made{}, fmt.Errorf("cannot make token=%q: %w", t.name, err)
	}
	m, err := t.make(now)
	if err != nil {
		return Made{}, fmt.Errorf("cannot make token=%q: %w", t.name, err)
	}
	return m, nil
}

// String is the name: a Token holds a key.
func (t Token) String() string { return t.name }

// Format writes String under every verb and flag.
func (t Token) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.name)) }

// LogValue is the name.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.name) }

// static makes value, which is there already.
func static(value configs.Secret, ttl time.Duration) func(time.Time) (Made, error) {
	return func(now time.Time) (Made, error) {
		return Made{Value: value, Created: now, Expires: now.Add(ttl)}, nil
	}
}

// besideValue refuses what would be ignored beside a static value.
func besideValue(cfg configs.Token) Errors {
	var errs Errors
	for _, beside := range []struct {
		field string
		set   bool
	}{
		{"algorithm", cfg.Algorithm != ""},
		{"key_type", cfg.KeyType != ""},
		{"key", !cfg.Key.IsZero()},
		{"key_passphrase", !cfg.KeyPassphrase.IsZero()},
		{"shared_key", !cfg.SharedKey.IsZero()},
		{"key_store", cfg.KeyStore != ""},
		{"key_alias", cfg.KeyAlias != ""},
		{"jwk", cfg.JWK != nil},
		{"publish", cfg.Publish},
		{"kid", cfg.KeyID != ""},
		{"header", len(cfg.Header) > 0},
		{"claims", len(cfg.Claims) > 0},
		{"issuer", cfg.Issuer != ""},
		{"audiences", len(cfg.Audience) > 0},
		{"scope", cfg.Scope != ""},
		{"subject_claims", len(cfg.Subject) > 0},
		{"jti", cfg.TokenID != ""},
		{"time", !reflect.ValueOf(cfg.Times).IsZero()},
		{"min_age", cfg.MinAge != 0},
		{"sign", cfg.OnUse},
		{"encrypt", cfg.Encrypt != nil},
	} {
		if beside.set {
			errs = append(errs, &Error{Field: beside.field, Message: beside.field + " has no meaning beside value: remove one of them"})
		}
	}
	return errs
}

// looseEnd warns of white space around a text that is used as it is: files end
// in a line break, credentials do not.
func looseEnd(field, text string) []*Error {
	if strings.TrimSpace(text) == text {
		return nil
	}
	return []*Error{{Field: field, Message: field + " begins or ends with white space", Hint: "remove it, unless it belongs there"}}
}

func segment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
