package main

import (
	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of egret.yaml, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of egret.yaml on stdout. An editor that
knows it explains each key, completes it, and marks mistakes as they are typed.

Write it beside the configuration, and name it in the configuration's first line:
  # yaml-language-server: $schema=egret.schema.json`,
		Example: "  egret schema >egret.schema.json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(configs.Schema())
			return err
		},
	}
}
