package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// fleetStartUp is how long egret has until all tokens are there.
const fleetStartUp = 10 * time.Minute

// measureFleet starts egret with a fleet of tokens, reads them, and says on
// progress how far it is.
func measureFleet(ctx context.Context, set *fleetSettings, progress io.Writer) (r *fleetReport, err error) {
	dir, err := os.MkdirTemp("", "egretbench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	egret, err := egretFile(ctx, set.Egret, dir)
	if err != nil {
		return nil, err
	}
	say := func(format string, args ...any) {
		_, _ = fmt.Fprintf(progress, "egretbench: tokens: "+format+"\n", args...)
	}
	say("making %d keys", set.Tokens)
	f, err := newFleet(set)
	if err != nil {
		return nil, err
	}
	origin, err := startFleetOrigin(f)
	if err != nil {
		return nil, err
	}
	run := &fleetRun{fleet: f, origin: origin, report: &fleetReport{Machine: thisMachine(ctx), Settings: *set}, say: say}
	if err := run.start(ctx, dir, egret); err != nil {
		return nil, err
	}
	defer run.process.stop()
	if err := run.read(ctx); err != nil {
		return nil, err
	}
	return run.report, nil
}

// A fleetRun is egret with a fleet.
type fleetRun struct {
	fleet         *fleet
	origin        *fleetOrigin
	listen, admin string
	process       *process
	report        *fleetReport
	say           func(format string, args ...any)
}

// start starts egret and waits until all tokens are there.
func (r *fleetRun) start(ctx context.Context, dir, egret string) (err error) {
	if r.listen, err = freePort(); err != nil {
		return err
	}
	if r.admin, err = freePort(); err != nil {
		return err
	}
	file, err := r.fleet.writeConfig(dir, r.listen, r.admin, r.origin.hosts)
	if err != nil {
		return err
	}
	r.say("starting egret")
	begin := time.Now()
	r.process, err = start(ctx, command{name: egretName, path: egret, args: []string{"serve", "-c", file}, env: goEnv(r.report.Settings.CPUs)})
	if err != nil {
		return err
	}
	answers := func(path string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := control(ctx, r.admin, path)
			if err != nil {
				<-time.After(20 * time.Millisecond) // each question is work for egret too
			}
			return err
		}
	}
	if err := r.process.await(ctx, fleetStartUp, answers("/healthz")); err != nil {
		r.process.stop()
		return err
	}
	r.report.Serving = time.Since(begin)
	if err := r.process.await(ctx, fleetStartUp, answers("/readyz?strict")); err != nil {
		r.process.stop()
		return err
	}
	r.report.Warm = time.Since(begin)
	return nil
}

// read has readers for the duration, and looks at egret before and after.
func (r *fleetRun) read(ctx context.Context) error {
	before, err := r.look(ctx)
	if err != nil {
		return err
	}
	r.say("warm after %v; reading for %v", r.report.Warm.Round(time.Millisecond), r.report.Settings.Duration)
	readers := &fleetReaders{settings: &r.report.Settings, address: r.listen, hosts: r.origin.hosts}
	begin := time.Now()
	readers.run(ctx)
	took := time.Since(begin)
	after, err := r.look(ctx)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil:
		return err
	}
	r.report.Cores = (after.usage.cpu - before.usage.cpu).Seconds() / took.Seconds()
	r.report.StartCPU = before.usage.cpu
	r.report.Resident = after.usage.resident
	r.report.Refreshes = after.count["egret_tokens_refreshes_total{result=\"ok\"}"] - before.count["egret_tokens_refreshes_total{result=\"ok\"}"]
	r.report.Failures = after.count["egret_tokens_refreshes_total{result=\"failed\"}"]
	r.report.Late = after.count["egret_tokens_late_refreshes_total"]
	r.report.Seen = r.origin.saw()
	r.report.Errors, r.report.P50, r.report.P99 = readers.errors, readers.latency.quantile(0.50), readers.latency.quantile(0.99)
	r.report.Behind = readers.behind.quantile(0.99)
	if readers.first != nil {
		r.report.Error = readers.first.Error()
	}
	r.report.Took = took
	return nil
}

// A fleetLook is what egret and the operating system say at one time.
type fleetLook struct {
	usage usage
	count map[string]float64 // of the metrics of tokens, by name and labels
}

func (r *fleetRun) look(ctx context.Context) (l fleetLook, err error) {
	text, err := control(ctx, r.admin, "/metrics")
	if err != nil {
		return l, err
	}
	l.count = map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); found && err == nil && strings.HasPrefix(name, "egret_tokens") {
			l.count[name] = n
		}
	}
	l.usage, err = readUsage(r.process.cmd.Process.Pid)
	return l, err
}
