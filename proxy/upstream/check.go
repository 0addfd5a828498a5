package upstream

import (
	"fmt"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/egret-proxy/egret/functions"
)

// check refuses a request that would not be one request on the wire. fasthttp
// would write most of it with spaces in place of line breaks. The error names
// what is wrong, and no value.
func check(req *Request) error {
	switch {
	case req.Scheme != "http" && req.Scheme != "https":
		return broken("scheme")
	case !httpguts.ValidHeaderFieldName(req.Method):
		return broken("method")
	case req.Host == "":
		return broken("host")
	case req.Authority == "" || strings.ContainsFunc(req.Authority, unfit):
		return broken("authority")
	case req.Target == "" || strings.ContainsFunc(req.Target, unfit):
		return broken("target")
	case req.ContentLength < -1:
		return broken("content length")
	}
	for _, field := range req.Header {
		switch {
		case !httpguts.ValidHeaderFieldName(field.Name), framing(field.Name):
			return broken("name of a header field")
		case !httpguts.ValidHeaderFieldValue(field.Value):
			return broken("value of the header field " + field.Name)
		}
	}
	return nil
}

func broken(what string) *functions.Refusal {
	return &functions.Refusal{
		Code:       functions.Internal,
		Detail:     "the request cannot be written",
		ProxyError: "http_request_error",
		Cause:      fmt.Errorf("the %s is not fit for a request", what),
	}
}

// unfit is true of what would end a part of the request line or a field.
func unfit(r rune) bool { return r <= ' ' || r == 0x7f }

// framing reports whether a field says where the request ends or whose it is:
// those are written from the request's own members.
func framing(name string) bool {
	for _, known := range []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer"} {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}
