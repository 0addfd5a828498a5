package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	if testing.Short() {
		t.Skip("it builds egret")
	}
	t.Setenv("TMPDIR", t.TempDir())
	var stdout, stderr bytes.Buffer
	args := []string{
		"--json", "--control", "--rounds=2", "--duration=20ms", "--connections=4",
		"--short=100", "--idle=50", "--stream=5000000",
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
		for _, contender := range contenders {
			if contender.installed() && c.takesPart(contender.name, &settings{Control: true}) {
				want = append(want, contender.name)
			}
		}
		if diff := cmp.Diff(want, measured[c.name]); diff != "" {
			t.Errorf("%s: systems (-want +got):\n%s", c.name, diff)
		}
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "egretbench*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

func TestUsage(t *testing.T) {
	tests := []struct{ args, want string }{
		{"--cases forward,cal", `there is no case "cal"; the cases are forward, forward-swap, call, call-library, cache-hit, cache-hit-library, 64k, short, stream, idle`},
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

// A measurement that is broken off leaves no process behind.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	set := &settings{Rounds: 1, Duration: time.Minute, Connections: 1, Idle: 1}
	cases, err := chooseCases(benchCases(set), []string{"forward"})
	if err != nil {
		t.Fatal(err)
	}
	load, err := startChild(ctx, 0, "load")
	if err != nil {
		t.Fatal(err)
	}
	defer load.stop()
	upstream, err := startChild(ctx, 0, "upstream")
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.stop()
	var hello upstreamHello
	if err := upstream.hear(&hello); err != nil {
		t.Fatal(err)
	}
	j := cases[0].job(&system{name: "upstream", address: hello.Plain}, set, hello)
	_, err = drive(load, &j, func() error { cancel(); return nil }, nil)
	if err == nil {
		t.Error("a load that was killed gives no error")
	}
	for _, c := range []*child{load, upstream} {
		select {
		case <-c.exited:
		case <-time.After(time.Minute):
			t.Errorf("%s goes on", c.name)
		}
	}
}
