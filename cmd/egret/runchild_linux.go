package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// hideMemory keeps the command, and every other process of this user, from
// reading egret's memory and environment, and the system from dumping them.
func hideMemory() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) } // nothing is done about a kernel that has it not

// withParent has the command terminated when egret is killed.
func withParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
