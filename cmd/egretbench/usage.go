package main

import (
	"errors"
	"time"
)

// A usage is what the operating system says that a process and its children
// have used.
type usage struct {
	cpu      time.Duration // user and system time so far
	resident int64         // bytes of memory now
	peak     int64         // the most since resetPeak, in bytes; 0 if nobody counts it
}

// errNotMeasured is what a system does not tell. A figure is missing, and
// nothing is wrong.
var errNotMeasured = errors.New("not measured on this system")
