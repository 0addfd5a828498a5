package templates

import "github.com/tidwall/gjson"

// A Query is the compiled value of one entry of a query or form map.
type Query struct{ parts []part }

// ParseQuery compiles src, any text with placeholders. When the text is one
// placeholder and nothing else, an array makes the parameter repeat, and an
// absent or null value leaves it out. Its error is a [*SyntaxError].
func ParseQuery(src Source) (*Query, error) {
	parts, err := scan(src, strict)
	if err != nil {
		return nil, err
	}
	return &Query{parts: parts}, nil
}

// Placeholders gives the placeholders of q with [QueryValue], also when q
// stands in a form.
func (q *Query) Placeholders() []Placeholder {
	parts, _ := compile(q.parts, QueryValue) // no text is wrong in a query value
	return appendPlaceholders(nil, parts)
}

// A Param is one entry of a query or form map. Its name is literal.
type Param struct {
	Name  string
	Value *Query
}

// A param is a compiled parameter: of a map, of a URL's own query, or a stretch
// of a URL's query without placeholders, which is all name.
type param struct {
	name  []part // with the "="
	value []part
	whole bool // value is one placeholder
}

func compileParams(params []Param, e Escaping) ([]param, *SyntaxError) {
	out := make([]param, 0, len(params))
	for _, p := range params {
		value, err := compile(p.Value.parts, e)
		if err != nil {
			return nil, err
		}
		name := places[e].escape(nil, p.Name)
		out = append(out, param{
			name:  []part{{text: string(name) + "="}},
			value: value,
			whole: whole(value),
		})
	}
	return out, nil
}

// appendParams appends what is not left out. First stands before the first
// parameter, 0 for nothing; "&" before the others.
func appendParams(dst []byte, params []param, first byte, args Arguments) ([]byte, error) {
	sep := first
	for i := range params {
		before := len(dst)
		var err error
		if dst, err = params[i].append(dst, sep, args); err != nil {
			return dst, err
		}
		if len(dst) > before || !params[i].whole {
			sep = '&'
		}
	}
	return dst, nil
}

func (p *param) append(dst []byte, sep byte, args Arguments) ([]byte, error) {
	if !p.whole {
		dst, err := appendParts(p.start(dst, sep, args), p.name, args)
		if err != nil {
			return dst, err
		}
		return appendParts(dst, p.value, args)
	}
	v := args.Lookup(p.value[0].Pointer)
	switch {
	case v.StandIn:
	case v.JSON.Type == gjson.Null:
		return dst, nil
	case v.JSON.IsArray():
		return p.appendArray(dst, sep, v.JSON, args)
	}
	return p.appendOne(dst, sep, v, args)
}

func (p *param) appendArray(dst []byte, sep byte, array gjson.Result, args Arguments) ([]byte, error) {
	var err error
	array.ForEach(func(_, element gjson.Result) bool {
		if element.Type == gjson.Null {
			err = p.value[0].nullElement()
			return false
		}
		dst, err = p.appendOne(dst, sep, Value{JSON: element}, args)
		sep = '&'
		return err == nil
	})
	return dst, err
}

func (p *param) appendOne(dst []byte, sep byte, v Value, args Arguments) ([]byte, error) {
	dst, err := appendParts(p.start(dst, sep, args), p.name, args)
	if err != nil {
		return dst, err
	}
	return p.value[0].appendValue(dst, v)
}

// start appends the separator, unless it belongs to a configured piece that has
// been shown already.
func (p *param) start(dst []byte, sep byte, args Arguments) []byte {
	if sep == 0 || len(p.name) > 0 && p.name[0].continued && args.Shown() {
		return dst
	}
	return append(dst, sep)
}

// nullElement refuses null in an array that repeats a header or parameter: to
// leave it out would silently send something else.
func (p *Placeholder) nullElement() error {
	return p.refuse(UnsafeValue, "the value is an array with a null element")
}
