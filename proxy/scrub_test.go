package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// echo is how an upstream gives back what it was sent.
type echo func(w http.ResponseWriter, value string)

var echoes = map[string]echo{
	"short, with a length": func(w http.ResponseWriter, value string) {
		w.Header().Set("Content-Length", fmt.Sprint(len(value)+4))
		_, _ = io.WriteString(w, "<<"+value+">>")
	},
	"long, with a length": func(w http.ResponseWriter, value string) {
		text := strings.Repeat("x", 100<<10) + value + strings.Repeat("y", 100<<10) + value
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		_, _ = io.WriteString(w, text)
	},
	"chunked": func(w http.ResponseWriter, value string) {
		flush(w, "<<"+value+">>")
	},
	"in two chunks": func(w http.ResponseWriter, value string) {
		flush(w, "<<"+value[:len(value)/2])
		flush(w, value[len(value)/2:]+">>")
	},
	"byte by byte": func(w http.ResponseWriter, value string) {
		for i := range len(value) {
			flush(w, value[i:i+1])
		}
	},
	"in a field": func(w http.ResponseWriter, value string) {
		w.Header().Set("X-Echo", "Bearer "+value)
		w.Header().Set("Set-Cookie", "token="+value)
		w.Header().Set("Location", "http://other.test/?token="+value)
	},
	"in an error": func(w http.ResponseWriter, value string) {
		http.Error(w, "invalid token "+value, http.StatusUnauthorized)
	},
	"to a HEAD": func(w http.ResponseWriter, value string) { w.Header().Set("ETag", `"`+value+`"`) },
}

func flush(w http.ResponseWriter, text string) {
	_, _ = io.WriteString(w, text)
	w.(http.Flusher).Flush()
}

// forms are what an upstream may give back of a value.
var forms = map[string]func(value string) string{
	"whole": func(value string) string { return value },
	"signature alone": func(value string) string {
		return value[strings.LastIndexByte(value, '.')+1:]
	},
}

// TestScrub: what an upstream gives back of a value, the client sees as the ID,
// be it forwarded, called or asked for raw. The canary sees every answer too.
func TestScrub(t *testing.T) {
	e := start(t, open)
	asks := map[string]func(method string) proxytest.Answer{
		"forwarded": func(method string) proxytest.Answer {
			return e.Do(method, "http://api.acme.test/", "", "Authorization", "Bearer "+tokenID)
		},
		"forwarded without a value": func(method string) proxytest.Answer {
			return e.Do(method, "http://api.acme.test/", "")
		},
		"called": func(string) proxytest.Answer { return e.Call("order", `{"id":"1","token":"`+tokenID+`"}`) },
		"raw":    func(string) proxytest.Answer { return e.Call("order?raw", `{"id":"1","token":"`+tokenID+`"}`) },
	}
	wantOK(t, asks["forwarded"]("GET"))
	token := jwt.FindString(e.Upstream.Last(t).Header.Get("Authorization"))
	if token == "" {
		t.Fatal("the upstream received no token")
	}
	for how, say := range echoes {
		for part, form := range forms {
			for way, ask := range asks {
				t.Run(how+", "+part+", "+way, func(t *testing.T) {
					e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) { say(w, form(token)) })
					method := "GET"
					if how == "to a HEAD" {
						method = "HEAD"
					}
					got := ask(method)
					text := fmt.Sprint(got.Header, got.Body)
					if strings.Contains(text, form(token)) {
						t.Errorf("the value came back")
					}
					if shown := way != "called" || how != "in a field" && how != "to a HEAD"; shown && !strings.Contains(text, tokenID) {
						t.Errorf("got %.300q, want the cache's ID in it", text)
					}
				})
			}
		}
	}
}

// A short answer keeps its length, and that is the right one.
func TestScrubbedLength(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Api-Key"))
	})
	c := e.Connect()
	for range 2 {
		c.Send("GET http://api.acme.test/ HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + staticID + "\r\n\r\n")
		got := c.Answer("GET")
		if got.Body != staticID || got.Header.Get("Content-Length") != fmt.Sprint(len(staticID)) {
			t.Errorf("got %q of length %s, want %s", got.Body, got.Header.Get("Content-Length"), staticID)
		}
	}
}

// A value that was replaced is looked for as long as it is good.
func TestScrubReplacedValue(t *testing.T) {
	e := start(t, open)
	e.Canary.Add("new-key-8d7f6a5b4c", "even-newer-key-1a2b3c")
	for _, key := range []string{"new-key-8d7f6a5b4c", "even-newer-key-1a2b3c"} {
		wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
		if err := e.Reload(strings.Replace(open, staticKey, key, 1)); err != nil {
			t.Fatal(err)
		}
		wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
		if got := e.Upstream.Last(t).Header.Get("X-Api-Key"); got != key {
			t.Fatalf("the upstream received %s, want the new key", got)
		}
	}
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, staticKey+" new-key-8d7f6a5b4c even-newer-key-1a2b3c")
	})
	want := staticID + " " + staticID + " " + staticID
	if got := e.Get("http://api.acme.test/"); got.Body != want {
		t.Errorf("got %q, want %q", got.Body, want)
	}
}

// What cannot be searched is refused, where a cache names the host.
func TestCodedAnswer(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "coded")
	})
	for _, header := range [][]string{nil, {"X-Api-Key", staticID}, {"Cache-Control", "no-transform"}} {
		wantRefusal(t, e.Get("http://api.acme.test/", header...), 502, "upstream_protocol")
	}
	wantRefusal(t, e.Call("order", `{"id":"1","token":"x"}`), 502, "upstream_protocol")
	if got := e.Do("HEAD", "http://api.acme.test/", ""); got.Status != 200 {
		t.Errorf("got %d to a HEAD, want 200: it has no body that could be searched", got.Status)
	}
	if got := e.Get("http://other.test/"); got.Status != 200 || got.Body != "coded" || got.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("got %v from a host that no cache names, want it as it is", got)
	}
	for _, request := range e.Upstream.Requests() {
		if got := request.Header.Get("Accept-Encoding"); request.Host == "api.acme.test" && got != "identity" {
			t.Errorf("asked api.acme.test for Accept-Encoding %q, want identity", got)
		}
	}
}

// An answer of another host is not touched, not even where it looks like a
// value.
func TestOtherHostsUntouched(t *testing.T) {
	e := proxytest.Start(t, open) // without the canary: the value comes from elsewhere
	wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
	e.Upstream.Handle("other.test", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Text", staticKey)
		_, _ = io.WriteString(w, staticKey)
	})
	got := e.Get("http://other.test/")
	if got.Body != staticKey || got.Header.Get("X-Text") != staticKey {
		t.Errorf("got %v, want it as it is", got)
	}
}
