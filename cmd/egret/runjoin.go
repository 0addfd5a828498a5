package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/intercept"
)

// joinedRelay is the egret that serves the configuration. It answers when this
// returns, and knows the client.
func joinedRelay(cmd *cobra.Command, cfg *configs.Config) (*relay, error) {
	server, err := reachable(cfg.Listen)
	switch {
	case err != nil:
		return nil, &usageError{errors.New("--join needs a listen address whose port is not 0")}
	case cfg.Listen.Socket() != "":
		return nil, &usageError{errors.New("--join cannot use a unix socket: programs find a proxy by host and port")}
	case cfg.Listen.TLS != nil:
		return nil, &usageError{errors.New("--join cannot use a listener with tls: few programs speak TLS with a proxy")}
	}
	base, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("cannot use address=%q: %w", cfg.Listen, err)
	}
	r := &relay{server: base, end: func() {}}
	if len(cfg.Clients) > 0 || cmd.Flags().Changed("client") {
		client, err := clientNamed(cmd, cfg)
		if err != nil {
			return nil, err
		}
		r.client, r.key = client.Name, client.Key
	}
	running, err := newRemote(server, r.key, "")
	if err != nil {
		return nil, err
	}
	text, err := running.read(cmd.Context(), "GET", "/v1/functions", nil)
	if err != nil {
		return nil, err
	}
	if !json.Valid(text) || !gjson.GetBytes(text, "functions").IsArray() {
		return nil, fmt.Errorf("%s did not answer with a list of Functions: %w", server, errNoEgret)
	}
	if r.issuer, err = intercept.Load(cfg.State); err != nil {
		return nil, err
	}
	return r, nil
}

// clientNamed is the client that --client names, or the only one.
func clientNamed(cmd *cobra.Command, cfg *configs.Config) (*configs.Client, error) {
	name, _ := cmd.Flags().GetString("client")
	var names []string
	for i := range cfg.Clients {
		if c := &cfg.Clients[i]; c.Name == name || len(cfg.Clients) == 1 && !cmd.Flags().Changed("client") {
			return c, nil
		}
		names = append(names, cfg.Clients[i].Name)
	}
	switch {
	case len(names) == 0:
		return nil, &usageError{errors.New("the configuration has no clients")}
	case !cmd.Flags().Changed("client"):
		return nil, &usageError{fmt.Errorf("--client must name one of %s", strings.Join(names, ", "))}
	default:
		return nil, &usageError{fmt.Errorf("there is no client %q; there are %s", name, strings.Join(names, ", "))}
	}
}
