//go:build !linux

package main

import (
	"os"
	"syscall"
)

// ownGroup is nothing special here.
func ownGroup() *syscall.SysProcAttr { return nil }

// killGroup kills the process. Its children end with it, or at SIGTERM before.
func killGroup(p *os.Process) error { return p.Kill() }
