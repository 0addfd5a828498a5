package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// methods are those of the HTTP Method Registry of IANA. Others are let pass,
// since anybody may make one up.
var methods = []string{
	"ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LABEL", "LINK", "LOCK",
	"MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH",
	"PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND", "UNCHECKOUT",
	"UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
}

// IsMethod reports whether a method is CONNECT, TRACE or another registered one.
func IsMethod(method string) bool {
	return method == "CONNECT" || method == "TRACE" || slices.Contains(methods, method)
}

// methodText is narrower than RFC 9110 section 9.1: every registered method is
// upper case, and one in lower case is a mistake that a server would not
// forgive.
var methodText = regexp.MustCompile(`^[A-Z][A-Z0-9_-]{0,31}$`)

// method reads the method of a request. CONNECT and TRACE are no requests to an
// API: one opens a tunnel, the other sends credentials back.
func (d *decoder) method(n *node) string {
	s, ok := d.plain(n)
	switch {
	case !ok:
		return ""
	case s == "CONNECT", s == "TRACE":
		d.problem(n, s+" is not allowed", "")
	case !methodText.MatchString(s):
		hint := ""
		if upper := strings.ToUpper(s); methodText.MatchString(upper) {
			hint = "did you mean " + upper + "?"
		}
		d.problem(n, fmt.Sprintf("%q is no method", s), hint)
	case !slices.Contains(methods, s):
		if near := nearest(s, methods); near != "" {
			d.warn(n.path, "no method "+s+" is registered", "did you mean "+near+"?")
		}
	}
	return s
}
