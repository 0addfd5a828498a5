package main

import (
	"os"
	"os/signal"
)

// catchSignals keeps egret alive until the command has ended. A console sends
// its interrupt to both.
func catchSignals() (signals chan os.Signal, stop func()) {
	signals = make(chan os.Signal, 16)
	signal.Notify(signals, os.Interrupt)
	return signals, func() { signal.Stop(signals) }
}

func isPassedOn(os.Signal) bool { return false }

func statusOf(state *os.ProcessState) int { return state.ExitCode() }
