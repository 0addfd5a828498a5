package proxy

import (
	"bytes"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/egret-proxy/egret/functions"
)

// maxFields is how many header fields a request may have.
const maxFields = 200

// gate refuses what fasthttp's parser lets through and other servers read
// differently. What passes has one meaning only, to egret and to whoever reads
// it next.
func gate(h *head) error {
	for _, check := range []func(*head) error{gateVersion, gateLines, gateFields, gateFraming, gateTarget} {
		if err := check(h); err != nil {
			return err
		}
	}
	return nil
}

func malformed(detail string) *functions.Refusal {
	return functions.Refuse(functions.MalformedRequest, detail)
}

func gateVersion(h *head) error {
	if h.proto != "HTTP/1.1" && h.proto != "HTTP/1.0" {
		return functions.Refuse(functions.VersionNotSupported, "egret speaks HTTP/1.1")
	}
	if !httpguts.ValidHeaderFieldName(h.method) { // a method is a token as well
		return malformed("the method is not a token")
	}
	return nil
}

func gateLines(h *head) error { return h.lines }

// checkLines refuses line ends that are a line feed alone, and folded lines:
// RFC 9112 sections 2.2 and 5.2.
func checkLines(raw []byte) error {
	for i, c := range raw {
		if c == '\n' && (i == 0 || raw[i-1] != '\r') {
			return malformed("a header line ends without a carriage return")
		}
		if c == '\r' && (i+1 == len(raw) || raw[i+1] != '\n') {
			return malformed("a carriage return stands inside a header line")
		}
	}
	if bytes.Contains(raw, []byte("\n ")) || bytes.Contains(raw, []byte("\n\t")) {
		return malformed("a header line is folded")
	}
	return nil
}

func gateFields(h *head) error {
	if len(h.fields) > maxFields {
		return functions.Refuse(functions.HeadersTooLarge, "the request has too many header fields")
	}
	for _, f := range h.fields {
		if !httpguts.ValidHeaderFieldName(f.Name) {
			return malformed("the name of a header field is not a token")
		}
		if !httpguts.ValidHeaderFieldValue(f.Value) {
			return malformed("header field " + f.Name + " holds a control character")
		}
	}
	return nil
}

// gateFraming refuses every request whose body two readers could delimit
// differently: RFC 9112 section 6.
func gateFraming(h *head) error {
	coding, length := h.values("Transfer-Encoding"), h.values("Content-Length")
	switch {
	case len(coding) > 0 && len(length) > 0:
		return malformed("the request has both Content-Length and Transfer-Encoding")
	case len(length) > 1 || len(coding) > 1:
		return malformed("the request states its framing twice")
	case len(coding) == 1 && h.proto == "HTTP/1.0":
		return malformed("a request of HTTP/1.0 has no Transfer-Encoding")
	case len(coding) == 1 && !strings.EqualFold(coding[0], "chunked"):
		return functions.Refuse(functions.NotImplemented, "no Transfer-Encoding other than chunked is supported")
	}
	if len(h.values("Host")) > 1 {
		return malformed("the request has two Host fields")
	}
	return nil
}

// gateTarget refuses bytes that RFC 3986 does not permit in a URI, fragments
// (RFC 9112 section 3.2 has none) and percent signs that begin no octet.
func gateTarget(h *head) error {
	if h.target == "" {
		return malformed("the request has no target")
	}
	for i := 0; i < len(h.target); i++ {
		c := h.target[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}#", c) >= 0 {
			return malformed("the request's target holds a character that no URI may have")
		}
		if c == '%' && (i+2 >= len(h.target) || !isHex(h.target[i+1]) || !isHex(h.target[i+2])) {
			return malformed("the request's target holds a percent sign that begins no octet")
		}
	}
	return nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
