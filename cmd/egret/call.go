package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
)

// callKey is the variable that holds the key for --server, and serverVariable
// the one that takes the place of --server when no configuration is named.
const (
	callKey        = "EGRET_KEY"
	serverVariable = "EGRET_SERVER"
)

func callCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "call NAME [-d JSON | -d @file | key=value …]",
		Short: "Call a Function, with or without a running server",
		Long: `Call a Function with the configuration's own rights, and print the answer as
JSON on stdout. No running server is needed; with --server, a running one is
called, and no configuration is read.

Arguments are given one by one:
  key=text      a text, unless the Function's parameters say otherwise
  key=@file     the same out of a file; @- is stdin
  key:=JSON     JSON, whatever the parameters say; key:=@file too
  key=a key=b   the elements of a list
  /a/b=text     a member of a member, by its JSON Pointer

On a terminal the answer is indented and coloured. NO_COLOR turns the colours
off. Elsewhere it is one line.

For --server the key of a client is in $EGRET_KEY or in --key-file. There is no
flag for it: everybody on a machine can read the arguments of a command. Behind
egret run both are in the environment, $EGRET_SERVER in place of --server.

The exit status is 4 when nobody answers, 5 when the call was refused or not
answered with success, and 6 when the caller may not make it.`,
		Example: `  egret call lookup_order order_id=A-1001
  egret call lookup_order -d '{"order_id": "A-1001"}' --explain
  egret call lookup_order order_id=A-1001 --server unix:/run/egret.sock`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: call,
	}
	cmd.Flags().StringP("data", "d", "", "the arguments as `JSON`, @file to read them, or - for stdin")
	cmd.Flags().Bool("raw", false, "print the upstream's body as it came")
	cmd.Flags().Bool("explain", false, "print the request that would be sent, and send nothing")
	cmd.MarkFlagsMutuallyExclusive("raw", "explain")
	addRemoteFlags(cmd, "server", callKey)
	cmd.Flags().Duration("timeout", 0, "how long the call may take, where its Function says longer")
	return cmd
}

func call(cmd *cobra.Command, args []string) error {
	if server := os.Getenv(serverVariable); server != "" && !cmd.Flags().Changed("server") && !cmd.Flags().Changed("config") {
		if err := cmd.Flags().Set("server", server); err != nil {
			return err
		}
	}
	far, err := remoteOf(cmd, "server", callKey)
	if err != nil {
		return err
	}
	if far != nil {
		return callRemote(cmd, far, args[0], args[1:])
	}
	timeout, err := timeoutOf(cmd)
	if err != nil {
		return err
	}
	cfg, err := load(cmd)
	if err != nil {
		return err
	}
	arguments, err := callArguments(cmd, args[1:], func() (gjson.Result, error) { return parametersOf(cfg, args[0]), nil })
	if err != nil {
		return err
	}
	server, err := proxy.New(cfg, proxy.Options{Version: version()})
	if err != nil {
		return err
	}
	defer server.Close()
	c := functions.Call{Function: args[0], Arguments: arguments, Timeout: timeout}
	if explain, _ := cmd.Flags().GetBool("explain"); explain {
		return printExplanation(cmd, server, c)
	}
	c.Raw, _ = cmd.Flags().GetBool("raw")
	result, err := server.Call(cmd.Context(), c)
	if err != nil {
		return err
	}
	if c.Raw {
		_, err = cmd.OutOrStdout().Write(result.Body)
	} else {
		err = printJSON(cmd.OutOrStdout(), result.AppendJSON(nil))
	}
	return errors.Join(err, succeeded(result.OK, result.Status))
}

// succeeded is the error of an answer that is no success, or nil.
func succeeded(ok bool, status int) error {
	if ok {
		return nil
	}
	return fmt.Errorf("status %d: %w", status, errNotOK)
}

func printExplanation(cmd *cobra.Command, server *proxy.Server, c functions.Call) error {
	explanation, err := server.Explain(cmd.Context(), c)
	if err != nil {
		return err
	}
	text, err := explanation.JSON()
	if err != nil {
		return err
	}
	return printJSON(cmd.OutOrStdout(), text)
}

func parametersOf(cfg *configs.Config, name string) gjson.Result {
	for i := range cfg.Functions {
		if cfg.Functions[i].Name == name {
			return gjson.ParseBytes(cfg.Functions[i].Parameters)
		}
	}
	return gjson.Result{}
}
