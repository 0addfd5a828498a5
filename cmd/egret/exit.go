package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// The exit statuses.
const (
	exitDone          = 0
	exitUnexpected    = 1
	exitUsage         = 2
	exitConfiguration = 3
	exitUnreachable   = 4
	exitRefused       = 5
	exitUnauthorised  = 6
)

// A usageError is a command line that cannot be understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

// errNotOK is a call that was answered, but not with success. What was answered
// is on stdout.
var errNotOK = errors.New("the upstream did not answer with success")

// exits says which refusals have a status other than exitRefused.
var exits = map[functions.Code]int{
	functions.Internal:            exitUnexpected,
	functions.Unauthenticated:     exitUnauthorised,
	functions.FunctionDenied:      exitUnauthorised,
	functions.CacheDenied:         exitUnauthorised,
	functions.UpstreamUnreachable: exitUnreachable,
	functions.UpstreamTLS:         exitUnreachable,
	functions.UpstreamProtocol:    exitUnreachable,
	functions.UpstreamTimeout:     exitUnreachable,
}

// exitStatus is the one place that decides which status an error becomes.
func exitStatus(err error) int {
	var usage *usageError
	var problems configs.Problems
	var refusal *functions.Refusal
	var unreachable *unreachableError
	var unverified *unverifiedError
	var child *childError
	var unstarted *unstartedError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &child):
		return child.status
	case errors.As(err, &unstarted):
		return unstarted.status()
	case errors.Is(err, errNoConfiguration):
		return exitConfiguration
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &problems):
		return exitConfiguration
	case errors.As(err, &refusal):
		if status, ok := exits[refusal.Code]; ok {
			return status
		}
		return exitRefused
	case errors.As(err, &unreachable):
		return exitUnreachable
	case errors.Is(err, errNotOK), errors.Is(err, errNoEgret), errors.As(err, &unverified):
		return exitRefused
	default:
		return exitUnexpected
	}
}

// report tells an error to the person at the terminal.
func report(stderr io.Writer, err error) {
	var usage *usageError
	var problems configs.Problems
	var refusal *functions.Refusal
	var child *childError
	switch {
	case err == nil, errors.As(err, &child):
	case errors.As(err, &usage):
		say(stderr, "error", err.Error())
		say(stderr, "hint", "egret --help lists the commands and their flags")
	case errors.As(err, &problems):
		for _, problem := range problems {
			say(stderr, "error", problem.Detailed())
		}
	case errors.As(err, &refusal):
		reportRefusal(stderr, refusal)
	default:
		say(stderr, "error", err.Error())
	}
}

func reportRefusal(stderr io.Writer, refusal *functions.Refusal) {
	say(stderr, "error", refusal.Error())
	for _, e := range refusal.Errors {
		where := e.Pointer
		if where == "" {
			where = "the arguments"
		}
		say(stderr, "error", where+": "+e.Detail)
	}
	if refusal.Remedy != "" {
		say(stderr, "hint", "this would permit it: "+refusal.Remedy)
	}
}

// labels have the colours of what say begins with.
var labels = map[string]colour{"error": failure, "warning": literal, "hint": advice}

// say writes one line for people. There is nobody to tell when that fails.
func say(w io.Writer, kind, text string) {
	label := plain
	if isColoured(w) {
		label = labels[kind]
	}
	_, _ = fmt.Fprintf(w, "%s %s\n", label.append(nil, []byte("egret: "+kind+":")), text)
}
