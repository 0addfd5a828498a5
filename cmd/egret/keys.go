package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/tokens"
)

func keysCommand() *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "Make keys",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	create := &cobra.Command{
		Use:   "new ALG",
		Short: "Make a key for a signature algorithm",
		Long: `Make a key for a signature algorithm such as ES256, and print it on stdout: a
private key in PEM, or for HS256, HS384 and HS512 a secret in base64url.

With --out the key goes to a new file that only its owner may read, and the
public key is printed for whoever verifies.`,
		Example: "  egret keys new ES256 --out keys/acme.pem",
		Args:    usage(cobra.ExactArgs(1)),
		RunE:    newKey,
	}
	create.Flags().String("out", "", "write the key to a new `file`, mode 0600")
	keys.AddCommand(create)
	return keys
}

func newKey(cmd *cobra.Command, args []string) error {
	key, err := tokens.NewKey(args[0])
	if err != nil {
		return &usageError{err}
	}
	file, _ := cmd.Flags().GetString("out")
	public := key.Public
	if file == "" {
		_, err = io.WriteString(cmd.OutOrStdout(), key.Private.Reveal())
	} else if err = writeKey(file, key.Private.Reveal()); err == nil {
		_, err = io.WriteString(cmd.OutOrStdout(), public)
	}
	if err != nil {
		return err
	}
	say(cmd.ErrOrStderr(), "hint", fmt.Sprintf("a Token with this key has algorithm: %s, key_type: %s", args[0], key.Type))
	return nil
}

// writeKey writes a file that must not be there yet: a key that is replaced is
// a key that is lost.
func writeKey(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // The file that --out names.
	if err != nil {
		return fmt.Errorf("cannot write key: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("cannot write key: %w", err), os.Remove(file))
	}
	return nil
}
