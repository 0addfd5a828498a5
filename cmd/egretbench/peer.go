package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// startPeer starts a proxy of others, that has what it needs to know in its
// configuration file. With TLS it shows the certificate of 127.0.0.1, or makes
// one as the authority.
func startPeer(ctx context.Context, s *stage, name, conf string, args func(file string) []string) (*system, error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	one := &system{address: listen, sets: true, roots: s.authority.pem}
	conf = strings.NewReplacer("DIR", s.dir, "UPSTREAM", s.what.upstreamOf(one, s.hello), "LISTEN", listen,
		"AUTHORIZATION", staticAuthorization, "CERT", s.authority.cert, "KEY", s.authority.key, "PAIR", s.authority.pair).Replace(conf)
	file := filepath.Join(s.dir, name+".conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, command{name: name, path: program, args: args(file)})
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx, startUp, acceptsAt(listen)); err != nil {
		p.stop()
		return nil, err
	}
	one.process, one.stop = p, p.stop
	return one, nil
}
