package proxy_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"
)

const newKey = "new-key-8d7f6a5b4c"

// A stream outlives tokens. One that is made while it goes on is looked for in
// what is still to come.
func TestScrubTokenMadeDuringStream(t *testing.T) {
	e := start(t, open)
	e.Canary.Add(newKey)
	renewed := make(chan struct{})
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stream" {
			return
		}
		flush(w, "first "+r.Header.Get("X-Api-Key")+"\n")
		<-renewed
		flush(w, "second "+newKey+"\n")
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api.acme.test/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", staticID)
	response, err := e.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewReader(response.Body)
	wantLine(t, lines, "first "+staticID+"\n")
	if err := e.Reload(strings.Replace(open, staticKey, newKey, 1)); err != nil {
		t.Fatal(err)
	}
	wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
	if got := e.Upstream.Last(t).Header.Get("X-Api-Key"); got != newKey {
		t.Fatalf("the upstream received %s, want the new key", got)
	}
	close(renewed)
	wantLine(t, lines, "second "+staticID+"\n")
}

func wantLine(t *testing.T, lines *bufio.Reader, want string) {
	t.Helper()
	if got, err := lines.ReadString('\n'); err != nil || got != want {
		t.Fatalf("got %q and error %v, want %q", got, err, want)
	}
}

// A value lives on when a reload gives its cache another ID, or other hosts.
func TestScrubAfterCacheChanged(t *testing.T) {
	const otherID = "99999999-9999-4999-8999-999999999999"
	for name, change := range map[string]*strings.Replacer{
		"another ID":  strings.NewReplacer(staticID, otherID, staticKey, newKey),
		"other hosts": strings.NewReplacer(staticID+`, ttl: 15m, hosts: ["api.acme.test:*"]`, staticID+`, ttl: 15m, hosts: [elsewhere.test]`),
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, open)
			wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", staticID))
			e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, staticKey)
			})
			changed := change.Replace(open)
			if changed == open {
				t.Fatal("nothing was changed")
			}
			if err := e.Reload(changed); err != nil {
				t.Fatal(err)
			}
			if got := e.Get("http://api.acme.test/"); got.Body != staticID {
				t.Errorf("got %q, want the ID that the value had", got.Body)
			}
		})
	}
}

// A value in the name of a field: the field is dropped.
func TestScrubFieldName(t *testing.T) {
	e := start(t, open)
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-"+r.Header.Get("X-Api-Key")] = []string{"1"}
		w.Header().Set("X-Other", "2")
	})
	got := e.Get("http://api.acme.test/", "X-Api-Key", staticID)
	if got.Header.Get("X-Other") != "2" {
		t.Errorf("got %v, want the other field kept", got.Header)
	}
	for name := range got.Header {
		if strings.Contains(strings.ToLower(name), strings.ToLower(staticKey)) {
			t.Errorf("the value came back as the name of a field")
		}
	}
}

// egret itself decodes charsets and escapes of a call's answer, so it looks for
// values in what comes of that too.
func TestScrubDecodedAnswers(t *testing.T) {
	for name, answer := range map[string]struct {
		contentType string
		encode      func(string) []byte
	}{
		"UTF-16": {"text/plain; charset=utf-16le", func(s string) []byte {
			var out []byte
			for _, unit := range utf16.Encode([]rune(s)) {
				out = append(out, byte(unit), byte(unit>>8))
			}
			return out
		}},
		"ISO-2022-JP with shifts": {"text/plain; charset=iso-2022-jp", func(s string) []byte {
			return []byte(strings.Join(strings.Split(s, ""), "\x1b(B"))
		}},
		"JSON escapes": {"application/json", func(s string) []byte {
			return []byte(`{"a": 1.50, "token": "\u00` + "65" + s[1:] + `"}`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, open)
			var token string
			e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
				token = jwt.FindString(r.Header.Get("Authorization"))
				w.Header().Set("Content-Type", answer.contentType)
				_, _ = w.Write(answer.encode(token))
			})
			got := e.Call("order", `{"id":"1","token":"`+tokenID+`"}`)
			wantOK(t, got)
			if output := got.Get("output") + got.Get("output.token"); token == "" || strings.Contains(output, token) || !strings.Contains(output, tokenID) {
				t.Errorf("got %.200q, want the cache's ID in the place of the token", got.Body)
			}
		})
	}
}
