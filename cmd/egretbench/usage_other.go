//go:build !linux

package main

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// readUsage asks ps, where there is one, about the first process of a group:
// to a hundredth of a second, and without its children.
func readUsage(pid int) (usage, error) {
	text, err := exec.Command("ps", "-o", "time=,rss=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	if err != nil {
		return usage{}, errors.Join(errNotMeasured, err)
	}
	return parsePS(string(text))
}

// resetPeak does nothing: there is no peak.
func resetPeak(int) error { return nil }

// parsePS reads a line such as "  1:02.34  5120": [[days-]hours:]minutes and
// seconds, and kibibytes.
func parsePS(text string) (usage, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return usage{}, errNotMeasured
	}
	days, clock, found := strings.Cut(fields[0], "-")
	if !found {
		days, clock = "0", days
	}
	seconds, err := strconv.ParseFloat(days, 64)
	seconds *= 24
	parts := strings.Split(clock, ":")
	for len(parts) < 3 {
		parts = append([]string{"0"}, parts...)
	}
	for i, part := range parts {
		n, err2 := strconv.ParseFloat(part, 64)
		err = errors.Join(err, err2)
		if i > 0 {
			seconds *= 60
		}
		seconds += n
	}
	kibibytes, err2 := strconv.ParseInt(fields[1], 10, 64)
	if err := errors.Join(err, err2); err != nil {
		return usage{}, errors.Join(errNotMeasured, err)
	}
	return usage{cpu: time.Duration(seconds * float64(time.Second)), resident: kibibytes << 10}, nil
}
