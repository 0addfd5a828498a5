package curl

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// maxLine is how long JSON may be that stands on one line of YAML, in bytes.
const maxLine = 88

// json writes a JSON object or array as YAML, the digits of numbers as they are.
// It is false for other texts.
func (im *importer) json(text string) (string, bool) {
	if text = strings.TrimSpace(text); text == "" || text[0] != '{' && text[0] != '[' || !jsontext.Value(text).IsValid() {
		return "", false
	}
	w := jsonWriter{im, jsontext.NewDecoder(strings.NewReader(text))}
	v := w.value("", false)
	return v.yaml("      "), true
}

// A jsonWriter reads JSON that is valid.
type jsonWriter struct {
	*importer
	decoder *jsontext.Decoder
}

// A value is a JSON value as YAML: on one line, or with its members.
type value struct {
	scalar  string
	members []member
	list    bool
}

// A member is one of an object or, without a key, of an array.
type member struct {
	key string // as YAML
	value
}

// value reads one value. Secret says that a name above it speaks of a credential.
func (w jsonWriter) value(name string, secret bool) value {
	token, err := w.decoder.ReadToken()
	if err != nil {
		w.fail(err)
		return value{}
	}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		v := value{}
		for w.decoder.PeekKind() != jsontext.KindEndObject && w.err == nil {
			key, err := w.decoder.ReadToken()
			if err != nil {
				w.fail(err)
				return v
			}
			k := key.String()
			if hasSlot(k) {
				w.fail(errReserved)
			}
			v.members = append(v.members, member{yamltext.Quote(k), w.value(k, secret || isSecret(k))})
		}
		_, _ = w.decoder.ReadToken() // the end, which is there
		return v
	case jsontext.KindBeginArray:
		v := value{list: true}
		for w.decoder.PeekKind() != jsontext.KindEndArray && w.err == nil {
			v.members = append(v.members, member{"", w.value(name, secret)})
		}
		_, _ = w.decoder.ReadToken()
		return v
	case jsontext.KindString:
		return value{scalar: w.text(token.String(), name, secret)}
	default:
		return value{scalar: token.String()}
	}
}

func (w jsonWriter) text(s, name string, secret bool) string {
	where := "the member " + shown(name) + " of the body"
	if secret {
		return w.template(w.credential(s, configs.Body, name, where))
	}
	return w.template(w.hide(s, configs.Body, where))
}

// line writes a value on one line.
func (v value) line() string {
	if v.scalar != "" {
		return v.scalar
	}
	parts := make([]string, len(v.members))
	for i, m := range v.members {
		if parts[i] = m.line(); !v.list {
			parts[i] = m.key + ": " + parts[i]
		}
	}
	if v.list {
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// yaml writes what follows a key: a space and one line, or lines with an
// indentation.
func (v value) yaml(indent string) string {
	line := v.line()
	if v.scalar != "" || len(v.members) == 0 || len(line)+len(indent) <= maxLine {
		return " " + line
	}
	var b strings.Builder
	for _, m := range v.members {
		lead, rest := m.key+":", m.yaml(indent+"  ")
		if v.list {
			lead, rest = "- ", strings.TrimLeft(rest, " \n")
		}
		b.WriteString("\n" + indent + lead + rest)
	}
	return b.String()
}
