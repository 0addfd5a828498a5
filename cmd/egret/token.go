package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/tokens"
)

func tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token NAME",
		Short: "Make a token and show what is in it",
		Long: `Make a token as a running egret makes it, and show its header, its claims, its
times and its cache. The token itself is not shown, and is sent nowhere.

With --reveal its compact form is printed, and nothing else: what reads it can
use it as its owner.

With --verify it is checked with the public keys that egret publishes, as the
one does who is sent it: those of --server, else those at public_url, else those
of the listener of the configuration. That needs a running egret.`,
		Example: `  egret token acme_api_jwt
  egret token acme_api_jwt --verify --server http://127.0.0.1:8080
  egret token acme_api_jwt --reveal | jose jws ver -i- -k acme.jwk`,
		Args:              usage(cobra.ExactArgs(1)),
		ValidArgsFunction: tokenNames,
		RunE:              showToken,
	}
	cmd.Flags().Bool("reveal", false, "print the compact form alone")
	cmd.Flags().Bool("verify", false, "check the signature with the published keys")
	cmd.Flags().Bool("json", false, "print a JSON object")
	cmd.Flags().String("server", "", "the egret whose keys --verify takes, as `URL`: http://…, https://… or unix:/path/to.sock")
	cmd.Flags().String("ca", "", "the `file` of certificates that --server is verified with, in place of the system's")
	cmd.MarkFlagsMutuallyExclusive("reveal", "json")
	return cmd
}

func showToken(cmd *cobra.Command, args []string) error {
	verify, _ := cmd.Flags().GetBool("verify")
	if !verify && (cmd.Flags().Changed("server") || cmd.Flags().Changed("ca")) {
		return &usageError{errors.New("--server and --ca are for --verify")}
	}
	cfg, err := load(cmd)
	if err != nil {
		return err
	}
	server, err := proxy.New(cfg, proxy.Options{Version: version()})
	if err != nil {
		return err
	}
	defer server.Close()
	shown, err := server.ShowToken(cmd.Context(), args[0])
	if errors.Is(err, proxy.ErrNoToken) {
		return &usageError{fmt.Errorf("there is no token %q; there are %s", args[0], namesOfTokens(cfg))}
	}
	if err != nil {
		return err
	}
	if verify {
		if err := verifyToken(cmd, cfg, shown); err != nil {
			return err
		}
	}
	if reveal, _ := cmd.Flags().GetBool("reveal"); reveal {
		_, err = fmt.Fprintln(cmd.OutOrStdout(), shown.Made.Value.Reveal())
		return err
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		return printJSON(cmd.OutOrStdout(), tokenJSON(shown))
	}
	return printToken(cmd.OutOrStdout(), shown)
}

// verifyToken checks a token with the keys that egret publishes.
func verifyToken(cmd *cobra.Command, cfg *configs.Config, shown *proxy.ShownToken) error {
	if !shown.Entry.Publish {
		return &usageError{fmt.Errorf("token=%q is not published: its entry needs publish: true", shown.Entry.Name)}
	}
	source, path, err := publisherOf(cmd, cfg)
	if err != nil {
		return err
	}
	set, err := source.read(cmd.Context(), "GET", path, nil)
	if err != nil {
		return err
	}
	if err := tokens.Verify(set, shown.Signed.Reveal(), shown.At); err != nil {
		return &unverifiedError{shown.Entry.Name, source.server, err}
	}
	say(cmd.ErrOrStderr(), "verified", "by the keys of "+source.server)
	return nil
}

// An unverifiedError is a token that one who reads the published keys refuses.
type unverifiedError struct {
	token, server string
	err           error
}

func (e *unverifiedError) Error() string {
	return fmt.Sprintf("cannot verify token=%q with the keys of %s: %v", e.token, e.server, e.err)
}

func (e *unverifiedError) Unwrap() error { return e.err }

// tokenNames completes the name.
func tokenNames(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	cfg, err := load(cmd)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return sortedTokens(cfg), cobra.ShellCompDirectiveNoFileComp
}

func sortedTokens(cfg *configs.Config) []string {
	names := make([]string, len(cfg.Tokens))
	for i := range cfg.Tokens {
		names[i] = cfg.Tokens[i].Name
	}
	slices.Sort(names)
	return names
}

// maxNames is how many names an error lists.
const maxNames = 20

func namesOfTokens(cfg *configs.Config) string {
	names := sortedTokens(cfg)
	if len(names) == 0 {
		return "none"
	}
	if more := len(names) - maxNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), more)
	}
	return strings.Join(names, ", ")
}
