package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// squidUser is whom a squid that root starts becomes, as it wants to be no root.
const squidUser = "nobody"

// squidStore is the directory of the certificates that squid makes.
const squidStore = "certificates"

// squidConf is a proxy that takes CONNECT, keeps nothing and writes no log.
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
coredump_dir DIR
shutdown_lifetime 0 seconds
visible_hostname egretbench
via on
forwarded_for delete
max_filedescriptors 8192
cache_effective_user ` + squidUser + `
`

// squidBump decrypts tunnels, with certificates that squid makes, and sets a
// static credential.
const squidBump = `sslcrtd_program CERTGEN -s DIR/` + squidStore + ` -M 4MB
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
	certgen := squidCertgen()
	if s.what.traffic == decrypted {
		if err := makeSquidStore(ctx, s, certgen); err != nil {
			return nil, fmt.Errorf("squid: %w", err)
		}
	}
	conf := strings.ReplaceAll(squidConfs[s.what.traffic], "CERTGEN", certgen)
	one, err := startPeer(ctx, s, "squid", conf, func(file string) []string {
		return []string{"-N", "-d", "1", "-n", fmt.Sprintf("egretbench%d", os.Getpid()), "-f", file}
	})
	if err != nil {
		return nil, err
	}
	one.forward, one.nameless = true, true
	return one, nil
}

// makeSquidStore makes what squid keeps its certificates in.
func makeSquidStore(ctx context.Context, s *stage, certgen string) error {
	dir := filepath.Join(s.dir, squidStore)
	command := exec.CommandContext(ctx, certgen, "-c", "-s", dir, "-M", "4MB") //nolint:gosec // of the squid that is installed
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	if os.Geteuid() != 0 {
		return nil
	}
	if err := os.Chmod(s.dir, 0o711); err != nil { //nolint:gosec // there is no secret in it
		return err
	}
	return giveTo(dir, squidUser)
}

// giveTo makes a directory that of another user, with all that is in it.
func giveTo(dir, name string) error {
	who, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(who.Uid)
	if err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, uid, -1)) //nolint:gosec // nobody else can write there
	})
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
