package tokens

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// claims is the JSON text of the configured claims, open at its end: "{", or
// members with a comma after each. It stays text, so that numbers keep their
// digits.
type claims []byte

// compileClaims checks the claims of RFC 7519 section 4.1 that egret answers
// for.
func compileClaims(raw json.RawMessage) (*claims, Errors) {
	members, errs := members("claims", raw)
	c := claims("{")
	for _, m := range members {
		field := "claims." + m.name
		switch {
		case m.name == "exp" || m.name == "iat":
			errs = append(errs, &Error{Field: field, Message: m.name + " is set by egret: remove it", Hint: "the lifetime is the ttl of the cache"})
		case m.name == "nbf" && m.value.Type != gjson.Number:
			errs = append(errs, &Error{Field: field, Message: "nbf must be a number", Hint: "seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2)"})
		default:
			c = append(c, m.rawName...)
			c = append(c, ':')
			c = append(c, m.value.Raw...)
			c = append(c, ',')
		}
	}
	return &c, errs
}

// at gives the claims with iat and exp, which are whole seconds.
func (c claims) at(iat, exp time.Time) []byte {
	b := make([]byte, len(c), len(c)+len(`"iat":,"exp":}`)+2*20)
	copy(b, c)
	b = append(b, `"iat":`...)
	b = strconv.AppendInt(b, iat.Unix(), 10)
	b = append(b, `,"exp":`...)
	b = strconv.AppendInt(b, exp.Unix(), 10)
	return append(b, '}')
}

// A member is one of a JSON object, in its own text.
type member struct {
	name    string // decoded
	rawName string // in quotes
	value   gjson.Result
}

// members gives the members of the object that field holds. A duplicate name,
// at any depth, is an error: RFC 7519 section 4 lets readers take either one.
func members(field string, raw json.RawMessage) ([]member, Errors) {
	if len(raw) == 0 {
		return nil, nil
	}
	if v := jsontext.Value(raw); !v.IsValid() || v.Kind() != '{' {
		return nil, Errors{{Field: field, Message: field + " must be an object without duplicate names"}}
	}
	var text bytes.Buffer
	if err := json.Compact(&text, raw); err != nil {
		return nil, Errors{{Field: field, Message: field + " must be an object"}}
	}
	var list []member
	gjson.ParseBytes(text.Bytes()).ForEach(func(k, v gjson.Result) bool {
		list = append(list, member{name: k.String(), rawName: k.Raw, value: v})
		return true
	})
	return list, nil
}
