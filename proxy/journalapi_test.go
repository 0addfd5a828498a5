package proxy_test

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// journalKey is what opens the journal in these tests.
var journalKey = []string{"Authorization", "Bearer admin-key-0123456789"}

func TestJournalAccess(t *testing.T) {
	e := proxytest.Start(t, watched+"clients: [{name: agent, key: agent-key-0123456789}]\n")
	for _, tt := range []struct {
		name, method, path string
		header             []string
		status             int
		code, detail       string
	}{
		{"no key", "GET", "", nil, 401, "unauthenticated", "the admin key is needed: Authorization: Bearer KEY"},
		{"a client's key", "GET", "", []string{"Authorization", "Bearer agent-key-0123456789"}, 401, "unauthenticated", "the admin key is needed: Authorization: Bearer KEY"},
		{"another method", "POST", "", journalKey, 404, "not_found", "there is nothing here"},
		{"a parameter that there is not", "GET", "?clients=a", journalKey, 400, "malformed_request", "the parameters are client, function, tail, and without a value refused and follow"},
		{"refused with a value", "GET", "?refused=false", journalKey, 400, "malformed_request", "the parameters are client, function, tail, and without a value refused and follow"},
		{"a parameter twice", "GET", "?client=a&client=b", journalKey, 400, "malformed_request", "the query names a parameter twice"},
		{"a broken query", "GET", "?%zz", journalKey, 400, "malformed_request", "the query cannot be read"},
		{"no number", "GET", "?tail=all", journalKey, 400, "malformed_request", "tail is not a whole number"},
		{"a negative number", "GET", "?tail=-1", journalKey, 400, "malformed_request", "tail is not a whole number"},
		{"an ID of something else", "GET", "", append([]string{"Last-Event-ID", "x"}, journalKey...), 400, "malformed_request", "Last-Event-ID is none of this journal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := e.Do(tt.method, e.AdminURL+"/api/journal"+tt.path, "", tt.header...)
			wantRefusal(t, got, tt.status, tt.code)
			if got.Get("detail") != tt.detail {
				t.Errorf("got detail %s, want %s", got.Get("detail"), tt.detail)
			}
		})
	}
	got := e.Get(e.AdminURL+"/api/journal", journalKey...)
	wantOK(t, got)
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store"} {
		if field := got.Header.Get(name); field != want {
			t.Errorf("got %s %q, want %q", name, field, want)
		}
	}
}

// Without entries there is nothing to stream, and a reload brings it back.
func TestJournalReload(t *testing.T) {
	e := proxytest.Start(t, watched+everywhere+"journal: {entries: 0}\n")
	ask := func(path string) { wantRefusal(t, e.Get(e.URL+path), 404, "not_found") }
	refused := func() bool { return e.Get(e.AdminURL+"/api/journal", journalKey...).Status != 200 }
	ask("/1")
	got := e.Get(e.AdminURL+"/api/journal", journalKey...)
	wantRefusal(t, got, 404, "not_found")
	if want := "the journal keeps no records in memory: journal.entries is 0"; got.Get("detail") != want {
		t.Errorf("got detail %s, want %s", got.Get("detail"), want)
	}
	directory := t.TempDir()
	file := filepath.Join(directory, "egret.jsonl")
	if err := e.Reload(watched + everywhere + "journal: {entries: 2, file: " + file + "}\n"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ask("/2")
	}
	eventually(t, "the ring is full", func() bool { return len(e.Journal("")) == 2 })
	eventually(t, "all is in the file", func() bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Count(string(text), "\n") == 3
	})
	// A file that cannot be had changes nothing.
	err := e.Reload(watched + everywhere + "journal: {entries: 0, file: " + filepath.Join(directory, "no", "such") + "}\n")
	if err == nil || !strings.HasPrefix(err.Error(), "cannot open journal: open "+directory) {
		t.Errorf("got error %v, want that the file cannot be opened", err)
	}
	if refused() {
		t.Error("the journal is off, want it as it was")
	}
	if err := e.Reload(watched + everywhere + "journal: {entries: 0}\n"); err != nil {
		t.Fatal(err)
	}
	if !refused() {
		t.Error("the journal is on, want it off")
	}
	if got := e.Get(e.AdminURL + "/metrics"); !strings.Contains(got.Body, "\negret_journal_dropped_total 0\n") {
		t.Error("the metrics do not tell of dropped records")
	}
}

// A stream that follows has records as they come. It ends with egret, behind
// the last record.
func TestJournalFollow(t *testing.T) {
	e := proxytest.Start(t, watched+everywhere)
	wantRefusal(t, e.Get(e.URL+"/1"), 404, "not_found")
	eventually(t, "it is recorded", func() bool { return len(e.Journal("")) == 1 })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.AdminURL+"/api/journal?follow&tail=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(journalKey[0], journalKey[1])
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	next := func() (id, code string) {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id = text
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return id, gjson.Get(data, "code").Str
			}
		}
		return "", ""
	}
	first, _ := next()
	wantRefusal(t, e.Get("http://127.0.0.1:99999/"), 400, "malformed_request")
	second, code := next()
	if code != "malformed_request" || second <= first {
		t.Errorf("got the event %s %s behind %s, want that of the last request", second, code, first)
	}
	again := e.Get(e.AdminURL+"/api/journal", append([]string{"Last-Event-ID", first}, journalKey...)...)
	if strings.Count(again.Body, "\ndata: ") != 1 || !strings.Contains(again.Body, "id: "+second+"\n") {
		t.Errorf("got %s, want what is behind %s", again.Body, first)
	}
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	if id, _ := next(); id != "" {
		t.Errorf("got the event %s, want the end of the stream", id)
	}
}

// The records of requests that have ended are in the file when egret ends.
func TestJournalFileAtEnd(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.jsonl")
	e := proxytest.Start(t, watched+everywhere+"journal: {entries: 0, file: "+file+"}\n")
	for range 300 {
		c := e.Connect()
		c.Send("GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
		c.Answer("GET")
		c.Close()
	}
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), `"verdict":"refused","rule":"gate","code":"not_found","status":404`) != 300 {
		t.Errorf("got %d lines (error: %v), want 300", strings.Count(string(text), "\n"), err)
	}
}
