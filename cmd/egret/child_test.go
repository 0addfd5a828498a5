package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
)

// A child is the built command, serving in a process of its own: what the test
// needs itself does not count as what egret needs.
type child struct {
	cmd     *exec.Cmd
	address string
	done    chan error

	mu  sync.Mutex
	log bytes.Buffer
}

var servingLine = regexp.MustCompile(`"msg":"serving","listen":"([^"]+)"`)

// serveChild starts the command with a configuration.
func serveChild(t *testing.T, yaml string) *child {
	t.Helper()
	file := filepath.Join(t.TempDir(), "egret.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return serveFile(t, file)
}

// serveFile starts the command with a configuration file. It is killed when the
// test ends, if it runs then. A soak builds it first; otherwise it is the binary
// of the tests, as in the scripts.
func serveFile(t *testing.T, file string) *child {
	t.Helper()
	binary := "egret"
	if os.Getenv("EGRET_SOAK") != "" {
		binary = filepath.Join(t.TempDir(), "egret")
		build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("cannot build egret: %v\n%s", err, text)
		}
	}
	c := &child{cmd: exec.Command(binary, "serve", "-c", file, "--log-format", "json"), done: make(chan error, 1)}
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	served := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			if match := servingLine.FindSubmatch(lines.Bytes()); match != nil {
				served <- string(match[1])
			}
			c.keep(lines.Text())
		}
		c.done <- c.cmd.Wait()
	}()
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	select {
	case c.address = <-served:
	case err := <-c.done:
		t.Fatalf("egret ended: %v\n%s", err, c.said())
	case <-time.After(patience):
		t.Fatalf("egret does not serve:\n%s", c.said())
	}
	return c
}

// keep keeps a line of the log, as long as there are not too many.
func (c *child) keep(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.log.Len() < 1<<20 {
		c.log.WriteString(line + "\n")
	}
}

// said is what the child logged so far.
func (c *child) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.String()
}

// wait gives what the process ended with.
func (c *child) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-c.done:
		return err
	case <-time.After(2 * patience):
		t.Fatalf("egret does not end:\n%s", c.said())
		return nil
	}
}

// peakMemory is how many bytes of the child were resident at most.
func (c *child) peakMemory(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		configstest.Missing(t, "this system does not tell what a process needs: %v", err)
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if match == nil {
		configstest.Missing(t, "this system does not tell the peak of a process's memory")
	}
	kilobytes, err := strconv.ParseInt(string(match[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// descriptors is how many files the child has open.
func (c *child) descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", c.cmd.Process.Pid))
	if err != nil {
		configstest.Missing(t, "this system does not tell the files of a process: %v", err)
	}
	return len(entries)
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * patience); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// underRace reports whether the tests, and with them the command that they
// start, are built with the race detector.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// soakPercent is how much of a large test is done: what EGRET_SOAK says, and a
// tenth otherwise.
func soakPercent(t *testing.T) int {
	t.Helper()
	text := os.Getenv("EGRET_SOAK")
	if text == "" {
		return 10
	}
	percent, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
	if err != nil || percent < 1 {
		t.Fatalf("EGRET_SOAK is %q, want a percentage", text)
	}
	return percent
}
