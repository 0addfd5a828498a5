package functions_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

const keptConfig = `
caches:
  - {name: token, id: 11111111-2222-3333-4444-555555555555, ttl: 15m, hosts: [login.test], cleartext: true}
  - {name: access, ttl: 15m, hosts: [api.acme.test]}
  - {name: rates, ttl: 60s}
tokens:
  - {name: jwt, cache: token, value: "${env:TOKEN}"}
functions:
  - name: exchange
    url: http://login.test/token
    fixed: {assertion: 11111111-2222-3333-4444-555555555555}
    headers: {Authorization: Bearer </assertion>}
    cache: access
    credential: /data/token
    timeout: 7s
    CACHING
  - {name: rates, url: "http://api.acme.test/rates", cache: rates, caching: {warm: true, ttl_from: /life}}
  - {name: other, url: "http://api.acme.test/rates", cache: rates}
`

func keptWorld(t *testing.T, caching string, answer *reply) *world {
	t.Helper()
	w := newWorld(t, "  - {name: nothing, url: https://api.acme.test}\n")
	w.reload(t, strings.Replace(keptConfig, "CACHING", caching, 1))
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { return answer, nil }
	return w
}

// A credential is taken out of every answer that has one. The errors of the others
// tell what they lack, and nothing that stands in them.
func TestMakeCredential(t *testing.T) {
	const (
		hidden = "in-the-answer"
		noText = "the answer has no text at the pointer of credential"
	)
	ok := func(body string) *reply { return jsonAnswer(200, body) }
	plain := func(status int, body string) *reply {
		return &reply{Status: status, Body: []byte(body), Header: []templates.Field{{Name: "Content-Type", Value: "text/plain"}}}
	}
	tests := map[string]struct {
		answer  *reply
		caching string
		want    string // the credential, or what the error says
		life    time.Duration
	}{
		"text":                     {ok(`{"data":{"token":"a-token"},"expires_in":60}`), "", "a-token", 15 * time.Minute},
		"number":                   {ok(`{"data":{"token":12345678901234567890.10}}`), "", "12345678901234567890.10", 15 * time.Minute},
		"escapes":                  {ok(`{"d\u0061ta":{"token":"\u00e9\n"}}`), "", "é\n", 15 * time.Minute},
		"text that is JSON":        {plain(200, `{"data":{"token":"a-token"}}`), "", "a-token", 15 * time.Minute},
		"another 2xx":              {jsonAnswer(201, `{"data":{"token":"a-token"}}`), "", "a-token", 15 * time.Minute},
		"its own life":             {ok(`{"data":{"token":"a-token"},"expires_in":60}`), "caching: {ttl_from: /expires_in}", "a-token", time.Minute},
		"a longer life":            {ok(`{"data":{"token":"a-token"},"expires_in":6000}`), "caching: {ttl_from: /expires_in}", "a-token", 15 * time.Minute},
		"no life":                  {ok(`{"data":{"token":"` + hidden + `"},"expires_in":0}`), "caching: {ttl_from: /expires_in}", "the answer says that it may not be kept", 0},
		"no member":                {ok(`{"data":"` + hidden + `"}`), "", noText, 0},
		"no text":                  {ok(`{"data":{"token":["` + hidden + `"]}}`), "", noText, 0},
		"a boolean":                {ok(`{"data":{"token":true}}`), "", noText, 0},
		"null":                     {ok(`{"data":{"token":null}}`), "", noText, 0},
		"an empty text":            {ok(`{"data":{"token":""}}`), "", noText, 0},
		"no UTF-8":                 {ok("{\"data\":{\"token\":\"" + hidden + "\xff\"}}"), "", noText, 0},
		"no JSON":                  {ok("token=" + hidden), "", noText, 0},
		"no content":               {jsonAnswer(204, ""), "", noText, 0},
		"too large":                {ok(`{"data":{"token":"` + hidden + `"}}` + strings.Repeat(" ", 1<<20)), "", "the answer is larger than 1024 KiB", 0},
		"an error of OAuth":        {jsonAnswer(400, `{"error":"invalid_grant","error_description":"`+hidden+`"}`), "", "status 400, invalid_grant", 0},
		"an error that is none":    {jsonAnswer(403, `{"error":"`+hidden+`"}`), "", "status 403", 0},
		"an error with a token":    {jsonAnswer(500, `{"data":{"token":"`+hidden+`"}}`), "", "status 500", 0},
		"an error that is no text": {jsonAnswer(400, `{"error":{"in_the_answer":1}}`), "", "status 400", 0},
		"an error that is long":    {jsonAnswer(400, `{"error":"`+strings.Repeat("a", 41)+`"}`), "", "status 400", 0},
		"a redirect":               {plain(302, hidden), "", "status 302", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := keptWorld(t, test.caching, test.answer)
				entry, err := w.Make(t.Context(), "exchange")
				if sent := header(w.sender.last(), "Authorization"); sent != "Bearer live-token" {
					t.Errorf("sent %q, want the token", sent)
				}
				if test.life == 0 {
					if err == nil || !strings.HasSuffix(err.Error(), test.want) {
						t.Fatalf("got error %v, want one that ends with %q", err, test.want)
					}
					if strings.Contains(err.Error(), hidden) || !strings.Contains(err.Error(), `"exchange"`) {
						t.Errorf("the error shows the answer, or not the Function: %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := entry.Secret().Reveal(); got != test.want || entry.Life() != test.life {
					t.Errorf("got %q for %s, want %q for %s", got, entry.Life(), test.want, test.life)
				}
				if _, err := w.Make(t.Context(), "exchange"); err != nil || w.sender.count() != 2 {
					t.Errorf("made again: error %v and %d requests, want none and 2: nothing is stored", err, w.sender.count())
				}
			})
		})
	}
}

