//go:build unix

package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// What is passed on to a command. The terminal sends those of the keyboard to
// egret and the command alike, when they have it.
var (
	passedOn     = []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGWINCH}
	fromKeyboard = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGWINCH}
)

// catchSignals takes what is passed on, and keeps egret alive until the command
// has ended. What nohup has had ignored stays so, for the command too. SIGPIPE is
// caught and not ignored, which the command would inherit.
func catchSignals() (signals chan os.Signal, stop func()) {
	signals = make(chan os.Signal, 16)
	for _, s := range append([]os.Signal{syscall.SIGPIPE}, passedOn...) {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	return signals, func() { signal.Stop(signals) }
}

// isPassedOn reports whether the command does not get a signal anyhow.
func isPassedOn(s os.Signal) bool {
	return slices.Contains(passedOn, s) && (!slices.Contains(fromKeyboard, s) || !hasTerminal())
}

// hasTerminal reports whether egret's process group is the one that the
// controlling terminal sends signals to.
func hasTerminal() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer terminal.Close() //nolint:errcheck // Nothing was written.
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// statusOf is what a shell makes of the end of a process.
func statusOf(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
