package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"time"
)

// A system is one that is measured: a running process and how to talk to it.
type system struct {
	name    string
	process *process
	stop    func()
	address string // where it takes requests
	forward bool   // it is a forward proxy: requests name the upstream
	sets    bool   // it sets a static credential in what it can read
	plainly bool   // its upstream does not speak TLS, even where that of the others does
	roots   []byte // the authority of the TLS that it shows clients, in PEM
	// nameless tells that the certificates it makes have the host's address only
	// where nobody looks for it any more, in the subject.
	nameless bool
	// mallocs tells how many objects it has allocated so far; nil if it is not
	// written in Go. scrape is what that costs itself.
	mallocs func(context.Context) (uint64, error)
	scrape  uint64
}

// A contender starts one system.
type contender struct {
	name string
	// program must be installed, or the contender is left out; "" needs none.
	program string
	// confs has the configuration of a program for each traffic that it can do.
	confs map[traffic]string
	// lacks says what is missing for that in this installation; nil for nothing.
	lacks func(traffic) string
	start func(context.Context, *stage) (*system, error)
}

// The names of the systems with a role of their own.
const (
	floorName   = "floor"
	controlName = "control"
	// The floor with an upstream that speaks TLS.
	secureFloorName = "floor-tls"
	egretName       = "egret"
	// egret without a journal, and with one in a file: how far its ratio is from
	// that of egret, which has one in memory, is what a journal costs.
	noJournalName = "egret-no-journal"
	fileName      = "egret-journal-file"
)

// isEgret tells whether a system is egret, however it is configured.
func isEgret(name string) bool { return journals[name] != "" }

// contenders are all systems, in the order of the report.
var contenders = []contender{
	{name: floorName, start: startPlainFloor},
	{name: controlName, start: startPlainFloor}, // a second floor, to see the noise
	{name: secureFloorName, start: startFloor},
	{name: egretName, start: startEgret(egretName)},
	{name: noJournalName, start: startEgret(noJournalName)},
	{name: fileName, start: startEgret(fileName)},
	{name: "nginx", program: "nginx", confs: nginxConfs, lacks: missingNginx, start: startNginx},
	{name: "haproxy", program: "haproxy", confs: haproxyConfs, start: startHAProxy},
	{name: "squid", program: "squid", confs: squidConfs, lacks: missingSquid, start: startSquid},
}

// missing says why the contender cannot take part here; "" if it can.
func (c *contender) missing(what traffic) string {
	if c.program == "" {
		return ""
	}
	if _, err := exec.LookPath(c.program); err != nil {
		return "it is not installed"
	}
	if c.lacks == nil {
		return ""
	}
	return c.lacks(what)
}

// startUp is how long a system has until it takes requests.
const startUp = 10 * time.Second

// startPlainFloor starts a floor that is asked for plain requests where others
// are asked for those with TLS upstream: what TLS costs is in their ratio.
func startPlainFloor(ctx context.Context, s *stage) (*system, error) {
	one, err := startFloor(ctx, s)
	if err != nil {
		return nil, err
	}
	one.plainly = true
	return one, nil
}

func startFloor(ctx context.Context, s *stage) (*system, error) {
	words := []string{floorName, "--roots", s.authority.cert}
	if s.what.stream {
		words = append(words, "--stream")
	}
	if s.what.traffic == decrypted {
		words = append(words, "--pair", s.authority.pair)
	}
	c, err := startChild(ctx, s.settings.CPUs, words...)
	if err != nil {
		return nil, err
	}
	var hello floorHello
	if err := c.hear(&hello); err != nil {
		c.stop()
		return nil, fmt.Errorf("floor: %w: %s", err, c.said)
	}
	return &system{
		process: c.process, stop: c.stop, address: hello.Address, forward: true, roots: s.authority.pem,
		mallocs: func(context.Context) (n uint64, err error) {
			err = c.ask(done{}, &n)
			return n, err
		},
	}, nil
}

// acceptsAt tries to open a connection.
func acceptsAt(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// freePort finds a port that nobody listens on. Somebody else may take it
// before the system does, which is then not ready.
func freePort() (address string, err error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
