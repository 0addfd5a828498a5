package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
)

// The tour of the README is run as it is written, but for its ports and its
// first block, which builds egret. A comment "# → text" after a command is what
// the output of its block must hold.
func TestReadmeTour(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sed", "grep"} {
		if _, err := exec.LookPath(tool); err != nil {
			configstest.Missing(t, "the tour needs %s: %v", tool, err)
		}
	}
	blocks := tourBlocks(t)
	script := "set -e\n"
	for i, block := range blocks[1:] {
		script += fmt.Sprintf("echo '== block %d'\n%s\n", i+1, block)
	}
	output := runTour(t, withFreePorts(t, script))
	for i, block := range blocks[1:] {
		_, part, _ := strings.Cut(output, fmt.Sprintf("== block %d\n", i+1))
		part, _, _ = strings.Cut(part, fmt.Sprintf("== block %d\n", i+2))
		for _, want := range expectations(block) {
			if !strings.Contains(part, want) {
				t.Errorf("block %d of the tour:\n%s\ngot:\n%s\nwant %q in it", i+1, block, part, want)
			}
		}
	}
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// tourBlocks are the commands of the tour, block by block.
func tourBlocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tour, found := strings.Cut(string(text), "## A ten-minute tour")
	tour, _, ended := strings.Cut(tour, "\n## ")
	if !found || !ended {
		t.Fatal("the README has no tour")
	}
	var blocks []string
	for _, match := range shellBlock.FindAllStringSubmatch(tour, -1) {
		blocks = append(blocks, match[1])
	}
	if len(blocks) < 8 {
		t.Fatalf("the tour has %d blocks, want 8 or more", len(blocks))
	}
	return blocks
}

// expectations are the texts after "# → ".
func expectations(block string) []string {
	var list []string
	for line := range strings.Lines(block) {
		if want, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "# → "); ok {
			list = append(list, want)
		}
	}
	return list
}

// withFreePorts moves the tour's ports to free ones.
func withFreePorts(t *testing.T, script string) string {
	t.Helper()
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:8081"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		script = strings.ReplaceAll(script, address, l.Addr().String())
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return script
}

// runTour runs the script with this build of egret first in PATH, and gives
// what it printed.
func runTour(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	// testscript.Main runs the command that the program's name says.
	if err := os.Symlink(self, filepath.Join(bin, "egret")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-c", script)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1", "NO_PROXY=", "no_proxy=")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour ended with %v:\n%s", err, output)
	}
	return string(output)
}
