package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs/curl"
)

func importCurlCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "curl {COMMAND | - | -- ARGUMENT…}",
		Short: "Make egret.yaml of a curl command",
		Long: `Make egret.yaml of a curl command, on stdout: one Function, with a cache and a
Token for each credential that stands in the command. The command is one
argument, such as a browser copies it, or comes on stdin, or is given behind --
word by word.

No credential is copied: comments say which variable holds which. They say, too,
what is left out, such as --insecure.`,
		Example: `  egret import curl 'curl https://api.acme.test/orders -H "Authorization: Bearer $ACME_TOKEN"' >egret.yaml
  egret import curl --name lookup_order - <copied.txt
  egret import curl -- curl -d amount=5 https://api.acme.test/orders`,
		RunE: importCurl,
	}
	cmd.Flags().String("name", "", "the `name` of the Function; without it, one is made of the request")
	return cmd
}

func importCurl(cmd *cobra.Command, args []string) error {
	name, err := cmd.Flags().GetString("name")
	if err != nil {
		return err
	}
	o := curl.Options{Name: name}
	var result *curl.Result
	switch {
	case cmd.ArgsLenAtDash() == 0 && len(args) > 0:
		if args[0] == "curl" {
			args = args[1:]
		}
		result, err = curl.ImportArguments(args, o)
	case cmd.ArgsLenAtDash() >= 0 || len(args) != 1:
		err = errors.New("give the curl command as one argument in single quotes, - for stdin, or its words behind --")
	case args[0] == "-":
		result, err = importStdin(cmd.InOrStdin(), o)
	default:
		result, err = curl.Import(args[0], o)
	}
	if err != nil {
		return &usageError{err}
	}
	return imported(cmd, result.YAML, result.Todo)
}

// importStdin reads a command that is too long for an argument, or that should
// not be in the history of the shell.
func importStdin(stdin io.Reader, o curl.Options) (*curl.Result, error) {
	text, err := io.ReadAll(io.LimitReader(stdin, curl.MaxCommand+1))
	if err != nil {
		return nil, err
	}
	return curl.Import(string(text), o)
}
