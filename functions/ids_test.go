package functions_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
)

// places puts one argument everywhere.
const places = `
  - {name: in_path, parameters: {properties: {v: {}}}, url: "https://api.acme.test/a/{/v}"}
  - {name: in_query, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", query: {v: </v>}}
  - {name: in_url_query, parameters: {properties: {v: {}}}, url: "https://api.acme.test/?v={/v}"}
  - {name: in_header, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", headers: {X-V: "a </v>"}}
  - {name: in_json, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", json: {v: </v>}}
  - {name: in_json_text, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", json: {v: "a </v>"}}
  - {name: in_form, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", form: {v: </v>}}
  - {name: in_text, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", headers: {Content-Type: text/plain}, body: "a </v>"}
  - {name: in_xml, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", headers: {Content-Type: text/xml}, body: "<a>{/v}</a>"}
  - {name: nowhere, parameters: {properties: {v: {}}}, url: "https://api.acme.test/"}
  - {name: part, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", headers: {X-V: </v/access_token>}}
  - {name: deep, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", headers: {X-V: </v/list/1/x>}}
  - {name: store, parameters: {properties: {v: {}}}, url: "https://api.acme.test/", query: {v: </v>}, cache: results}
`

// written is all of a request that an upstream reads of the arguments.
func written(r *sentRequest) string {
	return r.Target + " " + header(r, "X-V") + " " + string(r.Body)
}

func TestSurfaces(t *testing.T) {
	w := newWorld(t, places)
	w.call(t, functions.Call{Function: "store", Arguments: []byte(`{"v":"x"}`)})
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return jsonAnswer(200, `"kept"`), nil
	}
	w.call(t, functions.Call{Function: "store", Arguments: []byte(`{"v":"y"}`)})
	for _, c := range []struct {
		function string
		// What stands in the request for the caches token (header only), any
		// (all but the path) and results (an output cache), "" when refused.
		token, any, results string
	}{
		{"in_path", "", "", "/a/kept  "},
		{"in_query", "", "/?v=live-any  ", "/?v=kept  "},
		{"in_url_query", "", "/?v=live-any  ", "/?v=kept  "},
		{"in_header", "/ a live-token ", "/ a live-any ", "/ a kept "},
		{"in_json", "", `/  {"v":"live-any"}`, `/  {"v":"kept"}`},
		{"in_json_text", "", `/  {"v":"a live-any"}`, `/  {"v":"a kept"}`},
		{"in_form", "", "/  v=live-any", "/  v=kept"},
		{"in_text", "", "/  a live-any", "/  a kept"},
		{"in_xml", "", "/  <a>live-any</a>", "/  <a>kept</a>"},
		{"nowhere", "/  ", "/  ", "/  "},
	} {
		for id, want := range map[string]string{tokenID: c.token, anyID: c.any, resultID: c.results} {
			arguments := `{"v":"` + id + `"}`
			if want == "" {
				reads := w.tokens.count()
				refusal := w.refused(t, functions.SurfaceDenied, functions.Call{Function: c.function, Arguments: []byte(arguments)})
				contains(t, refusal.Detail, c.function)
				if w.tokens.count() != reads {
					t.Errorf("%s %s: a value was read", c.function, id)
				}
				continue
			}
			if got := written(w.request(t, c.function, arguments)); got != want {
				t.Errorf("%s %s: the request is %q, want %q", c.function, id, got, want)
			}
		}
		w.refused(t, functions.CacheHostDenied, functions.Call{Function: c.function, Arguments: []byte(`{"v":["` + awayID + `"]}`)})
	}
}

