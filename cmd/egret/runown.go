package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/intercept"
)

// runDrain is how long a request may go on when the command has ended: nobody
// is left to read the answer, but for what it has left running.
const runDrain = time.Second

// ownRelay starts an egret for the command alone, with an authority that nobody
// else has. It does not follow changes of the file.
func ownRelay(cmd *cobra.Command, cfg *configs.Config) (*relay, error) {
	log, level, err := newLog(cmd)
	if err != nil {
		return nil, err
	}
	client, err := ownClient(cmd, cfg)
	if err != nil {
		return nil, err
	}
	authority, err := intercept.New()
	if err != nil {
		return nil, err
	}
	own := alone(cfg, client)
	refused := &refusedHosts{}
	server, err := proxy.New(own, proxy.Options{
		Log: log, LogLevel: level, Version: version(), Authority: authority, Drain: runDrain, Refused: refused.add,
	})
	if err != nil {
		return nil, err
	}
	if err := server.Listen(); err != nil {
		server.Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(cmd.Context())) // signals are for the command
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	r := &relay{server: &url.URL{Scheme: "http", Host: server.Addr()}, issuer: authority}
	if client != nil {
		r.client, r.key = client.Name, client.Key
	}
	r.end = func() {
		cancel()
		if err := <-ended; err != nil {
			log.Debug("ended", "error", err.Error())
		}
		refused.print(cmd.ErrOrStderr())
	}
	return r, nil
}

// ownClient is the only client of an egret of the command's own, under a new key;
// nil for one that asks for none.
func ownClient(cmd *cobra.Command, cfg *configs.Config) (*configs.Client, error) {
	if open, _ := cmd.Flags().GetBool("no-auth"); open {
		return nil, nil
	}
	client := &configs.Client{Name: "run", Functions: configs.Names{All: true}, Caches: configs.Names{All: true}}
	if cmd.Flags().Changed("client") {
		named, err := clientNamed(cmd, cfg)
		if err != nil {
			return nil, err
		}
		copied := *named
		client = &copied
	}
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	client.Key = configs.NewSecret(base64.RawURLEncoding.EncodeToString(key[:]))
	return client, nil
}

// alone is the configuration of an egret for one command: on a loopback port of
// its own, without a control plane, and with nothing on stdout.
func alone(cfg *configs.Config, client *configs.Client) *configs.Config {
	own := *cfg
	own.Listen, own.Admin, own.Clients = configs.Listener{Address: "127.0.0.1:0"}, configs.Admin{}, nil
	if client != nil {
		own.Clients = []configs.Client{*client}
	}
	if own.Journal.File == "-" {
		own.Journal.File = ""
	}
	return &own
}
