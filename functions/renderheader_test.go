package functions_test

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

const credentials = `
  - name: f
    parameters: {properties: {user: {}, password: {}}}
    url: https://api.acme.test/
    basic: {user: </user>, password: "p-</password>"}
`

// Basic credentials are what RFC 7617 says, in UTF-8.
func TestBasic(t *testing.T) {
	w := newWorld(t, credentials)
	for _, test := range []struct{ arguments, want string }{
		{`{"user":"Aladdin","password":"open sesame"}`, "Aladdin:p-open sesame"},
		{`{"user":"","password":""}`, ":p-"},
		{`{"user":"ü","password":"£:"}`, "ü:p-£:"},
		{`{"user":17,"password":true}`, "17:p-true"},
		{`{"user":"` + tokenID + `","password":"x"}`, "live-token:p-x"},
	} {
		r := w.request(t, "f", test.arguments)
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(test.want))
		if got := header(r, "Authorization"); got != want {
			t.Errorf("with %s Authorization is %q, want %q", test.arguments, got, want)
		}
	}
}

// What cannot stand in credentials is refused.
func TestBasicRefused(t *testing.T) {
	w := newWorld(t, credentials)
	for _, test := range []struct {
		arguments string
		code      functions.Code
	}{
		{`{"user":"a:b","password":"x"}`, functions.UnsafeValue},
		{`{"user":"a\tb","password":"x"}`, functions.UnsafeValue},
		{`{"user":"a","password":"\u0000"}`, functions.UnsafeValue},
		{`{"user":"a","password":"\u007f"}`, functions.UnsafeValue},
		{`{"user":["a"],"password":"x"}`, functions.UnsafeValue},
		{`{"user":null,"password":"x"}`, functions.MissingArgument},
		{`{"user":"a"}`, functions.MissingArgument},
	} {
		w.refused(t, test.code, functions.Call{Function: "f", Arguments: []byte(test.arguments)})
	}
	if w.sender.count() != 0 {
		t.Errorf("%d requests were sent, want none", w.sender.count())
	}
}

// The value of a cache stands in a header when it stands in credentials.
func TestBasicSurface(t *testing.T) {
	w := newWorld(t, strings.ReplaceAll(credentials, "api.acme.test", "other.test"))
	w.refused(t, functions.CacheHostDenied, functions.Call{Function: "f", Arguments: []byte(`{"user":"` + tokenID + `","password":"x"}`)})
	if got := header(w.request(t, "f", `{"user":"`+awayID+`","password":"x"}`), "Authorization"); got == "" {
		t.Error("there is no Authorization")
	}
}

// Credentials with a secret are hidden as they were sent, too, and those without
// one are not.
func TestBasicHides(t *testing.T) {
	w := newWorld(t, credentials+`
  - name: configured
    url: https://api.acme.test/
    basic: {user: a, password: "${env:CONFIGURED}"}
  - name: fixed
    fixed: {key: `+tokenID+`}
    url: https://api.acme.test/
    basic: {user: </key>, password: ""}
`)
	for _, test := range []struct {
		function, arguments, plain string
		want                       []string
	}{
		{"f", `{"user":"a","password":"b"}`, "a:p-b", nil},
		{"f", `{"user":"ab","password":"` + tokenID + `"}`, "ab:p-live-token", []string{tokenID}},
		{"f", `{"user":"` + tokenID + `","password":"1"}`, "live-token:p-1", []string{tokenID, tokenID}},
		{"configured", `{}`, "a:configured-secret", []string{"(configured)", "(configured)"}},
		{"fixed", `{}`, "live-token:", []string{tokenID, tokenID}},
	} {
		encoded := base64.StdEncoding.EncodeToString([]byte(test.plain))
		var got []string
		for _, h := range w.request(t, test.function, test.arguments).Hide {
			if v := h.Value.Reveal(); v == encoded || v == strings.TrimRight(encoded, "=") {
				got = append(got, h.With)
			}
		}
		if strings.HasSuffix(encoded, "=") != (len(test.want) == 2) && test.want != nil {
			t.Fatalf("%s is a bad example: %s", test.plain, encoded)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s %s hides the credentials with %q, want %q", test.function, test.arguments, got, test.want)
		}
	}
}

