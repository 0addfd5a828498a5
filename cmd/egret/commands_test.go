package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds every wait of a script.
const patience = 20 * time.Second

// cmdUpstream starts a server on loopback and sets $UPSTREAM to its host and
// port: upstream. It answers /status/N with that status, /slow never, /evil
// with what a terminal would obey, and everything else with what it got.
func cmdUpstream(ts *testscript.TestScript, _ bool, _ []string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if status, ok := strings.CutPrefix(r.URL.Path, "/status/"); ok {
			code, err := strconv.Atoi(status)
			if err != nil {
				code = http.StatusBadRequest
			}
			w.WriteHeader(code)
		}
		switch r.URL.Path {
		case "/slow":
			<-r.Context().Done()
			return
		case "/evil":
			_, _ = io.WriteString(w, `{"evil":"a`+"\u009b2Jb\u202e"+`c\u001b[2J"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"method":%q,"target":%q,"body":%q,"signed":%t}`, r.Method, r.RequestURI, body,
			strings.HasPrefix(r.Header.Get("Authorization"), "Bearer eyJ"))
	}))
	ts.Defer(server.Close)
	ts.Setenv("UPSTREAM", server.Listener.Addr().String())
}

// cmdAwait waits until a file that a background command writes holds a
// pattern, and sets variables to its groups: await FILE PATTERN [NAME …].
func cmdAwait(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if groups := pattern.FindSubmatch(text); err == nil && groups != nil {
			for i, name := range args[2:] {
				ts.Setenv(name, string(groups[i+1]))
			}
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not hold %s after %v:\n%s", args[0], args[1], patience, text)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// cmdStatus runs egret and checks its exit status: status N egret ARGS….
func cmdStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &got); scanErr != nil {
			ts.Fatalf("%v", err)
		}
	}
	if got != want {
		ts.Fatalf("exit status is %d, want %d", got, want)
	}
}

// cmdSignal sends a signal to the process whose number a file holds:
// signal NAME FILE.
func cmdSignal(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL}
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[1])))
	ts.Check(err)
	process, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Check(process.Signal(signals[args[0]]))
}

// cmdMode checks the permissions of a file: mode 0600 FILE.
func cmdMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("mode of %s is %s, want %s", args[1], got, args[0])
	}
}
