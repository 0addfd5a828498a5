package main

import (
	"errors"
	"time"
)

// settings are what the command line says.
type settings struct {
	Cases       []string      `json:"-"`
	Rounds      int           `json:"rounds"`
	Duration    time.Duration `json:"duration_ns"`
	Connections int           `json:"connections"`
	Short       int           `json:"short_connections"`
	Handshakes  int           `json:"handshakes"`
	Tunnels     int           `json:"tunnels"`
	Idle        int           `json:"idle_connections"`
	Stream      int           `json:"stream_bytes"`
	CPUs        int           `json:"cpus"`
	Control     bool          `json:"control"`
	Journal     bool          `json:"journal"`
	Egret       string        `json:"-"`
	JSON        bool          `json:"-"`
}

// patience is how long a load may take beyond the time that it is given.
const patience = time.Minute

// check bounds what is asked of the machine.
func (s *settings) check() error {
	var errs []error
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{s.Rounds < 1 || s.Rounds > 1000, "--rounds can be 1 to 1000"},
		{s.Duration < time.Millisecond || s.Duration > time.Minute, "--duration can be 1ms to 1m"},
		{s.Connections < 1 || s.Connections > 1000, "--connections can be 1 to 1000"},
		{s.Short < 1 || s.Short > 1_000_000, "--short can be 1 to 1000000"},
		{s.Handshakes < 1 || s.Handshakes > 100_000, "--handshakes can be 1 to 100000"},
		{s.Tunnels < 1 || s.Tunnels > 1_000_000, "--tunnels can be 1 to 1000000"},
		{s.Idle < 1 || s.Idle > 10_000, "--idle can be 1 to 10000"},
		{s.Stream < 2 || s.Stream > 100_000_000_000, "--stream can be 2 to 100000000000"},
		{s.CPUs < 0 || s.CPUs > 1024, "--cpus can be 0 to 1024"},
	} {
		if rule.broken {
			errs = append(errs, errors.New(rule.text))
		}
	}
	return errors.Join(errs...)
}
