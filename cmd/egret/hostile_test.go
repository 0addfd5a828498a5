package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// Whoever answers in the place of an egret ends no process, and commands no
// terminal.
func TestHostileServers(t *testing.T) {
	const brackets = 8 << 20 // more than there is stack for
	for _, c := range []struct{ name, args, kind, text, want string }{
		{
			"deep JSON", "call f -d {} --server", "application/json", `{"ok":true,"output":` + strings.Repeat("[", brackets) + strings.Repeat("]", brackets) + "}",
			"SERVER did not answer as a call is answered: what answers there is no egret",
		},
		{
			"missed", "log --server", "text/event-stream", "event: missed\ndata: {\"missed\":\"\\u001b[2J\"}\n\nevent: missed\ndata: {\"missed\":3}\n\n",
			"egret: hint: 0 requests were not printed: there were too many at once\negret: hint: 3 requests were not printed: there were too many at once\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(adminKeyVariable, "a-key-of-an-admin")
			server := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				_, _ = w.Write([]byte(c.text))
			})
			var said bytes.Buffer
			cmd := newCommand(strings.NewReader(""), &said, &said)
			cmd.SetArgs(append(strings.Fields(c.args), server))
			if err := cmd.ExecuteContext(t.Context()); err != nil {
				said.WriteString(err.Error())
			}
			if want := strings.ReplaceAll(c.want, "SERVER", server); said.String() != want {
				t.Errorf("got %q, want %q", said.String(), want)
			}
		})
	}
}
