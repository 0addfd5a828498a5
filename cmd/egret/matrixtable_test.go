package main

import (
	"flag"
	"fmt"
	"os"
	"path"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the clients' table to the documents")

// The marks between which a document has the table.
const tableBegins, tableEnds = "<!-- clients -->\n", "<!-- /clients -->\n"

// The table of the documents says what TestClientMatrix finds.
func TestClientTable(t *testing.T) {
	places := 0
	for _, file := range []string{"README.md", "docs/https.md"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, begins := strings.Cut(string(text), tableBegins)
		_, after, ends := strings.Cut(rest, tableEnds)
		if !begins && file == "README.md" {
			continue
		}
		if !begins || !ends {
			t.Errorf("%s does not have %q and %q", file, tableBegins, tableEnds)
			continue
		}
		places++
		want := before + tableBegins + clientTable(path.Dir(file)) + tableEnds + after
		if string(text) == want {
			continue
		}
		if !*update {
			t.Errorf("the clients' table of %s is not that of matrixClients: write it with go test -run TestClientTable ./cmd/egret -update", file)
		} else if err := os.WriteFile("../../"+file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if places == 0 {
		t.Error("no document has the clients' table")
	}
}

// clientTable is the table in Markdown, for a document in a directory.
func clientTable(dir string) string {
	var b strings.Builder
	b.WriteString("| client | as it is | what it takes |\n|---|---|---|\n")
	for _, c := range matrixClients {
		result := "works"
		if c.fails != "" {
			result = "fails: " + c.why
		}
		_, _ = fmt.Fprintf(&b, "| %s | %s | %s |\n", c.name, result, c.help)
	}
	if dir == "." {
		return strings.ReplaceAll(b.String(), "](../", "](")
	}
	return b.String()
}
