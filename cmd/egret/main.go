// Command egret is the outbound HTTP function-calling proxy for AI agents: it
// calls real APIs with live tokens on behalf of callers that hold cache IDs
// only.
//
// It turns arguments into calls of package proxy, and errors into an exit
// status; nothing else ends the process.
package main

import (
	"context"
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
	context.AfterFunc(ctx, stop) // a second signal ends what does not listen
	command := newCommand(stdin, stdout, stderr)
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	report(stderr, err)
	return exitStatus(err)
}
