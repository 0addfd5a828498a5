package main

import (
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const rest = " S 1 4711 4711 0 -1 4194560 5 0 0 0 123 45 0 0 20 0 3 0 100 1000 10"
	want := stat{pid: 42, group: 4711, cpu: 1680 * time.Millisecond}
	for _, name := range []string{"egret", "nginx: worker", "a) b (c", "(", ")"} {
		got, err := parseStat("42 (" + name + ")" + rest)
		if err != nil || got != want {
			t.Errorf("with name %q: %+v, %v, want %+v", name, got, err, want)
		}
	}
	for _, text := range []string{"", "42", "42 (egret)", "42 (egret) S 1", "x (egret)" + rest, "42 (egret) S 1 y" + rest, ") ("} {
		if got, err := parseStat(text); err == nil {
			t.Errorf("parseStat(%q) = %+v, want an error", text, got)
		}
	}
}

func TestParseSchedstat(t *testing.T) {
	if got, err := parseSchedstat("461267699 37550 3\n"); err != nil || got != 461267699 {
		t.Errorf("got %v, %v, want 461.267699ms", got, err)
	}
	for _, text := range []string{"", "1 2", "x 2 3"} {
		if got, err := parseSchedstat(text); err == nil {
			t.Errorf("parseSchedstat(%q) = %v, want an error", text, got)
		}
	}
}

func TestParseMemory(t *testing.T) {
	const text = "Name:\tegret\nVmPeak:\t 999 kB\nVmHWM:\t    30 kB\nVmRSS:\tmany kB\nRss:                 20 kB\n"
	for name, want := range map[string]int64{"VmHWM": 30 << 10, "Rss": 20 << 10} {
		if got, err := parseMemory(text, name); err != nil || got != want {
			t.Errorf("%s is %d, %v, want %d", name, got, err, want)
		}
	}
	for _, name := range []string{"VmRSS", "Pss", "Name"} {
		if got, err := parseMemory(text, name); err == nil {
			t.Errorf("%s is %d, want an error", name, got)
		}
	}
}

// What is read of this very process agrees with getrusage.
func TestReadCPU(t *testing.T) {
	before := rusage(t)
	for n := 0; rusage(t)-before < 50*time.Millisecond; n++ {
		runtime.KeepAlive(n * n)
	}
	lower := rusage(t)
	ran, err := readCPU(os.Getpid())
	upper := rusage(t)
	// A thread's time is written at its turns only, up to a tick ago; and one
	// that has ended is missing.
	if err != nil || ran < lower/2 || ran > upper+5*tick {
		t.Errorf("readCPU gives %v, %v, getrusage %v before and %v after", ran, err, lower, upper)
	}
}

func TestReadUsage(t *testing.T) {
	c, err := startChild(t.Context(), 0, floorName)
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	var hello floorHello
	if err := c.hear(&hello); err != nil {
		t.Fatal(err)
	}
	group := c.cmd.Process.Pid
	if err := resetPeak(group); err != nil {
		t.Fatal(err)
	}
	u, err := readUsage(group)
	if err != nil || u.cpu <= 0 || u.cpu > time.Minute || u.resident < 1<<20 || u.peak < 1<<20 {
		t.Errorf("a process that has said hello: %+v, %v", u, err)
	}
	c.stop()
	if _, err := readUsage(group); err == nil || !strings.HasSuffix(err.Error(), "has ended") {
		t.Errorf("a process that has ended: error %v", err)
	}
}

func rusage(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
