package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Two rounds of four systems: the machine was half as fast in the second, which
// no ratio shows.
func TestReport(t *testing.T) {
	set := &settings{Rounds: 2, Duration: 1e9, Connections: 32, Stream: 1_000_000_000, Idle: 1000}
	cases, err := chooseCases(benchCases(set), []string{"forward", "call", "stream", "idle"})
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	for round, slow := range []figure{1, 2} {
		add := func(name, system string, requests int, cpu, mallocs, growth figure) {
			samples = append(samples, sample{
				Case: name, System: system, Round: round, Requests: requests, Bytes: int64(requests) * 1e6, Seconds: slow,
				P50: 0.001 * slow, P99: 0.005 * slow, CPU: cpu * slow, Load: 0.6 * slow, Mallocs: mallocs, Resident: 20e6, Growth: growth, Peak: 25e6,
			})
		}
		add("forward", egretName, 8000, 0.8, 8000, 0)
		add("forward", floorName, 10000, 0.5, 200, 0)
		add("forward", "nginx", 10000, 0.4, missing, 0)
		add("call", floorName, 10000, 0.5, 200, 0)
		add("call", egretName, 5000, 0.5, 10000, 0)
		add("stream", floorName, 1, 0.2, 100, 0)
		add("stream", egretName, 1, missing, 100, 0)
		add("idle", floorName, 1000, 0.2, 100, 20e6)
		add("idle", egretName, 1000, 0.2, 100, 10e6)
	}
	r := report{
		Machine:   machine{Processor: "An Example", Cores: 2, System: "linux/amd64 6.18", Go: "go1.26", Others: []string{"nginx 1.22.1"}, Date: "2026-11-22"},
		Settings:  *set,
		Summaries: summarise(cases, samples),
	}
	var got strings.Builder
	if err := r.writeText(&got, cases); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/report.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("report, and testdata/report.md (-want +got):\n%s", diff)
	}
}
