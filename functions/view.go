package functions

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A view is what callers see of the answers of a Function, whatever their status
// and wherever they come from. The answers themselves are kept whole.
type view struct {
	configs.Output
	pointer   []string          // Select, when it is a JSON Pointer
	sentences map[string]string // in the place of errors
}

// newView gives the view of a Function, nil when all of an answer is shown.
func newView(c *configs.Function) *view {
	v := &view{Output: c.Output, sentences: c.Errors}
	if !v.shapes() && !v.Hide && v.MaxBytes == 0 && len(v.sentences) == 0 {
		return nil
	}
	if strings.HasPrefix(v.Select, "/") {
		// A pointer that cannot be read was refused with the file.
		p, _ := templates.ParsePointer(v.Select)
		v.pointer = p.Tokens()
	}
	return v
}

// shapes reports whether an answer is shown as JSON that was changed. What is no
// JSON is not shown then: what is withheld could be anywhere in it.
func (v *view) shapes() bool { return v.Select != "" || len(v.Fields) > 0 || len(v.Mask) > 0 }

// appendOutput appends the output as a member of an envelope, or nothing, and
// reports whether it was cut.
func (p *prepared) appendOutput(dst []byte) (with []byte, isCut bool) {
	v := p.function.view
	if v == nil {
		return p.current.appendMember(dst, p.function.config.Method), false
	}
	begin := len(dst)
	dst = v.append(dst, p.current, p.function.config)
	whole := dst[min(begin+len(outputMember), len(dst)):]
	if v.MaxBytes == 0 || int64(len(whole)) <= v.MaxBytes {
		return dst, false
	}
	short, isCut := shortened(whole, int(v.MaxBytes))
	return append(dst[:begin+len(outputMember)], short...), isCut
}

// append appends the output in its full length.
func (v *view) append(dst []byte, a *Answer, c *configs.Function) []byte {
	if !c.IsOK(a.Status) {
		if sentence, ok := v.sentence(a.Status); ok {
			return appendQuoted(append(dst, outputMember...), sentence)
		}
	}
	switch {
	case v.Hide:
		return dst
	case !v.shapes():
		return a.appendMember(dst, c.Method)
	}
	if text := a.json(c.Method); text != nil {
		dst = append(append(dst, outputMember...), v.shape(text)...)
	}
	return dst
}

// sentence gives what callers hear of an error: that of its status, of its class,
// or of all.
func (v *view) sentence(status int) (string, bool) {
	if len(v.sentences) == 0 {
		return "", false
	}
	for _, key := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "xx", "default"} {
		if sentence, ok := v.sentences[key]; ok {
			return sentence, true
		}
	}
	return "", false
}

var null = []byte("null")

// shape gives the part of an answer that is shown. What is withheld is gone before
// anything is selected.
func (v *view) shape(text []byte) []byte {
	if len(v.Mask) > 0 {
		text = masked(text, v.Mask)
	}
	if v.Select != "" {
		text = v.selected(text)
	}
	if len(v.Fields) > 0 {
		text = picked(text, v.Fields)
	}
	if len(text) == 0 {
		return null
	}
	return text
}

// selected gives the selected part of an answer, nil when there is none.
func (v *view) selected(text []byte) []byte {
	if v.pointer != nil {
		return pointedAt(text, v.pointer)
	}
	// A modifier may make anything of a text.
	found := bytes.TrimSpace([]byte(gjson.GetBytes(text, v.Select).Raw))
	if !validJSON(found) {
		return nil
	}
	return found
}

// json gives the body as JSON, nil when it is none. A text that is JSON is taken
// as such, whatever type is declared, and so is an object or array that is the text
// of a JSON string, as where the ID of an output cache is pointed into.
func (a *Answer) json(method string) []byte {
	if hasNoContent(method, a.Status) {
		return nil
	}
	text, valid, ok := a.text()
	if text = bytes.TrimSpace(text); !valid && (!ok || !validJSON(text)) {
		return nil
	}
	if text[0] == '"' {
		inner := bytes.TrimSpace([]byte(unquote(string(text))))
		if isContainer := bytes.HasPrefix(inner, []byte{'{'}) || bytes.HasPrefix(inner, []byte{'['}); isContainer && validJSON(inner) {
			return inner
		}
	}
	return text
}

// mayBeRaw refuses to pass on the upstream's own answer where callers see a part
// of it only.
func (f *Function) mayBeRaw() error {
	if f.view == nil {
		return nil
	}
	rule := f.config.Path + ".output"
	if len(f.view.sentences) > 0 {
		rule = f.config.Path + ".errors"
	}
	return Refuse(FunctionDenied, "Function "+f.Name()+" says what is shown of its answers, so nobody gets them raw").By(rule)
}
