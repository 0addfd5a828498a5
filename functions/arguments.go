package functions

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// parseArguments checks what a caller sent. An empty body is an empty object;
// anything else must be one JSON object in valid UTF-8, without duplicate
// members at any depth (RFC 7493), because readers disagree about which of two
// equal members counts, of at most maxValues values, and of at most depth objects
// and arrays inside each other. Its error is a [*Refusal].
//
// It gives the canonical form when it had to be made to know that, else nil.
func parseArguments(d *document, body []byte, depth int) (canonical []byte, err error) {
	if len(body) == 0 {
		body = []byte("{}")
	}
	// Each value takes a byte at least.
	if len(body) > maxValues && countValues(body) > maxValues {
		return nil, crowded(body, depth)
	}
	known := d.index(string(body))
	// What follows may call itself at each opening bracket.
	if known && d.deepest > depth {
		return nil, tooDeep(depth)
	}
	if !known || !d.distinct {
		// This reader knows all cases, and the words for what is wrong.
		if canonical, err = canonicalArguments(body); err != nil {
			return nil, malformed(err)
		}
	}
	switch {
	case !known:
		return nil, Refuse(MalformedRequest, "the arguments are not valid JSON")
	case d.nodes[0].kind != '{':
		return nil, notAnObject()
	}
	return canonical, nil
}

func notAnObject() *Refusal {
	return Refuse(MalformedRequest, "the arguments are not a JSON object")
}

// malformed says where JSON is broken without quoting it.
func malformed(err error) *Refusal {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return Refuse(MalformedRequest, "the arguments are not valid JSON")
	}
	what := "the arguments are not valid JSON"
	if errors.Is(err, jsontext.ErrDuplicateName) {
		what = "the arguments name a member twice"
	}
	detail := fmt.Sprintf("%s, at byte %d", what, syntax.ByteOffset)
	if pointer := string(syntax.JSONPointer); pointer != "" {
		detail += fmt.Sprintf(", at or after %q", shorten(pointer, 80))
	}
	return Refuse(MalformedRequest, detail)
}

// A member is one name and value of an object, the value as JSON text.
type member struct {
	name  string
	value string
}

// members lists the members of an object in their order.
func members(object gjson.Result) []member {
	var list []member
	object.ForEach(func(name, value gjson.Result) bool {
		list = append(list, member{name: name.String(), value: value.Raw})
		return true
	})
	return list
}

// memberOf gives a member by its exact name, which may contain any character.
func memberOf(object gjson.Result, name string) gjson.Result {
	if !object.IsObject() {
		return gjson.Result{}
	}
	return templates.Child(object, name)
}

// shorten cuts s for a message, between characters.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
