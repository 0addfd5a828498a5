package functions_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// A canary is a scalar of a random answer, which stands there once, and how it is
// reached.
type canary struct {
	text string
	path []step
}

// A step leads to a member or, when the name is "", to an element.
type step struct {
	name  string
	index int
}

// A planter writes random JSON with canaries in it.
type planter struct {
	*rand.Rand
	text     strings.Builder
	canaries []canary
}

var plantedNames = []string{"a", "b", "c", "0", "1", "é", "a/b"}

func (p *planter) plant(depth int, path []step) {
	p.blank()
	defer p.blank()
	switch kind := p.IntN(10); {
	case depth == 0 || kind < 3:
		one := canary{fmt.Sprintf("9%06d7", len(p.canaries)), append([]step(nil), path...)}
		p.canaries = append(p.canaries, one)
		if p.IntN(3) == 0 {
			p.text.WriteString(one.text)
		} else {
			p.text.WriteString(`"\"]}` + one.text + `,:"`)
		}
	case kind < 6:
		p.text.WriteString("[")
		for i := range p.IntN(4) {
			if i > 0 {
				p.text.WriteString(",")
			}
			p.plant(depth-1, append(path, step{index: i}))
		}
		p.text.WriteString("]")
	default:
		p.text.WriteString("{")
		for i := range p.IntN(5) { // A name may stand twice.
			if i > 0 {
				p.text.WriteString(",")
			}
			name := plantedNames[p.IntN(len(plantedNames))]
			p.blank()
			p.text.WriteString(p.spelled(name))
			p.blank()
			p.text.WriteString(":")
			p.plant(depth-1, append(path, step{name: name}))
		}
		p.text.WriteString("}")
	}
}

func (p *planter) blank() { p.text.WriteString([]string{"", "", "", " ", "\n\t"}[p.IntN(5)]) }

// spelled writes a name, some characters as escapes.
func (p *planter) spelled(name string) string {
	text := `"`
	for _, r := range name {
		if p.IntN(3) == 0 {
			text += fmt.Sprintf(`\u%04x`, r)
		} else {
			text += string(r)
		}
	}
	return text + `"`
}

// places gives random places, which may lead to something.
func (p *planter) places() (list [][]string) {
	for range p.IntN(4) {
		var tokens []string
		for range 1 + p.IntN(3) {
			tokens = append(tokens, plantedNames[p.IntN(len(plantedNames))])
		}
		list = append(list, tokens)
	}
	return list
}

// leads reports whether tokens lead to what is at path, or to something around it.
// It is written after the words of the documentation.
func leads(tokens []string, path []step) bool {
	switch {
	case len(tokens) == 0:
		return true
	case len(path) == 0:
		return false
	case path[0].name != "":
		return tokens[0] == path[0].name && leads(tokens[1:], path[1:])
	case tokens[0] == "0" || tokens[0] == "1":
		return tokens[0] == strconv.Itoa(path[0].index) && leads(tokens[1:], path[1:])
	default:
		return leads(tokens, path[1:])
	}
}

func anyLeads(list [][]string, path []step) bool {
	for _, tokens := range list {
		if leads(tokens, path) {
			return true
		}
	}
	return false
}

