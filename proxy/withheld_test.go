package proxy_test

import (
	"net/http"
	"strings"
	"testing"
)

// What a Function masks or hides does not come back later either, from a host that
// its cache names: not to another call, and not through the forward proxy.
func TestWithheldIsScrubbed(t *testing.T) {
	const number, note, name = "078-05-1120-secret", "a-note-that-is-hidden-77", "Ada Lovelace, a customer"
	e := start(t, `
caches:
  - {name: customers, id: `+resultID+`, ttl: 1h, hosts: [api.acme.test, echo.test], cleartext: true}
  - {name: notes, id: `+firstID+`, ttl: 1h, hosts: [api.acme.test]}
functions:
  - {name: customer, url: http://api.acme.test/customer, cache: customers, output: {mask: [number]}}
  - {name: note, url: http://api.acme.test/note, cache: notes, output: {hide: true}}
  - {name: echo, url: http://echo.test/, parameters: {properties: {number: {type: string}}}, query: {number: </number/number>}}
egress: {default: allow}
`)
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/note" {
			_, _ = w.Write([]byte(`{"note":"` + note + `"}`))
			return
		}
		_, _ = w.Write([]byte(`{"number":"` + number + `","name":"` + name + `"}`))
	})
	all := number + " " + note + " " + name
	for _, host := range []string{"echo.test", "other.test"} {
		e.Upstream.Handle(host, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(all)) })
	}
	get := func(url string) string { return e.Get(url).Body }
	if got := get("http://echo.test/"); got != all {
		t.Errorf("before anything is stored: got %q, want %q", got, all)
	}
	customer := e.Call("customer", `{}`)
	wantOK(t, customer)
	if !strings.Contains(customer.Body, name) || strings.Contains(customer.Body, number) {
		t.Errorf("got %s, want the name without the number", customer.Body)
	}
	wantOK(t, e.Call("note", `{}`))
	want := resultID + " " + note + " " + name
	for what, got := range map[string]string{"forwarded": get("http://echo.test/"), "called": e.Call("echo", `{}`).Get("output")} {
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	if got := get("http://other.test/"); got != all {
		t.Errorf("a host that no cache names: got %q, want %q", got, all)
	}
	if got, want := get("http://api.acme.test/"), `{"number":"`+resultID+`","name":"`+name+`"}`; got != want {
		t.Errorf("the host that it came from: got %s, want %s", got, want)
	}
	// What fills the cache anew is no echo: the value still goes where it may.
	wantOK(t, e.Call("customer", `{}`, "Cache-Control", "no-cache"))
	wantOK(t, e.Call("echo", `{"number":"`+resultID+`"}`))
	if sent := e.Upstream.Last(t).Target; sent != "/?number="+number {
		t.Errorf("sent %s, want the number", sent)
	}
	// A reload that ends the secrecy does not end the scrub of what is stored.
	if err := e.Reload("caches: []\negress: {default: allow}\n"); err != nil {
		t.Fatal(err)
	}
	if got := get("http://echo.test/"); got != want {
		t.Errorf("after a reload: got %q, want %q", got, want)
	}
}
