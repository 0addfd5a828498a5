package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

//go:embed demo.yaml
var demoConfig []byte

// demoListen is where the demo serves, unless something else does.
const demoListen = "127.0.0.1:8080"

func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole idea at work, in one process on loopback",
		Long: `Start a small order API that verifies JWTs, and egret in front of it, and show
what an agent sends, what the API receives, and what the agent gets. Then go on
serving, to be tried with the curl lines that are printed.`,
		Args: usage(cobra.NoArgs),
		RunE: demo,
	}
	cmd.Flags().Bool("once", false, "exit after the transcript, with 0 only if every step did what it should")
	return cmd
}

// A demoWorld is what the demo runs in: the API, and egret in front of it.
type demoWorld struct {
	api    *orderAPI
	server *proxy.Server
}

func demo(cmd *cobra.Command, _ []string) error {
	once, _ := cmd.Flags().GetBool("once")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("cannot start the order API: %w", err)
	}
	world := &demoWorld{api: &orderAPI{key: key.Public()}}
	if world.server, err = demoServer(key, listener.Addr().String(), once); err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveAPI(ctx, world.api, listener) })
	group.Go(func() error { return world.server.Run(ctx) })
	group.Go(func() error {
		script := &transcript{out: cmd.OutOrStdout(), world: world}
		err := script.play(ctx)
		if once || err != nil {
			stop()
			return err
		}
		script.printCurl()
		return nil
	})
	return group.Wait()
}

// demoServer builds egret out of the embedded configuration. Its upstreams are
// not dialled: whatever is permitted to leave arrives at the order API.
func demoServer(key *ecdsa.PrivateKey, api string, once bool) (*proxy.Server, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	environment := map[string]string{
		"EGRET_DEMO_LISTEN": demoListen,
		"EGRET_DEMO_KEY":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
	if once {
		environment["EGRET_DEMO_LISTEN"] = "127.0.0.1:0"
	}
	server, err := listenDemo(environment, api)
	if errors.Is(err, syscall.EADDRINUSE) {
		environment["EGRET_DEMO_LISTEN"] = "127.0.0.1:0"
		return listenDemo(environment, api)
	}
	return server, err
}

func listenDemo(environment map[string]string, api string) (*proxy.Server, error) {
	getenv := func(name string) (string, bool) { value, ok := environment[name]; return value, ok }
	cfg, err := proxy.Parse("demo.yaml", demoConfig, configs.ReadOptions{Getenv: getenv})
	if err != nil {
		return nil, err
	}
	server, err := proxy.New(cfg, proxy.Options{Version: version(), Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, api)
	}})
	if err != nil {
		return nil, err
	}
	if err := server.Listen(); err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}

// serveAPI serves the order API until ctx ends.
func serveAPI(ctx context.Context, api *orderAPI, listener net.Listener) error {
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve the order API: %w", err)
	}
	return nil
}

// What demo.yaml calls its token cache, and the host that cache names.
const (
	demoTokenID = "11111111-2222-3333-4444-555555555555"
	demoHost    = "api.acme.test"
)

// shortToken shows the beginning of a token and its length.
func shortToken(authorization string) string {
	scheme, token, found := strings.Cut(authorization, " ")
	if !found || len(token) < 40 {
		return authorization
	}
	return fmt.Sprintf("%s %s… (%d characters)", scheme, token[:20], len(token))
}
