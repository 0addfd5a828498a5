package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
)

// measureAll runs the cases, one after the other, and says on progress how far
// it is.
func measureAll(ctx context.Context, set *settings, cases []benchCase, progress io.Writer) (samples []sample, err error) {
	dir, err := os.MkdirTemp("", "egretbench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	egret, err := egretFile(ctx, set.Egret, dir)
	if err != nil {
		return nil, err
	}
	load, err := startChild(ctx, set.CPUs, "load")
	if err != nil {
		return nil, err
	}
	defer load.stop()
	for i := range cases {
		of, err := measureCase(ctx, set, &cases[i], egret, load, progress)
		switch {
		case ctx.Err() != nil:
			return nil, errors.New("interrupted") // and what else went wrong comes from that
		case err != nil:
			return nil, fmt.Errorf("%s: %w", cases[i].name, err)
		}
		samples = append(samples, of...)
	}
	return samples, nil
}

// measureCase measures each system once in each round. What the machine does
// beside hits all systems of a round alike, so that it is rounds that are
// compared; and their order changes, so that none always has the same place.
func measureCase(ctx context.Context, set *settings, what *benchCase, egret string, load *child, progress io.Writer) (samples []sample, err error) {
	rounds := set.Rounds
	if what.rounds > 0 {
		rounds = min(rounds, what.rounds)
	}
	_, _ = fmt.Fprintf(progress, "egretbench: %s: %s, %d rounds\n", what.name, what.about, rounds)
	for i := range contenders {
		if c := &contenders[i]; what.takesPart(c, set) && c.missing(what.traffic) != "" {
			_, _ = fmt.Fprintf(progress, "egretbench: %s: without %s: %s\n", what.name, c.name, c.missing(what.traffic))
		}
	}
	together := rounds
	if what.fresh {
		together = 1
	}
	for first := 0; first < rounds; first += together {
		some, err := measureRounds(ctx, set, what, egret, load, first, together)
		if err != nil {
			return nil, err
		}
		samples = append(samples, some...)
	}
	return samples, nil
}

// measureRounds measures some rounds with the same processes.
func measureRounds(ctx context.Context, set *settings, what *benchCase, egret string, load *child, first, rounds int) (samples []sample, err error) {
	s, err := newStage(ctx, what, set, egret, load)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for round := range rounds {
		for _, one := range shuffled(s.systems) {
			got, err := s.measure(ctx, load, one, first+round)
			if err != nil {
				return nil, err
			}
			samples = append(samples, got)
		}
	}
	return samples, nil
}

func shuffled(systems []*system) []*system {
	list := slices.Clone(systems)
	rand.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] }) //nolint:gosec // an order that nobody guesses is not needed
	return list
}
