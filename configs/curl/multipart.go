package curl

import (
	"errors"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// A formPart is one -F.
type formPart struct {
	name        string
	text        string
	file        string // "" for a text
	isFile      bool
	asText      bool // the file's content is a text of the form
	contentType string
	filename    string
}

// addForm reads -F: name=text, name=@file or name=<file, and what follows a
// semicolon.
func addForm(c *command, value string) error {
	name, content, ok := strings.Cut(value, "=")
	if !ok {
		return errors.New("-F needs a name, a = and a content")
	}
	p := formPart{name: name}
	parts := splitForm(content)
	switch content = parts[0]; {
	case strings.HasPrefix(content, "@"):
		p.file, p.isFile = unquote(content[1:]), true
		if strings.Contains(p.file, ",") {
			return errors.New("one -F names several files: write one for each")
		}
	case strings.HasPrefix(content, "<"):
		p.file, p.isFile, p.asText = unquote(content[1:]), true, true
	case strings.HasPrefix(content, "(") || content == ")" && name == "":
		return errors.New("nested parts of -F are not known")
	default:
		p.text = unquote(content)
	}
	for _, attribute := range parts[1:] {
		key, value, _ := strings.Cut(strings.TrimSpace(attribute), "=")
		switch strings.ToLower(key) {
		case "type":
			p.contentType = value
		case "filename":
			p.filename = unquote(value)
		default:
			c.left("--form: what follows a semicolon in a part, which curl takes for an attribute")
		}
	}
	c.form = append(c.form, p)
	return nil
}

// addFormString reads --form-string, where nothing is special.
func addFormString(c *command, value string) error {
	name, content, ok := strings.Cut(value, "=")
	if !ok {
		return errors.New("--form-string needs a name, a = and a content")
	}
	c.form = append(c.form, formPart{name: name, text: content})
	return nil
}

// splitForm cuts at semicolons outside of quotes, as curl does: the rest of a text
// that has one in it is not sent.
func splitForm(s string) []string {
	var parts []string
	inQuotes, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && inQuotes:
			i++
		case s[i] == '"' && (inQuotes || i == start || strings.IndexByte("=@<", s[i-1]) >= 0):
			inQuotes = !inQuotes
		case s[i] == ';' && !inQuotes:
			parts, start = append(parts, s[start:i]), i+1
		}
	}
	return append(parts, s[start:])
}

// unquote takes away the quotes of a text that is in some.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}

// multipartBody makes the body of -F.
func (im *importer) multipartBody(c *command) (*body, error) {
	var pairs []pair
	seen := map[string]bool{}
	for i := range c.form {
		p := &c.form[i]
		if seen[p.name] || hasSlot(p.name) {
			return nil, errors.New("a name stands in two -F, or is a variable: a Function cannot send that")
		}
		seen[p.name] = true
		pairs = append(pairs, pair{p.name, im.part(p)})
	}
	return &body{key: "multipart", value: block(pairs, "      ")}, nil
}

// part writes a part: a text, or a file.
func (im *importer) part(p *formPart) string {
	where := "the part " + shown(p.name) + " of the form"
	switch {
	case p.asText:
		return im.template(im.parameter(parameter{name: argumentName(p.name), description: "what curl reads from " + fileName(p.file)}))
	case p.isFile:
		return im.filePart(p)
	case isSecret(p.name):
		return im.template(im.credential(p.text, configs.Body, p.name, where))
	case p.filename != "":
		members := []pair{{"filename", im.template(p.filename)}, {"text", im.template(im.hide(p.text, configs.Body, where))}}
		return flow(withType(members, p.contentType))
	case p.contentType != "":
		im.leave("--form: the type of the text %s", shown(p.name))
	}
	return im.template(im.hide(p.text, configs.Body, where))
}

// filePart writes a file, whose content callers give.
func (im *importer) filePart(p *formPart) string {
	filename := p.filename
	if filename == "" {
		filename = p.file[strings.LastIndexByte(p.file, '/')+1:]
	}
	if filename == standardInput {
		filename = "stdin"
	}
	slot := im.parameter(parameter{name: argumentName(p.name), description: "what curl reads from " + fileName(p.file) + ", in base64", base64: true})
	return flow(withType([]pair{{"filename", im.template(filename)}, {"base64", im.template(slot)}}, p.contentType))
}

func withType(members []pair, contentType string) []pair {
	if contentType == "" || hasSlot(contentType) {
		return members
	}
	return append(members, pair{"content_type", yamltext.Quote(contentType)})
}

// argumentName is the name of an argument after something of the request.
func argumentName(s string) string {
	if s = name(s); s != "" {
		return s
	}
	return "data"
}
