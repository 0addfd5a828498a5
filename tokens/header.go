package tokens

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tidwall/gjson"
)

// textHeaders are the header parameters of RFC 7515 section 4.1 and RFC 7519
// section 5 that are strings. YAML makes a number of an unquoted kid: 2026.
var textHeaders = map[string]bool{"kid": true, "typ": true, "cty": true, "jku": true, "x5u": true, "x5t": true, "x5t#S256": true}

// A header is a JOSE header of RFC 7515 section 4 without its "kid".
type header struct {
	before, after string // the texts of its members before and behind the place of "kid"
	keyID         string // the "kid" that is configured, or ""
}

// compileHeader gives the header with alg, typ, and the members of raw in their
// order and with their own text. A typ of null removes it.
func compileHeader(a *algorithm, raw json.RawMessage) (*header, Errors) {
	members, errs := members("header", raw)
	h := &header{}
	typ := `,"typ":"JWT"`
	var before, after bytes.Buffer
	rest := &before
	for _, m := range members {
		field := "header." + m.name
		switch {
		case m.name == "alg":
			errs = append(errs, &Error{Field: field, Message: "alg is set by egret: remove it", Hint: "it is what algorithm says"})
		case m.name == "crit" || m.name == "b64":
			errs = append(errs, &Error{Field: field, Message: m.name + " is not supported", Hint: "egret knows no critical extension"})
		case m.name == "typ" && m.value.Type == gjson.Null:
			typ = ""
		case textHeaders[m.name] && m.value.Type != gjson.String:
			errs = append(errs, &Error{Field: field, Message: m.name + " must be a string", Hint: "put it into quotes"})
		case m.name == "typ":
			typ = `,"typ":` + m.value.Raw
		case m.name == "kid":
			h.keyID, rest = m.value.Str, &after
		default:
			fmt.Fprintf(rest, ",%s:%s", m.rawName, m.value.Raw)
		}
	}
	h.before, h.after = fmt.Sprintf(`{"alg":%q%s%s`, a.name(), typ, before.Bytes()), after.String()+"}"
	return h, errs
}

// encode gives the encoded header with a "kid", or without one for "".
func (h *header) encode(keyID string) string {
	text := h.before
	if keyID != "" {
		text += `,"kid":` + string(quote(keyID))
	}
	return segment([]byte(text + h.after))
}
