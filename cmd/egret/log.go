package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"
)

func logCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Print the last requests of a running egret, and those that follow",
		Long: `Print the last requests of a running egret, and those that follow: when, how it
was answered, who asked, for what, and which line of the configuration decided.

The running egret is the one of the configuration, by its admin address and key,
or the one that --server names.`,
		Example: `  egret log --refused
  egret log --follow --client support-agent
  egret log --json -n 1000 | jq .rule`,
		Args: usage(cobra.NoArgs),
		RunE: printLog,
	}
	cmd.Flags().BoolP("follow", "f", false, "go on with the requests that are still to come")
	cmd.Flags().IntP("lines", "n", 20, "how many of the last requests to print")
	cmd.Flags().String("client", "", "only the requests of the client of this `name`")
	cmd.Flags().String("function", "", "only the calls of the Function of this `name`")
	cmd.Flags().Bool("refused", false, "only the requests that were refused")
	cmd.Flags().Bool("json", false, "print each record as a line of JSON")
	addRemoteFlags(cmd, "server", adminKeyVariable)
	return cmd
}

func printLog(cmd *cobra.Command, _ []string) error {
	query, err := logQuery(cmd)
	if err != nil {
		return err
	}
	r, err := controlPlaneOf(cmd)
	if err != nil {
		return err
	}
	r.warnExposed(cmd)
	asJSON, _ := cmd.Flags().GetBool("json")
	l := &logReader{remote: r, path: "/api/journal?" + query, print: func(e event) error {
		if e.Name == "missed" {
			say(cmd.ErrOrStderr(), "hint", fmt.Sprintf("%d requests were not printed: there were too many at once", gjson.Get(e.Data, "missed").Uint()))
			return nil
		}
		line := printable(e.Data)
		if !asJSON {
			line = logLine(e.Data)
		}
		_, err := fmt.Fprintln(cmd.OutOrStdout(), line)
		return err
	}}
	if l.follow, _ = cmd.Flags().GetBool("follow"); !l.follow {
		return l.read(cmd.Context())
	}
	err = l.readOn(cmd.Context(), func(err error) { say(cmd.ErrOrStderr(), "hint", "trying again: "+err.Error()) })
	if cmd.Context().Err() != nil {
		return nil // who follows ends it so
	}
	return err
}

// logQuery is the query for what the flags ask for.
func logQuery(cmd *cobra.Command) (string, error) {
	n, _ := cmd.Flags().GetInt("lines")
	if n < 0 {
		return "", &usageError{errors.New("--lines is a number of requests")}
	}
	query := []string{"tail=" + strconv.Itoa(n)}
	for _, name := range []string{"client", "function"} {
		if value, _ := cmd.Flags().GetString(name); value != "" {
			query = append(query, name+"="+url.QueryEscape(value))
		}
	}
	for _, name := range []string{"refused", "follow"} {
		if set, _ := cmd.Flags().GetBool(name); set {
			query = append(query, name)
		}
	}
	return strings.Join(query, "&"), nil
}

// A logReader reads the journal of a running egret.
type logReader struct {
	remote *remote
	path   string
	follow bool
	print  func(event) error
	last   string // ID of the last event that was printed
}

// read reads one stream to its end.
func (l *logReader) read(ctx context.Context) error {
	return l.remote.events(ctx, l.path, l.last, func(e event) error {
		if err := l.print(e); err != nil {
			return err
		}
		l.last = e.ID
		return nil
	})
}

// The waits between attempts to read on.
const (
	firstWait = 500 * time.Millisecond
	lastWait  = 5 * time.Second
)

// readOn reads one stream after the other, each from where the one before has
// ended, until ctx ends. An egret that has never answered, or that refuses, is
// an error; one that is gone may come back, and is told of.
func (l *logReader) readOn(ctx context.Context, tell func(error)) error {
	wait, answered, told := firstWait, false, false
	for {
		before := l.last
		err := l.read(ctx)
		_, gone := errors.AsType[*unreachableError](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && (!gone || !answered && l.last == ""):
			return err
		case gone && !told:
			tell(err)
			told = true
		}
		if err == nil || l.last != before {
			wait, answered, told = firstWait, true, gone
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		wait = min(2*wait, lastWait)
	}
}
