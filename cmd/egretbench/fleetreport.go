package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// A fleetReport is all that one run with a fleet found.
type fleetReport struct {
	Machine  machine       `json:"machine"`
	Settings fleetSettings `json:"settings"`

	Serving  time.Duration `json:"serving_ns"` // from the start of egret until it takes requests
	Warm     time.Duration `json:"warm_ns"`    // until each token is there
	StartCPU time.Duration `json:"start_cpu_ns"`

	Took      time.Duration `json:"took_ns"`  // while there were readers
	Cores     float64       `json:"cores"`    // that egret used then
	Resident  int64         `json:"resident"` // bytes, at the end
	Refreshes float64       `json:"refreshes"`
	Failures  float64       `json:"failures"` // of all makings
	Late      float64       `json:"late"`     // as egret counts them
	Seen      fleetSeen     `json:"seen"`
	Errors    int           `json:"errors"` // of readers
	Error     string        `json:"error"`  // the first of them
	P50       time.Duration `json:"p50_ns"`
	P99       time.Duration `json:"p99_ns"`
	Behind    time.Duration `json:"behind_p99_ns"` // how late the readers sent
}

// writeJSON writes the report for machines.
func (r *fleetReport) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// writeText writes the report as Markdown.
func (r *fleetReport) writeText(w io.Writer) error {
	s := &r.Settings
	perToken := float64(r.Resident) / kilo / float64(s.Tokens)
	rows := [][2]string{
		{"token caches", fmt.Sprintf("%d: %s, a life of %v, %d host(s)", s.Tokens, strings.Join(s.Algorithms, ", "), s.TTL, s.Hosts)},
		{"start until it serves", seconds(r.Serving)},
		{"start until every token is there", fmt.Sprintf("%s, %s of CPU", seconds(r.Warm), seconds(r.StartCPU))},
		{"refreshes", fmt.Sprintf("%.0f in %v, %.0f/s; %.0f failed", r.Refreshes, r.Took.Round(time.Second), r.Refreshes/r.Took.Seconds(), r.Failures)},
		{"CPU of egret", fmt.Sprintf("%.2f cores, with the readers' requests", r.Cores)},
		{"resident memory of egret", fmt.Sprintf("%.0f MB, %.1f kB per token", float64(r.Resident)/mega, perToken)},
		{"requests of readers", fmt.Sprintf("%d (%.0f/s), %d errors", r.Seen.Requests, float64(r.Seen.Requests)/r.Took.Seconds(), r.Errors)},
		{"latency of readers", fmt.Sprintf("p50 %.2f ms, p99 %.2f ms (the readers themselves were behind by %.2f ms, p99)",
			r.P50.Seconds()*kilo, r.P99.Seconds()*kilo, r.Behind.Seconds()*kilo)},
		{"expired tokens that the origin saw", fmt.Sprint(r.Seen.Expired)},
		{"late, seen by the origin and counted by egret", fmt.Sprintf("%d and %.0f", r.Seen.Late, r.Late)},
		{"least time left that the origin saw", seconds(r.Seen.Least)},
		{"signatures verified", fmt.Sprintf("%d, and %d tokens wrong", r.Seen.Verified, r.Seen.Wrong)},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n| what | measured |\n| --- | --- |\n", r.Machine)
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// verdict is an error when a token was not what it must be.
func (r *fleetReport) verdict() error {
	var errs []error
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{r.Seen.Expired > 0, fmt.Sprintf("%d expired tokens were served", r.Seen.Expired)},
		{r.Seen.Late > 0 || r.Late > 0, fmt.Sprintf("%d tokens were served late, %.0f were made late", r.Seen.Late, r.Late)},
		{r.Seen.Wrong > 0, fmt.Sprintf("%d tokens were wrong: %s", r.Seen.Wrong, r.Seen.First)},
		{r.Errors > 0, fmt.Sprintf("%d requests failed: %s", r.Errors, r.Error)},
		{r.Failures > 0, fmt.Sprintf("%.0f makings failed", r.Failures)},
		{r.Seen.Requests == 0, "no request arrived"},
	} {
		if rule.broken {
			errs = append(errs, errors.New(rule.text))
		}
	}
	return errors.Join(errs...)
}
