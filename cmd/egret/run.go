package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
)

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [flags] -- COMMAND [ARGUMENT …]",
		Short: "Run a command whose HTTP requests go through egret",
		Long: `Run a command whose HTTP requests go through egret, with an environment in which
most programs find the proxy and trust its certificates. egret listens on
loopback, on a port of its own, until the command ends; with --join, one that is
running is used.

A variable that the configuration reads as the whole value of a Token is the ID
of its cache for the command, any other that it reads is not set. That is no
sandbox: the command has the rights of this user.

The exit status is that of the command, 128 and the signal that ended it, 126
for one that cannot be started and 127 for one that is not found.`,
		Example: `  egret run -- python agent.py
  egret run --client support-agent -- npm start
  egret run --join -- curl https://api.acme.test/orders`,
		Args: usage(func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("run needs a command, as in egret run -- python agent.py")
			}
			return nil
		}),
		RunE: runBehind,
	}
	cmd.Flags().SetInterspersed(false) // flags behind the command are its own
	cmd.Flags().String("client", "", "the client of the configuration whose `name` and rights the command has; without it, it may use everything")
	cmd.Flags().Bool("join", false, "use the egret that is running with this configuration")
	cmd.Flags().Bool("no-auth", false, "ask for no key, for programs that cannot send one: every program of this machine can then use the port")
	cmd.MarkFlagsMutuallyExclusive("no-auth", "client")
	cmd.MarkFlagsMutuallyExclusive("no-auth", "join")
	cmd.Flags().String("log-format", "text", "how logs are written: text or json")
	cmd.Flags().String("log-level", "warn", "what is logged: debug, info, warn or error")
	return cmd
}

// A relay is the egret that a command runs behind.
type relay struct {
	server *url.URL // of its data plane: http, host and port
	client string
	key    configs.Secret // zero when none is asked for
	issuer issuer
	end    func() // stops what was started, and tells what is worth telling
}

func runBehind(cmd *cobra.Command, args []string) error {
	hideMemory()
	cfg, err := configurationToRun(cmd)
	if err != nil {
		return err
	}
	path, err := findCommand(args[0])
	if err != nil {
		return err
	}
	signals, stop := catchSignals()
	defer stop()
	begin := ownRelay
	if join, _ := cmd.Flags().GetBool("join"); join {
		begin = joinedRelay
	}
	r, err := begin(cmd, cfg)
	if err != nil {
		return err
	}
	defer r.end()
	dir, err := os.MkdirTemp("", "egret-run-") // mode 0700
	if err != nil {
		return fmt.Errorf("cannot make a directory for the command: %w", err)
	}
	defer os.RemoveAll(dir)                       //nolint:errcheck // Nobody is left who could do more about it.
	if dir, err = filepath.Abs(dir); err != nil { // for a command that goes elsewhere
		return fmt.Errorf("cannot make a directory for the command: %w", err)
	}
	files, err := writeRunFiles(dir, r.issuer, r.client, r.key.Reveal(), func(err error) {
		say(cmd.ErrOrStderr(), "warning", "programs that do not use the system's certificates will trust no host that is decrypted: "+err.Error())
	})
	if err != nil {
		return err
	}
	command := exec.Command(path, args[1:]...) //nolint:gosec // What the user wants to be run.
	command.Args[0] = args[0]
	command.Stdin, command.Stdout, command.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	command.Env = environmentFor(cfg, r, files).environ(os.Environ())
	return runCommandLine(command, signals)
}

// environmentFor is what a command behind r finds in its environment.
func environmentFor(cfg *configs.Config, r *relay, files runFiles) *childEnvironment {
	e := &childEnvironment{
		server: r.server, client: r.client, key: r.key, direct: directHosts(cfg), files: files,
		stands: map[string]string{}, windows: runtime.GOOS == "windows",
	}
	ids := make(map[string]string, len(cfg.Caches))
	for i := range cfg.Caches {
		ids[cfg.Caches[i].Name] = cfg.Caches[i].ID.String()
	}
	for _, v := range cfg.Variables() {
		if id := ids[v.Cache]; id != "" {
			e.stands[v.Name] = id
		} else {
			e.removed = append(e.removed, v.Name)
		}
	}
	return e
}

// errNoConfiguration says what to write where there is no configuration.
var errNoConfiguration = errors.New(`there is no egret.yaml here. For one API key, in $ACME_KEY, it has these two lines:
caches: [{name: acme, description: key of the Acme API, ttl: 1h, hosts: [api.acme.test]}]
tokens: [{name: acme_key, cache: acme, value: "${env:ACME_KEY}"}]`)

// configurationToRun reads the configuration that -c names.
func configurationToRun(cmd *cobra.Command) (*configs.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && !cmd.Flags().Changed("config") {
		return nil, errNoConfiguration
	}
	return load(cmd)
}
