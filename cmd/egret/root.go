package main

import (
	"cmp"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// newCommand is the whole command line.
func newCommand(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "egret",
		Short: "Call HTTP APIs for AI agents that never hold a credential",
		Long: `egret stands between AI agents and HTTP APIs. It runs configured Functions,
swaps cache IDs for live tokens as a request leaves, and scrubs them from what
comes back.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringP("config", "c", "egret.yaml", "the configuration `file`")
	root.AddCommand(serveCommand(), runCommand(), demoCommand(), checkCommand(), callCommand(), logCommand(), tokenCommand(), keysCommand(), caCommand(), importCommand(), schemaCommand(), versionCommand())
	return root
}

// usage makes the error of wrong arguments a usage error, and that of flags that
// exclude each other.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cmp.Or(check(cmd, args), cmd.ValidateFlagGroups()); err != nil {
			return &usageError{err}
		}
		return nil
	}
}

// load reads the configuration that -c names.
func load(cmd *cobra.Command) (*configs.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	return proxy.Load(file, readOptions())
}

func readOptions() configs.ReadOptions { return configs.ReadOptions{Getenv: os.LookupEnv} }
