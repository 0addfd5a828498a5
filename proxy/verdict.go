package proxy

import (
	"strings"

	"github.com/egret-proxy/egret/functions"
)

// goneCode is the code of a record, and of nothing else: nobody was answered.
const goneCode = "client_gone"

// words are what records name as the rule of a refusal that no line of the
// configuration decided, or only one that every request meets.
var words = map[functions.Code]string{
	functions.MalformedRequest:     "gate",
	functions.Unauthenticated:      "clients",
	functions.FunctionDenied:       "clients",
	functions.CacheDenied:          "clients",
	functions.CacheHostDenied:      "caches",
	functions.SurfaceDenied:        "caches",
	functions.CleartextDenied:      "caches",
	functions.EgressDenied:         "egress",
	functions.PrivateAddress:       "egress",
	functions.HostRejected:         "gate",
	functions.UnknownFunction:      "functions",
	functions.NotFound:             "gate",
	functions.MethodNotAllowed:     "gate",
	functions.RequestTimeout:       "gate",
	functions.BodyTooLarge:         "limits.call_bytes",
	functions.UnsupportedMediaType: "gate",
	functions.HeadersTooLarge:      "gate",
	functions.InvalidArguments:     "functions",
	functions.MissingArgument:      "functions",
	functions.UnsafeValue:          "functions",
	functions.TooManyRequests:      "limits.concurrency",
	functions.Internal:             "internal",
	functions.NotImplemented:       "gate",
	functions.VersionNotSupported:  "gate",
	functions.TokenUnavailable:     "caches",
	functions.CacheEmpty:           "caches",
	functions.CircuitOpen:          "upstreams",
	functions.Draining:             "draining",
	functions.NotCached:            "functions",
	functions.Loop:                 "loop",
}

// isFailure reports whether a code says that a request, which was allowed, found
// no answer.
func isFailure(code functions.Code) bool { return strings.HasPrefix(string(code), "upstream_") }

// noteVerdict notes what was decided about the request, and by which line, as
// people read it.
func (x *exchange) noteVerdict() {
	x.decide()
	x.note.record.Rule = x.rt.shown(x.note.record.Rule)
}

// shown writes the place of a line as people read it.
func (rt *runtime) shown(rule string) string {
	if rule == "" || rule[0] < '0' || rule[0] > '9' {
		return rule // of the main file
	}
	// There are no more rules than the configuration has lines that can decide.
	if known, ok := rt.rules.Load(rule); ok {
		return known.(string)
	}
	shown := rt.cfg.Shown(rule)
	rt.rules.Store(rule, shown)
	return shown
}

// decide finds the verdict and the line.
func (x *exchange) decide() {
	n, r := &x.note, &x.note.record
	if refusal := n.refusal; refusal != nil {
		r.Code = string(refusal.Code)
		r.Refused = !n.gone && !n.begun && !isFailure(refusal.Code)
		r.Rule = refusal.Rule
	}
	if n.gone {
		r.Code = goneCode
	}
	if !r.Refused {
		r.Rule = x.allowedBy()
		return
	}
	if word := words[n.refusal.Code]; r.Rule == "" {
		r.Rule = word
		if n.label != nil && (word == "functions") {
			r.Rule = n.label.Path
		}
	}
}

// allowedBy is the line that allows the request.
func (x *exchange) allowedBy() string {
	switch {
	case x.forward.rule != "":
		return x.forward.rule
	case x.note.label != nil && x.way == call:
		return x.note.label.Path
	case x.way == list && x.client != nil:
		return x.client.Path + ".functions"
	case x.way == list || x.way == call:
		return "functions"
	default:
		return "gate"
	}
}
