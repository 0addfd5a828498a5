package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/egret-proxy/egret/configs"

	"github.com/google/go-cmp/cmp"
)

func TestLogLine(t *testing.T) {
	for _, c := range []struct{ name, record, want string }{
		{
			"call", `{"time":"2026-11-21T12:00:00.007Z","client":"support-agent","way":"call","method":"POST","host":"api.acme.test","path":"/orders/{/id}?limit","function":"lookup_order",` +
				`"source":"upstream","caches":[{"id":"1111-2222","surface":"header","jti":"t-1","kid":"2026-11"},{"id":"3333","surface":"body"}],"verdict":"allowed","rule":"functions[0]","status":200,"ms":{"total":12.345}}`,
			"2026-11-21 12:00:00.007  200  allowed      12.345 ms  call     support-agent     POST     api.acme.test/orders/{/id}?limit  function=lookup_order  source=upstream  rule=functions[0]  header=1111-2222 kid=2026-11 jti=t-1  body=3333",
		},
		{
			"refused at the gate", `{"time":"2026-11-21T12:00:00.007Z","way":"other","verdict":"refused","rule":"gate","code":"malformed_request","status":400,"ms":{"total":0.012}}`,
			"2026-11-21 12:00:00.007  400  refused       0.012 ms  other    -                 -        -  rule=gate  code=malformed_request",
		},
		{"not a record", `[]`, "-    -  -                 - ms  -        -                 -        -"},
		{
			"what a terminal would obey", `{"time":"\u001b[2J","client":"\u009b31m a\nb","host":"\u202e","path":"\r"}`,
			"�[2J    -  -                 - ms  -        �31m_a_b          -        ��",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := logLine(c.record)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("the line (-want +got):\n%s", diff)
			}
			if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q is not printable", got)
			}
		})
	}
}

// Who follows goes on where the stream has ended, until the egret refuses.
func TestLogReadsOn(t *testing.T) {
	asked := 0
	server := answering(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		want := map[int]string{1: "", 2: "5", 3: "6"}[asked]
		if got := r.Header.Get("Last-Event-ID"); got != want {
			t.Errorf("request %d is for what is behind %q, want %q", asked, got, want)
		}
		if asked == 3 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("Proxy-Status", "egret; error=http_request_denied")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"code":"unauthenticated","detail":"the admin key is needed"}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprintf(w, "id: %d\ndata: %d\n\n", 4+asked, asked)
	})
	var got []string
	l := &logReader{remote: remoteTo(t, server, ""), path: "/api/journal", print: func(e event) error {
		got = append(got, e.Data)
		return nil
	}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := l.readOn(ctx, func(err error) { t.Errorf("an egret that answered is called unreachable: %v", err) })
	if exitStatus(err) != exitUnauthorised {
		t.Errorf("got error %v, want that of the refusal", err)
	}
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
		t.Errorf("what was printed (-want +got):\n%s", diff)
	}
}

// What cannot be printed ends the log.
func TestLogPrintFails(t *testing.T) {
	server := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "data: 1\n\n")
	})
	full := errors.New("no space left on device")
	l := &logReader{remote: remoteTo(t, server, ""), path: "/", print: func(event) error { return full }}
	if err := l.readOn(t.Context(), nil); !errors.Is(err, full) {
		t.Errorf("got error %v, want that of printing", err)
	}
}

func TestReachable(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8081": "http://127.0.0.1:8081", ":8081": "http://127.0.0.1:8081", "0.0.0.0:8081": "http://127.0.0.1:8081",
		"[::]:8081": "http://127.0.0.1:8081", "[::1]:8081": "http://[::1]:8081", "host.test:8081": "http://host.test:8081",
		"unix:/run/egret.sock": "unix:/run/egret.sock",
	} {
		if got, err := reachable(configs.Listener{Address: listen}); got != want || err != nil {
			t.Errorf("%s: got %s (error: %v), want %s", listen, got, err, want)
		}
	}
	secure := configs.Listener{Address: ":8081", TLS: &configs.TLS{}}
	if got, err := reachable(secure); got != "https://127.0.0.1:8081" || err != nil {
		t.Errorf("got %s (error: %v) for a listener with TLS, want https://127.0.0.1:8081", got, err)
	}
}
