package proxy

import (
	"strings"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/scrub"
	"github.com/egret-proxy/egret/templates"
)

// secretsOf lists the token caches that name a host: their values must not come
// back from it.
func (rt *runtime) secretsOf(host string, port uint16) []*configs.Cache {
	var list []*configs.Cache
	for i := range rt.cfg.Caches {
		cache := &rt.cfg.Caches[i]
		if cache.Kind == configs.TokenCache && names(cache, host, port) {
			list = append(list, cache)
		}
	}
	return list
}

// names reports whether a cache names a host.
func names(cache *configs.Cache, host string, port uint16) bool {
	for _, pattern := range cache.Hosts {
		if pattern.Match(host, port) {
			return true
		}
	}
	return false
}

// replacements are the live values of caches, each with the ID it becomes: the
// current values, and replaced ones that have not expired.
func replacements(values *caches.Values, list []*configs.Cache, hide []functions.Hidden) []scrub.Replacement {
	var all []scrub.Replacement
	for _, cache := range list {
		id := cache.ID.String()
		for _, value := range values.Live(cache.ID, nil) {
			all = append(all, scrub.Replacement{Value: value, With: id})
		}
	}
	for _, h := range hide {
		all = append(all, scrub.Replacement{Value: h.Value.Reveal(), With: h.With})
	}
	return all
}

// scrubFields replaces values in header fields.
func scrubFields(s *scrub.Scrubber, fields []templates.Field) []templates.Field {
	for i := range fields {
		fields[i].Value, _ = s.String(fields[i].Value)
	}
	return fields
}

// isCoded reports whether a body is in a content coding, in which a value could
// come back unseen.
func isCoded(fields []templates.Field) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, "Content-Encoding") && f.Value != "" && !strings.EqualFold(f.Value, "identity") {
			return true
		}
	}
	return false
}

// coded refuses an answer that cannot be searched.
func coded() *functions.Refusal {
	return &functions.Refusal{
		Code:       functions.UpstreamProtocol,
		Detail:     "the upstream coded its answer although it was asked not to, so it cannot be searched for values",
		ProxyError: "http_response_content_coding",
	}
}
