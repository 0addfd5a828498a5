package main

import (
	"bufio"
	"context"
	"errors"
	"strconv"
	"strings"
)

// scrapeMallocs reads the number of allocated objects from /metrics.
func scrapeMallocs(ctx context.Context, admin string) (uint64, error) {
	text, err := control(ctx, admin, "/metrics")
	if err != nil {
		return 0, err
	}
	return parseMallocs(text)
}

// parseMallocs finds the counter of the Go collector in the text format of
// Prometheus.
func parseMallocs(text string) (uint64, error) {
	const name = "go_memstats_mallocs_total "
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name); found {
			n, err := strconv.ParseFloat(value, 64)
			return uint64(n), err
		}
	}
	return 0, errors.New("/metrics does not have " + strings.TrimSpace(name))
}
