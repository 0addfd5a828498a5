package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
)

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and report every problem",
		Long: `Check the configuration and report every problem with its line, keys and
schemas included. Nothing is dialled and nothing is written.

With --against, a running egret is asked what it would change if it read this
configuration. It is sent a sum of each part and no more. The key of its control
plane is taken from EGRET_ADMIN_KEY, or else from the configuration.`,
		Example: `  egret check --json
  egret check --against http://127.0.0.1:8081`,
		Args: usage(cobra.NoArgs),
		RunE: check,
	}
	cmd.Flags().Bool("json", false, "print the problems as a JSON array on stdout; with --against, the changes as an object")
	cmd.Flags().String("against", "", "ask the running egret whose control plane is at `URL` what a reload would change")
	return cmd
}

func check(cmd *cobra.Command, _ []string) error {
	cfg, err := load(cmd)
	asJSON, _ := cmd.Flags().GetBool("json")
	if server, _ := cmd.Flags().GetString("against"); server != "" && err == nil {
		return checkAgainst(cmd, cfg, server, asJSON)
	}
	if asJSON {
		return errors.Join(printProblems(cmd, err), err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: ok: %s, %s, %s\n", cfg.File,
		count(len(cfg.Functions), "Function"), count(len(cfg.Caches), "cache"), count(len(cfg.Tokens), "Token"))
	return err
}

// printProblems prints the problems in err, or an empty array.
func printProblems(cmd *cobra.Command, err error) error {
	problems := configs.Problems{}
	if err != nil && !errors.As(err, &problems) {
		return nil // something else went wrong, and is reported as such
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(problems)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
