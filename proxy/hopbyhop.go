package proxy

import (
	"strings"

	"github.com/egret-proxy/egret/templates"
)

// hopByHop are the fields that concern one connection only: RFC 9110 section
// 7.6.1, and what clients of proxies are known to send.
var hopByHop = map[string]bool{
	"connection":                true,
	"keep-alive":                true,
	"proxy-authenticate":        true,
	"proxy-authentication-info": true,
	"proxy-authorization":       true,
	"proxy-connection":          true,
	"te":                        true,
	"trailer":                   true,
	"transfer-encoding":         true,
	"upgrade":                   true,
}

// endToEnd are fields that a Connection field cannot name away: a client that
// lists Authorization there would have the swapped credential removed on the
// way, or a framing field lost.
var endToEnd = map[string]bool{
	"authorization":  true,
	"cache-control":  true,
	"content-length": true,
	"content-type":   true,
	"host":           true,
}

// withoutHopByHop gives the fields that travel on, in their order. Every
// Connection line counts.
func withoutHopByHop(fields []templates.Field) []templates.Field {
	var named map[string]bool
	for _, f := range fields {
		if !strings.EqualFold(f.Name, "Connection") {
			continue
		}
		for option := range strings.SplitSeq(f.Value, ",") {
			option = strings.ToLower(strings.TrimSpace(option))
			if option == "" || endToEnd[option] {
				continue
			}
			if named == nil {
				named = map[string]bool{}
			}
			named[option] = true
		}
	}
	kept := make([]templates.Field, 0, len(fields)+2)
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		if !hopByHop[name] && !named[name] {
			kept = append(kept, f)
		}
	}
	return kept
}
