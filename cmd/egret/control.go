package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// adminKeyVariable may have the key of a control plane that a flag names.
const adminKeyVariable = "EGRET_ADMIN_KEY"

// controlPlaneOf is the control plane that the flags name, or that of the
// configuration.
func controlPlaneOf(cmd *cobra.Command) (*remote, error) {
	if r, err := remoteOf(cmd, "server", adminKeyVariable); r != nil || err != nil {
		return r, err
	}
	cfg, err := load(cmd)
	if err != nil {
		return nil, err
	}
	if cfg.Admin.Listen.Address == "" {
		return nil, &usageError{errors.New("the configuration has no admin address: add one, or name a running egret with --server")}
	}
	key, err := adminKeyOf(cfg)
	if err != nil {
		return nil, err
	}
	return remoteAt(cfg.Admin.Listen, key, "")
}

// remoteAt is the egret behind a listener of the configuration. It is verified
// with the listener's own certificate, or with those of a file.
func remoteAt(listen configs.Listener, key configs.Secret, ca string) (*remote, error) {
	server, err := reachable(listen)
	if err != nil {
		return nil, err
	}
	r, err := newRemote(server, key, ca)
	if err == nil && listen.TLS != nil && ca == "" {
		r.trust(listen.TLS.Cert)
	}
	return r, err
}

// adminKeyOf is the key of the control plane: that of the configuration, or the
// one that egret has made.
func adminKeyOf(cfg *configs.Config) (configs.Secret, error) {
	key, err := proxy.AdminKey(cfg)
	if errors.Is(err, fs.ErrNotExist) {
		return key, fmt.Errorf("there is no admin key in %s: no egret has been served with this configuration", cfg.State)
	}
	return key, err
}

// reachable is the URL of an address to listen on. One of all addresses is
// reached by loopback.
func reachable(listen configs.Listener) (string, error) {
	if listen.Socket() != "" {
		return listen.Address, nil
	}
	host, port, err := net.SplitHostPort(listen.Address)
	if err != nil {
		return "", fmt.Errorf("cannot use address=%q: %w", listen, err)
	}
	if port == "0" {
		return "", &usageError{errors.New("the address has port 0: name the running egret with --server")}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http://"
	if listen.TLS != nil {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port), nil
}

// trust has the server verified with these certificates alone, in PEM: a
// certificate that is there itself is trusted.
func (r *remote) trust(certificates string) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(certificates)) // of which it has been checked that it has some
	r.transport.TLSClientConfig.RootCAs = pool
}
