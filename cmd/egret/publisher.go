package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
)

// jwksPath is where an egret has its public keys.
const jwksPath = "/.well-known/jwks.json"

// publisherOf gives the egret whose public keys verifiers read, and their path:
// the one that --server names, else public_url, else the data plane of the
// configuration.
func publisherOf(cmd *cobra.Command, cfg *configs.Config) (*remote, string, error) {
	server, _ := cmd.Flags().GetString("server")
	ca, _ := cmd.Flags().GetString("ca")
	if server != "" {
		r, err := newRemote(server, configs.Secret{}, ca)
		return r, jwksPath, err
	}
	if cfg.PublicURL != "" {
		u, err := url.Parse(cfg.PublicURL)
		if err != nil {
			return nil, "", err
		}
		r, err := newRemote(u.Scheme+"://"+u.Host, configs.Secret{}, ca)
		return r, strings.TrimSuffix(u.EscapedPath(), "/") + jwksPath, err
	}
	r, err := remoteAt(cfg.Listen, configs.Secret{}, ca)
	return r, jwksPath, err
}
