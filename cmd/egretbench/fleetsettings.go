package main

import (
	"errors"
	"slices"
	"time"
)

// fleetSettings are what the command line of `egretbench tokens` says.
type fleetSettings struct {
	Tokens     int           `json:"tokens"`
	TTL        time.Duration `json:"ttl_ns"`
	Algorithms []string      `json:"algorithms"`
	Hosts      int           `json:"hosts"`
	Readers    int           `json:"readers"`
	Rate       int           `json:"rate"`
	Duration   time.Duration `json:"duration_ns"`
	CPUs       int           `json:"cpus"`
	Egret      string        `json:"-"`
	JSON       bool          `json:"-"`
}

// check bounds what is asked of the machine.
func (s *fleetSettings) check() error {
	var errs []error
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{s.Tokens < 1 || s.Tokens > 1_000_000, "--tokens can be 1 to 1000000"},
		{s.TTL < 2*time.Second || s.TTL > 24*time.Hour || s.TTL%time.Second != 0, "--ttl can be 2s to 24h, in whole seconds"},
		{
			len(s.Algorithms) == 0 || slices.ContainsFunc(s.Algorithms, func(a string) bool { return keyKinds[a].algorithm == "" }),
			"--algorithm can be HS256, ES256, EdDSA, RS256, or several of them",
		},
		{s.Hosts < 1 || s.Hosts > 1000, "--hosts can be 1 to 1000"},
		{s.Readers < 1 || s.Readers > 1000, "--readers can be 1 to 1000"},
		{s.Rate < 1 || s.Rate > 1_000_000, "--rate can be 1 to 1000000"},
		{s.Duration < time.Second || s.Duration > 24*time.Hour, "--duration can be 1s to 24h"},
		{s.CPUs < 0 || s.CPUs > 1024, "--cpus can be 0 to 1024"},
	} {
		if rule.broken {
			errs = append(errs, errors.New(rule.text))
		}
	}
	return errors.Join(errs...)
}
