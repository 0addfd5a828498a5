package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/configstest"
)

// The children of a test are this test binary once more.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "upstream", "load", floorName:
			os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		}
	}
	os.Exit(m.Run())
}

// TestBench measures every case, with little load. It shows that each system
// does what it is measured for: the upstream counts the credentials that it
// sees, and each answer is looked at.
func TestBench(t *testing.T) {
	needsBuild(t)
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("GORACE", "atexit_sleep_ms=0") // children under the race detector wait a second each
	var stdout, stderr bytes.Buffer
	args := []string{
		"--json", "--control", "--journal", "--rounds=2", "--duration=20ms", "--connections=4",
		"--short=100", "--handshakes=50", "--tunnels=50", "--idle=50", "--stream=5000000",
	}
	if status := run(args, strings.NewReader(""), &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d:\n%s", status, stderr.String())
	}
	var got report
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%v in:\n%s", err, stdout.String())
	}
	linux := runtime.GOOS == "linux"
	measured := map[string][]string{}
	for _, s := range got.Summaries {
		measured[s.Case] = append(measured[s.Case], s.System)
		if s.Rounds != 2 || s.Rate <= 0 || s.P50 <= 0 || s.P99 < s.P50 {
			t.Errorf("%s, %s: %+v", s.Case, s.System, s)
		}
		if linux && (s.CPU <= 0 || s.Resident < 1<<20) {
			t.Errorf("%s, %s: %+v", s.Case, s.System, s)
		}
		if s.System == floorName && s.Case != "idle" && linux && s.Ratio != (spread{1, 1, 1}) {
			t.Errorf("%s: the floor has the ratio %+v to itself", s.Case, s.Ratio)
		}
	}
	for _, c := range possible(benchCases(&got.Settings), &stderr) {
		var want []string
		for i := range contenders {
			contender := &contenders[i]
			if contender.missing(c.traffic) == "" && c.takesPart(contender, &settings{Control: true, Journal: true}) {
				want = append(want, contender.name)
			}
		}
		if diff := cmp.Diff(want, measured[c.name]); diff != "" {
			t.Errorf("%s: systems (-want +got):\n%s", c.name, diff)
		}
	}
	checkNoFiles(t)
}

// needsBuild skips a test under -short.
func needsBuild(t *testing.T) {
	t.Helper()
	if testing.Short() {
		configstest.Missing(t, "it builds egret, which -short has no time for")
	}
}

// A run that is broken off says so, and leaves nothing.
func TestInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	set := &settings{Rounds: 1, Duration: time.Minute, Connections: 1, Egret: "not started"}
	cases, err := chooseCases(benchCases(set), []string{"forward"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = measureAll(ctx, set, cases, onWrite(cancel))
	if got, want := fmt.Sprint(err), "interrupted"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	checkNoFiles(t)
}

// onWrite is called at each write.
type onWrite func()

func (w onWrite) Write(p []byte) (int, error) {
	w()
	return len(p), nil
}

func checkNoFiles(t *testing.T) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "egretbench*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

func TestUsage(t *testing.T) {
	tests := []struct{ args, want string }{
		{"--cases forward,cal", `there is no case "cal"; the cases are forward, forward-swap, call, call-library, call-4k, call-select, cache-hit, cache-hit-library, 64k, short, stream, idle, https-forward, call-https, intercept, tunnel, tunnel-short, handshakes, handshakes-resumed`},
		{"--rounds 0 --connections 9999", "--rounds can be 1 to 1000\n--connections can be 1 to 1000"},
		{"--duration 1h", "--duration can be 1ms to 1m"},
		{"something", `unknown command "something" for "egretbench"`},
	}
	for _, tt := range tests {
		var stdout, stderr bytes.Buffer
		status := run(strings.Fields(tt.args), strings.NewReader(""), &stdout, &stderr)
		if got, want := stderr.String(), "egretbench: error: "+tt.want+"\n"; status != 1 || got != want {
			t.Errorf("%s: exit status %d, %q, want 1, %q", tt.args, status, got, want)
		}
	}
}
