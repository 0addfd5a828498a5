// Command egretbench measures egret against what it could at best be.
//
// It starts an upstream, a bare fasthttp proxy (the floor), egret, and nginx,
// HAProxy and squid where they are installed, each as a process of its own, drives
// the same load through each of them in turn, and prints what a request costs.
//
// It is no part of egret: it knows egret by its command line and its HTTP
// surface only, and imports none of its packages.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main with everything it touches as an argument.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command := newCommand(stdin, stdout, stderr)
	command.SetArgs(args)
	if err := command.ExecuteContext(ctx); err != nil {
		_, _ = fmt.Fprintf(stderr, "egretbench: error: %v\n", err)
		return 1
	}
	return 0
}
