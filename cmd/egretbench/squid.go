package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// squidConf is a proxy that takes CONNECT, keeps nothing and writes no log. Root
// may start it, but it does not work as root.
const squidConf = `http_port LISTENBUMP
http_access allow all
cache deny all
cache_mem 8 MB
memory_pools on
access_log none
cache_log /dev/null
cache_store_log none
pid_filename none
netdb_filename none
pinger_enable off
coredump_dir none
shutdown_lifetime 0 seconds
visible_hostname egretbench
via on
forwarded_for delete
max_filedescriptors 8192
cache_effective_user nobody
`

// squidBump decrypts tunnels, with certificates that squid makes, and sets a
// static credential.
const squidBump = `sslcrtd_program CERTGEN
sslcrtd_children 1
ssl_bump bump all
tls_outgoing_options cafile=CERT min-version=1.3
request_header_access Authorization deny all
request_header_replace Authorization AUTHORIZATION
`

var squidConfs = map[traffic]string{
	blind: strings.ReplaceAll(squidConf, "BUMP", ""),
	decrypted: strings.ReplaceAll(squidConf, "BUMP", " ssl-bump tls-cert=CERT tls-key=KEY generate-host-certificates=on dynamic_cert_mem_cache_size=4MB") +
		squidBump,
}

func startSquid(ctx context.Context, s *stage) (*system, error) {
	conf := strings.ReplaceAll(squidConfs[s.what.traffic], "CERTGEN", squidCertgen())
	one, err := startPeer(ctx, s, "squid", conf, func(file string) []string {
		return []string{"-N", "-d", "1", "-n", fmt.Sprintf("egretbench%d", os.Getpid()), "-f", file}
	})
	if err != nil {
		return nil, err
	}
	one.forward, one.nameless = true, true
	return one, nil
}

// missingSquid says why this squid cannot do something.
func missingSquid(what traffic) string {
	if what == decrypted && squidCertgen() == "" {
		return "it is built without OpenSSL"
	}
	return ""
}

// squidCertgen finds the program with which a squid makes certificates; "" if
// it cannot make any.
func squidCertgen() string {
	for _, dir := range []string{"/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid", "/usr/local/squid/libexec", "/opt/homebrew/opt/squid/libexec"} {
		file := filepath.Join(dir, "security_file_certgen")
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}
