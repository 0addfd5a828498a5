package curl

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// A function is what becomes of the command: pairs whose values are YAML already.
type function struct {
	name      string
	hosts     string // of the credentials' caches, as YAML
	cleartext bool
	pairs     []pair // behind name, parameters and fixed
}

// function makes a Function of a command.
func (im *importer) function(c *command, o Options, asText bool) (*function, error) {
	t, err := im.parseTarget(c)
	if err != nil {
		return nil, err
	}
	im.host = hostName(im.clearOf(t.authority))
	f := &function{hosts: im.template(hostPattern(t)), cleartext: t.scheme == "http" && !isLoopback(t.authority)}
	fields, err := im.fields(c, t)
	if err != nil {
		return nil, err
	}
	basic, fields, err := im.authorize(c, t, fields)
	if err != nil {
		return nil, err
	}
	headers := im.headers(fields)
	b, query, err := im.body(c, findField(fields, "Content-Type"), asText)
	if err != nil {
		return nil, err
	}
	url := im.url(t, append(query, c.query...))
	if hasSlot(c.method) {
		return nil, errors.New("the method is a variable: write it into the command")
	}
	f.add("method", yamltext.Quote(methodOf(c)))
	f.add("url", im.template(encodeURL(url)))
	if headers = im.withType(headers, b); len(headers) > 0 {
		f.pairs = append(f.pairs, pair{"headers", block(headers, "      ")})
	}
	f.add("basic", basic)
	if findField(fields, "Idempotency-Key") != nil {
		f.add("idempotency_key", "true")
	}
	if b != nil {
		f.pairs = append(f.pairs, pair{b.key, b.value})
	}
	if err := f.addTimes(c); err != nil {
		return nil, err
	}
	if f.name = o.Name; f.name == "" {
		f.name = name(strings.ToLower(methodOf(c)) + "_" + pathWords(im.host, im.clearOf(t.path)))
	}
	return f, im.err
}

func (f *function) add(key, value string) {
	if value != "" {
		f.pairs = append(f.pairs, pair{key, " " + value})
	}
}

// headers writes the fields but for those that have keys of their own.
func (im *importer) headers(fields []*field) []pair {
	var pairs []pair
	for _, f := range fields {
		if strings.EqualFold(f.name, "Idempotency-Key") || strings.EqualFold(f.name, "Content-Type") {
			continue
		}
		for i, value := range f.values {
			f.values[i] = im.headerValue(f.name, value)
		}
		pairs = append(pairs, pair{f.name, im.repeated(f.name, f.values)})
	}
	return pairs
}

// withType adds the type of the body, when it does not go without saying.
func (im *importer) withType(headers []pair, b *body) []pair {
	if b != nil && b.contentType != "" {
		return append(headers, pair{"Content-Type", im.template(b.contentType)})
	}
	return headers
}

// repeated writes a field or a parameter of a form. One that stands there several
// times is an array that is fixed.
func (im *importer) repeated(name string, values []string) string {
	if len(values) == 1 {
		return im.template(values[0])
	}
	elements := make([]string, len(values))
	for i, value := range values {
		if value = im.clearOf(value); hasSlot(value) {
			im.fail(errors.New("a name stands in the request several times, with a credential or a variable: egret cannot send that"))
		}
		if len(cutReferences(value)) > 1 {
			im.fail(errors.New("a name stands in the request several times, with ${env:…} or ${file:…}: egret cannot send that"))
		}
		elements[i] = yamltext.Quote(value)
	}
	argument := im.unique(argumentName(name))
	im.fixed = append(im.fixed, pair{argument, yamltext.FlowList(elements)})
	return im.template(im.slot(slot{parameter: argument}))
}

// body makes the body, or what -G moves to the query.
func (im *importer) body(c *command, typeField *field, asText bool) (b *body, query []string, err error) {
	contentType := ""
	if typeField != nil {
		contentType = typeField.values[0]
	}
	switch {
	case c.upload != "" && len(c.data)+len(c.form) == 0:
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		b, err = im.fileBody(c.upload, contentType)
	case c.upload != "" || len(c.data) > 0 && len(c.form) > 0:
		err = errors.New("the command has several bodies")
	case len(c.form) > 0:
		b, err = im.multipartBody(c)
	case len(c.data) > 0 && (c.get || c.head):
		text, file, err := im.content(c)
		if file != nil {
			err = errors.New("the query is read from a file: write it into the command")
		}
		return im.typed(nil, contentType), []string{text}, err
	case len(c.data) > 0:
		if contentType == "" {
			contentType = formType
			if c.json {
				contentType = jsonType
			}
		}
		b, err = im.dataBody(c, contentType, asText)
	default:
		b = im.typed(nil, contentType)
	}
	return b, nil, err
}

// typed keeps a type that is sent without a body.
func (im *importer) typed(b *body, contentType string) *body {
	if b == nil && contentType != "" {
		im.leave("the header Content-Type: there is no body")
	}
	return b
}

func methodOf(c *command) string {
	switch {
	case c.method != "":
		return c.method
	case c.head:
		return "HEAD"
	case c.upload != "":
		return "PUT"
	case c.get || len(c.data)+len(c.form) == 0:
		return "GET"
	}
	return "POST"
}

// addTimes writes the time limits and the retries of curl.
func (f *function) addTimes(c *command) error {
	if c.timeout != "" {
		d, err := seconds(c.timeout)
		if err != nil {
			return err
		}
		f.add("timeout", d)
	}
	if c.connect != "" {
		d, err := seconds(c.connect)
		if err != nil {
			return err
		}
		f.add("limits", "{connect_timeout: "+d+"}")
	}
	if c.retry != "" {
		n, err := strconv.Atoi(c.retry)
		if err != nil || n < 0 {
			return errors.New("--retry needs a number")
		}
		const most = 10
		if n > 0 {
			f.add("retry", strconv.Itoa(min(n, most-1)+1))
		}
	}
	return nil
}

// seconds writes a time of curl, which may have a fraction, as egret does.
func seconds(s string) (string, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0) || v > math.MaxInt32 {
		return "", errors.New("a time limit needs a number of seconds")
	}
	return max(time.Duration(v*float64(time.Second)).Round(time.Millisecond), time.Millisecond).String(), nil
}

// hostName is the host without its port.
func hostName(authority string) string {
	if at := strings.LastIndexByte(authority, ':'); at > strings.LastIndexByte(authority, ']') {
		return authority[:at]
	}
	return authority
}

// hostPattern is what the caches of the credentials name. A port that goes without
// saying is left out.
func hostPattern(t *target) string {
	usual := map[string]string{"http": ":80", "https": ":443"}[t.scheme]
	return strings.TrimSuffix(t.authority, usual)
}

// pathWords are the host's first word and the path's last ones.
func pathWords(host, path string) string {
	var words []string
	for segment := range strings.SplitSeq(path, "/") {
		if name(segment) != "" && len(segment) <= 24 && !strings.ContainsAny(segment, "%:") && !hasSlot(segment) {
			words = append(words, segment)
		}
	}
	if len(words) == 0 {
		return host
	}
	return strings.Join(words[max(0, len(words)-3):], "_")
}

// ids gives the ID of each credential's cache.
func (c *credential) id() string { return configs.DefaultID(c.name).String() }
