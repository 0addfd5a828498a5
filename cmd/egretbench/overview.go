package main

import (
	"fmt"
	"slices"
)

// overview shows each case in one row: what the floor costs, and how much of
// that each of the others does.
func (r *report) overview(cases []benchCase) string {
	t := table{columns: []column{{title: "case"}, {title: "what"}, {title: "floor"}}}
	var names []string
	for _, c := range contenders {
		took := func(s summary) bool { return s.System == c.name }
		if c.name != floorName && slices.ContainsFunc(r.Summaries, took) {
			names = append(names, c.name)
			t.columns = append(t.columns, column{title: c.name + " ÷ floor (quartiles)"})
		}
	}
	t.columns = append(t.columns, column{title: "egret's allocations"})
	var rows [][]string
	for i := range cases {
		rows = append(rows, r.overviewRow(&cases[i], names))
	}
	return t.markdown(rows)
}

func (r *report) overviewRow(c *benchCase, names []string) []string {
	row := []string{"`" + c.name + "`", c.about, "–"}
	if floor := r.summary(c.name, floorName); floor != nil {
		row[2] = floor.cost(c)
	}
	for _, name := range names {
		cell := "–"
		if s := r.summary(c.name, name); s != nil {
			cell = ratioText(s)
		}
		row = append(row, cell)
	}
	// What one look costs more than another is too much for a single request.
	allocations := missing
	if s := r.summary(c.name, egretName); s != nil && c.kind != idle && !c.stream {
		allocations = s.Allocations
	}
	return append(row, allocations.text(2))
}

// summary finds the summary of a system in a case; nil if there is none.
func (r *report) summary(name, system string) *summary {
	i := slices.IndexFunc(r.Summaries, func(s summary) bool { return s.Case == name && s.System == system })
	if i < 0 {
		return nil
	}
	return &r.Summaries[i]
}

// cost is what the ratios of a case are about, with its unit.
func (s *summary) cost(c *benchCase) string {
	switch {
	case c.kind == idle:
		return fmt.Sprintf("%s kB", (s.Growth / kilo).text(1))
	case c.stream:
		return fmt.Sprintf("%s ms", (s.CPU * kilo).text(0))
	default:
		return fmt.Sprintf("%s µs", (s.CPU / micro).text(1))
	}
}
