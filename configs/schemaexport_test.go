package configs

import (
	"fmt"

	"github.com/tidwall/gjson"
)

// A Section is a table of keys, as the decoder has it.
type Section struct {
	Keys, Needs []string
}

// Sections gives the tables by the place that they have in the schema.
func Sections() map[string]Section {
	return map[string]Section{
		"":                document.listed(),
		"/$defs/listener": listener.listed(),
		"/$defs/tls":      certificate.listed(),
		"/$defs/admin":    admin.listed(),
		"/$defs/client":   client.listed(),
		"/$defs/egress":   egress.listed(),
		"/$defs/rule":     rule.listed(),
		"/$defs/limits":   limits.listed(),
		"/$defs/journal":  journal.listed(),
		"/$defs/cache":    cache.listed(),
		"/$defs/token":    tokens.listed(),
		"/$defs/function": function.listed(),

		"/$defs/jwk":        jwk.listed(),
		"/$defs/time":       claimTimes.listed(),
		"/$defs/encrypt":    encrypt.listed(),
		"/$defs/keyStore":   keyStore.listed(),
		"/$defs/trustStore": trustStore.listed(),
		"/$defs/subject":    subject.listed(),

		"/$defs/upstream":       upstream.listed(),
		"/$defs/upstreamTLS":    upstreamTLS.listed(),
		"/$defs/circuit":        circuit.listed(),
		"/$defs/quota":          clientQuota.listed(),
		"/$defs/functionLimits": functionLimits.listed(),
		"/$defs/retry":          retry.listed(),
		"/$defs/caching":        caching.listed(),
		"/$defs/output":         output.listed(),
		"/$defs/allowance":      allowance.listed(),

		"/$defs/basic":    basic.listed(),
		"/$defs/formFile": formFile.listed(),
	}
}

func (s section[T]) listed() Section {
	listed := Section{Keys: s.keys()}
	for _, f := range s.fields {
		if f.need {
			listed.Needs = append(listed.Needs, f.key)
		}
	}
	return listed
}

// A Range is what a limit may be: bytes, pieces or nanoseconds.
type Range struct {
	Default, Least, Most int64
	Seconds              bool // a whole number means seconds
}

// Ranges gives the table of limits.
func Ranges() map[string]Range {
	ranges := map[string]Range{}
	for _, one := range limitTable {
		ranges[one.key] = Range{one.standard, one.least, one.most, one.measure.show(0) == period.show(0)}
	}
	return ranges
}

// Limit reads the value of a limit out of YAML.
func Limit(key, yaml string) (int64, error) {
	cfg, problems := Parse("", fmt.Appendf(nil, "limits: {%s: %s}", key, yaml), ReadOptions{})
	if len(problems) > 0 {
		return 0, problems
	}
	for _, one := range limitTable {
		if one.key == key {
			return one.get(&cfg.Limits), nil
		}
	}
	return 0, fmt.Errorf("there is no limit %s", key)
}

// What the decoder takes where the schema has an enum, or a pattern of names.
var (
	Algorithms       = algorithms
	KeyTypes         = keyTypes
	KeyAlgorithms    = keyAlgorithms
	KeyStoreTypes    = keyStoreTypes
	TrustStoreTypes  = trustStoreTypes
	TransportHeaders = transportHeaders

	ContentAlgorithms = contentAlgorithms
)

// AsJSON gives what YAML says as JSON, with references as they are written. It
// has none for what YAML versions read differently.
func AsJSON(text []byte) ([]byte, bool) {
	src := newSource("", string(text), 0)
	if problems := src.parse(); src.root == nil || len(problems) > 0 {
		return nil, false
	}
	return appendJSON(nil, src.root)
}

func appendJSON(dst []byte, n *node) ([]byte, bool) {
	ok := true
	each := func(open, end byte, length int, visit func(i int) bool) {
		dst = append(dst, open)
		for i := range length {
			if i > 0 {
				dst = append(dst, ',')
			}
			ok = visit(i) && ok
		}
		dst = append(dst, end)
	}
	value := func(n *node) bool {
		var good bool
		dst, good = appendJSON(dst, n)
		return good
	}
	switch n.kind {
	case mapping:
		each('{', '}', len(n.members), func(i int) bool {
			dst = append(gjson.AppendJSONString(dst, n.members[i].key), ':')
			return value(n.members[i].value)
		})
	case list:
		each('[', ']', len(n.items), func(i int) bool { return value(n.items[i]) })
	case text:
		dst = gjson.AppendJSONString(dst, n.text)
	case number, boolean:
		return append(dst, n.number...), n.number != ""
	case nothing:
		dst = append(dst, "null"...)
	case broken:
		return dst, false
	}
	return dst, ok
}