// Explain shows the credentials with what stands in for their secrets.
func TestBasicExplained(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {key: {}}}
    fixed: {who: someone}
    url: https://api.acme.test/
    basic: {user: "</who>-</key>", password: "${env:CONFIGURED}"}
`)
	e, err := w.Explain(t.Context(), functions.Call{Function: "f", Arguments: []byte(`{"key":"` + tokenID + `"}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("(fixed)-"+tokenID+":(configured)"))
	if got := e.Request.Headers[0]; got != [2]string{"Authorization", want} {
		t.Errorf("the header is %q, want %q", got, want)
	}
	if diff := cmp.Diff([]functions.Placed{{Pointer: "/key", Surface: "header", Escaping: "basic", Cache: "token", Rule: "caches[0].hosts"}}, e.Placed); diff != "" {
		t.Errorf("placed (-want +got):\n%s", diff)
	}
}

// Each call has a key of its own, which explain does not make.
func TestIdempotencyKey(t *testing.T) {
	w := newWorld(t, `
  - {name: f, method: POST, url: "https://api.acme.test/", idempotency_key: true}
`)
	version4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		key := header(w.request(t, "f", `{}`), "Idempotency-Key")
		if !version4.MatchString(key) || seen[key] {
			t.Fatalf("the key is %q (seen: %t), want a new UUID", key, seen[key])
		}
		seen[key] = true
	}
	e, err := w.Explain(t.Context(), functions.Call{Function: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Request.Headers[0]; got != [2]string{"Idempotency-Key", "(generated)"} {
		t.Errorf("explain shows %q, want (generated)", got)
	}
}

// Every request has an Accept and a User-Agent, once, and Explain shows what is
// sent.
func TestOwnFields(t *testing.T) {
	w := newWorld(t, `
  - {name: bare, url: "https://api.acme.test/"}
  - name: given
    parameters: {properties: {accept: {}, agent: {}}}
    url: https://api.acme.test/
    headers: {accept: </accept>, USER-AGENT: </agent>, accept-encoding: gzip}
`)
	w.Set = w.With(functions.Options{Tokens: w.tokens, Sender: w.sender, Results: w.results, Agent: "egret/1"})
	const accept, agent, coding = "Accept: application/json, */*;q=0.9", "User-Agent: egret/1", "Accept-Encoding: identity"
	for _, test := range []struct {
		function, arguments string
		want                []string
	}{
		{"bare", `{}`, []string{accept, agent, coding}},
		{"given", `{}`, []string{accept, agent, coding}},
		{"given", `{"accept":"text/csv"}`, []string{"accept: text/csv", agent, coding}},
		{"given", `{"agent":"me","accept":["a/b","c/d"]}`, []string{"accept: a/b", "accept: c/d", "USER-AGENT: me", coding}},
	} {
		var sent, explained []string
		for _, f := range w.request(t, test.function, test.arguments).Header {
			sent = append(sent, f.Name+": "+f.Value)
		}
		e, err := w.Explain(t.Context(), functions.Call{Function: test.function, Arguments: []byte(test.arguments)})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range e.Request.Headers {
			explained = append(explained, f[0]+": "+f[1])
		}
		if diff := cmp.Diff(test.want, sent); diff != "" {
			t.Errorf("%s %s is sent with (-want +got):\n%s", test.function, test.arguments, diff)
		}
		if diff := cmp.Diff(test.want, explained); diff != "" {
			t.Errorf("%s %s is explained with (-want +got):\n%s", test.function, test.arguments, diff)
		}
	}
}
