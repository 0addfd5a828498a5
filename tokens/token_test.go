package tokens_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// hs256 is a Token that every machine signs at once.
func hs256(header, claims string) configs.Token {
	return configs.Token{
		Name: "acme_jwt", Algorithm: "HS256", KeyType: "Secret", Key: configs.NewSecret(text64),
		Header: json.RawMessage(header), Claims: json.RawMessage(claims),
	}
}

// parts gives the JSON texts of header and claims.
func parts(t *testing.T, cfg configs.Token) (header, claims string) {
	t.Helper()
	segments := strings.Split(makeValue(t, newToken(t, cfg, ttl), noon), ".")
	if len(segments) != 3 {
		t.Fatalf("%d segments, want 3", len(segments))
	}
	for i, into := range []*string{&header, &claims} {
		b, err := base64.RawURLEncoding.Strict().DecodeString(segments[i])
		if err != nil {
			t.Fatalf("segment %d: %v", i, err)
		}
		*into = string(b)
	}
	return header, claims
}

// times is what egret adds to claims at noon.
var times = fmt.Sprintf(`"iat":%d,"exp":%d}`, noon.Unix(), noon.Add(ttl).Unix())

func TestClaimsKeepTheirText(t *testing.T) {
	for in, want := range map[string]string{
		``:                                 `{`,
		`{}`:                               `{`,
		` { } `:                            `{`,
		`{"n":12345678901234567890}`:       `{"n":12345678901234567890,`,
		`{"n":1.0,"m":1.10,"e":1E+2}`:      `{"n":1.0,"m":1.10,"e":1E+2,`,
		`{"z":1,"a":2}`:                    `{"z":1,"a":2,`,
		`{"s":"<&>\u00e9é\/\""}`:           `{"s":"<&>\u00e9é\/\"",`,
		`{"a": [ null, true, {"b":"}"}]}`:  `{"a":[null,true,{"b":"}"}],`,
		`{"":"empty","a.b*?|#@":1}`:        `{"":"empty","a.b*?|#@":1,`,
		`{"nbf":1700000000}`:               `{"nbf":1700000000,`,
		`{"x":{"exp":1,"iat":2}}`:          `{"x":{"exp":1,"iat":2},`,
		"{\"a\":\n\t1,\r\n \"b\":\"x y\"}": `{"a":1,"b":"x y",`,
	} {
		if _, got := parts(t, hs256("", in)); got != want+times {
			t.Errorf("claims %s became %s\nwant %s", in, got, want+times)
		}
	}
}

func TestHeader(t *testing.T) {
	for in, want := range map[string]string{
		``:                                    `{"alg":"HS256","typ":"JWT"}`,
		`{"kid":"2026-11"}`:                   `{"alg":"HS256","typ":"JWT","kid":"2026-11"}`,
		`{"typ":"at+jwt", "kid":"1"}`:         `{"alg":"HS256","typ":"at+jwt","kid":"1"}`,
		`{"z":[1.0, {"x":null}],"cty":"t;v"}`: `{"alg":"HS256","typ":"JWT","z":[1.0,{"x":null}],"cty":"t;v"}`,
	} {
		if got, _ := parts(t, hs256(in, "")); got != want {
			t.Errorf("header %s became %s\nwant %s", in, got, want)
		}
	}
}

