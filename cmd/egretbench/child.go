package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// A child is this program once more, as one of its hidden commands.
type child struct {
	*process
	*conversation
	stdin io.Closer
}

// startChild starts a hidden command.
func startChild(ctx context.Context, cpus int, words ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{}
	c.process, err = startPiped(ctx, command{name: words[0], path: self, args: words, env: goEnv(cpus)}, func(cmd *exec.Cmd) error {
		in, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		c.stdin, c.conversation = in, newConversation(out, in)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// stop lets the child see the end of its stdin, and ends it.
func (c *child) stop() {
	_ = c.stdin.Close()
	c.process.stop()
}

// goEnv is the environment of a process written in Go; 0 leaves the number of
// threads to Go.
func goEnv(cpus int) []string {
	if cpus == 0 {
		return nil
	}
	return []string{"GOMAXPROCS=" + strconv.Itoa(cpus)}
}
