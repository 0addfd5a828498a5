package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// A machine is where the figures come from. Without it they mean nothing.
type machine struct {
	Processor string   `json:"processor"`
	Cores     int      `json:"cores"`
	System    string   `json:"system"`
	Go        string   `json:"go"`
	Others    []string `json:"others"` // what else was measured, with versions
	Date      string   `json:"date"`
}

func thisMachine(ctx context.Context) machine {
	m := machine{
		Processor: "unknown processor", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version(), Date: time.Now().UTC().Format(time.DateOnly),
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if name := valueOf(string(text), "model name"); name != "" {
			m.Processor = name
		}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(text))
	}
	for _, program := range [][]string{{"nginx", "-v"}, {"haproxy", "-v"}, {"squid", "-v"}} {
		if text, err := exec.CommandContext(ctx, program[0], program[1:]...).CombinedOutput(); err == nil { //nolint:gosec // one of the three above
			m.Others = append(m.Others, versionIn(program[0], string(text)))
		}
	}
	return m
}

// String implements [fmt.Stringer].
func (m machine) String() string {
	return fmt.Sprintf("%s: %s, %d cores, %s, %s", m.Date, m.Processor, m.Cores, m.System, strings.Join(append([]string{m.Go}, m.Others...), ", "))
}

// valueOf finds the first "name : value" line.
func valueOf(text, name string) string {
	for line := range strings.Lines(text) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// versionIn finds the version in what a program says about itself: the first
// word of its first line with a digit at the beginning, as in "HAProxy version
// 2.6.12-1" and "nginx version: nginx/1.22.1".
func versionIn(name, text string) string {
	line, _, _ := strings.Cut(text, "\n")
	for word := range strings.FieldsSeq(strings.ReplaceAll(line, "/", " ")) {
		if '0' <= word[0] && word[0] <= '9' {
			return name + " " + word
		}
	}
	return name
}
