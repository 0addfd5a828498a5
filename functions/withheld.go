package functions

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A withheld is what callers may not see of what is in an output cache: all of it
// when one of the Functions that fill it hides its output, else what the masks of
// all of them lead to.
type withheld struct {
	all   bool
	masks places
}

// withheldOf finds the output caches that hold what callers may not see, by name.
func withheldOf(functions map[string]*Function) map[string]*withheld {
	found := map[string]*withheld{}
	for _, f := range functions {
		if f.output == nil || f.view == nil || !f.view.Hide && len(f.view.Mask) == 0 {
			continue
		}
		w := found[f.output.Name]
		if w == nil {
			w = &withheld{}
			found[f.output.Name] = w
		}
		w.all, w.masks = w.all || f.view.Hide, append(w.masks, f.view.Mask...)
	}
	return found
}

// minHidden is the length in bytes from which on a text is looked for in answers.
const minHidden = 8

// maxHidden is how many texts are hidden for one request. A Sender looks for all of
// them in the answer.
const maxHidden = 10_000

// appendHidden appends every text that is withheld in the part of a value to which
// tokens lead.
func (w *withheld) appendHidden(list []Hidden, value gjson.Result, tokens []string, with string) []Hidden {
	value, here, whole := opened(value), w.masks, w.all
	for _, token := range tokens {
		if !whole {
			here = here.toward(value, token)
			whole = here.here()
		}
		value = templates.Child(value, token)
	}
	switch {
	case !value.Exists():
		return list
	case whole:
		return appendTexts(list, value, with)
	case len(here) == 0:
		return list
	}
	for _, text := range takenOut([]byte(value.Raw), here) {
		list = appendTexts(list, gjson.ParseBytes(text), with)
	}
	return list
}

// toward gives what is left of places in a value one token further.
func (p places) toward(value gjson.Result, token string) places {
	object := value.IsObject()
	if !object && !value.IsArray() {
		return nil
	}
	index, err := strconv.ParseUint(token, 10, 31)
	if !object && err != nil {
		return nil
	}
	return places(nil).below(p, object, appendQuoted(nil, token), int(index))
}

// appendTexts appends the texts and the numbers of a value, unless they are too
// short to be looked for.
func appendTexts(list []Hidden, value gjson.Result, with string) []Hidden {
	add := func(text string) {
		if len(text) >= minHidden && len(list) <= maxHidden {
			list = append(list, Hidden{Value: configs.NewSecret(text), With: with})
		}
	}
	if !value.IsObject() && !value.IsArray() {
		add(plain(value))
		return list
	}
	eachText(value.Raw, func(from, to int) { add(unquote(value.Raw[from:to])) })
	eachNumber(value.Raw, add)
	return list
}

// eachNumber calls visit with each number in a JSON text, which must be valid.
func eachNumber(json string, visit func(number string)) {
	for at := 0; at < len(json); {
		switch c := json[at]; {
		case c == '"':
			at = endOfText(json, at)
		case c == '-' || '0' <= c && c <= '9':
			end := at + 1
			for end < len(json) && strings.IndexByte("0123456789.eE+-", json[end]) >= 0 {
				end++
			}
			visit(json[at:end])
			at = end
		default:
			at++
		}
	}
}
