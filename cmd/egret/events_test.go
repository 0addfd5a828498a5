package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []event
	}{
		{"one", "data: a\n\n", []event{{ID: "7", Data: "a"}}},
		{"all members", "id: 8\nevent: missed\ndata: a\ndata:b\n\n", []event{{ID: "8", Name: "missed", Data: "a\nb"}}},
		{"an ID stays", "id: 8\ndata: a\n\ndata: b\n\n", []event{{ID: "8", Data: "a"}, {ID: "8", Data: "b"}}},
		{"no data is no event", ": heartbeat\n\nid: 9\n\nevent: x\n\ndata: a\n\n", []event{{ID: "9", Data: "a"}}},
		{"CR LF", "data: a\r\n\r\n", []event{{ID: "7", Data: "a"}}},
		{"empty data", "data\n\n", []event{{ID: "7"}}},
		{"many lines", strings.Repeat("data\n", 1<<20) + "\n", []event{{ID: "7", Data: strings.Repeat("\n", 1<<20-1)}}},
		{"cut off", "data: a\n\ndata: b\n", []event{{ID: "7", Data: "a"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := answering(t, func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Last-Event-ID"); got != "7" {
					t.Errorf("Last-Event-ID is %q, want 7", got)
				}
				w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
				_, _ = w.Write([]byte(c.stream))
			})
			var got []event
			err := remoteTo(t, server, "").events(t.Context(), "/api/journal", "7", func(e event) error {
				got = append(got, e)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventsEnd(t *testing.T) {
	enough := errors.New("enough")
	for _, c := range []struct{ name, kind, stream, want string }{
		{"visit fails", "text/event-stream", "data: a\n\n", "enough"},
		{"no events", "text/html", "", "SERVER answered with status 200 and no events: what answers there is no egret"},
		{"long line", "text/event-stream", "data: " + strings.Repeat("x", maxEvent) + "\n\n", "cannot reach SERVER: bufio.Scanner: token too long"},
		{"long data", "text/event-stream", strings.Repeat("data: "+strings.Repeat("x", maxEvent/2)+"\n", 3) + "\n", "an event of SERVER has more than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				_, _ = w.Write([]byte(c.stream))
			})
			err := remoteTo(t, server, "").events(t.Context(), "/", "", func(event) error { return enough })
			if want := strings.ReplaceAll(c.want, "SERVER", server); err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
