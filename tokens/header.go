package tokens

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/tidwall/gjson"
)

// textHeaders are the header parameters of RFC 7515 section 4.1 and RFC 7519
// section 5 that are strings. YAML makes a number of an unquoted kid: 2026.
var textHeaders = map[string]bool{"kid": true, "typ": true, "cty": true, "jku": true, "x5u": true, "x5t": true, "x5t#S256": true}

// compileHeader gives the encoded JOSE header of RFC 7515 section 4: alg, typ,
// and the members of raw in their order and with their own text.
func compileHeader(a *algorithm, raw json.RawMessage) (string, Errors) {
	members, errs := members("header", raw)
	typ := `"JWT"`
	var rest bytes.Buffer
	for _, m := range members {
		field := "header." + m.name
		switch {
		case m.name == "alg":
			errs = append(errs, &Error{Field: field, Message: "alg is set by egret: remove it", Hint: "it is what algorithm says"})
		case m.name == "crit":
			errs = append(errs, &Error{Field: field, Message: "crit is not supported", Hint: "egret knows no critical extension"})
		case textHeaders[m.name] && m.value.Type != gjson.String:
			errs = append(errs, &Error{Field: field, Message: m.name + " must be a string", Hint: "put it into quotes"})
		case m.name == "typ":
			typ = m.value.Raw
		default:
			fmt.Fprintf(&rest, ",%s:%s", m.rawName, m.value.Raw)
		}
	}
	header := fmt.Sprintf(`{"alg":%q,"typ":%s%s}`, a.name(), typ, rest.Bytes())
	return base64.RawURLEncoding.EncodeToString([]byte(header)), errs
}
