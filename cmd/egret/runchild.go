package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
)

// The exit statuses of a command that was not started, as shells have them.
const (
	exitNotStarted = 126
	exitNotFound   = 127
)

// A childError is a command that has ended with another status than 0. It has
// said itself why.
type childError struct{ status int }

func (e *childError) Error() string { return fmt.Sprintf("the command ended with status %d", e.status) }

// An unstartedError is a command that cannot be started.
type unstartedError struct {
	name string
	err  error
}

func (e *unstartedError) Error() string {
	if e.status() == exitNotFound {
		return "cannot find the command " + e.name
	}
	return fmt.Sprintf("cannot start the command %s: %v", e.name, e.err)
}

func (e *unstartedError) Unwrap() error { return e.err }

func (e *unstartedError) status() int {
	if errors.Is(e.err, exec.ErrNotFound) || errors.Is(e.err, fs.ErrNotExist) {
		return exitNotFound
	}
	return exitNotStarted
}

// findCommand gives the program of a command, as a shell finds it.
func findCommand(name string) (string, error) {
	path, err := exec.LookPath(name)
	if failed, ok := errors.AsType[*exec.Error](err); ok {
		err = failed.Err
	}
	if err != nil {
		return "", &unstartedError{name, err}
	}
	return path, nil
}

// runCommandLine runs the command to its end, and passes on to it what is sent to
// egret. The command stays in egret's process group, so that it keeps the
// terminal, and what the terminal sends reaches it there.
func runCommandLine(command *exec.Cmd, signals <-chan os.Signal) error {
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		// The command is told of the end of the thread that started it, which
		// must not be before that of egret.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		command.SysProcAttr = withParent()
		err := command.Start()
		started <- err
		if err == nil {
			ended <- command.Wait()
		}
	}()
	if err := <-started; err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err
		}
		return &unstartedError{command.Args[0], err}
	}
	for {
		select {
		case s := <-signals:
			if isPassedOn(s) {
				_ = command.Process.Signal(s) // it may have ended
			}
		case err := <-ended:
			return childResult(command, err)
		}
	}
}

// childResult is how the command has ended.
func childResult(command *exec.Cmd, err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return fmt.Errorf("cannot wait for the command: %w", err)
	}
	if status := statusOf(command.ProcessState); status != 0 {
		return &childError{status}
	}
	return nil
}
