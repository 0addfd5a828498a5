//go:build !linux

package main

import "syscall"

// hideMemory has no means on this system.
func hideMemory() {}

// withParent has no means on this system.
func withParent() *syscall.SysProcAttr { return nil }
