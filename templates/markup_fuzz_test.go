package templates_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/egret-proxy/egret/templates"
)

// FuzzMarkup tries any template that is accepted with any value: what a reader
// of XML or HTML sees must have the shape that it has with a harmless value.
func FuzzMarkup(f *testing.F) {
	for _, source := range []string{
		`<a b="{/x}" c='{/x}'>{/x}</a>`, `<a b=c"{/x}">`, `<a ="{/x}">`, `<a b= c="{/x}">`, `<!-- -->{/x}`, `<!-->{/x}-->`, `<!--->{/x}`,
		`<![CDATA[>{/x}]]>{/x}`, `<?a>{/x}?>`, `<!DOCTYPE a [<!ENTITY b ">{/x}">]>`, `<script>"{/x}"</script>`, `<title><a b='</title>{/x}'>`,
		`<textarea>{/x}</textarea>`, `<a/b="{/x}">`, `</a b="{/x}">`, `</ {/x}>`, `<a b='"{/x}'`, `<plaintext>{/x}`, `<svg><title><a b="{/x}">`,
		`<a b="{/x}"c>{/x}`, "<a\fb={/x}>", `<1 {/x}>`, `&{/x};`, `&#{/x};`, `<script/>{/x}`, `<scr\{/x}ipt>`, `<!-- --!><b {/x}>-->`,
	} {
		for _, value := range []string{`" y="`, `' y='`, " y=1", "><b>", "--><b>", "]]><b>", "</script><b>", "&lt;", "lt", "=", "/", "'\">"} {
			f.Add(source, value)
		}
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		for format, shape := range map[templates.Format]func(string) []string{templates.XMLFormat: xmlShape, templates.HTMLFormat: htmlShape} {
			b, err := templates.ParseBody(templates.Text(source), format, nil)
			if err != nil {
				continue
			}
			harmless, err := b.Append(nil, text("v"))
			if err != nil {
				t.Errorf("%q: %v", source, err)
			}
			got, err := b.Append(nil, text("v"+value))
			if err != nil {
				continue
			}
			want := shape(string(harmless))
			if diff := cmp.Diff(want, shape(string(got))); want != nil && diff != "" {
				t.Errorf("format %d, %q with %q is %q: -want +got:\n%s", format, source, value, got, diff)
			}
		}
	})
}

// xmlShape gives the names that a reader sees, or nil for what is not XML.
func xmlShape(s string) []string {
	d := xml.NewDecoder(strings.NewReader(s))
	shape := []string{}
	for {
		token, err := d.RawToken()
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				token.Name.Local += " " + a.Name.Space + ":" + a.Name.Local
			}
			shape = append(shape, "<"+token.Name.Space+":"+token.Name.Local)
		case xml.EndElement:
			shape = append(shape, "</"+token.Name.Local)
		case xml.CharData:
			shape = append(shape, "text")
		case xml.Comment:
			shape = append(shape, "comment "+string(token))
		case xml.ProcInst:
			shape = append(shape, "instruction "+string(token.Inst))
		case xml.Directive:
			shape = append(shape, "directive "+string(token))
		case nil:
			if err.Error() == "EOF" {
				return shape
			}
			return nil
		}
	}
}

func htmlShape(s string) []string {
	z := html.NewTokenizer(strings.NewReader(s))
	shape := []string{}
	for z.Next() != html.ErrorToken {
		token := z.Token()
		line := token.Type.String()
		if token.Type != html.TextToken {
			line += " " + token.Data
		}
		for _, a := range token.Attr {
			line += " " + a.Key
		}
		shape = append(shape, line)
	}
	return shape
}
