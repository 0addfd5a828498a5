package curl

import (
	"errors"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/egret-proxy/egret/configs"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// A body is a key of a Function that makes the body, and its value as YAML, which
// may have several lines.
type body struct {
	key, value  string
	contentType string // that has to be written, or ""
}

// content is what the -d options send together: its text, or the file alone.
func (im *importer) content(c *command) (text string, file *datum, err error) {
	for i := range c.data {
		d := &c.data[i]
		if d.isFile && d.file == standardInput && c.hasStdin {
			*d = d.from(c.stdin)
		}
		switch {
		case d.isFile && len(c.data) == 1 && !d.encode:
			return "", d, nil
		case d.isFile:
			return "", nil, errors.New("a file is a part of the data: write its text into the command")
		}
		if i > 0 && !d.glued {
			text += "&"
		}
		text += d.text
	}
	return text, nil, nil
}

// dataBody makes the body of -d and its like.
func (im *importer) dataBody(c *command, contentType string, asText bool) (*body, error) {
	text, file, err := im.content(c)
	if err != nil {
		return nil, err
	}
	if file != nil {
		return im.fileBody(file.file, contentType)
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("the data is not UTF-8, and a Function sends text")
	}
	if !asText {
		if value, ok := im.json(text); ok {
			return im.jsonBody(value, contentType), nil
		}
	}
	if mediaType(contentType) == formType {
		if pairs, ok := im.formPairs(text); ok {
			return &body{key: "form", value: block(pairs, "      "), contentType: keep(contentType, formType)}, nil
		}
	}
	return im.textBody(text, contentType), nil
}

// jsonBody sends JSON with the type that the command gives it.
func (im *importer) jsonBody(value, contentType string) *body {
	if mediaType(contentType) == formType {
		im.leave("curl sends this JSON as %s, and so does the Function: the header Content-Type may be meant to be %s", formType, jsonType)
	}
	return &body{key: "json", value: value, contentType: keep(contentType, jsonType)}
}

// keep gives a type that has to be written, as it is not the one that goes without
// saying.
func keep(contentType, implied string) string {
	if contentType == implied {
		return ""
	}
	return contentType
}

// textBody sends a text as it is. Credentials in it come from the environment, as
// not every type says how a value is escaped.
func (im *importer) textBody(text, contentType string) *body {
	d := plain
	switch kind := mediaType(contentType); {
	case strings.HasSuffix(kind, "json"):
		d = usual
	case strings.HasSuffix(kind, "xml"), kind == "text/html":
		d = xml
	}
	return &body{key: "body", value: " " + im.write(im.hide(text, 0, "the body"), d), contentType: contentType}
}

// fileBody sends what callers give in place of a file.
func (im *importer) fileBody(file, contentType string) (*body, error) {
	p := parameter{name: "data", description: "what curl reads from " + fileName(file)}
	switch kind := mediaType(contentType); {
	case strings.HasSuffix(kind, "json"):
		p.anything = true
		return &body{key: "json", value: " " + im.template(im.parameter(p)), contentType: keep(contentType, jsonType)}, nil
	case kind == "text/plain", kind == "text/markdown", kind == "application/octet-stream":
		return &body{key: "body", value: " " + im.write(im.parameter(p), dialect{angle: true, open: true}), contentType: contentType}, nil
	}
	return nil, errors.New("the body is read from a file: say that it is JSON or text, as in -H 'Content-Type: text/plain', or write it into the command")
}

// fileName is the name of a file for a sentence.
func fileName(file string) string {
	if name := shown(file); name != "" && file != standardInput && !strings.Contains(name, "${") {
		return name
	}
	return "a file"
}

// mediaType is the type without its parameters.
func mediaType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, _, _ = strings.Cut(contentType, ";")
	}
	return strings.ToLower(strings.TrimSpace(kind))
}

// formPairs takes a form apart. It is false when a form of egret would not send
// the same.
func (im *importer) formPairs(text string) ([]pair, bool) {
	var names []string
	values := map[string][]string{}
	for part := range strings.SplitSeq(text, "&") {
		rawName, raw, ok := strings.Cut(part, "=")
		name, err := url.QueryUnescape(rawName)
		value, valueErr := url.QueryUnescape(raw)
		if !ok || name == "" || err != nil || valueErr != nil || !utf8.ValidString(name+value) || hasSlot(name) || len(cutReferences(name)) > 1 {
			return nil, false
		}
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	var pairs []pair
	for _, name := range names {
		for i, value := range values[name] {
			where := "the field " + shown(name) + " of the form"
			if isSecret(name) {
				values[name][i] = im.credential(value, configs.Body, name, where)
			} else {
				values[name][i] = im.hide(value, configs.Body, where)
			}
		}
		pairs = append(pairs, pair{name, im.repeated(name, values[name])})
	}
	return pairs, true
}
