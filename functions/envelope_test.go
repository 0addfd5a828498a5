package functions_test

import (
	"context"
	"encoding/json"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

var callID = regexp.MustCompile(`^\{"call_id":"([0-9a-f-]{36})",`)

func TestEnvelope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, stored)
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			pass(12_360 * time.Microsecond)
			return jsonAnswer(201, `{"order":{"id":"A-1001"}}`), nil
		}
		for _, c := range []struct {
			call functions.Call
			want string
		}{
			{
				functions.Call{Function: "f"},
				`{"call_id":"-","function":"f","ok":true,"status":201,"source":"upstream","output":{"order":{"id":"A-1001"}},` +
					`"output_cache":{"id":"` + resultID + `","expires_at":"2000-01-01T00:01:00Z"},"duration_ms":12.4}`,
			},
			{
				functions.Call{Function: "f"},
				`{"call_id":"-","function":"f","ok":true,"status":201,"source":"cache","output":{"order":{"id":"A-1001"}},` +
					`"output_cache":{"id":"` + resultID + `","expires_at":"2000-01-01T00:01:00Z"},"duration_ms":0.0}`,
			},
			{
				functions.Call{Function: "f", NoStore: true, NoCache: true},
				`{"call_id":"-","function":"f","ok":true,"status":201,"source":"upstream","output":{"order":{"id":"A-1001"}},"duration_ms":12.4}`,
			},
		} {
			got := w.call(t, c.call).AppendJSON([]byte(nil))
			if !json.Valid(got) {
				t.Errorf("%s is no JSON", got)
			}
			id := callID.FindSubmatch(got)
			if id == nil || uuid.Validate(string(id[1])) != nil {
				t.Errorf("%s does not begin with a call ID", got)
			}
			if got := callID.ReplaceAllString(string(got), `{"call_id":"-",`); got != c.want {
				t.Errorf("the envelope is\n%s\nwant\n%s", got, c.want)
			}
		}
	})
}

