package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// What another egret says is printed, and never obeyed by a terminal: each
// difference is one line.
func TestPrintDifferences(t *testing.T) {
	for _, c := range []struct {
		name        string
		differences []proxy.Difference
		want        string
	}{
		{"none", nil, "a reload would change nothing\n"},
		{"entry", []proxy.Difference{{Change: configs.Change{Section: "clients", Name: "a", Kind: "removed"}, Effect: "its key is refused"}}, "- clients a: its key is refused\n"},
		{"section", []proxy.Difference{{Change: configs.Change{Section: "egress", Kind: "changed"}}}, "~ egress\n"},
		{
			"what a terminal would obey",
			[]proxy.Difference{{Change: configs.Change{Section: "\x1b[31m", Name: "a\n+ caches b", Kind: "added"}, Effect: "\u009b2J\r"}},
			"+ \uFFFD[31m a + caches b: \uFFFD2J\uFFFD\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := printDifferences(&out, c.differences); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Errorf("the lines (-want +got):\n%s", diff)
			}
		})
	}
}
