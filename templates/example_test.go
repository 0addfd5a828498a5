package templates_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/templates"
)

// arguments is the least that a caller of this package needs.
type arguments string

func (a arguments) Lookup(p templates.Pointer) templates.Value {
	return templates.Value{JSON: templates.Lookup(gjson.Parse(string(a)), p)}
}

func (arguments) Shown() bool { return false }

func ExampleParseURL() {
	u, err := templates.ParseURL(templates.Text("https://api.acme.test/orders/{/order_id}?limit=</limit>&tag={/tags}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := u.AppendTarget(nil, arguments(`{"order_id": "A/17 b", "tags": ["new", "r&d"]}`))
	fmt.Println(u.Host(), string(target), err)
	// Output: api.acme.test /orders/A%2F17%20b?tag=new&tag=r%26d <nil>
}

func ExampleURL_AppendTarget_refused() {
	u, err := templates.ParseURL(templates.Text("https://api.acme.test/orders/{/order_id}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = u.AppendTarget(nil, arguments(`{"order_id": ".."}`))
	if refused, ok := errors.AsType[*templates.RenderError](err); ok {
		fmt.Println(refused.Reason == templates.UnsafeValue, refused)
	}
	// Output: true argument /order_id: the value makes a path segment . or .., which is no name
}

func ExampleURL_AppendURL_shown() {
	u, err := templates.ParseURL(templates.Source{
		{Text: "https://hooks.acme.test/"},
		{Text: "T0KEN", Configured: true},
		{Text: "/{/channel}"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := u.AppendURL(nil, document{json: `{"channel": "ops"}`, shown: true})
	fmt.Println(string(shown), err)
	// Output: https://hooks.acme.test/(configured)/ops <nil>
}

func ExampleSyntaxError() {
	const text = "https://api.acme.test/orders/{order_id}"
	_, err := templates.ParseURL(templates.Text(text))
	if wrong, ok := errors.AsType[*templates.SyntaxError](err); ok {
		fmt.Println(wrong)
		fmt.Println(text)
		fmt.Println(strings.Repeat(" ", wrong.Offset) + "^ " + wrong.Hint)
	}
	// Output:
	// { cannot stand in a URL unencoded
	// https://api.acme.test/orders/{order_id}
	//                              ^ did you mean {/order_id}?
}

func ExampleParseHeader() {
	h, err := templates.ParseHeader("Authorization", templates.Text("Bearer </auth_token>"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, args := range []arguments{`{"auth_token": "eyJhbGciOi"}`, `{"auth_token": "x\r\nHost: evil.test"}`, `{}`} {
		fmt.Println(h.AppendFields(nil, args))
	}
	// Output:
	// [{Authorization Bearer eyJhbGciOi}] <nil>
	// [] argument /auth_token: the value has a control character, which a header cannot carry
	// [] argument /auth_token: the value is absent or null, and a header cannot do without it here
}

func ExampleNewJSON() {
	b, err := templates.NewJSON(templates.Object([]templates.Member{
		{Name: "quantity", Value: templates.String(templates.Text("</qty>"))},
		{Name: "note", Value: templates.String(templates.Text("for {/customer/name}"))},
		{Name: "coupon", Value: templates.String(templates.Text("</coupon>"))},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := b.Append(nil, arguments(`{"qty": 3, "customer": {"name": "\"Bo\""}}`))
	fmt.Println(string(body), err)
	// Output: {"quantity":3,"note":"for \"Bo\""} <nil>
}

func ExampleParseBody() {
	const contentType = "application/soap+xml; charset=utf-8"
	b, err := templates.ParseBody(templates.Text("<Order id='{/id}'>{/note}</Order>"), templates.FormatOf(contentType), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := b.Append(nil, arguments(`{"id": 17, "note": "<fragile>"}`))
	fmt.Println(string(body), err)
	// Output: <Order id='17'>&lt;fragile&gt;</Order> <nil>
}

func ExampleLookup() {
	p, err := templates.ParsePointer("/items/1/a~1b")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Parameter(), templates.Lookup(gjson.Parse(`{"items": [0, {"a/b": 1e400}]}`), p).Raw)
	// Output: items 1e400
}
