package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"
)

// callRemote calls a Function of a running egret.
func callRemote(cmd *cobra.Command, far *remote, name string, pairs []string) error {
	if cmd.Flags().Changed("config") {
		return &usageError{errors.New("--server has a configuration of its own, so --config has no meaning")}
	}
	timeout, err := timeoutOf(cmd)
	if err != nil {
		return err
	}
	wait := timeout + graceOfTimeout
	if far.timeout = timeout; timeout == 0 {
		wait = defaultWait
	}
	far.warnExposed(cmd)
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), wait, fmt.Errorf("no answer came within %v", wait))
	defer cancel()
	path := "/v1/functions/" + url.PathEscape(name)
	arguments, err := callArguments(cmd, pairs, func() (gjson.Result, error) {
		description, err := far.read(ctx, http.MethodGet, path, nil)
		return gjson.GetBytes(description, "parameters"), err
	})
	if err != nil {
		return err
	}
	if raw, _ := cmd.Flags().GetBool("raw"); raw {
		return callRaw(ctx, cmd.OutOrStdout(), far, path+"?raw", arguments)
	}
	explain, _ := cmd.Flags().GetBool("explain")
	if explain {
		path += "?explain"
	}
	text, err := far.read(ctx, http.MethodPost, path, arguments)
	if err != nil {
		return err
	}
	ok := gjson.GetBytes(text, "ok")
	// gjson.Valid calls itself at each opening bracket: some million of them would
	// end the process.
	if !json.Valid(text) || !explain && !ok.IsBool() {
		return fmt.Errorf("%s did not answer as a call is answered: %w", far.server, errNoEgret)
	}
	err = printJSON(cmd.OutOrStdout(), text)
	return errors.Join(err, succeeded(explain || ok.Bool(), int(gjson.GetBytes(text, "status").Int())))
}

// How long an answer is waited for: as long as the call may take, and a while for
// the server to say that it took too long.
const (
	graceOfTimeout = 2 * time.Second
	defaultWait    = 5 * time.Minute
)

// timeoutOf is what --timeout says, 0 without it.
func timeoutOf(cmd *cobra.Command) (time.Duration, error) {
	timeout, _ := cmd.Flags().GetDuration("timeout")
	if cmd.Flags().Changed("timeout") && timeout <= 0 {
		return 0, &usageError{errors.New("--timeout must be more than 0")}
	}
	return timeout, nil
}

// callRaw prints the body of the upstream's own answer, whatever its status.
func callRaw(ctx context.Context, out io.Writer, far *remote, path string, arguments []byte) error {
	answer, err := far.do(ctx, http.MethodPost, path, arguments)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // It was only read.
	body, err := far.bounded(answer.Body, maxRemote)
	if err != nil {
		return err
	}
	_, err = out.Write(body)
	return errors.Join(err, succeeded(answer.StatusCode/100 == 2, answer.StatusCode))
}
