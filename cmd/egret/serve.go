package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/proxy"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve Function calls and the forward proxy until stopped",
		Long: `Serve Function calls and the forward proxy until stopped.

SIGTERM and SIGINT let requests in flight finish. A change of the file, and
SIGHUP, load the configuration again; one with problems changes nothing. SIGHUP
also opens the file of the journal anew, after a log rotation.`,
		Args: usage(cobra.NoArgs),
		RunE: serve,
	}
	cmd.Flags().String("log-format", "text", "how logs are written: text or json")
	cmd.Flags().String("log-level", "info", "what is logged: debug, info, warn or error")
	cmd.Flags().Bool("log-requests", false, "log a line for each request")
	return cmd
}

func serve(cmd *cobra.Command, _ []string) error {
	log, level, err := newLog(cmd)
	if err != nil {
		return err
	}
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	requests, _ := cmd.Flags().GetBool("log-requests")
	server, err := proxy.Open(file, proxy.Options{Log: log, LogLevel: level, LogRequests: requests, Version: version(), ReadOptions: readOptions(), Watch: true})
	if err != nil {
		return err
	}
	// A reader of stdout that goes away ends its journal, not egret.
	signal.Ignore(syscall.SIGPIPE)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	done := make(chan struct{})
	reloading := make(chan struct{})
	go func() {
		defer close(reloading)
		reloadOn(hangups, done, server)
	}()
	err = server.Run(cmd.Context())
	signal.Stop(hangups)
	close(done)
	<-reloading
	return err
}

// reloadOn reopens the journal's file and reloads at each signal. The outcome is
// logged by the server.
func reloadOn(signals <-chan os.Signal, done <-chan struct{}, server *proxy.Server) {
	for {
		select {
		case <-done:
			return
		case <-signals:
			_ = server.ReopenJournal() // whatever is wrong with the configuration
			_ = server.Reload()
		}
	}
}

// newLog makes the log that the flags describe, and what its level can be
// changed with. Logs go to stderr.
func newLog(cmd *cobra.Command) (*slog.Logger, *slog.LevelVar, error) {
	format, _ := cmd.Flags().GetString("log-format")
	name, _ := cmd.Flags().GetString("log-level")
	level := &slog.LevelVar{}
	if err := level.UnmarshalText([]byte(name)); err != nil || strings.ContainsAny(name, "+-") { // which slog knows, and nobody else
		return nil, nil, &usageError{fmt.Errorf("--log-level is %q, and can be debug, info, warn or error", name)}
	}
	options := &slog.HandlerOptions{Level: level}
	handlers := map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
		"text": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
		"json": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
	}
	handler, ok := handlers[format]
	if !ok {
		return nil, nil, &usageError{fmt.Errorf("--log-format is %q, and can be text or json", format)}
	}
	return slog.New(handler(cmd.ErrOrStderr(), options)), level, nil
}
