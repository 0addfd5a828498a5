package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of times in /proc/PID/stat: USER_HZ, which is 100 wherever
// Linux has Go.
const tick = 10 * time.Millisecond

// A stat is what egretbench wants of /proc/PID/stat.
type stat struct {
	pid, group int
	cpu        time.Duration // of all threads, also of those that have ended
}

var errStat = errors.New("is not as proc(5) says")

// parseStat reads /proc/PID/stat. The name in its second field is in
// parentheses and may hold anything, parentheses and blanks too.
func parseStat(text string) (s stat, err error) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return s, errStat
	}
	fields := strings.Fields(text[end+1:]) // from field 3 on
	if len(fields) < 13 {
		return s, errStat
	}
	var user, system int64
	for _, f := range []struct {
		text string
		to   func(int64)
	}{
		{strings.TrimSpace(text[:open]), func(n int64) { s.pid = int(n) }},
		{fields[5-3], func(n int64) { s.group = int(n) }},
		{fields[14-3], func(n int64) { user = n }},
		{fields[15-3], func(n int64) { system = n }},
	} {
		n, err := strconv.ParseInt(f.text, 10, 64)
		if err != nil {
			return s, errStat
		}
		f.to(n)
	}
	s.cpu = time.Duration(user+system) * tick
	return s, nil
}

// parseSchedstat reads /proc/PID/task/TID/schedstat: the time on a processor,
// the time waiting for one, and the number of turns.
func parseSchedstat(text string) (ran time.Duration, err error) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return 0, errStat
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0, errStat
	}
	return time.Duration(n), nil
}

// parseMemory reads a line such as "VmHWM:    20 kB" out of a text that has
// many of them, in bytes.
func parseMemory(text, name string) (bytes int64, err error) {
	if _, err := fmt.Sscanf(valueOf(text, name), "%d kB", &bytes); err != nil {
		return 0, errStat
	}
	return bytes << 10, nil
}

// gone tells whether a file of /proc cannot be read because its process or
// thread has ended.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) }
