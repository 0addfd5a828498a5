package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// nginxConf sets a static credential on the way to one upstream: what egret
// does, without the choice of whom it may go to. Nothing else is done that
// costs: no log, and no file for an answer.
const nginxConf = `daemon off;
worker_processes WORKERS;
worker_rlimit_nofile 8192;
pid DIR/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path DIR/body;
  proxy_temp_path DIR/proxy;
  fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi;
  scgi_temp_path DIR/scgi;
  upstream up {
    server UPSTREAM;
    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_time 1h;
  }
  server {
    listen LISTEN backlog=4096;
    keepalive_requests 1000000000;
    location / {
      proxy_pass http://up;
      proxy_http_version 1.1;
      proxy_max_temp_file_size 0;
      proxy_set_header Connection "";
      proxy_set_header Authorization "AUTHORIZATION";
    }
  }
}
`

func startNginx(ctx context.Context, s *stage) (*system, error) {
	workers := "auto"
	if s.settings.CPUs > 0 {
		workers = strconv.Itoa(s.settings.CPUs)
	}
	return startPlain(ctx, s, "nginx", nginxConf, workers, func(file string) []string {
		return []string{"-p", s.dir, "-c", file, "-e", "stderr"}
	})
}

// startPlain starts a reverse proxy that has the one upstream in its
// configuration file.
func startPlain(ctx context.Context, s *stage, name, conf, workers string, args func(file string) []string) (*system, error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	conf = strings.NewReplacer("WORKERS", workers, "DIR", s.dir, "UPSTREAM", s.hello.Plain, "LISTEN", listen,
		"AUTHORIZATION", staticAuthorization).Replace(conf)
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
	return &system{process: p, stop: p.stop, address: listen}, nil
}
