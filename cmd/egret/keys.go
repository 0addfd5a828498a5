package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

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
		Long: `Make a key for a signature algorithm such as ES256: a private key in PEM, or for
HS256, HS384 and HS512 a secret in base64url.

With --out the key goes to a new file that only its owner may read, and stdout
is its public key as a JWK, for whoever verifies: it has alg, use, and as kid
its thumbprint (RFC 7638), which is also the kid of a Token with publish: true.

Without --out stdout is the private key alone, fit for a pipe into a secret
manager, and the JWK stands in the hint on stderr. A secret has no public key.`,
		Example: "  egret keys new ES256 --out keys/acme.pem >acme.jwk\n  egret keys new RS256 --bits 4096",
		Args:    usage(cobra.ExactArgs(1)),
		RunE:    newKey,
	}
	create.Flags().String("out", "", "write the key to a new `file`, mode 0600")
	create.Flags().Int("bits", 0, "size of an RSA key, from 2048 to 8192 (default 3072)")
	keys.AddCommand(create)
	return keys
}

func newKey(cmd *cobra.Command, args []string) error {
	bits, _ := cmd.Flags().GetInt("bits")
	if bits == 0 && cmd.Flags().Changed("bits") {
		return &usageError{errors.New("--bits 0: a key has a size")}
	}
	key, err := tokens.NewKeyOfSize(args[0], bits)
	if err != nil {
		return &usageError{err}
	}
	hint := fmt.Sprintf("a Token with this key has algorithm: %s, key_type: %s", args[0], key.Type)
	file, _ := cmd.Flags().GetString("out")
	shown := key.Public
	if file == "" {
		shown = key.Private.Reveal()
		if key.Public != "" {
			hint += "; its public key is " + strings.TrimSpace(key.Public)
		}
	} else if err := writeKey(file, key.Private.Reveal()); err != nil {
		return err
	}
	if _, err := io.WriteString(cmd.OutOrStdout(), shown); err != nil {
		return err
	}
	say(cmd.ErrOrStderr(), "hint", hint)
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
