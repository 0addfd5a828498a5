package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// A sample is one system in one round of one case.
type sample struct {
	Case     string `json:"case"`
	System   string `json:"system"`
	Round    int    `json:"round"`
	Requests int    `json:"requests"`
	Bytes    int64  `json:"bytes"`
	Seconds  figure `json:"seconds"`
	P50      figure `json:"p50_seconds"`
	P99      figure `json:"p99_seconds"`
	CPU      figure `json:"cpu_seconds"`      // of the system, not of the load and the upstream
	Load     figure `json:"load_cpu_seconds"` // of the load generator
	Mallocs  figure `json:"mallocs"`          // objects that the system allocated, less those of counting them
	Resident figure `json:"resident_bytes"`   // after the load, with its connections still open
	Growth   figure `json:"growth_bytes"`     // of the resident memory
	Peak     figure `json:"peak_bytes"`       // of the resident memory, during the load
}

// A look is what is known of a system at one moment.
type look struct {
	usage   usage
	load    usage
	usageOK bool // both are known
	mallocs uint64
	seen    seen
}

// measure drives one load through one system.
func (s *stage) measure(ctx context.Context, load *child, one *system, round int) (sample, error) {
	var before, after look
	j := s.what.job(one, s.settings, s.hello)
	// The count of objects is read outside of the window in which processor
	// time counts.
	r, err := drive(load, &j,
		func() error { return errors.Join(s.lookAside(ctx, one, &before), before.lookAt(one, load, true)) },
		func() error { return errors.Join(after.lookAt(one, load, false), s.lookAside(ctx, one, &after)) })
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", one.name, err)
	}
	if err := s.checkSeen(one, before.seen, after.seen, r.Requests); err != nil {
		return sample{}, fmt.Errorf("%s: %w", one.name, err)
	}
	got := sample{
		Case: s.what.name, System: one.name, Round: round, Requests: r.Requests, Bytes: r.Bytes,
		Seconds: figure(r.Took.Seconds()), P50: figure(r.P50.Seconds()), P99: figure(r.P99.Seconds()),
		CPU: missing, Load: missing, Mallocs: missing, Resident: missing, Growth: missing, Peak: missing,
	}
	if before.usageOK && after.usageOK {
		got.CPU = figure((after.usage.cpu - before.usage.cpu).Seconds())
		got.Load = figure((after.load.cpu - before.load.cpu).Seconds())
		got.Resident = figure(after.usage.resident)
		got.Growth = figure(after.usage.resident - before.usage.resident)
		if after.usage.peak > 0 {
			got.Peak = figure(after.usage.peak)
		}
	}
	if one.mallocs != nil {
		got.Mallocs = figure(after.mallocs-before.mallocs) - figure(one.scrape)
	}
	return got, nil
}

// lookAt reads what the operating system tells.
func (l *look) lookAt(one *system, load *child, resetting bool) (err error) {
	group := one.process.cmd.Process.Pid
	if resetting {
		if err := resetPeak(group); err != nil {
			return err
		}
	}
	l.usage, err = readUsage(group)
	if err == nil {
		l.load, err = readUsage(load.cmd.Process.Pid)
	}
	l.usageOK = err == nil
	if errors.Is(err, errNotMeasured) {
		return nil
	}
	return err
}

// lookAside reads what the system and the upstream tell.
func (s *stage) lookAside(ctx context.Context, one *system, l *look) (err error) {
	if one.mallocs != nil {
		if l.mallocs, err = one.mallocs(ctx); err != nil {
			return err
		}
	}
	return s.upstream.ask(done{}, &l.seen)
}

// checkSeen holds what the upstream got against what the system is measured
// for: each request with the right credential, or none at all.
func (s *stage) checkSeen(one *system, before, after seen, requests int) error {
	wanted, asked := s.what.credential(one)
	for _, kind := range slices.Sorted(maps.Keys(after)) {
		if n := after[kind] - before[kind]; n > 0 && (kind != wanted || !asked) {
			return fmt.Errorf("the upstream saw %d requests with credential %q", n, kind)
		}
	}
	if n := after[wanted] - before[wanted]; asked && n < int64(requests) {
		return fmt.Errorf("%d answers, but the upstream saw %d requests", requests, n)
	}
	return nil
}

// drive has the load generator do a job. before and after are called while its
// connections are open and quiet; either may be nil.
func drive(load *child, j *job, before, after func() error) (r result, err error) {
	var ready done
	if err := load.ask(j, &ready); err != nil {
		return r, fmt.Errorf("load: %w: %s", err, load.said)
	}
	if before != nil {
		err = before()
	}
	// Also after an error: the load generator waits for each word.
	if err := errors.Join(err, load.ask(done{}, &r)); err != nil {
		return r, err
	}
	if after != nil {
		err = after()
	}
	if err := errors.Join(err, load.say(done{})); err != nil {
		return r, err
	}
	if r.Errors > 0 {
		return r, fmt.Errorf("%d errors, the first: %s", r.Errors, r.Error)
	}
	if j.Resumed && r.Resumed < r.Requests/2 {
		return r, fmt.Errorf("of %d sessions %d were resumed", r.Requests, r.Resumed)
	}
	if r.Requests == 0 {
		return r, errors.New("there was no answer")
	}
	return r, nil
}
