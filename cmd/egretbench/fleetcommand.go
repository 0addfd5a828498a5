package main

import (
	"time"

	"github.com/spf13/cobra"
)

// fleetCommand measures very many tokens instead of requests.
func fleetCommand() *cobra.Command {
	set := &fleetSettings{}
	cmd := &cobra.Command{
		Use:   "tokens",
		Short: "Measure how egret keeps very many tokens fresh",
		Long: `Measure how egret keeps very many tokens fresh. egret gets a configuration of that
many token caches, each with a key of its own, and readers send cache IDs drawn
at random through it to an origin that looks at each token: it must be that of
the cache, not expired, and well signed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := set.check(); err != nil {
				return err
			}
			r, err := measureFleet(cmd.Context(), set, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if set.JSON {
				err = r.writeJSON(cmd.OutOrStdout())
			} else {
				err = r.writeText(cmd.OutOrStdout())
			}
			if err != nil {
				return err
			}
			return r.verdict()
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&set.Tokens, "tokens", 100_000, "how many token caches there are")
	flags.DurationVar(&set.TTL, "ttl", time.Minute, "how long a token lives")
	flags.StringSliceVar(&set.Algorithms, "algorithm", []string{"ES256", "EdDSA", "HS256"}, "the `names` of the algorithms, used in turn; RS256 too")
	flags.IntVar(&set.Hosts, "hosts", 1, "over how many hosts (ports on loopback) the caches are spread")
	flags.IntVar(&set.Readers, "readers", 8, "how many connections send requests")
	flags.IntVar(&set.Rate, "rate", 1000, "requests in a second, of all readers together")
	flags.DurationVar(&set.Duration, "duration", 5*time.Minute, "how long there are readers")
	flags.IntVar(&set.CPUs, "cpus", 0, "processors for egret: GOMAXPROCS (0: as it does by itself)")
	flags.StringVar(&set.Egret, "egret", "", "the `file` of an egret that is already built (built from source)")
	flags.BoolVar(&set.JSON, "json", false, "print JSON")
	return cmd
}
