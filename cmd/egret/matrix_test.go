package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
)

// A matrixClient is a program that knows nothing of egret, as a developer would
// write it. It asks an HTTPS API and sends a cache ID for a credential.
//
// In commands URL, REPOSITORY and ID stand for what the client is given.
type matrixClient struct {
	name    string   // as the table has it
	needs   []string // a command that ends well where the client is there
	command []string
	fails   string   // a pattern of what it says when it does not work as it is; "" when it works
	why     string   // why, for the table
	helped  []string // the command that works then
	flags   []string // of egret run, with which it works as it is, too
	help    string   // what is different then, for the table
}

// Every client gets its answer from an API that verified the JWT, or fails as
// the table of the documents says: a client that begins to work fails the test,
// as one that ceases to.
func TestClientMatrix(t *testing.T) {
	origin := startOrigin(t)
	nameserver := serveNames(t)
	bin := newPrograms(t)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, c := range matrixClients {
		t.Run(c.name, func(t *testing.T) {
			c.find(t)
			if c.fails == "" {
				origin.serves(t, nameserver, nil, c.command)
				return
			}
			origin.fails(t, nameserver, &c)
			if c.helped != nil {
				origin.serves(t, nameserver, nil, c.helped)
			}
			if c.flags != nil {
				origin.serves(t, nameserver, c.flags, c.command)
			}
		})
	}
}

// find ends the test when the client is not there.
func (c *matrixClient) find(t *testing.T) {
	t.Helper()
	needs := exec.CommandContext(t.Context(), c.needs[0], c.needs[1:]...)
	output, err := needs.CombinedOutput()
	if err == nil {
		return
	}
	configstest.Missing(t, "%s is missing: %s: %v\n%s", c.name, strings.Join(c.needs, " "), err, output)
}

// serves runs a client that is to get its answer.
func (o *matrixOrigin) serves(t *testing.T, nameserver string, flags, command []string) {
	t.Helper()
	nonce := rand.Text()
	stdout, stderr, err := o.run(t, nameserver, nonce, flags, command)
	answered, refused := o.seen(nonce)
	if err != nil || refused != "" || answered == 0 {
		t.Fatalf("%q ended with %v; the API answered %d requests and refused one because: %q\nstdout: %s\nstderr: %s", command, err, answered, refused, stdout, stderr)
	}
	want := answerTo(nonce)
	if slices.Contains(command, "REPOSITORY") {
		want = "refs/heads/" + matrixBranch
	}
	if !strings.Contains(stdout, want) {
		t.Errorf("%q printed:\n%s\nwant %q in it", command, stdout, want)
	}
}

// fails runs a client that is to fail as the table says, without a value having
// been sent for it.
func (o *matrixOrigin) fails(t *testing.T, nameserver string, c *matrixClient) {
	t.Helper()
	nonce := rand.Text()
	stdout, stderr, err := o.run(t, nameserver, nonce, nil, c.command)
	answered, refused := o.seen(nonce)
	if err == nil || answered != 0 || refused != "" {
		t.Fatalf("%q ended with %v; the API answered %d requests and refused one because: %q\nwant it to fail: does it work now? Then its line of the table is another.\nstdout: %s\nstderr: %s",
			c.command, err, answered, refused, stdout, stderr)
	}
	if !regexp.MustCompile(c.fails).MatchString(stdout + stderr) {
		t.Errorf("%q failed with:\n%s%s\nwant what matches %s", c.command, stdout, stderr, c.fails)
	}
}

// run runs a client behind `egret run --`.
func (o *matrixOrigin) run(t *testing.T, nameserver, nonce string, flags, command []string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append([]string{"run", "-c", o.config}, flags...)
	args = append(args, "--")
	for _, arg := range command {
		args = append(args, strings.NewReplacer("URL", o.url+"/"+nonce+"/orders/A-1001", "REPOSITORY", o.url+"/"+nonce+"/orders.git", "ID", matrixCache).Replace(arg))
	}
	cmd := exec.CommandContext(ctx, "egret", args...)
	cmd.Dir = "testdata/clients"
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), nameserverVariable+"="+nameserver, "HOME="+t.TempDir(), "GIT_TERMINAL_PROMPT=0", "NO_COLOR=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatalf("cannot run egret: %v", err)
	}
	return out.String(), errs.String(), err
}

// newPrograms is a directory with two programs beside those of the machine:
// goclient, and newnode, which is the Node.js that EGRET_NODE names, or else
// that of the machine.
func newPrograms(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "goclient"), "testdata/clients/client.go")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build the client in Go: %v\n%s", err, text)
	}
	node := os.Getenv("EGRET_NODE")
	if node == "" {
		node, _ = exec.LookPath("node")
	}
	if err := os.Symlink(node, filepath.Join(bin, "newnode")); node != "" && err != nil {
		t.Fatal(err)
	}
	return bin
}
