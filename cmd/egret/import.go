package main

import (
	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs/liberty"
)

func importCommand() *cobra.Command {
	from := &cobra.Command{
		Use:   "import",
		Short: "Make egret.yaml of the configuration of other programs",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	from.AddCommand(&cobra.Command{
		Use:   "liberty SERVER.XML",
		Short: "Make egret.yaml of a WebSphere Liberty or Open Liberty server.xml",
		Long: `Make egret.yaml of a WebSphere Liberty or Open Liberty server.xml, on stdout: a
Token and its cache of each jwtBuilder, with the key stores that builders use
and the users of the basic registry. Includes, configDropins and
bootstrap.properties are read as Liberty does.

No password and no key is copied: comments say which variable holds which. They
say, too, what is left out. The hosts of the caches are left to you, and stderr
says what else is.`,
		Example: "  egret import liberty server.xml >egret.yaml",
		Args:    usage(cobra.ExactArgs(1)),
		RunE:    importLiberty,
	})
	from.AddCommand(importCurlCommand())
	return from
}

func importLiberty(cmd *cobra.Command, args []string) error {
	result, err := liberty.Import(args[0], liberty.Disk{})
	if err != nil {
		return err
	}
	return imported(cmd, result.YAML, result.Todo)
}

// imported prints a file, and what is left to do.
func imported(cmd *cobra.Command, yaml []byte, todo []string) error {
	if _, err := cmd.OutOrStdout().Write(yaml); err != nil {
		return err
	}
	for _, sentence := range todo {
		say(cmd.ErrOrStderr(), "hint", sentence)
	}
	return nil
}
