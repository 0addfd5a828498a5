package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
)

// addRemoteFlags adds what names a running egret: a flag of this name, and what
// it needs. The key has no flag of its own: everybody on the machine can read
// the arguments of a process.
func addRemoteFlags(cmd *cobra.Command, name, variable string) {
	cmd.Flags().String(name, "", "a running egret, as `URL`: http://…, https://… or unix:/path/to.sock")
	cmd.Flags().String("key-file", "", "the `file` that holds the key for --"+name+"; without it the key is $"+variable)
	cmd.Flags().String("ca", "", "the `file` of certificates that --"+name+" is verified with, in place of the system's")
}

// remoteOf gives the egret that the flags of [addRemoteFlags] name, or nil when
// they name none. The key is in a file, or in the variable.
func remoteOf(cmd *cobra.Command, name, variable string) (*remote, error) {
	server, _ := cmd.Flags().GetString(name)
	file, _ := cmd.Flags().GetString("key-file")
	ca, _ := cmd.Flags().GetString("ca")
	if !cmd.Flags().Changed(name) {
		if file != "" || ca != "" {
			return nil, &usageError{errors.New("--key-file and --ca are for --" + name)}
		}
		return nil, nil
	}
	key := configs.NewSecret(os.Getenv(variable))
	if file != "" {
		var err error
		if key, err = readKeyFile(file); err != nil {
			return nil, &usageError{err}
		}
	}
	return newRemote(server, key, ca)
}

// readKeyFile reads a key, which may end its line.
func readKeyFile(file string) (configs.Secret, error) {
	text, err := os.ReadFile(file) //nolint:gosec // The file that --key-file names.
	if err != nil {
		return configs.Secret{}, fmt.Errorf("cannot read key: %w", err)
	}
	key := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if key == "" {
		return configs.Secret{}, fmt.Errorf("cannot read key: %s is empty", file)
	}
	return configs.NewSecret(key), nil
}

// trusting is TLS that trusts the authorities in a file alone, or those of the
// system when there is none.
func trusting(ca string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca == "" {
		return config, nil
	}
	text, err := os.ReadFile(ca) //nolint:gosec // The file that --ca names.
	if err != nil {
		return nil, fmt.Errorf("cannot read certificates: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("cannot read certificates: %s has none in PEM", ca)
	}
	return config, nil
}
