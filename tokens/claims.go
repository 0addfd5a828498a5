package tokens

import (
	"encoding/json"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// claims are the claims of a Token: text that is the same in every token of a
// key, and behind it "jti" and the times, which are made at each signing.
type claims struct {
	text    []byte // JSON, open at its end
	gaps    []int  // where the fingerprint of the key goes into text
	givenID string // "jti" of the configured claims, or ""
	tokenID *tokenID
	times   *times
}

// compileClaims gathers the claims: those that are configured in their order,
// then those that have fields of their own.
func compileClaims(cfg configs.Token, ttl time.Duration) (*claims, Errors) {
	list := newMemberList()
	configured, errs := configuredClaims(cfg.Claims)
	list.add("claims", configured)
	c := &claims{givenID: textOf(cfg.Claims, "jti")}
	list.text, c.gaps = cutFingerprints(list.text)

	list.setText("issuer", "iss", cfg.Issuer)
	list.setAudience(cfg.Audience)
	list.setText("scope", "scope", cfg.Scope)
	subject, more := members("subject_claims", cfg.Subject)
	errs = append(errs, more...)
	list.add("subject_claims", subject)
	c.text = list.text

	var err *Error
	if c.tokenID, err = compileTokenID(cfg.TokenID, list); err != nil {
		errs = append(errs, err)
	}
	c.times, more = compileTimes(cfg.Times, ttl, list)
	return c, append(append(errs, more...), list.errs...)
}

// configuredClaims checks the claims of RFC 7519 section 4.1 that egret answers
// for, and gives the others.
func configuredClaims(raw json.RawMessage) ([]member, Errors) {
	list, errs := members("claims", raw)
	good := list[:0]
	for _, m := range list {
		field := "claims." + m.name
		switch {
		case m.name == "exp":
			errs = append(errs, &Error{Field: field, Message: "exp is set by egret: remove it", Hint: "it follows from the ttl of the cache, or from expires_in or time.exp"})
		case m.name == "iat":
			errs = append(errs, &Error{Field: field, Message: "iat is set by egret: remove it", Hint: "time.iat moves it"})
		case m.name == "nbf" && m.value.Type != gjson.Number:
			errs = append(errs, &Error{Field: field, Message: "nbf must be a number", Hint: "seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2)"})
		default:
			good = append(good, m)
		}
	}
	return good, errs
}

// setText adds a claim that is a text, and nothing for "".
func (l *memberList) setText(field, name, text string) {
	if text != "" {
		l.set(field, name, quote(text))
	}
}

// setAudience adds "aud": one audience is a text, several are a list (RFC 7519
// section 4.1.3).
func (l *memberList) setAudience(audience []string) {
	if len(audience) == 0 {
		return
	}
	value := quote(audience[0])
	if len(audience) > 1 {
		value = append([]byte("["), value...)
		for _, a := range audience[1:] {
			value = append(append(value, ','), quote(a)...)
		}
		value = append(value, ']')
	}
	l.set("audiences", "aud", value)
}

// appendTo writes what is made in a second since 1970, and the end. It gives
// "jti" where it made one.
func (c *claims) appendTo(b []byte, second int64) (text []byte, id string) {
	if c.tokenID != nil {
		id = c.tokenID.new(second)
		b = appendQuoted(append(b, c.tokenID.before...), id)
	}
	b = c.times.appendTo(b, second)
	return append(b, '}'), id
}