// An answer may be the credential as a whole: it is a text, or none.
func TestMakeWholeCredential(t *testing.T) {
	for name, test := range map[string]struct{ contentType, body, want string }{
		"a line":         {"text/plain", "a-token\n", "a-token"},
		"a text of JSON": {"application/json", `"a-token"`, "a-token"},
		"an object":      {"application/json", `{"token":"a-token"}`, ""},
		"nothing":        {"text/plain", " \n", ""},
	} {
		w := newWorld(t, "  - {name: nothing, url: https://api.acme.test}\n")
		w.reload(t, strings.NewReplacer("CACHING", "", "/data/token", `""`).Replace(keptConfig))
		answer := &reply{Status: 200, Body: []byte(test.body), Header: []templates.Field{{Name: "Content-Type", Value: test.contentType}}}
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) { return answer, nil }
		entry, err := w.Make(t.Context(), "exchange")
		if got := entry.Secret().Reveal(); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, test.want)
		}
	}
}

// A Function without a credential is called anew, and its answer is that of all.
func TestMakeWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := jsonAnswer(200, `{"rate":1,"life":20}`)
		w := keptWorld(t, "", answer)
		for n := range 2 {
			entry, err := w.Make(t.Context(), "rates")
			if err != nil || len(entry.Data) != 0 || entry.Life() != 20*time.Second || w.sender.count() != n+1 {
				t.Errorf("got %v and error %v after %d requests, want 20s without data and one more", entry, err, w.sender.count())
			}
		}
		if got := w.call(t, functions.Call{Function: "rates"}); got.Source != functions.FromCache {
			t.Errorf("a caller is answered from %s, want %s", got.Source, functions.FromCache)
		}
		answer.Status = 500
		if _, err := w.Make(t.Context(), "rates"); err == nil || !strings.Contains(err.Error(), "status 500") {
			t.Errorf("got error %v, want one of the status", err)
		}
		w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
			return nil, functions.Refuse(functions.UpstreamUnreachable, "nobody there")
		}
		_, err := w.Make(t.Context(), "rates")
		wantCode(t, errors.Unwrap(err), functions.UpstreamUnreachable)
	})
}

func TestKept(t *testing.T) {
	w := keptWorld(t, "", nil)
	type kept struct {
		Function, Cache string
		Warm            bool
		Timeout         time.Duration
		Needs           []string
	}
	var got []kept
	for _, k := range w.Kept() {
		one := kept{k.Function, k.Cache.Name, k.Warm, k.Timeout, nil}
		for _, need := range k.Needs {
			one.Needs = append(one.Needs, need.Name)
		}
		got = append(got, one)
	}
	want := []kept{{"exchange", "access", false, 7 * time.Second, []string{"token"}}, {"rates", "rates", true, 30 * time.Second, nil}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Kept (-want +got):\n%s", diff)
	}
	for _, d := range w.List(nil) {
		if d.Name == "exchange" {
			t.Error("callers are told of a Function that they cannot call")
		}
	}
	w.refused(t, functions.FunctionDenied, functions.Call{Function: "exchange"})
	if _, err := w.Explain(t.Context(), functions.Call{Function: "exchange"}); codeOf(err) != functions.FunctionDenied {
		t.Errorf("explained with error %v, want %s", err, functions.FunctionDenied)
	}
}

// What needs an argument by more than required is found where the schema is
// compiled.
func TestKeptNeedsNoArgument(t *testing.T) {
	for _, caching := range []string{"credential: /t", "caching: {warm: true}"} {
		cfg := parse(t, `
caches: [{name: access, ttl: 15m, hosts: [api.acme.test]}]
functions: [{name: exchange, url: "http://login.test/", parameters: {minProperties: 1}, cache: access, `+caching+`}]
`)
		_, err := functions.New(cfg, functions.Options{})
		problems, ok := errors.AsType[configs.Problems](err)
		if !ok || len(problems) != 1 || problems[0].Path != "functions[0].parameters" || !strings.Contains(problems[0].Message, "without arguments") {
			t.Errorf("%s: got %v, want a problem of the parameters", caching, err)
		}
	}
}
