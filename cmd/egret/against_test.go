package main

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// What another egret answers commands no terminal.
func TestPrintDifferences(t *testing.T) {
	var out strings.Builder
	err := printDifferences(&out, []proxy.Difference{
		{Change: configs.Change{Section: "caches", Name: "evil\x1b[2J", Kind: "added"}},
		{Change: configs.Change{Section: "listen", Kind: "changed"}, Effect: "needs a restart"},
	})
	if want := "+ caches evil\uFFFD[2J\n~ listen: needs a restart\n"; err != nil || out.String() != want {
		t.Errorf("got %q, %v, want %q", out.String(), err, want)
	}
}