func TestNewReportsEverything(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  configs.Token
		ttl  time.Duration
		want []string
	}{
		"nothing":           {configs.Token{}, ttl, []string{"algorithm: algorithm is missing", "key_type: key_type is missing"}},
		"short ttl":         {hs256("", ""), 1999 * time.Millisecond, []string{"ttl: ttl is 1.999s, at least 2s needed"}},
		"unknown words":     {configs.Token{Algorithm: "hs256", KeyType: "secret"}, ttl, []string{"algorithm: unknown algorithm (did you mean HS256?)", "key_type: unknown key_type (did you mean Secret?)"}},
		"none":              {configs.Token{Algorithm: "none", KeyType: "Secret"}, ttl, []string{"algorithm: unknown algorithm"}},
		"times in claims":   {hs256("", `{"exp":1,"x":2,"iat":3,"nbf":"soon"}`), ttl, []string{"claims.exp: exp is set by egret: remove it", "claims.iat: iat is set by egret: remove it", "claims.nbf: nbf must be a number"}},
		"disguised":         {hs256("", `{"e\u0078p":1}`), ttl, []string{"claims.exp: exp is set by egret: remove it"}},
		"claims no object":  {hs256("", `[1]`), ttl, []string{"claims: claims must be an object without duplicate names"}},
		"claims twice":      {hs256("", `{"a":{"b":1,"b":2}}`), ttl, []string{"claims: claims must be an object without duplicate names"}},
		"claims cut off":    {hs256("", `{"a":1`), ttl, []string{"claims: claims must be an object without duplicate names"}},
		"claims and more":   {hs256("", `{"a":1}}`), ttl, []string{"claims: claims must be an object without duplicate names"}},
		"alg, crit in head": {hs256(`{"alg":"none","crit":["b64"]}`, ""), ttl, []string{"header.alg: alg is set by egret: remove it", "header.crit: crit is not supported"}},
		"kid is a number":   {hs256(`{"kid":2026,"typ":7}`, ""), ttl, []string{"header.kid: kid must be a string (put it into quotes)", "header.typ: typ must be a string (put it into quotes)"}},
		"header no object":  {hs256(`"kid"`, ""), ttl, []string{"header: header must be an object without duplicate names"}},
		"of each a little": {configs.Token{Algorithm: "RS256", KeyType: "Secret", Claims: json.RawMessage(`{"exp":1}`), Header: json.RawMessage(`{"alg":1}`)}, 0, []string{
			"ttl: ttl is 0s, at least 2s needed", "key_type: key_type Secret does not fit algorithm RS256 (RS256 takes RsaPem, RsaDer, Jwk)",
			"header.alg: alg is set by egret: remove it", "claims.exp: exp is set by egret: remove it",
		}},
		"value and more": {configs.Token{Value: configs.NewSecret("x"), Algorithm: "HS256", Key: configs.NewSecret("k"), Claims: json.RawMessage(`{}`)}, ttl, []string{
			"algorithm: algorithm has no meaning beside value: remove one of them", "key: key has no meaning beside value: remove one of them",
			"claims: claims has no meaning beside value: remove one of them",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := tokens.New(c.cfg, c.ttl)
			var errs tokens.Errors
			if !errors.As(err, &errs) || token != nil {
				t.Fatalf("New = %v, %v, want tokens.Errors", token, err)
			}
			var got []string
			for i, e := range errs {
				text := e.Error()
				if i < len(c.want) && strings.HasSuffix(c.want[i], ")") {
					text += " (" + e.Hint + ")"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLife: iat and exp are whole seconds, exp is never later than promised,
// and nobody counts on the value longer than exp.
func TestLife(t *testing.T) {
	for _, c := range []struct {
		now      time.Time
		ttl      time.Duration
		iat, exp time.Time
		life     time.Duration
	}{
		{noon, ttl, noon, noon.Add(ttl), ttl},
		{noon.Add(900 * time.Millisecond), 2 * time.Second, noon, noon.Add(2 * time.Second), 1100 * time.Millisecond},
		{noon.Add(999999999), 2 * time.Second, noon, noon.Add(2 * time.Second), 1000000001},
		{noon, 2500 * time.Millisecond, noon, noon.Add(2 * time.Second), 2 * time.Second},
		{noon.Add(600 * time.Millisecond), 2500 * time.Millisecond, noon, noon.Add(2 * time.Second), 1400 * time.Millisecond},
		{noon.In(time.FixedZone("", 20700)), ttl, noon, noon.Add(ttl), ttl},
	} {
		m, err := newToken(t, hs256("", ""), c.ttl).Make(t.Context(), c.now)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(m.Value.Reveal(), ".")[1])
		if want := fmt.Sprintf(`{"iat":%d,"exp":%d}`, c.iat.Unix(), c.exp.Unix()); err != nil || string(payload) != want {
			t.Errorf("at %s with ttl %s: claims %s, want %s", c.now, c.ttl, payload, want)
		}
		if !m.Created.Equal(c.now) || m.Expires.Sub(m.Created) != c.life {
			t.Errorf("at %s with ttl %s: created %s, life %s, want life %s from now", c.now, c.ttl, m.Created, m.Expires.Sub(m.Created), c.life)
		}
		if m.Expires.After(c.exp) || m.Expires.After(c.now.Add(c.ttl)) {
			t.Errorf("at %s with ttl %s: expires %s, after exp or after the ttl", c.now, c.ttl, m.Expires)
		}
	}
}

// TestLifeIsMonotonic: a wall clock that is set back later must not prolong it.
func TestLifeIsMonotonic(t *testing.T) {
	m, err := newToken(t, hs256("", ""), ttl).Make(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if m.Expires == m.Expires.Round(0) {
		t.Error("Expires has no monotonic reading, want the one of now")
	}
}

func TestStatic(t *testing.T) {
	token := newToken(t, configs.Token{Name: "stripe", Value: configs.NewSecret("sk_test_1")}, ttl)
	m, err := token.Make(t.Context(), noon)
	if err != nil || m.Value.Reveal() != "sk_test_1" || !m.Created.Equal(noon) || !m.Expires.Equal(noon.Add(ttl)) {
		t.Errorf("Make = %q, %s, %s, %v, want the value from noon for %s", m.Value.Reveal(), m.Created, m.Expires, err, ttl)
	}
	if e := m.Entry(); string(e.Data) != "sk_test_1" || e.Life() != ttl {
		t.Errorf("Entry = %q, life %s, want the value for %s", e.Data, e.Life(), ttl)
	}
	if w := token.Warnings(); len(w) != 0 {
		t.Errorf("Warnings = %v, want none", w)
	}
	loose := newToken(t, configs.Token{Value: configs.NewSecret("sk_test_1\n")}, ttl)
	if w := loose.Warnings(); len(w) != 1 || w[0].Field != "value" {
		t.Errorf("a value that ends in a line break: warnings %v, want one", w)
	}
}

func TestMakeObeysItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := newToken(t, hs256("", ""), ttl).Make(ctx, noon); !errors.Is(err, context.Canceled) || !m.Value.IsZero() {
		t.Errorf("Make = %v, %v, want context.Canceled", m, err)
	}
}

func TestTokenDoesNotPrintItsKey(t *testing.T) {
	const canary = "s3cret-canary-s3cret-canary-s3cret"
	for _, cfg := range []configs.Token{
		{Name: "acme_jwt", Algorithm: "HS256", KeyType: "Secret", Key: configs.NewSecret(canary)},
		{Name: "acme_jwt", Value: configs.NewSecret(canary)},
	} {
		token := newToken(t, cfg, ttl)
		m, err := token.Make(t.Context(), noon)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", token)
			fmt.Fprintf(&out, verb+"\n", *token)
			fmt.Fprintf(&out, verb+"\n", m)
			fmt.Fprintf(&out, verb+"\n", struct{ p *tokens.Token }{token})
			fmt.Fprintf(&out, verb+"\n", struct{ v tokens.Token }{*token})
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "token", token, "made", m)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "token", token, "made", m)
		b, err := json.Marshal([]any{token, m})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		for _, secret := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprint([]byte(canary))[1:20], b64([]byte(canary)), m.Value.Reveal()} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%q is printed: %s", secret, out.String())
			}
		}
		if !strings.Contains(out.String(), "acme_jwt") {
			t.Errorf("the name is not printed: %s", out.String())
		}
	}
}

