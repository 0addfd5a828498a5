package main

import (
	"context"
	"runtime"
	"strconv"
)

// haproxyConf does what nginxConf does.
const haproxyConf = `global
  maxconn 4096
  nbthread WORKERS
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 5m
  timeout server 5m
listen bench
  bind LISTEN
  http-request set-header Authorization "AUTHORIZATION"
  server up UPSTREAM
`

func startHAProxy(ctx context.Context, s *stage) (*system, error) {
	threads := s.settings.CPUs
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	return startPlain(ctx, s, "haproxy", haproxyConf, strconv.Itoa(threads), func(file string) []string {
		return []string{"-db", "-f", file}
	})
}
