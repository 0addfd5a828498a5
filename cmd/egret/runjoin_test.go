package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A command is not started behind a server that is no egret, though it answers
// whatever it is asked.
func TestJoinNoEgret(t *testing.T) {
	for _, text := range []string{"", "{}", "<html>", `{"functions":{}}`, `{"functions":[]`} {
		server := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) })
		file := filepath.Join(t.TempDir(), "egret.yaml")
		if err := os.WriteFile(file, []byte("listen: "+strings.TrimPrefix(server, "http://")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cmd := newCommand(strings.NewReader(""), &said, &said)
		cmd.SetArgs([]string{"run", "-c", file, "--join", "--", "echo", "started"})
		err := cmd.ExecuteContext(t.Context())
		if want := server + " did not answer with a list of Functions: what answers there is no egret"; err == nil || err.Error() != want || said.Len() > 0 {
			t.Errorf("%q: got %v, and %q, want %s", text, err, said.String(), want)
		}
	}
}