func TestWholeText(t *testing.T) {
	w := newWorld(t, places)
	for _, c := range []struct{ name, v, want string }{
		{"as it is configured", quoted(t, anyID), `"live-any"`},
		{"in capitals", quoted(t, strings.ToUpper(anyID)), `"live-any"`},
		{"in mixed case", `"aAaAAaaa-2222-3333-4444-555555555555"`, `"live-any"`},
		{"with an escape", `"\u0061aaaaaaa-2222-3333-4444-555555555555"`, `"live-any"`},
		{"all escapes", `"` + strings.Repeat(`\u0061`, 8) + `\u002d2222-3333-4444-555555555555"`, `"live-any"`},
		{"unknown", quoted(t, unknownID), quoted(t, unknownID)},
		{"with a space", `" ` + anyID + `"`, `" ` + anyID + `"`},
		{"with a word", `"Bearer ` + anyID + `"`, `"Bearer ` + anyID + `"`},
		{"in braces", `"{` + anyID + `}"`, `"{` + anyID + `}"`},
		{"as a URN", `"urn:uuid:` + anyID + `"`, `"urn:uuid:` + anyID + `"`},
		{"without hyphens", quoted(t, strings.ReplaceAll(anyID, "-", "")), quoted(t, strings.ReplaceAll(anyID, "-", ""))},
		{"in an array", `[1, "` + anyID + `" , "x"]`, `[1, "live-any" , "x"]`},
		{"in objects", `{"a":{"b":["` + anyID + `"],"c":"` + strings.ToUpper(anyID) + `"}}`, `{"a":{"b":["live-any"],"c":"live-any"}}`},
		{"as a name", `{"` + anyID + `" : "x"}`, `{"` + anyID + `" : "x"}`},
		{"beside quotes", `["\"","` + anyID + `","\\",{"\\\"":"\\\"` + anyID + `"}]`, `["\"","live-any","\\",{"\\\"":"\\\"` + anyID + `"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.request(t, "in_json", `{"v":`+c.v+`}`)
			if got, want := string(r.Body), `{"v":`+c.want+`}`; got != want {
				t.Errorf("the body is %s, want %s", got, want)
			}
			if carried := strings.Contains(c.want, "live"); carried != (len(r.Carried) == 1) || carried != (len(r.Hide) == 1) {
				t.Errorf("carried %v, hides %d values, want one of each: %t", r.Carried, len(r.Hide), carried)
			}
		})
	}
}

// A member whose value is named is checked wherever it is, even where no
// template looks.
func TestNamed(t *testing.T) {
	w := newWorld(t, places)
	for _, arguments := range []string{`{"v":"` + tokenID + `"}`, `{"v":[{"a":"` + strings.ToUpper(tokenID) + `"}]}`, `{"other":{"v":"` + tokenID + `"}}`} {
		for _, function := range []string{"nowhere", "in_header", "in_json"} {
			refusal := w.refused(t, functions.CacheDenied, functions.Call{Function: function, Client: w.client("carol"), Arguments: []byte(arguments)})
			contains(t, refusal.Detail, "client carol may not name cache token")
		}
		w.call(t, functions.Call{Function: "nowhere", Client: w.client("alice"), Arguments: []byte(arguments)})
	}
	w.call(t, functions.Call{Function: "in_json", Client: w.client("carol"), Arguments: []byte(`{"v":"` + anyID + `"}`)})
	w.call(t, functions.Call{Function: "in_json", Client: w.client("carol"), Arguments: []byte(`{"v":{"` + tokenID + `":1}}`)})
	if n := w.tokens.count(); n != 1 {
		t.Errorf("%d values were read, want the one that was placed", n)
	}
}

// The port belongs to the host.
func TestHostAndPort(t *testing.T) {
	w := newWorld(t, `
  - {name: f, parameters: {properties: {v: {}}}, url: "https://API.acme.test.:8443/", headers: {X-V: </v>}}
  - {name: g, parameters: {properties: {v: {}}}, url: "https://API.acme.test./", headers: {X-V: </v>}}
`)
	refusal := w.refused(t, functions.CacheHostDenied, functions.Call{Function: "f", Arguments: []byte(`{"v":"` + tokenID + `"}`)})
	contains(t, refusal.Detail, "api.acme.test:8443")
	if r := w.request(t, "g", `{"v":"`+tokenID+`"}`); header(r, "X-V") != "live-token" || r.Host != "api.acme.test" || r.Port != 443 {
		t.Errorf("the request to %s port %d has %q, want the token to api.acme.test port 443", r.Host, r.Port, header(r, "X-V"))
	}
}

// An IPv4 address inside of IPv6 is that IPv4 address, as it is where caches
// name hosts.
func TestMappedAddress(t *testing.T) {
	w := newWorld(t, `
  - {name: f, parameters: {properties: {v: {}}}, url: "https://[::ffff:192.0.2.1]/", headers: {X-V: </v>}}
`)
	w.reload(t, replaceOnce(t, foundation, "ttl: 15m, hosts: [api.acme.test]}", "ttl: 15m, hosts: [192.0.2.1]}")+`
  - {name: f, parameters: {properties: {v: {}}}, url: "https://[::ffff:192.0.2.1]/", headers: {X-V: </v>}}
`)
	if r := w.request(t, "f", `{"v":"`+tokenID+`"}`); r.Host != "192.0.2.1" || !r.Literal {
		t.Errorf("the request is to %s, a literal: %t, want 192.0.2.1 and true", r.Host, r.Literal)
	}
}

func TestPointingInto(t *testing.T) {
	w := newWorld(t, places)
	structured := `{"access_token":"the-access-token","list":[1,{"x":"the-x-of-the-list"}],"n":1.50,"deep":["secret-in-the-depth",{"k":"another-secret-there"}]}`
	w.tokens.values["token"] = structured
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return jsonAnswer(200, structured), nil
	}
	w.call(t, functions.Call{Function: "store"})
	for _, c := range []struct{ function, arguments, want string }{
		{"part", `{"v":"` + tokenID + `"}`, "the-access-token"},
		{"part", `{"v":"` + resultID + `"}`, "the-access-token"},
		{"part", `{"v":{"access_token":"` + tokenID + `"}}`, structured},
		{"deep", `{"v":"` + tokenID + `"}`, "the-x-of-the-list"},
		{"deep", `{"v":{"list":[0,"` + resultID + `"]}}`, ""},
		{"deep", `{"v":{"list":[0,{"x":"` + tokenID + `"}]}}`, structured},
		{"part", `{"v":"` + unknownID + `"}`, ""},
	} {
		if got := header(w.request(t, c.function, c.arguments), "X-V"); got != c.want {
			t.Errorf("%s %s: the header is %q, want %q", c.function, c.arguments, got, c.want)
		}
	}
}

// What is pointed out of a credential is a credential: an upstream that echoes
// it must not give it away.
func TestPartsAreHidden(t *testing.T) {
	w := newWorld(t, `
  - name: f
    parameters: {properties: {v: {}}}
    url: https://api.acme.test/
    headers: {X-A: </v/a>, X-N: </v/n>}
    json: {o: </v/o>}
`)
	structured := `{"a":"part \u00e9","n":1.50,"o":{"name":["first","\"second\""]}}`
	w.tokens.values["any"] = structured
	r := w.request(t, "f", `{"v":"`+anyID+`"}`)
	var got []string
	for _, h := range r.Hide {
		got = append(got, h.Value.Reveal()+" "+h.With)
	}
	slices.Sort(got)
	want := []string{
		structured + " " + anyID, "part é " + anyID + "/a", "1.50 " + anyID + "/n", "first " + anyID + "/o", `"second" ` + anyID + "/o",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
}

// What a value contains is data: no placeholder and no ID in it is read.
func TestValuesAreNotExpanded(t *testing.T) {
	w := newWorld(t, places)
	for _, value := range []string{"</v>", "{/v}", tokenID, "Bearer " + tokenID, `{"access_token":"` + tokenID + `"}`} {
		w.tokens.values["any"] = value
		for _, arguments := range []string{`{"v":"` + anyID + `"}`, `{"v":["` + anyID + `"]}`} {
			want := strings.Replace(arguments, quoted(t, anyID), jsonString(t, value), 1)
			if got := string(w.request(t, "in_json", arguments).Body); got != want {
				t.Errorf("value %s: the body is %s, want %s", value, got, want)
			}
		}
	}
	w.tokens.values["any"] = `{"access_token":"` + tokenID + `"}`
	if got := header(w.request(t, "part", `{"v":"`+anyID+`"}`), "X-V"); got != tokenID {
		t.Errorf("the header is %q, want the text %q", got, tokenID)
	}
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return jsonAnswer(200, `["`+tokenID+`","</v>"]`), nil
	}
	w.call(t, functions.Call{Function: "store"})
	if got, want := string(w.request(t, "in_json", `{"v":{"a":"`+resultID+`"}}`).Body), `{"v":{"a":["`+tokenID+`","</v>"]}}`; got != want {
		t.Errorf("the body is %s, want %s", got, want)
	}
	// The caller's own texts are data as well.
	if got, want := written(w.request(t, "in_header", `{"v":"</v>{/v}"}`)), "/ a </v>{/v} "; got != want {
		t.Errorf("the request is %q, want %q", got, want)
	}
}

// jsonString is a JSON string with no more escapes than RFC 8259 asks for.
func jsonString(t testing.TB, s string) string {
	t.Helper()
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(quoted(t, s))
}

// A value that is no text cannot be sent, and must not be sent as another one.
func TestValueIsNotText(t *testing.T) {
	w := newWorld(t, places)
	w.tokens.values["any"] = "caf\xe9"
	for _, arguments := range []string{`{"v":"` + anyID + `"}`, `{"v":["` + anyID + `"]}`} {
		refusal := w.refused(t, functions.UnsafeValue, functions.Call{Function: "in_json", Arguments: []byte(arguments)})
		if strings.Contains(refusal.Error(), "caf") {
			t.Errorf("the error is %q, want no value in it", refusal.Error())
		}
	}
}

// Only what may go over plain HTTP says so.
func TestCleartext(t *testing.T) {
	w := newWorld(t, places)
	w.reload(t, replaceOnce(t, foundation, "ttl: 15m, hosts: [other.test], surfaces: [header]}", "ttl: 15m, hosts: [api.acme.test], cleartext: true}")+places)
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		return jsonAnswer(200, `"kept"`), nil
	}
	w.call(t, functions.Call{Function: "store"})
	for arguments, want := range map[string]bool{
		`{"v":"x"}`:                true,
		`{"v":"` + awayID + `"}`:   true,
		`{"v":"` + resultID + `"}`: true,
		`{"v":"` + tokenID + `"}`:  false,
	} {
		if r := w.request(t, "in_header", arguments); r.Cleartext != want {
			t.Errorf("%s: Cleartext = %t, want %t", arguments, r.Cleartext, want)
		}
	}
}

func TestConfiguredIsHidden(t *testing.T) {
	w := newWorld(t, `
  - {name: f, url: "https://api.acme.test/${env:CONFIGURED}", headers: {X-V: "${env:CONFIGURED}"}}
`)
	r := w.request(t, "f", "")
	if r.Target != "/configured-secret" || len(r.Hide) == 0 {
		t.Fatalf("the request is %s and hides %d values", r.Target, len(r.Hide))
	}
	for _, h := range r.Hide {
		if h.Value.Reveal() != "configured-secret" || h.With != "(configured)" {
			t.Errorf("hidden is a text of %d bytes with %q, want configured-secret with (configured)", h.Value.Len(), h.With)
		}
	}
}
