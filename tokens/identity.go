package tokens

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// maxIdentity is the length in bytes of the longest "kid" or "jti" that is told
// of a token: each record of a request has room for it.
const maxIdentity = 256

// textOf gives the member of an object that names a key or a token, or "" where
// there is none, where it is no text, and where it is too long.
func textOf(raw json.RawMessage, name string) string {
	list, _ := members("", raw) // what is wrong is reported elsewhere
	for _, m := range list {
		if m.name == name && m.value.Type == gjson.String && len(m.value.Str) <= maxIdentity {
			return m.value.Str
		}
	}
	return ""
}
