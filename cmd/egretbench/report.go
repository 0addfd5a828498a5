package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A report is all that one run found.
type report struct {
	Machine   machine   `json:"machine"`
	Settings  settings  `json:"settings"`
	Summaries []summary `json:"summaries"`
	Samples   []sample  `json:"samples"`
}

// writeJSON writes the report for machines, with every sample.
func (r *report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// A table is how cases are shown that have the same figures.
type table struct {
	shows   func(c *benchCase) bool
	columns []column
}

// A column is one figure of a summary.
type column struct {
	title string
	text  func(s *summary) string
}

const (
	micro = 1e-6
	kilo  = 1e3
	mega  = 1e6
)

var (
	caseColumn   = column{"case", func(s *summary) string { return "`" + s.Case + "`" }}
	systemColumn = column{"system", func(s *summary) string { return s.System }}
	ratioColumn  = column{"ratio to the floor (quartiles)", ratioText}
	resident     = column{"resident MB", func(s *summary) string { return (s.Resident / mega).text(0) }}
	loadColumn   = column{"load's CPUs", func(s *summary) string { return s.Load.text(2) }}
)

// tables are all tables, in the order of the report.
var tables = []table{
	{func(c *benchCase) bool { return !c.stream && c.kind != idle }, []column{
		caseColumn,
		systemColumn,
		{"requests/s", func(s *summary) string { return s.Rate.text(0) }},
		{"p50 µs", func(s *summary) string { return (s.P50 / micro).text(0) }},
		{"p99 µs", func(s *summary) string { return (s.P99 / micro).text(0) }},
		{"CPU µs", func(s *summary) string { return (s.CPU / micro).text(1) }},
		ratioColumn,
		{"allocations", func(s *summary) string { return s.Allocations.text(2) }},
		resident,
		loadColumn,
	}},
	{func(c *benchCase) bool { return c.stream }, []column{
		caseColumn,
		systemColumn,
		{"MB/s", func(s *summary) string { return (s.Throughput / mega).text(0) }},
		{"CPU ms", func(s *summary) string { return (s.CPU * kilo).text(0) }},
		ratioColumn,
		{"peak MB", func(s *summary) string { return (s.Peak / mega).text(0) }},
		loadColumn,
	}},
	{func(c *benchCase) bool { return c.kind == idle }, []column{
		caseColumn,
		systemColumn,
		{"kB per connection", func(s *summary) string { return (s.Growth / kilo).text(1) }},
		ratioColumn,
		resident,
	}},
}

func ratioText(s *summary) string {
	switch {
	case s.System == floorName:
		return "1"
	case s.Ratio.Median.isMissing():
		return missing.text(2)
	}
	return fmt.Sprintf("%s (%s–%s)", s.Ratio.Median.text(2), s.Ratio.Lower.text(2), s.Ratio.Upper.text(2))
}

// writeText writes the report as Markdown that can be read as it stands.
func (r *report) writeText(w io.Writer, cases []benchCase) error {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s; %d rounds of %v, %d connections\n", r.Machine, r.Settings.Rounds, r.Settings.Duration, r.Settings.Connections)
	b.WriteString("\n" + r.overview(cases))
	for _, t := range tables {
		shown := map[string]bool{}
		for i := range cases {
			shown[cases[i].name] = t.shows(&cases[i])
		}
		var rows [][]string
		for i := range r.Summaries {
			if shown[r.Summaries[i].Case] {
				rows = append(rows, t.row(&r.Summaries[i]))
			}
		}
		if len(rows) > 0 {
			b.WriteString("\n" + t.markdown(rows))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) row(s *summary) []string {
	var cells []string
	for _, c := range t.columns {
		cells = append(cells, c.text(s))
	}
	return cells
}

// markdown lays out a table. Names stand left, figures right.
func (t *table) markdown(rows [][]string) string {
	var titles, rules []string
	for i, c := range t.columns {
		titles = append(titles, c.title)
		rules = append(rules, map[bool]string{true: "---", false: "--:"}[i < 2])
	}
	rows = append([][]string{titles, rules}, rows...)
	widths := make([]int, len(t.columns))
	for _, cells := range rows {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, cells := range rows {
		for i, cell := range cells {
			fill := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i >= 2 {
				cell = fill + cell
			} else {
				cell += fill
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}
