package curl

import (
	"errors"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// A dialect says what a template of egret takes for a placeholder.
type dialect struct {
	angle bool // </x> is one
	open  bool // one that is never closed is text
}

var (
	usual = dialect{angle: true}
	plain = dialect{open: true} // texts of types that say nothing of placeholders
	xml   = dialect{}
)

// template writes a text as YAML, where placeholders and references are read.
// What is literal stays so.
func (im *importer) template(s string) string { return im.write(s, usual) }

func (im *importer) write(s string, d dialect) string {
	var b strings.Builder
	var r run
	for _, p := range im.pieces(im.clearOf(s)) {
		switch {
		case p.slot == nil:
			for i, text := range cutReferences(p.text) {
				if i > 0 {
					r.end(&b, d)
					b.WriteByte('$')
				}
				r.add(text, false)
			}
		case p.slot.parameter != "":
			if strings.HasSuffix(r.text.String(), `\`) {
				im.fail(errors.New(`egret cannot write a \ that stands right before a credential or a file`))
			}
			r.add("</"+p.slot.parameter+">", true)
		default:
			if strings.HasSuffix(r.text.String(), "$") {
				im.fail(errors.New("egret cannot write a $ that stands right before a variable"))
			}
			r.end(&b, d)
			b.WriteString("${env:" + p.slot.variable + "}")
		}
	}
	r.end(&b, d)
	return yamltext.Quote(b.String())
}

// fail notes the first text that cannot be written.
func (im *importer) fail(err error) {
	if im.err == nil {
		im.err = err
	}
}

// cutReferences cuts a text before each ${env: and ${file: in it. The first part
// may be empty.
func cutReferences(s string) []string {
	var parts []string
	at := 0
	for i := range s {
		if strings.HasPrefix(s[i:], "${env:") || strings.HasPrefix(s[i:], "${file:") {
			parts = append(parts, s[at:i])
			at = i
		}
	}
	return append(parts, s[at:])
}

// A run is the text between two references, in which egret looks for
// placeholders.
type run struct {
	text strings.Builder
	own  []bool // by byte: it belongs to a placeholder of ours
}

func (r *run) add(s string, own bool) {
	r.text.WriteString(s)
	for range len(s) {
		r.own = append(r.own, own)
	}
}

// end writes the run with a backslash before whatever would be a placeholder,
// and begins the next.
func (r *run) end(b *strings.Builder, d dialect) {
	s := r.text.String()
	for i := range len(s) {
		if !r.own[i] && d.reads(s[i:]) {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	r.text.Reset()
	r.own = r.own[:0]
}

// reads reports whether a text begins with what egret takes for a placeholder.
func (d dialect) reads(s string) bool {
	if len(s) < 2 || s[1] != '/' || s[0] != '{' && (s[0] != '<' || !d.angle) {
		return false
	}
	end := strings.IndexFunc(s[1:], func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"'<>{}`, r) })
	if end < 0 {
		return !d.open
	}
	return s[1+end] == s[0]+2
}
