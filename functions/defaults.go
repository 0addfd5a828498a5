package functions

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// A filling is the members of an object that get a value where a caller leaves
// them out: the defaults of the schemas of its properties. It is followed through
// properties and references, which may lead back to where they began.
type filling struct {
	members map[string]*filled
	names   []string // of the members with a default, sorted
}

// A filled is one member of a filling.
type filled struct {
	text  string   // the default as JSON, "" without one
	at    int      // of its name in names, -1 without a default
	below *filling // of an object that was sent, nil when it has no defaults
}

// newFilling gives what a schema fills in, nil when that is nothing, and the
// properties whose defaults it is made of.
func newFilling(s *jsonschema.Schema) (*filling, []*jsonschema.Schema) {
	b := fillings{made: map[*jsonschema.Schema]*filling{}, above: map[*filling][]*filling{}, useful: map[*filling]bool{}}
	f := b.of(s)
	for _, one := range b.made {
		if len(one.names) > 0 {
			b.keep(one)
		}
	}
	if !b.useful[f] {
		return nil, nil
	}
	for _, one := range b.made {
		b.prune(one)
	}
	return f, b.defaults
}

// fillings are those of each schema, made once.
type fillings struct {
	made   map[*jsonschema.Schema]*filling
	above  map[*filling][]*filling // whose members lead to one
	useful map[*filling]bool       // those that have a default in them

	defaults []*jsonschema.Schema // the properties with one
}

func (b *fillings) of(s *jsonschema.Schema) *filling {
	if f := b.made[s]; f != nil {
		return f
	}
	f := &filling{members: map[string]*filled{}}
	b.made[s] = f
	for _, s := range referred(s) {
		for name, property := range s.Properties {
			if f.members[name] != nil {
				continue
			}
			member := &filled{at: -1, below: b.of(property)}
			b.above[member.below] = append(b.above[member.below], f)
			if at := withDefault(property); at != nil {
				member.text = jsonText(*at.Default)
				f.names = append(f.names, name)
				b.defaults = append(b.defaults, property)
			}
			f.members[name] = member
		}
	}
	slices.Sort(f.names)
	for i, name := range f.names {
		f.members[name].at = i
	}
	return f
}

// keep marks a filling that has a default in it, and what leads to it.
func (b *fillings) keep(f *filling) {
	if b.useful[f] {
		return
	}
	b.useful[f] = true
	for _, above := range b.above[f] {
		b.keep(above)
	}
}

// prune removes from a filling what leads to no default.
func (b *fillings) prune(f *filling) {
	for name, member := range f.members {
		if !b.useful[member.below] {
			member.below = nil
		}
		if member.text == "" && member.below == nil {
			delete(f.members, name)
		}
	}
}

// referred gives a schema and those that it refers to, the nearest first.
func referred(s *jsonschema.Schema) (list []*jsonschema.Schema) {
	for ; s != nil && !slices.Contains(list, s); s = s.Ref {
		list = append(list, s)
	}
	return list
}

// withDefault gives the schema with the default of a property: its own, or one
// that it refers to. It is nil when there is none.
func withDefault(property *jsonschema.Schema) *jsonschema.Schema {
	for _, s := range referred(property) {
		if s.Default != nil {
			return s
		}
	}
	return nil
}

// jsonText writes a value of a schema as JSON, the digits of numbers as they are
// written there.
func jsonText(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "null" // It was read from JSON, and can be written.
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// badDefaults finds the defaults that are not what the schema of their property
// permits. The caller would be told of an argument that nobody sent.
func badDefaults(cfg *configs.Config, path string, schema json.RawMessage, properties []*jsonschema.Schema) (problems configs.Problems) {
	root := gjson.ParseBytes(schema)
	told := map[string]bool{} // what several properties refer to is told once
	for _, property := range properties {
		at := withDefault(property)
		found := gathering{document: gjson.Parse(jsonText(*at.Default)), schema: root}
		found.judge(property, *at.Default)
		for _, e := range found.sorted() {
			tokens := below(locationTokens(at.Location), "default")
			p := cfg.Problem(pathBelow(path, root, append(tokens, e.tokens...)), "the default is none by its schema: "+e.Detail, "")
			if !told[p.Path+p.Message] {
				problems = append(problems, p)
			}
			told[p.Path+p.Message] = true
		}
	}
	return problems
}
