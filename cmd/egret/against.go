package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// checkAgainst asks a running egret what it would change if it read cfg, and
// prints that: lines for people, or JSON. Without a key from elsewhere, that of
// the configuration is used.
func checkAgainst(cmd *cobra.Command, cfg *configs.Config, running *remote, asJSON bool) error {
	if running.key.IsZero() {
		var err error
		if running.key, err = adminKeyOf(cfg); err != nil {
			return err
		}
	}
	running.warnExposed(cmd)
	body, err := json.Marshal(map[string][]configs.Entry{"entries": cfg.Summary()})
	if err != nil {
		return err
	}
	text, err := running.read(cmd.Context(), "POST", "/api/check", body)
	if err != nil {
		return err
	}
	var answer struct{ Changes []proxy.Difference }
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s: %w", running.server, errNoEgret)
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), text)
	}
	return printDifferences(cmd.OutOrStdout(), answer.Changes)
}

// signs are what the lines of differences begin with.
var signs = map[string]string{"added": "+", "removed": "-", "changed": "~"}

// printDifferences prints a line for each difference.
func printDifferences(w io.Writer, differences []proxy.Difference) error {
	if len(differences) == 0 {
		_, err := io.WriteString(w, "a reload would change nothing\n")
		return err
	}
	for _, d := range differences {
		line := signs[d.Kind] + " " + strings.TrimSpace(d.Section+" "+d.Name)
		if d.Effect != "" {
			line += ": " + d.Effect
		}
		if _, err := fmt.Fprintln(w, oneLine(line)); err != nil {
			return err
		}
	}
	return nil
}
