package configs_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

func TestJournal(t *testing.T) {
	directory, err := filepath.Abs(filepath.Join("testdata", "valid"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want configs.Journal
	}{
		{"listen: 127.0.0.1:1\n", configs.Journal{Entries: 1024}},
		{"journal: {}\n", configs.Journal{Entries: 1024}},
		{"journal: {entries: 0}\n", configs.Journal{}},
		{"journal: {entries: 100000, file: a.jsonl}\n", configs.Journal{Entries: 100_000, File: filepath.Join(directory, "a.jsonl")}},
		{"journal: {file: ../a.jsonl}\n", configs.Journal{Entries: 1024, File: filepath.Join(filepath.Dir(directory), "a.jsonl")}},
		{"journal: {file: \"-\"}\n", configs.Journal{Entries: 1024, File: "-"}},
		{"journal: {file: /var/log/a.jsonl}\n", configs.Journal{Entries: 1024, File: "/var/log/a.jsonl"}},
		{"journal: {file: \"${env:HOST}.jsonl\"}\n", configs.Journal{Entries: 1024, File: filepath.Join(directory, "canary.test.jsonl")}},
	} {
		if diff := cmp.Diff(c.want, good(t, c.text).Journal); diff != "" {
			t.Errorf("%s(-want +got):\n%s", c.text, diff)
		}
	}
}
