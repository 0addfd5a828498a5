package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A process is one that egretbench started. It leads a group of its own, and
// what a system does counts for the whole group.
type process struct {
	name   string
	cmd    *exec.Cmd
	said   *lastWords
	exited chan struct{} // closed when it has ended and was waited for
}

// A command says what to start.
type command struct {
	name string // for errors
	path string
	args []string
	env  []string // beside egretbench's own
}

// grace is how long a process has to stop when it is asked to.
const grace = 3 * time.Second

// start starts a process. It is killed when ctx ends.
func start(ctx context.Context, c command) (*process, error) { return startPiped(ctx, c, nil) }

// startPiped starts a process, with its stdin and stdout as prepare leaves
// them.
func startPiped(ctx context.Context, c command, prepare func(*exec.Cmd) error) (*process, error) {
	p := &process{name: c.name, said: &lastWords{}, exited: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, c.path, c.args...) //nolint:gosec // the systems are what the person at the terminal has installed
	p.cmd.Env = append(os.Environ(), c.env...)
	p.cmd.Stderr = p.said
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.Cancel = func() error { return killGroup(p.cmd.Process) }
	p.cmd.WaitDelay = grace // when somebody else holds its stderr
	if prepare != nil {
		if err := prepare(p.cmd); err != nil {
			return nil, err
		}
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", c.name, err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // whoever misses it asks for its last words
	}()
	return p, nil
}

// stop asks the process to stop, kills what is left of its group after a
// while, and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(grace):
	}
	_ = killGroup(p.cmd.Process)
	<-p.exited
}

// await tries something until it succeeds, the process has ended, or patience
// is over.
func (p *process) await(ctx context.Context, patience time.Duration, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("%s ended: %s", p.name, p.said)
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", p.name, err, p.said)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// lastWords keeps the end of what a process writes to stderr.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

const keepWords = 4 << 10

// Write implements [io.Writer].
func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p...)
	w.text = w.text[max(0, len(w.text)-keepWords):]
	return len(p), nil
}

// String implements [fmt.Stringer].
func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}