func TestOutput(t *testing.T) {
	const (
		latin1 = "caf\xe9 <&>"
		bytes  = "\x00\xff\xfe"
		order  = " {\"b\":1.0,\n \"a\":-0e+1, \"c\":12345678901234567890123, \"h\":\"<&>\\u003c\\/\u2028\", \"b\":[]} \r\n"
	)
	for _, c := range []struct {
		name, method, contentType, body string
		status                          int
		want                            string // "" when absent
	}{
		{"JSON byte for byte", "GET", "application/json; charset=utf-8", order, 200, "{\"b\":1.0,\n \"a\":-0e+1, \"c\":12345678901234567890123, \"h\":\"<&>\\u003c\\/\u2028\", \"b\":[]}"},
		{"JSON of a suffix", "GET", "application/problem+json", `{"a":"<"}`, 404, `{"a":"<"}`},
		{"JSON in capitals", "GET", "Application/JSON", `[1]`, 200, `[1]`},
		{"JSON with a broken parameter", "GET", "application/json; charset", `[1]`, 200, `[1]`},
		{"JSON with a parameter twice", "GET", "application/json; charset=utf-8; charset=utf-8", `[1]`, 200, `[1]`},
		{"JSON with a byte order mark", "GET", "application/json", "\ufeff[1]", 200, `[1]`},
		{"JSON scalar", "GET", "application/json", `null`, 200, `null`},
		{"broken JSON", "GET", "application/json", `{"a":<`, 200, `"{\"a\":<"`},
		{"broken JSON that is no text", "GET", "application/json", "\"\xff\"", 200, `{"content_type":"application/json","base64":"Iv8i"}`},
		{"empty JSON", "GET", "application/json", ``, 200, `""`},
		{"JSON lines", "GET", "application/x-ndjson", "{}\n{}\n", 200, `"{}\n{}\n"`},
		{"text", "GET", "text/plain", "a<b>&\"\\\t\x01é", 200, `"a<b>&\"\\\t\u0001é"`},
		{"text that looks like JSON", "GET", "text/plain", `{"a":1}`, 200, `"{\"a\":1}"`},
		{"text with a charset", "GET", "text/plain; charset=iso-8859-1", latin1, 200, `"café <&>"`},
		{"text with a quoted charset", "GET", `text/csv; header=present; charset="ISO-8859-1"`, latin1, 200, `"café <&>"`},
		{"text in UTF-16", "GET", "text/plain; charset=utf-16le", "h\x00i\x00", 200, `"hi"`},
		{"text with the wrong charset", "GET", "text/plain; charset=utf-8", latin1, 200, `{"content_type":"text/plain; charset=utf-8","base64":"Y2Fm6SA8Jj4="}`},
		{"text with no charset", "GET", "text/plain", latin1, 200, `{"content_type":"text/plain","base64":"Y2Fm6SA8Jj4="}`},
		{"text with an unknown charset", "GET", "text/plain; charset=klingon", latin1, 200, `{"content_type":"text/plain; charset=klingon","base64":"Y2Fm6SA8Jj4="}`},
		{"text with a forbidden charset", "GET", "text/plain; charset=iso-2022-kr", "ab", 200, `{"content_type":"text/plain; charset=iso-2022-kr","base64":"YWI="}`},
		{"text with a byte order mark", "GET", "text/plain; charset=utf-8", "\ufeffa", 200, `"a"`},
		{"XML", "GET", "application/atom+xml", `<a b="c"/>`, 200, `"<a b=\"c\"/>"`},
		{"no type", "GET", "", "plain", 200, `"plain"`},
		{"no type and no text", "GET", "", bytes, 200, `{"content_type":"","base64":"AP/+"}`},
		{"a type that cannot be read", "GET", ";;", "plain", 200, `"plain"`},
		{"bytes", "GET", "image/png", bytes, 200, `{"content_type":"image/png","base64":"AP/+"}`},
		{"bytes that are text", "GET", "application/octet-stream", "plain", 200, `{"content_type":"application/octet-stream","base64":"cGxhaW4="}`},
		{"no bytes", "GET", "application/octet-stream", "", 200, `{"content_type":"application/octet-stream","base64":""}`},
		{"a type with quotes", "GET", `image/"<é`, bytes, 200, `{"content_type":"image/\"<é","base64":"AP/+"}`},
		{"HEAD", "HEAD", "application/json", "", 200, ""},
		{"no content", "GET", "application/json", "", 204, ""},
		{"not modified", "GET", "application/json", "", 304, ""},
		{"a redirect", "GET", "text/html", "<a>", 302, `"<a>"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "  - {name: f, method: "+c.method+", url: https://api.acme.test/}\n")
			w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
				return &reply{Status: c.status, Body: []byte(c.body), Header: []templates.Field{{Name: "content-type", Value: c.contentType}}}, nil
			}
			result := w.call(t, functions.Call{Function: "f"})
			if got := output(result); got != c.want || (result.Output() == nil) != (c.want == "") {
				t.Errorf("the output is %s\nwant %s", got, c.want)
			}
			envelope := result.AppendJSON(nil)
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(envelope, &fields); err != nil {
				t.Fatalf("%s: %v", envelope, err)
			}
			if got, present := fields["output"]; string(got) != c.want || present != (c.want != "") {
				t.Errorf("the envelope %s has the output %s, want %s", envelope, got, c.want)
			}
			if string(result.Body) != c.body || result.Status != c.status || result.OK != (c.status/100 == 2) {
				t.Errorf("the raw answer is %d %q, ok %t, want %d %q", result.Status, result.Body, result.OK, c.status, c.body)
			}
		})
	}
}

func TestRawHeader(t *testing.T) {
	w := newWorld(t, anything)
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		answer := jsonAnswer(200, `{}`)
		for _, name := range []string{
			"X-A", "x-a", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Set-Cookie", "SET-COOKIE2", "Upgrade", "Trailer", "TE",
			"Proxy-Authenticate", "ETag",
		} {
			answer.Header = append(answer.Header, templates.Field{Name: name, Value: "1"})
		}
		return answer, nil
	}
	var names []string
	for _, f := range w.call(t, functions.Call{Function: "f"}).Header {
		names = append(names, f.Name)
	}
	if got, want := quoted(t, names), `["Content-Type","X-A","x-a","ETag"]`; got != want {
		t.Errorf("the fields are %s, want %s", got, want)
	}
}
