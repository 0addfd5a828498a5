package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and report every problem",
		Long: `Check the configuration and report every problem with its line, keys and
schemas included. Nothing is dialled and nothing is written.

What works and may not be meant is a warning, which does not change the exit
status. With --allow-unset a variable that is not set and a file of ${file:…}
that is not there are no problems, so that the file can be checked where the
secrets are not; what depends on them is not checked then.

With --against, a running egret is asked what it would change if it read this
configuration. It is sent a sum of each part and no more. The URL is that of its
control plane; a key that is not given is that of the configuration.`,
		Example: `  egret check --json --strict
  egret check --against http://127.0.0.1:8081`,
		Args: usage(cobra.NoArgs),
		RunE: check,
	}
	cmd.Flags().Bool("json", false, "print problems and warnings as a JSON array on stdout; with --against, the changes as an object")
	cmd.Flags().Bool("strict", false, "take warnings for problems")
	cmd.Flags().Bool("allow-unset", false, "permit variables and files that are missing")
	addRemoteFlags(cmd, "against", adminKeyVariable)
	cmd.MarkFlagsMutuallyExclusive("against", "allow-unset") // a sum of what is missing says nothing
	return cmd
}

func check(cmd *cobra.Command, _ []string) error {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	options := readOptions()
	options.AllowUnset, _ = cmd.Flags().GetBool("allow-unset")
	cfg, problems := proxy.Check(file, options)
	warnings := cfg.Warnings
	if strict, _ := cmd.Flags().GetBool("strict"); strict {
		problems, warnings = append(problems, warnings.Errors()...).Sort(), nil
	}
	err = problems.Err()
	asJSON, _ := cmd.Flags().GetBool("json")
	running, wrong := remoteOf(cmd, "against", adminKeyVariable)
	if wrong != nil {
		return wrong
	}
	compares := running != nil && err == nil
	if asJSON && !compares {
		return errors.Join(printProblems(cmd, slices.Concat(problems, warnings).Sort()), err)
	}
	for _, w := range warnings {
		say(cmd.ErrOrStderr(), "warning", w.Detailed())
	}
	if compares {
		return checkAgainst(cmd, cfg, running, asJSON)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: ok: %s, %s, %s\n", cfg.File,
		count(len(cfg.Functions), "Function"), count(len(cfg.Caches), "cache"), count(len(cfg.Tokens), "Token"))
	return err
}

// printProblems prints problems and warnings, or an empty array.
func printProblems(cmd *cobra.Command, problems configs.Problems) error {
	if problems == nil {
		problems = configs.Problems{}
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
