package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// parsed is Arguments that are parsed once, as a server has them.
type parsed struct{ doc gjson.Result }

func (p parsed) Lookup(pointer templates.Pointer) templates.Value {
	return templates.Value{JSON: templates.Lookup(p.doc, pointer)}
}
func (parsed) Shown() bool { return false }

// order has the parameters p0 to p9, strings and numbers by turns.
func order() templates.Arguments {
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `,"p%d":%s`, i, []string{`"A-17 of B"`, "12.50"}[i%2])
	}
	return &parsed{gjson.Parse("{" + b.String()[1:] + "}")}
}

func BenchmarkURL(b *testing.B) {
	u := mustURL(b, "https://api.acme.test/v1/orders/{/p0}/items?limit={/p1}&q=a+{/p2}")
	args, dst := order(), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := u.AppendTarget(dst, args); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHeader(b *testing.B) {
	for _, text := range []string{"Bearer {/p0}", "{/p0}"} {
		b.Run(text[:1], func(b *testing.B) {
			h := mustHeader(b, "Authorization", text)
			args, dst := order(), make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.AppendLines(dst, args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkJSON(b *testing.B) {
	var members []templates.Member
	for i := range 10 {
		members = append(members, templates.Member{Name: fmt.Sprint("m", i), Value: str(fmt.Sprintf("</p%d>", i))})
	}
	benchmarkBody(b, mustJSON(b, templates.Object(members)))
}

func BenchmarkJSONText(b *testing.B) {
	var text strings.Builder
	for i := range 10 {
		fmt.Fprintf(&text, `, "m%d": "item </p%d>"`, i, i)
	}
	benchmarkBody(b, mustBody(b, templates.JSONFormat, "{"+text.String()[1:]+"}"))
}

func BenchmarkXML(b *testing.B) {
	benchmarkBody(b, mustBody(b, templates.XMLFormat, `<order id="{/p0}"><price>{/p1}</price>{/p2}</order>`))
}

func benchmarkBody(b *testing.B, body templates.Body) {
	args, dst := order(), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := body.Append(dst, args); err != nil {
			b.Fatal(err)
		}
	}
}
