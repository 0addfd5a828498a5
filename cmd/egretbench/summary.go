package main

import "slices"

// A summary is one system in one case, over all rounds: the median of each
// figure. Ratio is what one request costs in processor time (one connection, in
// memory, where the case is about idle ones), as a part of what it costs at the
// floor in the same round. Load is how many processors the load generator
// kept busy.
type summary struct {
	Case        string `json:"case"`
	System      string `json:"system"`
	Rounds      int    `json:"rounds"`
	Rate        figure `json:"requests_per_second"`
	Throughput  figure `json:"bytes_per_second"`
	P50         figure `json:"p50_seconds"`
	P99         figure `json:"p99_seconds"`
	CPU         figure `json:"cpu_seconds_per_request"`
	Load        figure `json:"load_processors"`
	Ratio       spread `json:"ratio_to_floor"`
	Allocations figure `json:"allocations_per_request"` // over all rounds together
	Resident    figure `json:"resident_bytes"`
	Growth      figure `json:"growth_bytes_per_request"`
	Peak        figure `json:"peak_bytes"`
}

// summarise gives a summary for each system of each case, in the order of the
// cases and of contenders.
func summarise(cases []benchCase, samples []sample) []summary {
	var list []summary
	for _, c := range cases {
		floor := choose(samples, c.name, floorName)
		for _, contender := range contenders {
			if own := choose(samples, c.name, contender.name); len(own) > 0 {
				list = append(list, summariseOne(&c, own, floor))
			}
		}
	}
	return list
}

// choose gives the samples of a system in a case, by round.
func choose(samples []sample, name, system string) []sample {
	var chosen []sample
	for _, s := range samples {
		if s.Case == name && s.System == system {
			chosen = append(chosen, s)
		}
	}
	slices.SortFunc(chosen, func(a, b sample) int { return a.Round - b.Round })
	return chosen
}

func summariseOne(c *benchCase, own, floor []sample) summary {
	middle := func(of func(s sample) figure) figure {
		var values []figure
		for _, s := range own {
			values = append(values, of(s))
		}
		return median(values)
	}
	cost := func(s sample) figure { return s.CPU / figure(s.Requests) }
	growth := func(s sample) figure { return s.Growth / figure(s.Requests) }
	compared := cost
	if c.kind == idle {
		compared = growth
	}
	var ratios []figure
	var mallocs, requests figure
	for i, s := range own {
		ratios = append(ratios, compared(s)/compared(floor[i]))
		mallocs += s.Mallocs
		requests += figure(s.Requests)
	}
	return summary{
		Case: c.name, System: own[0].System, Rounds: len(own),
		Rate:        middle(func(s sample) figure { return figure(s.Requests) / s.Seconds }),
		Throughput:  middle(func(s sample) figure { return figure(s.Bytes) / s.Seconds }),
		P50:         middle(func(s sample) figure { return s.P50 }),
		P99:         middle(func(s sample) figure { return s.P99 }),
		CPU:         middle(cost),
		Load:        middle(func(s sample) figure { return s.Load / s.Seconds }),
		Ratio:       spreadOf(ratios),
		Allocations: mallocs / requests,
		Resident:    middle(func(s sample) figure { return s.Resident }),
		Growth:      middle(growth),
		Peak:        middle(func(s sample) figure { return s.Peak }),
	}
}
