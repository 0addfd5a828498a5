package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
)

func callCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "call NAME [-d JSON | -d @file | key=value …]",
		Short: "Call a Function; no running server is needed",
		Long: `Call a Function with the configuration's own rights, and print the answer as
JSON on stdout. No running server is needed.

The exit status is 5 when the call was refused or not answered with success.`,
		Example: `  egret call lookup_order order_id=A-1001
  egret call lookup_order -d '{"order_id": "A-1001"}' --explain`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: call,
	}
	cmd.Flags().StringP("data", "d", "", "the arguments as `JSON`, or @file to read them")
	cmd.Flags().Bool("raw", false, "print the upstream's body as it came")
	cmd.Flags().Bool("explain", false, "print the request that would be sent, and send nothing")
	cmd.MarkFlagsMutuallyExclusive("raw", "explain")
	return cmd
}

func call(cmd *cobra.Command, args []string) error {
	cfg, err := load(cmd)
	if err != nil {
		return err
	}
	arguments, err := callArguments(cmd, cfg, args[0], args[1:])
	if err != nil {
		return err
	}
	server, err := proxy.New(cfg, proxy.Options{Version: version()})
	if err != nil {
		return err
	}
	defer server.Close()
	c := functions.Call{Function: args[0], Arguments: arguments}
	if explain, _ := cmd.Flags().GetBool("explain"); explain {
		return printExplanation(cmd, server, c)
	}
	result, err := server.Call(cmd.Context(), c)
	if err != nil {
		return err
	}
	out := append(result.AppendJSON(nil), '\n')
	if raw, _ := cmd.Flags().GetBool("raw"); raw {
		out = result.Body
	}
	if _, err := cmd.OutOrStdout().Write(out); err != nil {
		return err
	}
	if !result.OK {
		return fmt.Errorf("status %d: %w", result.Status, errNotOK)
	}
	return nil
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
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", text)
	return err
}

// callArguments reads the arguments out of -d, or out of key=value.
func callArguments(cmd *cobra.Command, cfg *configs.Config, name string, pairs []string) ([]byte, error) {
	data, _ := cmd.Flags().GetString("data")
	switch {
	case data != "" && len(pairs) > 0:
		return nil, &usageError{errors.New("the arguments are given either with -d or as key=value")}
	case strings.HasPrefix(data, "@"):
		text, err := os.ReadFile(data[1:])
		if err != nil {
			return nil, &usageError{fmt.Errorf("cannot read arguments: %w", err)}
		}
		return text, nil
	case data != "":
		return []byte(data), nil
	}
	return pairedArguments(parametersOf(cfg, name), pairs)
}

// pairedArguments makes an object of key=value pairs. A value is a string
// unless the Function's parameters say that it is something else.
func pairedArguments(parameters gjson.Result, pairs []string) ([]byte, error) {
	arguments := map[string]json.RawMessage{}
	for _, pair := range pairs {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, &usageError{fmt.Errorf("argument %q is not of the form key=value", pair)}
		}
		if _, twice := arguments[key]; twice {
			return nil, &usageError{fmt.Errorf("argument %q is given twice", key)}
		}
		arguments[key] = argumentValue(parameters.Get("properties").Map()[key], value)
	}
	return json.Marshal(arguments)
}

func argumentValue(property gjson.Result, value string) json.RawMessage {
	kind := property.Get("type").Str
	if kind != "" && kind != "string" && gjson.Valid(value) {
		return json.RawMessage(value)
	}
	return gjson.AppendJSONString(nil, value)
}

func parametersOf(cfg *configs.Config, name string) gjson.Result {
	for i := range cfg.Functions {
		if cfg.Functions[i].Name == name {
			return gjson.ParseBytes(cfg.Functions[i].Parameters)
		}
	}
	return gjson.Result{}
}
