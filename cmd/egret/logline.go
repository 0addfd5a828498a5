package main

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// logLine is a record of the journal for people: in columns, with what has no
// fixed length at the end. Nothing in it commands a terminal.
func logLine(record string) string {
	r := gjson.Parse(record)
	text := func(name string) string { return oneWord(r.Get(name).String()) }
	target := r.Get("host").String() + r.Get("path").String()
	at := text("time")
	if day, clock, found := strings.Cut(at, "T"); found {
		at = day + " " + strings.TrimSuffix(clock, "Z")
	}
	var line strings.Builder
	_, _ = fmt.Fprintf(&line, "%s  %3s  %-7s  %10s ms  %-7s  %-16s  %-7s  %s", at, text("status"), text("verdict"),
		text("ms.total"), text("way"), text("client"), text("method"), oneWord(target))
	for _, name := range []string{"function", "source", "attempts", "rule", "code"} {
		if r.Get(name).String() != "" {
			line.WriteString("  " + name + "=" + text(name))
		}
	}
	for _, swap := range r.Get("caches").Array() {
		line.WriteString("  " + oneWord(swap.Get("surface").String()) + "=" + oneWord(swap.Get("id").String()))
		for _, name := range []string{"kid", "jti"} {
			if id := swap.Get(name).String(); id != "" {
				line.WriteString(" " + name + "=" + oneWord(id))
			}
		}
	}
	return line.String()
}

// oneWord is text without spaces and line breaks, and "-" instead of nothing.
func oneWord(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == ' ' {
			return '_'
		}
		return r
	}, printable(text))
	if text == "" {
		return "-"
	}
	return text
}
