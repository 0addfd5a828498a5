package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// adminKeyVariable names the variable that may hold the control plane's key.
const adminKeyVariable = "EGRET_ADMIN_KEY"

// controlPlane prepares requests to the control plane of a running egret. Its
// key is in EGRET_ADMIN_KEY, or it is that of the configuration.
func controlPlane(_ *cobra.Command, cfg *configs.Config, server string) (*remote, error) {
	key := configs.NewSecret(strings.TrimSpace(os.Getenv(adminKeyVariable)))
	if key.IsZero() {
		var err error
		if key, err = proxy.AdminKey(cfg); err != nil {
			return nil, err
		}
	}
	return newRemote(server, key, "")
}
