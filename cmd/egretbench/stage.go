package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
)

// A stage has the processes of one case: the upstream, and the systems in front
// of it.
type stage struct {
	what      *benchCase
	settings  *settings
	egret     string // the program
	dir       string // for the systems' files
	upstream  *child
	hello     upstreamHello
	authority *authority
	systems   []*system
}

// newStage starts everything that takes part in a case, and warms it up with
// the load generator.
func newStage(ctx context.Context, what *benchCase, set *settings, egret string, load *child) (*stage, error) {
	s := &stage{what: what, settings: set, egret: egret}
	if err := errors.Join(s.start(ctx), s.warmUp(ctx, load)); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) start(ctx context.Context) (err error) {
	if s.dir, err = os.MkdirTemp("", "egretbench"); err != nil {
		return err
	}
	if s.authority, err = newAuthority(s.dir); err != nil {
		return err
	}
	if s.upstream, err = startChild(ctx, s.settings.CPUs, "upstream", "--pair", s.authority.pair); err != nil {
		return err
	}
	if err := s.upstream.hear(&s.hello); err != nil {
		return fmt.Errorf("upstream: %w: %s", err, s.upstream.said)
	}
	for i := range contenders {
		c := &contenders[i]
		if !s.what.takesPart(c, s.settings) || c.missing(s.what.traffic) != "" {
			continue
		}
		started, err := c.start(ctx, s)
		if err != nil {
			return err
		}
		started.name = c.name
		s.systems = append(s.systems, started)
	}
	return nil
}

// warmUp drives a load through each system that is not measured, and learns
// what it costs to look at it.
func (s *stage) warmUp(ctx context.Context, load *child) error {
	for _, one := range s.systems {
		j := s.what.warmUp(one, s.settings, s.hello)
		if _, err := drive(load, &j, nil, nil); err != nil {
			return fmt.Errorf("%s warming up: %w", one.name, err)
		}
		if err := one.calibrate(ctx); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	return nil
}

// calibrate learns how many objects one look at the number of objects
// allocates: the middle of some, as something else may go on meanwhile.
func (s *system) calibrate(ctx context.Context) error {
	if s.mallocs == nil {
		return nil
	}
	var costs []uint64
	last, err := s.mallocs(ctx)
	for range 7 {
		if err != nil {
			return err
		}
		before := last
		last, err = s.mallocs(ctx)
		costs = append(costs, last-before)
	}
	slices.Sort(costs)
	s.scrape = costs[len(costs)/2]
	return err
}

// close stops everything and removes the files.
func (s *stage) close() {
	for _, one := range s.systems {
		one.stop()
	}
	if s.upstream != nil {
		s.upstream.stop()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
