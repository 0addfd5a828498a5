package main

import (
	"os"
	"syscall"
)

// ownGroup puts a process into a group of its own, so that it can be counted
// and killed with its children. SIGTERM comes when egretbench is killed: nginx
// then ends its workers.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// killGroup kills the process and its children.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