// Of any answer, nothing comes out that is masked or outside of the fields, and
// all of the rest does, up to where the output is cut.
func TestViewOfAnything(t *testing.T) {
	const header = "Content-Type: application/json\r\n"
	masked, cut := 0, 0
	for seed := range uint64(20_000) {
		p := &planter{Rand: rand.New(rand.NewPCG(seed, 3))}
		p.plant(4, nil)
		rules := configs.Output{Mask: p.places(), Fields: p.places()}
		if p.IntN(2) == 0 {
			rules.MaxBytes = 64 + p.Int64N(64)
		}
		var want []string
		for _, one := range p.canaries {
			switch {
			case anyLeads(rules.Mask, one.path):
				masked++
			case len(rules.Fields) == 0 || anyLeads(rules.Fields, one.path):
				want = append(want, one.text)
			}
		}
		shown, isCut := functions.Viewed(rules, &functions.Answer{Status: 200, Header: []byte(header), Body: []byte(p.text.String())})
		var got []string
		for _, one := range p.canaries {
			if bytes.Contains(shown, []byte(one.text)) {
				got = append(got, one.text)
			}
		}
		if isCut {
			cut++
			want = want[:min(len(got), len(want))]
		}
		if diff := cmp.Diff(strings.Join(want, " "), strings.Join(got, " ")); diff != "" || !json.Valid(shown) || rules.MaxBytes > 0 && len(shown) > int(rules.MaxBytes) {
			t.Fatalf("seed %d: under %+v,\n%s\nis shown as\n%s\ncut: %t (-want +got):\n%s", seed, rules, p.text.String(), shown, isCut, diff)
		}
	}
	if masked < 5000 || cut < 500 {
		t.Errorf("%d values were masked and %d outputs cut, want more", masked, cut)
	}
}

// FuzzOutput gives any answer to any rules: what comes out is JSON, no longer than
// it may be, and nothing has the name that is masked but what says so.
func FuzzOutput(f *testing.F) {
	for _, body := range []string{people, `{"a":1,"a":{"\u0061":2}}`, `[[{"a":[]}],"é"]`, `"{\"a\":1}"`, `"text`, "\ufeff[]", "{}{}", "", `{"a\u0000":"\ud800"}`, "[[[[[[[[[["} {
		for _, selection := range []string{"", "/a", "people.#.name", "@keys", "..#", `{a,"x":a|@tostr}`} {
			f.Add(body, "application/json", selection, "a", int64(100))
			f.Add(body, "text/plain; charset=utf-16le", selection, "", int64(0))
		}
	}
	f.Fuzz(func(t *testing.T, body, contentType, selection, field string, most int64) {
		if strings.ContainsAny(contentType, "\r\n") || strings.Contains(selection, "@") && len(body) > 1000 || strings.Contains(selection, "@fromstr") {
			return // A modifier may take long.
		}
		answer := &functions.Answer{Status: 200, Header: functions.AppendLine(nil, "Content-Type", contentType), Body: []byte(body)}
		rules := configs.Output{Select: selection, Mask: [][]string{{"a"}}}
		if field != "" {
			rules.Fields = [][]string{strings.Split(field, "/"), {"b", "0"}}
		}
		if most >= 64 {
			rules.MaxBytes = most % 10_000
		}
		if rules.MaxBytes < 64 {
			rules.MaxBytes = 0
		}
		shown, isCut := functions.Viewed(rules, answer)
		if shown != nil && !json.Valid(shown) {
			t.Fatalf("%q is no JSON", shown)
		}
		if rules.MaxBytes > 0 && len(shown) > int(rules.MaxBytes) || isCut && rules.MaxBytes == 0 {
			t.Fatalf("%q is cut: %t, and has %d bytes, want %d at most", shown, isCut, len(shown), rules.MaxBytes)
		}
		if selection == "" && shown != nil {
			wantMasked(t, shown)
		}
		if string(answer.Body) != body {
			t.Fatal("the answer was changed")
		}
	})
}

// wantMasked wants every member a of an object that is not within another one to be
// masked.
func wantMasked(t *testing.T, text []byte) {
	t.Helper()
	decoder := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	objects := 0
	for {
		token, err := decoder.ReadToken()
		if err == io.EOF {
			return
		}
		if err != nil {
			return // a half of a surrogate pair
		}
		switch token.Kind() { //nolint:exhaustive // The others change nothing.
		case '{':
			objects++
		case '}':
			objects--
		case '"':
			kind, length := decoder.StackIndex(decoder.StackDepth())
			if objects != 1 || kind != '{' || length%2 == 0 || token.String() != "a" {
				continue
			}
			if value, err := decoder.ReadValue(); err != nil || string(value) != `"(masked)"` {
				t.Fatalf("a is %s in %s, want it masked", value, text)
			}
		}
	}
}
