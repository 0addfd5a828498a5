package templates_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/templates"
)

func TestMarkup(t *testing.T) {
	args := document{json: `{"x": "<&>", "n": 1}`}
	for source, want := range map[string]string{
		`<a>{/x}</a></x>`:                           `<a>&lt;&amp;&gt;</a></x>`,
		`<a b="{/x}" c='{/n}' d = "{/n}"/>{/n}`:     `<a b="&lt;&amp;&gt;" c='1' d = "1"/>1`,
		`<?xml version="1.0"?><!-- c --><a>{/n}`:    `<?xml version="1.0"?><!-- c --><a>1`,
		`<!DOCTYPE a [<!ENTITY b ">">]>{/n}`:        `<!DOCTYPE a [<!ENTITY b ">">]>1`,
		`<![CDATA[ <a ]]>{/n}`:                      `<![CDATA[ <a ]]>1`,
		`<a b=">">{/n}</a>`:                         `<a b=">">1</a>`,
		`<script>{/n}</script>`:                     `<script>1</script>`,
		"<a\n\tb\r\n=\t\n'{/n}'>":                   "<a\n\tb\r\n=\t\n'1'>",
		`</x> \</x> {/n} &lt;`:                      `</x> \</x> 1 &lt;`,
		`<a href="https://h/?a=1&amp;b={/n}">x</a>`: `<a href="https://h/?a=1&amp;b=1">x</a>`,
	} {
		got, err := mustBody(t, templates.XMLFormat, source).Append(nil, args)
		if string(got) != want || err != nil {
			t.Errorf("%s:\n got %s, %v\nwant %s", source, got, err, want)
		}
	}
	for source, want := range map[string]string{
		`1 < {/n} \{/n} {n} {/n m} {/n`:         `1 < 1 {/n} {n} {/n m} {/n`,
		`<_ <{ </1 {n}> </> {/n}`:               `<_ <{ </1 {n}> </> 1`,
		`<title>a <b='</title>{/n}`:             `<title>a <b='</title>1`,
		`<TextArea rows=2>{/x} <a </textarea>`:  `<TextArea rows=2>&lt;&amp;&gt; <a </textarea>`,
		`<script>if (a<b) "'</SCRIPT>{/n}<br/>`: `<script>if (a<b) "'</SCRIPT>1<br/>`,
		`<input disabled value='{/n}'>`:         `<input disabled value='1'>`,
	} {
		got, err := mustBody(t, templates.HTMLFormat, source).Append(nil, args)
		if string(got) != want || err != nil {
			t.Errorf("%s:\n got %s, %v\nwant %s", source, got, err, want)
		}
	}
}

// A value would be read in another way in these places, or could end them.
func TestMarkupErrors(t *testing.T) {
	const tag = "a placeholder cannot stand in a tag outside a quoted attribute value"
	for _, test := range []struct {
		format        templates.Format
		text, message string
	}{
		{templates.XMLFormat, `<a>{/a}</a><{/x}>`, tag},
		{templates.XMLFormat, `<{/x}`, tag},
		{templates.XMLFormat, `<a{/x}>`, tag},
		{templates.XMLFormat, `</{/x}>`, tag},
		{templates.XMLFormat, `<a {/x}>`, tag},
		{templates.XMLFormat, `<a {/x}="1">`, tag},
		{templates.XMLFormat, `<a b={/x}>`, tag},
		{templates.XMLFormat, `<a b=c{/x}>`, tag},
		{templates.XMLFormat, `<a b="{/a}"{/x}>`, tag},
		{templates.HTMLFormat, `<a b=c"{/x}">`, tag},
		{templates.HTMLFormat, `<a b= c="{/x}">`, tag},
		{templates.HTMLFormat, `<a b "{/x}">`, tag},
		{templates.HTMLFormat, `<a ="{/x}">`, tag},
		{templates.XMLFormat, `<!-- {/x} -->`, "a placeholder cannot stand in a comment"},
		{templates.XMLFormat, `{/a}<!-- <a b="{/x}`, "a placeholder cannot stand in a comment"},
		{templates.XMLFormat, `<![CDATA[ > {/x} ]]>`, "a placeholder cannot stand in a CDATA section"},
		{templates.XMLFormat, `<!{/x}>`, "a placeholder cannot stand in a declaration"},
		{templates.XMLFormat, `<!DOCTYPE a [<!ENTITY b ">{/x}">]>`, "a placeholder cannot stand in a declaration"},
		{templates.XMLFormat, `<?php > {/x} ?>`, "a placeholder cannot stand in a processing instruction"},
		{templates.HTMLFormat, `{/a}<SCRIPT async>var a = "{/x}"</script>`, "a placeholder cannot stand in the element script"},
		{templates.HTMLFormat, `<style>a{{/x}}`, "a placeholder cannot stand in the element style"},
		{templates.HTMLFormat, `<title><a b='</title><c {/x}'>`, tag},
		{templates.HTMLFormat, `<title></{/x}`, "a placeholder cannot stand in the element title"},
		{templates.HTMLFormat, `<title></tit{/x}le>`, "a placeholder cannot stand in the element title"},
		{templates.HTMLFormat, `<title></title{/x}`, tag},
		{templates.HTMLFormat, `<plaintext></plaintext>{/x}`, "a placeholder cannot stand in the element plaintext"},
		{templates.HTMLFormat, `<script><!--<script></script>{/x}`, "a placeholder cannot stand in the element script"},
		{templates.HTMLFormat, `<script></scripts>{/x}`, "a placeholder cannot stand in the element script"},
		{templates.HTMLFormat, `</! a="{/x}">`, "a placeholder cannot stand in a comment"},
		{templates.HTMLFormat, `<!--><a b={/x}-->`, tag},
		{templates.HTMLFormat, `<!---><a b={/x}-->`, tag},
		{templates.HTMLFormat, `<!----!><a b={/x}-->`, tag},
		{templates.HTMLFormat, `<!a "><b {/x}">`, tag},
		{templates.HTMLFormat, `<_ a="><b {/x}">`, tag},
		{templates.XMLFormat, `1 < {/x}`, tag},
		{templates.XMLFormat, `<!-->{/x}-->`, "a placeholder cannot stand in a comment"},
		{templates.XMLFormat, `<!DOCTYPE a [<!-- " --><!ENTITY b "]>"><!ENTITY c "{/x}">]>`, "a placeholder cannot stand in a declaration"},
		{templates.XMLFormat, "a\x01", "text has a character that XML forbids"},
		{templates.XMLFormat, "a\xff", "text is not UTF-8"},
	} {
		_, err := templates.ParseBody(templates.Text(test.text), test.format, nil)
		wrong := checkSyntax(t, test.text, err, test.message, "")
		if want := max(strings.Index(test.text, "{/x}"), 0); wrong != nil && wrong.Offset != want {
			t.Errorf("%q: the error is at %d, want %d", test.text, wrong.Offset, want)
		}
	}
	if _, err := templates.ParseBody(templates.Text(`<?a>{/x}`), templates.HTMLFormat, nil); err != nil {
		t.Errorf("HTML ends <? at the first >, but there is the error %v", err)
	}
}