// FuzzClaims: claims that are taken come out as they went in, followed by iat
// and exp.
func FuzzClaims(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1.0}`, `{"a":{"b":[1,"x"]}}`, `{"exp":1}`, ` {"ü" : "\ud83d\ude00"} `, `{"a":1}{`, `[`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := tokens.New(hs256("", text), ttl)
		if err != nil {
			return
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(makeValue(t, token, noon), ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]json.RawMessage
		if err := json.Unmarshal(payload, &got); err != nil {
			t.Fatalf("claims %q became %q: %v", text, payload, err)
		}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatalf("claims %q were taken: %v", text, err)
			}
		}
		if string(got["iat"]) != fmt.Sprint(noon.Unix()) || len(got) != len(want)+2 {
			t.Errorf("claims %q became %q", text, payload)
		}
		for name, raw := range want {
			var a, b strings.Builder
			compact(&a, raw)
			compact(&b, got[name])
			if a.String() != b.String() {
				t.Errorf("claim %q: %s became %s", name, raw, got[name])
			}
		}
	})
}

// compact writes raw without the white space between its tokens.
func compact(w *strings.Builder, raw json.RawMessage) {
	inString, escape := false, false
	for _, c := range raw {
		switch {
		case escape:
			escape = false
		case c == '\\':
			escape = true
		case c == '"':
			inString = !inString
		case !inString && strings.ContainsRune(" \t\r\n", rune(c)):
			continue
		}
		w.WriteByte(c)
	}
}
