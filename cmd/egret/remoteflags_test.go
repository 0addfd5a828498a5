package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
)

func TestRemoteFlags(t *testing.T) {
	directory := t.TempDir()
	for name, text := range map[string]string{"key": "from-the-file\r\n", "empty": "\n", "no.pem": "not a certificate"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(directory)
	t.Setenv("EGRET_TEST_KEY", "from-the-environment")
	for _, c := range []struct {
		name string
		args []string
		key  string
		none bool
		want string // the error
	}{
		{name: "none", none: true},
		{name: "variable", args: []string{"--server", "http://h"}, key: "from-the-environment"},
		{name: "file", args: []string{"--server", "http://h", "--key-file", "key"}, key: "from-the-file"},
		{name: "no file", args: []string{"--server", "http://h", "--key-file", "gone"}, want: "cannot read key: open gone: no such file or directory"},
		{name: "empty file", args: []string{"--server", "http://h", "--key-file", "empty"}, want: "cannot read key: empty is empty"},
		{name: "no ca", args: []string{"--server", "https://h", "--ca", "gone"}, want: "cannot read certificates: open gone: no such file or directory"},
		{name: "bad ca", args: []string{"--server", "https://h", "--ca", "no.pem"}, want: "cannot read certificates: no.pem has none in PEM"},
		{name: "key without server", args: []string{"--key-file", "key"}, want: "--key-file and --ca are for --server"},
		{name: "empty server", args: []string{"--server", ""}, want: "the server is named as http://HOST:PORT, https://HOST:PORT or unix:/path/to.sock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := &cobra.Command{}
			addRemoteFlags(cmd, "server", "EGRET_TEST_KEY")
			if err := cmd.ParseFlags(c.args); err != nil {
				t.Fatal(err)
			}
			r, err := remoteOf(cmd, "server", "EGRET_TEST_KEY")
			if c.want != "" {
				if usage, ok := errors.AsType[*usageError](err); !ok || usage.Error() != c.want {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			if err != nil || (r == nil) != c.none {
				t.Fatalf("got %v and %v, want none: %t", r, err, c.none)
			}
			if r != nil && r.key.Reveal() != c.key {
				t.Errorf("the key is %q, want %q", r.key.Reveal(), c.key)
			}
		})
	}
}
