package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

const answers = `
caches:
  - {name: people, id: ` + maskedID + `, ttl: 1m, hosts: [people.test]}
clients: [{name: agent, key: 0123456789abcdef0123456789abcdef}]
functions:
  - name: person
    url: http://people.test/
    parameters: {properties: {n: {}}}
    query: {n: </n>}
    cache: people
    output: {select: /people, fields: [name, mail], mask: [/people/mail], max_bytes: 64}
    prompt: Ask "before" you write.
    ok_statuses: [404]
    errors: {403: You may not., 5xx: It is down.}
`

// What callers see of an answer, in the bytes of the envelope.
func TestAnswersAsShown(t *testing.T) {
	e := proxytest.Start(t, answers)
	e.Canary.Add("ann@home.test")
	status, body := 200, ""
	e.Upstream.Handle("people.test", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	const prompt = `,"prompt":"Ask \"before\" you write."`
	ann := `{"name":"Ann","mail":"ann@home.test","age":7}`
	for i, c := range []struct {
		status     int
		body, want string // behind the status
	}{
		{200, `{"people":` + ann + `}`, `"source":"S","output":{"name":"Ann","mail":"(masked)"}` + prompt + `,"output_cache":{`},
		{200, `{"people":[` + ann + `,` + ann + `,` + ann + `]}`, `"source":"S","output":[{"name":"Ann","mail":"(masked)"},{"name":"Ann"}],"truncated":true` + prompt + `,"output_cache":{`},
		{404, `{"people":null}`, `"source":"S","output":null` + prompt + `,"output_cache":{`},
		{200, `<people>ann@home.test</people>`, `"source":"S"` + prompt + `,"output_cache":{`},
		{403, ann, `"source":"upstream","output":"You may not."` + prompt + `,"duration_ms":`},
		{502, ann, `"source":"upstream","output":"It is down."` + prompt + `,"duration_ms":`},
		{410, `{"people":` + ann + `}`, `"source":"upstream","output":{"name":"Ann","mail":"(masked)"}` + prompt + `,"duration_ms":`},
	} {
		status, body = c.status, c.body
		for _, source := range []string{"upstream", "cache"} {
			got := e.Call("person", `{"n":`+string(rune('0'+i))+`}`, "Authorization", "Bearer 0123456789abcdef0123456789abcdef")
			want := `"status":` + gjson.Get(got.Body, "status").Raw + `,` + strings.Replace(c.want, `"S"`, `"`+source+`"`, 1)
			if _, shown, _ := strings.Cut(got.Body, `,"ok":`); got.Status != 200 || !strings.Contains(shown, want) || !gjson.Valid(got.Body) {
				t.Errorf("%d %s gives %d\n%s, want\n%s", c.status, c.body, got.Status, got.Body, want)
			}
			if wantOK := c.status == 200 || c.status == 404; got.Get("status") == "" || gjson.Get(got.Body, "ok").Bool() != wantOK {
				t.Errorf("%d is shown as %s, want ok: %t", c.status, got.Body, wantOK)
			}
		}
	}
	before := len(e.Upstream.Requests())
	raw := e.Call("person?raw", `{"n":99}`, "Authorization", "Bearer 0123456789abcdef0123456789abcdef")
	wantRefusal(t, raw, 403, "function_denied")
	if got := raw.Get("detail"); !strings.Contains(got, "person") || len(e.Upstream.Requests()) != before {
		t.Errorf("refused with %q after a request: %t, want the Function's name and none", got, len(e.Upstream.Requests()) != before)
	}
}
