package proxy

import (
	"mime"
	"net/url"
	"strings"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// callOptions reads the query of a call. A parameter that is not known is
// refused: who mistypes explain must not get a call performed.
func callOptions(query string) (raw, explain bool, err error) {
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return false, false, malformed("the query of the call cannot be read")
	}
	for name := range parameters {
		switch name {
		case "raw":
			raw = true
		case "explain":
			explain = true
		default:
			return false, false, malformed("a call has the query parameters raw and explain only")
		}
	}
	if raw && explain {
		return false, false, malformed("a call is either raw or explained")
	}
	return raw, explain, nil
}

// checkContentType wants JSON. A form or plain text can be sent by any web page
// without asking, JSON cannot.
func checkContentType(field []byte, found int, empty bool) error {
	switch {
	case found == 0 && empty, found == 1 && string(field) == "application/json":
		return nil
	case found == 1:
		mediaType, parameters, err := mime.ParseMediaType(string(field))
		charset, given := parameters["charset"]
		if err == nil && mediaType == "application/json" && (!given || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	return functions.Refuse(functions.UnsupportedMediaType, "the arguments are sent as Content-Type: application/json")
}

// directives reads the Cache-Control of a call, RFC 9111 section 5.2.1.
func directives(c *functions.Call, fields []wire.Field) {
	for i := range fields {
		if f := &fields[i]; f.Kind == wire.CacheControl {
			c.NoCache = c.NoCache || wire.HasOption(f.Value, "no-cache")
			c.NoStore = c.NoStore || wire.HasOption(f.Value, "no-store")
			c.OnlyIfCached = c.OnlyIfCached || wire.HasOption(f.Value, "only-if-cached")
		}
	}
}
