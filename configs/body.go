package configs

import "github.com/egret-proxy/egret/templates"

// bodies has the keys that make a body, and the media type of those that need
// no Content-Type header.
var bodies = []struct {
	key       string
	mediaType string
	decode    func(*decoder, *functionEntry, *node) templates.Body // nil when there is a problem
}{
	{"json", "application/json", jsonBody},
	{"form", "application/x-www-form-urlencoded", formBody},
	{"multipart", "", multipartBody},
	{"body", "", textBody},
}

// hasBody reports whether a body is written, a good one or not.
func (f *functionEntry) hasBody() bool {
	for _, b := range bodies {
		if f.node.member(b.key) != nil {
			return true
		}
	}
	return false
}

// decodeBody compiles the body. More than one would be ambiguous.
func (d *decoder) decodeBody(f *functionEntry) {
	first := ""
	for _, b := range bodies {
		n := f.part(b.key)
		if n == nil {
			continue
		}
		if first != "" {
			d.elsewhere(n.path, "a function has one body, and "+first+" stands here too", "leave out "+first+" or "+b.key)
			continue
		}
		first = b.key
		f.Body = b.decode(d, f, n)
		d.contentType(f, b.mediaType)
	}
	if first != "" && f.Method == "HEAD" {
		d.elsewhere(below(f.Path, "method"), "a HEAD request has no body", "leave out "+first)
	}
}

// contentType adds the header that names the body's type, unless the file does.
func (d *decoder) contentType(f *functionEntry, mediaType string) {
	const name = "Content-Type"
	if mediaType == "" || f.header(name) != nil {
		return
	}
	h, err := templates.ParseHeader(name, templates.Text(mediaType))
	if err != nil {
		d.elsewhere(f.Path, "cannot set "+name+": "+err.Error(), "")
		return
	}
	f.addHeader(headerEntry{h, mediaType, nil})
}

func formBody(d *decoder, f *functionEntry, n *node) templates.Body {
	if !d.is(n, mapping) {
		return nil
	}
	body, err := templates.NewForm(d.params(f, n, templates.FormValue))
	return d.compiled(n, body, err)
}

// textBody compiles a text, whose escaping its Content-Type decides.
func textBody(d *decoder, f *functionEntry, n *node) templates.Body {
	x, ok := d.template(n, false)
	if !ok {
		return nil
	}
	h := f.header("Content-Type")
	switch {
	case h == nil && !d.reported(below(below(f.Path, "headers"), "Content-Type")):
		d.problem(n, "a body needs a Content-Type header, which decides how values are escaped", "add it to headers, or write json or form")
		return nil
	case h == nil:
		return nil
	case d.unset[h.node.path]:
		return nil
	case len(h.Placeholders()) > 0:
		d.problem(h.node, "the Content-Type of a body cannot have a placeholder, because it decides how values are escaped", "")
		return nil
	}
	body, err := templates.ParseBody(x.source(), templates.FormatOf(h.text), func(name string) bool { return f.known[name] })
	if err != nil {
		d.syntax(x, err)
		return nil
	}
	d.place(f, x, body.Placeholders())
	if len(body.Placeholders()) > 0 && !d.escapes(n, h) {
		return nil
	}
	return body
}

// compiled gives the body, or reports why the parts, each of which is good, do
// not make one.
func (d *decoder) compiled(n *node, body templates.Body, err error) templates.Body {
	if err != nil {
		d.problem(n, "the body cannot be compiled: "+err.Error(), "")
		return nil
	}
	return body
}

// jsonBody compiles YAML that becomes JSON.
func jsonBody(d *decoder, f *functionEntry, n *node) templates.Body {
	root, ok := d.jsonNode(f, n)
	if !ok {
		return nil
	}
	body, err := templates.NewJSON(root)
	return d.compiled(n, body, err)
}

func (d *decoder) jsonNode(f *functionEntry, n *node) (templates.Node, bool) {
	switch n.kind {
	case mapping:
		return d.jsonObject(f, n)
	case list:
		elements, ok := make([]templates.Node, len(n.items)), true
		for i, item := range n.items {
			var good bool
			elements[i], good = d.jsonNode(f, item)
			ok = ok && good
		}
		return templates.Array(elements), ok
	case text:
		return d.jsonText(f, n)
	case number, boolean:
		literal, ok := d.literal(n)
		return templates.Literal(literal), ok
	case nothing:
		return templates.Literal("null"), true
	case broken:
	}
	return templates.Node{}, false
}

func (d *decoder) jsonObject(f *functionEntry, n *node) (templates.Node, bool) {
	members, ok := make([]templates.Member, len(n.members)), true
	for i, m := range n.members {
		value, good := d.jsonNode(f, m.value)
		ok = d.memberName(m) && good && ok
		members[i] = templates.Member{Name: m.key, Value: value}
	}
	return templates.Object(members), ok
}

// jsonText compiles a text on its own first, so that a problem has a place.
func (d *decoder) jsonText(f *functionEntry, n *node) (templates.Node, bool) {
	x, ok := d.expand(n, true)
	if !ok {
		return templates.Node{}, false
	}
	node := templates.String(x.source())
	alone, err := templates.NewJSON(node)
	if err != nil {
		d.syntax(x, err)
		return node, false
	}
	d.place(f, x, alone.Placeholders())
	return node, true
}
