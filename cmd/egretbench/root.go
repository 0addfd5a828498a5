package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// newCommand is the whole command line.
func newCommand(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	set := &settings{}
	root := &cobra.Command{
		Use:   "egretbench",
		Short: "Measure egret against a bare fasthttp proxy, nginx, HAProxy and squid",
		Long: `Measure what a request costs at egret, at a bare fasthttp proxy (the floor), and
at nginx, HAProxy and squid where they are installed and can do the same: each a
process of its own, under the same load, in rounds whose order changes. All of it
stays on loopback.

Cases: ` + strings.Join(caseNames(benchCases(set)), ", ") + `.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return measureAndReport(cmd, set) },
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.Flags()
	flags.StringSliceVar(&set.Cases, "cases", nil, "the `names` of the cases to run (all)")
	flags.IntVar(&set.Rounds, "rounds", 10, "how often each system is measured in each case; long cases stop at 3")
	flags.DurationVar(&set.Duration, "duration", time.Second, "how long a system is under load in each round")
	flags.IntVar(&set.Connections, "connections", 32, "how many connections the load has")
	flags.IntVar(&set.Short, "short", 20_000, "connections of a round of the case short")
	flags.IntVar(&set.Handshakes, "handshakes", 1_500, "connections of a round of the cases handshakes and handshakes-resumed")
	flags.IntVar(&set.Tunnels, "tunnels", 3_000, "tunnels of a round of the case tunnel-short")
	flags.IntVar(&set.Idle, "idle", 1_000, "connections of the case idle")
	flags.IntVar(&set.Stream, "stream", 1_000_000_000, "bytes of the answer of the case stream, and of the flow of the case tunnel")
	flags.IntVar(&set.CPUs, "cpus", 0, "processors for each process: GOMAXPROCS, workers, threads (0: as each does by itself)")
	flags.BoolVar(&set.Control, "control", false, "measure a second floor too: how far its ratio is from 1 is the noise")
	flags.BoolVar(&set.Journal, "journal", false, "measure egret without its journal too, and with one in a file")
	flags.StringVar(&set.Egret, "egret", "", "the `file` of an egret that is already built (built from source)")
	flags.BoolVar(&set.JSON, "json", false, "print JSON, with every sample")
	root.AddCommand(
		upstreamCommand(),
		hidden("load", serveLoad),
		floorCommand(),
		fleetCommand(),
	)
	return root
}

// hidden is a command that egretbench starts itself with.
func hidden(name string, serve func(ctx context.Context, in io.Reader, out io.Writer) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

func floorCommand() *cobra.Command {
	var set floorSettings
	cmd := hidden(floorName, func(ctx context.Context, in io.Reader, out io.Writer) error {
		return serveFloor(ctx, in, out, set)
	})
	cmd.Flags().BoolVar(&set.stream, "stream", false, "pass answers on as they come")
	cmd.Flags().StringVar(&set.roots, "roots", "", "the `file` of the authority of upstreams that speak TLS")
	cmd.Flags().StringVar(&set.pair, "pair", "", "the `file` of a certificate and its key: tunnels are decrypted")
	return cmd
}

func upstreamCommand() *cobra.Command {
	var pair string
	cmd := hidden("upstream", func(ctx context.Context, in io.Reader, out io.Writer) error {
		return serveUpstream(ctx, in, out, pair)
	})
	cmd.Flags().StringVar(&pair, "pair", "", "the `file` of a certificate and its key, to speak TLS too")
	return cmd
}

func measureAndReport(cmd *cobra.Command, set *settings) error {
	if err := set.check(); err != nil {
		return err
	}
	cases, err := chooseCases(benchCases(set), set.Cases)
	if err != nil {
		return err
	}
	cases = possible(cases, cmd.ErrOrStderr())
	samples, err := measureAll(cmd.Context(), set, cases, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	r := &report{Machine: thisMachine(cmd.Context()), Settings: *set, Summaries: summarise(cases, samples), Samples: samples}
	if set.JSON {
		return r.writeJSON(cmd.OutOrStdout())
	}
	return r.writeText(cmd.OutOrStdout(), cases)
}

// possible leaves out what this system cannot do: only Linux has all of
// 127.0.0.0/8 to connect from.
func possible(cases []benchCase, stderr io.Writer) []benchCase {
	var list []benchCase
	for _, c := range cases {
		if c.kind == short && runtime.GOOS != "linux" {
			_, _ = fmt.Fprintf(stderr, "egretbench: %s: left out, it needs the addresses of Linux's loopback\n", c.name)
			continue
		}
		list = append(list, c)
	}
	return list
}
